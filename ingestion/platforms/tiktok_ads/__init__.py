"""TikTok Ads: Marketing API client, report definitions, error table."""

from collections.abc import Callable
from datetime import datetime

from foundation.credentials import credential_part
from foundation.settings import Settings
from ingestion.http import Connections, Limit
from ingestion.platforms.tiktok_ads.client import TikTokAdsClient
from ingestion.platforms.tiktok_ads.errors import classify
from ingestion.platforms.tiktok_ads.reports import DEFINITION

__all__ = ["DEFINITION", "build_client"]


def limits(calls_per_minute: int) -> tuple[Limit, ...]:
    """What TikTok grants a developer app of a level; it says nothing of the use in its answers."""
    return (Limit(max(1, calls_per_minute // 60), 1.0), Limit(calls_per_minute, 60.0))


def build_client(settings: Settings, connections: Connections, now: Callable[[], datetime]) -> TikTokAdsClient:
    """The platform's client with the addresses and versions of the settings."""
    return TikTokAdsClient(
        connections.transport(classify, limits=limits(settings.tiktok_ads_calls_per_minute)),
        base_url=settings.tiktok_ads_base_url,
        version=settings.tiktok_ads_api_version,
        token_of=lambda credential: credential_part(credential, "access_token"),
        app_part_of=credential_part,
        sleeper=connections.sleeper,
    )
