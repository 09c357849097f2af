"""LinkedIn Ads: Marketing API client, report definitions, error table."""

from collections.abc import Callable
from datetime import datetime

from pydantic import SecretStr

from foundation.credentials import MissingCredential, credential_part
from foundation.settings import Settings
from ingestion.http import Connections
from ingestion.http.oauth import AccessTokens
from ingestion.platforms.linkedin_ads.client import LinkedInAdsClient
from ingestion.platforms.linkedin_ads.errors import classify_token_answer, error_table
from ingestion.platforms.linkedin_ads.reports import DEFINITION

__all__ = ["DEFINITION", "build_client"]

_REFRESHABLE_PARTS = ("client_id", "client_secret", "refresh_token")


def plain_token(credential: str) -> SecretStr | None:
    """The access token of a credential without refresh token; None where there is one (approved partners only).

    Raises MissingCredential where there is neither.
    """
    try:
        for part in _REFRESHABLE_PARTS:
            credential_part(credential, part)
    except MissingCredential:
        return credential_part(credential, "access_token")
    return None


def build_client(settings: Settings, connections: Connections, now: Callable[[], datetime]) -> LinkedInAdsClient:
    """The platform's client with the addresses and versions of the settings."""
    return LinkedInAdsClient(
        refreshed=connections.transport(error_table(now, refreshable=True)),
        plain=connections.transport(error_table(now, refreshable=False)),
        tokens=AccessTokens(
            connections.transport(classify_token_answer), settings.linkedin_oauth_token_url, credential_part, now
        ),
        plain_token=plain_token,
        base_url=settings.linkedin_ads_base_url,
        version=settings.linkedin_ads_api_version,
    )
