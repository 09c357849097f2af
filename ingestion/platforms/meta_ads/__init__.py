"""Meta Ads: Graph API client, report definitions, error table."""

from collections.abc import Callable

import httpx

from foundation.credentials import credential_part
from foundation.settings import Settings
from ingestion.http import Transport
from ingestion.platforms.meta_ads.client import MetaAdsClient
from ingestion.platforms.meta_ads.errors import classify, regain_access_seconds
from ingestion.platforms.meta_ads.reports import DEFINITION

__all__ = ["DEFINITION", "build_client"]


def build_client(settings: Settings, http: httpx.Client | None, sleeper: Callable[[float], None]) -> MetaAdsClient:
    """The platform's client with the addresses and versions of the settings."""
    transport = Transport(classify, read_usage=regain_access_seconds, client=http, sleeper=sleeper)
    return MetaAdsClient(
        transport,
        base_url=settings.meta_ads_base_url,
        version=settings.meta_ads_api_version,
        token_of=lambda credential: credential_part(credential, "access_token"),
        sleeper=sleeper,
    )
