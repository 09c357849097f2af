"""Which clients there are, what each reads, and what the platform hides from it by its own rules."""

from dataclasses import dataclass, field
from typing import Literal

from sandbox.world.model import Platform
from tests.clients.entities import OF_REMOVED_CAMPAIGN, REMOVED_CREATIVE, SMART_PLUS_AD, TOP_VIEW

EntityKind = Literal["campaign", "ad_group", "ad"]


@dataclass(frozen=True)
class ThirdPartyClient:
    """``name`` is that of its requirements file, ``runner`` a file of ``runners/``.

    levels: the levels at which it reads figures, each compared object by object and as account-days.
    lenient: it cannot read the strict sandbox, for the reason that stands beside it.
    hosts: origin -> path of the sandbox, for clients that know no base URL. entity_kinds: what it lists.
    hides_rows_of, hides_entities: statuses and other traits that the platform leaves out of what it asks for.
    misreads: figures that the client itself is known to spoil, figure -> (what it makes of it, what it truly is).
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
    misreads: dict[str, tuple[str, str]] = field(default_factory=dict)
    days: int = 40


_META_HOST = {"https://graph.facebook.com": "/meta"}
_GOOGLE_HOSTS = {
    "https://googleads.googleapis.com": "/google",
    "https://www.googleapis.com/oauth2/v3/token": "/google/oauth2/token",
    "https://oauth2.googleapis.com/token": "/google/oauth2/token",
}
_TIKTOK_HOST = {"https://business-api.tiktok.com": "/tiktok"}
_TIKTOK_DELETED = frozenset({"AD_STATUS_DELETE", "AD_STATUS_CAMPAIGN_DELETE"})
_LINKEDIN_HOSTS = {"https://api.linkedin.com": "/linkedin", "https://www.linkedin.com": "/linkedin"}
_EVERY_LEVEL = ("account", "campaign", "ad_group", "ad")
_EVERY_KIND: tuple[EntityKind, ...] = ("campaign", "ad_group", "ad")

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
        # It gives up on a report run that is complete but not readable yet.
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
    ThirdPartyClient(
        "tiktok-sdk", "tiktok-business-api-sdk-official", "read_tiktok_sdk.py", "tiktok_ads", levels=_EVERY_LEVEL,
        entity_kinds=_EVERY_KIND, hides_entities=frozenset({SMART_PLUS_AD}),
    ),
    ThirdPartyClient(
        "tap-tiktok-ads", "tap-tiktok-ads", "read_tap_tiktok_ads.py", "tiktok_ads", levels=("ad",),
        entity_kinds=_EVERY_KIND, hosts=_TIKTOK_HOST, hides_rows_of=_TIKTOK_DELETED | {TOP_VIEW},
        hides_entities=frozenset({TOP_VIEW, SMART_PLUS_AD}),
    ),
    ThirdPartyClient(
        "airbyte-source-tiktok-marketing", "airbyte-source-tiktok-marketing", "read_airbyte_tiktok_marketing.py",
        "tiktok_ads", levels=_EVERY_LEVEL, entity_kinds=_EVERY_KIND, hosts=_TIKTOK_HOST,
        hides_rows_of=frozenset({TOP_VIEW}), hides_entities=frozenset({TOP_VIEW, SMART_PLUS_AD}),
    ),
    ThirdPartyClient(
        "linkedin-api-client", "linkedin-api-client", "read_linkedin_api_client.py", "linkedin_ads",
        levels=_EVERY_LEVEL, entity_kinds=_EVERY_KIND,
    ),
    ThirdPartyClient(
        # It sends version 202511, which has ended.
        "tap-linkedin-ads", "tap-linkedin-ads", "read_tap_linkedin_ads.py", "linkedin_ads", levels=("ad_group", "ad"),
        entity_kinds=_EVERY_KIND, lenient=True, hosts=_LINKEDIN_HOSTS, hides_rows_of=frozenset({OF_REMOVED_CAMPAIGN}),
        hides_entities=frozenset({"REMOVED", OF_REMOVED_CAMPAIGN}),
        # It keeps the digits of LinkedIn's "-2E-18", which stands for nothing spent.
        misreads={"spend": ("218", "0")},
    ),
    ThirdPartyClient(
        # It sends version 202502, which has ended.
        "airbyte-source-linkedin-ads", "airbyte-source-linkedin-ads", "read_airbyte_linkedin_ads.py", "linkedin_ads",
        levels=("ad_group", "ad"), entity_kinds=_EVERY_KIND, lenient=True, hosts=_LINKEDIN_HOSTS,
        hides_rows_of=frozenset({REMOVED_CREATIVE}), hides_entities=frozenset({REMOVED_CREATIVE}),
    ),
    ThirdPartyClient(
        "airbyte-source-instagram", "airbyte-source-instagram", "read_airbyte_instagram.py", "instagram",
        levels=("instagram_account", "instagram_media"),
        hosts={"https://graph.facebook.com": "/instagram"}, days=20,
    ),
    ThirdPartyClient(
        "airbyte-source-google-ads", "airbyte-source-google-ads", "read_airbyte_google_ads.py", "google_ads",
        levels=("account", "ad"), hosts=_GOOGLE_HOSTS, days=14,
    ),
)  # fmt: skip
