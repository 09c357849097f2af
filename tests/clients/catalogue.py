"""Which clients there are, what each reads, and what the platform hides from it by its own rules."""

from dataclasses import dataclass
from typing import Literal

from sandbox.world.model import Platform

EntityKind = Literal["campaign", "ad_group", "ad"]


@dataclass(frozen=True)
class ThirdPartyClient:
    """``name`` is that of its requirements file, ``runner`` a file of ``runners/``.

    levels: the levels at which it reads figures, each compared object by object and as account-days.
    hosts: origin -> path of the sandbox, for clients that know no base URL. entity_kinds: what it lists.
    hides_rows_of, hides_entities: statuses that the platform leaves out of what this client asks for.
    days: how many days it reads, for clients that are slow by nature.
    """

    name: str
    package: str
    runner: str
    platform: Platform
    levels: tuple[str, ...]
    entity_kinds: tuple[EntityKind, ...] = ()
    lenient: bool = False
    hosts: dict[str, str] | None = None
    hides_rows_of: frozenset[str] = frozenset()
    hides_entities: frozenset[str] = frozenset()
    days: int = 40
    arguments: tuple[str, ...] = ()


_META_HOST = {"https://graph.facebook.com": "/meta"}
_GOOGLE_HOSTS = {
    "https://googleads.googleapis.com": "/google",
    "https://www.googleapis.com/oauth2/v3/token": "/google/oauth2/token",
    "https://oauth2.googleapis.com/token": "/google/oauth2/token",
}

CLIENTS: tuple[ThirdPartyClient, ...] = (
    ThirdPartyClient(
        "facebook-business", "facebook-business", "read_facebook_business.py", "meta_ads",
        levels=("account", "campaign", "ad"), entity_kinds=("campaign", "ad_group", "ad"),
        hides_entities=frozenset({"DELETED"}),
    ),
    ThirdPartyClient(
        "google-ads-types", "google-ads", "read_google_ads_types.py", "google_ads",
        levels=("account", "campaign", "ad_group", "ad"), entity_kinds=("campaign", "ad_group", "ad"),
    ),
    ThirdPartyClient(
        "tap-facebook", "tap-facebook", "read_tap_facebook.py", "meta_ads", levels=("ad",),
        entity_kinds=("campaign", "ad_group", "ad"), lenient=True, hosts=_META_HOST,
        hides_rows_of=frozenset({"DELETED"}), days=14,
    ),
    ThirdPartyClient(
        "airbyte-source-facebook-marketing", "airbyte-source-facebook-marketing",
        "read_airbyte_facebook_marketing.py", "meta_ads", levels=("account", "campaign", "ad"),
        entity_kinds=("campaign", "ad_group", "ad"), hosts=_META_HOST, hides_rows_of=frozenset({"DELETED"}),
        hides_entities=frozenset({"DELETED"}), days=14,
    ),
)  # fmt: skip
