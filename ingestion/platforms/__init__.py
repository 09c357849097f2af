"""Every platform that the product reads, by name. A new platform is one folder and one line here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from foundation.settings import Settings
from ingestion.accounts import AccountRef, VisibleAccount
from ingestion.http import Connections
from ingestion.platforms import google_ads, instagram, linkedin_ads, meta_ads, tiktok_ads
from ingestion.reports import Entity, PlatformDefinition, Report

Row = dict[str, Any]
Now = Callable[[], datetime]


class PlatformClient(Protocol):
    """What a platform's client.py offers: pages of shaped rows, in which the definition's paths find their values.

    All but ``derived_rows`` raise AccountReadError.
    """

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]:
        """Pages of a report over the days since..until, both inclusive."""
        ...

    def derived_rows(self, report: Report, rows: list[Row]) -> list[Row]:
        """Rows of a report that is ``derived_from`` another one, out of a page of that one's rows."""
        ...

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]:
        """Pages of all objects that the platform lists, with every status that can be asked for."""
        ...

    def unlisted_pages(self, account: AccountRef, entity: Entity, ids: Sequence[str]) -> Iterator[list[Row]]:
        """Objects that the list no longer shows, read by their ids; nothing where the platform cannot do that."""
        ...

    def visible_accounts(self, credential: str) -> list[VisibleAccount]:
        """Every account that the credential can see, also those that no client file names."""
        ...

    def credential_expires_at(self, account: AccountRef) -> datetime | None:
        """When the account's credential stops working; None where it does not or where nobody can know."""
        ...


@dataclass(frozen=True)
class Platform:
    """A platform's data and the way to build its client.

    version_in_use: the API version that the settings ask for.
    """

    definition: PlatformDefinition
    build_client: Callable[[Settings, Connections, Now], PlatformClient]
    version_in_use: Callable[[Settings], str]


PLATFORMS: dict[str, Platform] = {
    "meta_ads": Platform(meta_ads.DEFINITION, meta_ads.build_client, lambda settings: settings.meta_ads_api_version),
    "google_ads": Platform(
        google_ads.DEFINITION, google_ads.build_client, lambda settings: settings.google_ads_api_version
    ),
    "tiktok_ads": Platform(
        tiktok_ads.DEFINITION, tiktok_ads.build_client, lambda settings: settings.tiktok_ads_api_version
    ),
    "linkedin_ads": Platform(
        linkedin_ads.DEFINITION, linkedin_ads.build_client, lambda settings: settings.linkedin_ads_api_version
    ),
    "instagram": Platform(
        instagram.DEFINITION, instagram.build_client, lambda settings: settings.instagram_api_version
    ),
}
