"""TikTok Ads: Marketing API client, report definitions, error table."""

from collections.abc import Callable
from datetime import datetime

from foundation.credentials import credential_part
from foundation.settings import Settings
from ingestion.http import Connections, Limit
from ingestion.platforms.tiktok_ads.client import TikTokAdsClient
from ingestion.platforms.tiktok_ads.errors import classify
from ingestion.platforms.tiktok_ads.reports import DEFINITION

__all__ = ["DEFINITION", "LIMITS", "build_client"]

# What TikTok grants every developer app (level Basic); it says nothing of the use in its answers.
LIMITS = (Limit(10, 1.0), Limit(600, 60.0))


def build_client(settings: Settings, connections: Connections, now: Callable[[], datetime]) -> TikTokAdsClient:
    """The platform's client with the addresses and versions of the settings."""
    return TikTokAdsClient(
        connections.transport(classify, limits=LIMITS),
        base_url=settings.tiktok_ads_base_url,
        version=settings.tiktok_ads_api_version,
        token_of=lambda credential: credential_part(credential, "access_token"),
        sleeper=connections.sleeper,
    )
