"""Google Ads: REST client, GAQL report definitions, error table."""

from collections.abc import Callable

import httpx

from foundation.credentials import credential_part
from foundation.settings import Settings
from ingestion.http import Transport
from ingestion.platforms.google_ads.client import AccessTokens, GoogleAdsClient
from ingestion.platforms.google_ads.errors import classify, classify_token_answer
from ingestion.platforms.google_ads.reports import DEFINITION

__all__ = ["DEFINITION", "build_client"]


def build_client(settings: Settings, http: httpx.Client | None, sleeper: Callable[[float], None]) -> GoogleAdsClient:
    """The platform's client with the addresses and versions of the settings."""
    tokens = AccessTokens(
        Transport(classify_token_answer, client=http, sleeper=sleeper), settings.google_oauth_token_url, credential_part
    )
    return GoogleAdsClient(
        Transport(classify, client=http, sleeper=sleeper),
        tokens,
        base_url=settings.google_ads_base_url,
        version=settings.google_ads_api_version,
    )
