"""Instagram (organic): Graph API client, report definitions, error table."""

from collections.abc import Callable
from datetime import datetime

from foundation.credentials import credential_part
from foundation.settings import Settings
from ingestion.http import Connections
from ingestion.http.graph_api import read_usage
from ingestion.platforms.instagram.client import InstagramClient
from ingestion.platforms.instagram.errors import classify
from ingestion.platforms.instagram.reports import DEFINITION

__all__ = ["DEFINITION", "build_client"]


def build_client(settings: Settings, connections: Connections, now: Callable[[], datetime]) -> InstagramClient:
    """The platform's client with the addresses and versions of the settings."""
    return InstagramClient(
        connections.transport(classify, read_usage=read_usage),
        base_url=settings.instagram_base_url,
        version=settings.instagram_api_version,
        token_of=lambda credential: credential_part(credential, "access_token"),
    )
