"""Every platform that the product reads, by name. A new platform is one folder and one line here."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import httpx

from foundation.settings import Settings
from ingestion.accounts import AccountRef
from ingestion.platforms import google_ads, meta_ads
from ingestion.reports import Entity, PlatformDefinition, Report

Row = dict[str, Any]


class PlatformClient(Protocol):
    """What a platform's client.py offers: pages of wire rows."""

    def report_pages(self, account: AccountRef, report: Report, since: date, until: date) -> Iterator[list[Row]]: ...

    def entity_pages(self, account: AccountRef, entity: Entity) -> Iterator[list[Row]]: ...

    def close(self) -> None: ...


@dataclass(frozen=True)
class Platform:
    """A platform's data and the way to build its client."""

    definition: PlatformDefinition
    build_client: Callable[[Settings, httpx.Client | None, Callable[[float], None]], PlatformClient]


PLATFORMS: dict[str, Platform] = {
    "meta_ads": Platform(meta_ads.DEFINITION, meta_ads.build_client),
    "google_ads": Platform(google_ads.DEFINITION, google_ads.build_client),
}
