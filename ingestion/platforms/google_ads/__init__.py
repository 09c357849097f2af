"""Google Ads: REST client, GAQL report definitions, error table."""

from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr

from foundation.credentials import credential_part, resolve_secret, variable_name
from foundation.settings import Settings
from ingestion.http import Connections
from ingestion.http.oauth import AccessTokens
from ingestion.platforms.google_ads.client import GoogleAdsClient
from ingestion.platforms.google_ads.errors import classify, classify_token_answer
from ingestion.platforms.google_ads.reports import DEFINITION

__all__ = ["DEFINITION", "build_client"]


def build_client(settings: Settings, connections: Connections, now: Callable[[], datetime]) -> GoogleAdsClient:
    """The platform's client with the addresses and versions of the settings."""
    return GoogleAdsClient(
        connections.transport(classify),
        AccessTokens(
            connections.transport(classify_token_answer), settings.google_oauth_token_url, credential_part, now
        ),
        base_url=settings.google_ads_base_url,
        version=settings.google_ads_api_version,
        developer_token=_developer_token,
    )


def _developer_token(credential: str) -> SecretStr | None:
    """The credential's optional part: Google no longer asks for it."""
    return resolve_secret(variable_name(credential, "developer_token"))
