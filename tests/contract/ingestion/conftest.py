"""A scripted platform and the clients pointed at it, with waits that are counted instead of slept."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from pydantic import SecretStr

from ingestion.accounts import AccountRef
from ingestion.http import Connections
from ingestion.http.graph_api import read_usage
from ingestion.http.oauth import AccessTokens
from ingestion.platforms.google_ads.client import GoogleAdsClient
from ingestion.platforms.google_ads.errors import classify as classify_google
from ingestion.platforms.google_ads.errors import classify_token_answer
from ingestion.platforms.instagram.client import InstagramClient
from ingestion.platforms.instagram.errors import classify as classify_instagram
from ingestion.platforms.meta_ads.client import MetaAdsClient
from ingestion.platforms.meta_ads.errors import classify as classify_meta
from ingestion.platforms.tiktok_ads import limits as tiktok_limits
from ingestion.platforms.tiktok_ads.client import TikTokAdsClient
from ingestion.platforms.tiktok_ads.errors import classify as classify_tiktok
from tests.contract.ingestion.scripted_platform import ScriptedPlatform, scripted_platform


@pytest.fixture
def platform() -> Iterator[ScriptedPlatform]:
    with scripted_platform() as running:
        yield running


@pytest.fixture
def waits() -> list[float]:
    """Every wait that a client asked for, in seconds."""
    return []


@pytest.fixture
def connections(waits: list[float]) -> Iterator[Connections]:
    """Time moves by the waits alone."""
    connections = Connections(sleeper=waits.append, monotonic=lambda: sum(waits))
    yield connections
    connections.close()


@pytest.fixture
def meta(platform: ScriptedPlatform, connections: Connections, waits: list[float]) -> MetaAdsClient:
    return MetaAdsClient(
        connections.transport(classify_meta, read_usage=read_usage),
        base_url=platform.url,
        version="v26.0",
        token_of=lambda name: SecretStr(f"token-of-{name}"),
        sleeper=waits.append,
    )


@pytest.fixture
def google(platform: ScriptedPlatform, connections: Connections) -> GoogleAdsClient:
    tokens = AccessTokens(
        connections.transport(classify_token_answer),
        f"{platform.url}/token",
        lambda credential, part: SecretStr(f"{part}-of-{credential}"),
        lambda: datetime(2026, 11, 22, tzinfo=UTC),
    )
    return GoogleAdsClient(connections.transport(classify_google), tokens, base_url=platform.url, version="v26")


@pytest.fixture
def tiktok(platform: ScriptedPlatform, connections: Connections, waits: list[float]) -> TikTokAdsClient:
    return TikTokAdsClient(
        connections.transport(classify_tiktok, limits=tiktok_limits(600)),
        base_url=platform.url,
        version="v1.3",
        token_of=lambda name: SecretStr(f"token-of-{name}"),
        app_part_of=lambda name, part: SecretStr(f"{part}-of-{name}"),
        sleeper=waits.append,
    )


@pytest.fixture
def instagram(platform: ScriptedPlatform, connections: Connections) -> InstagramClient:
    return InstagramClient(
        connections.transport(classify_instagram, read_usage=read_usage),
        base_url=platform.url,
        version="v26.0",
        token_of=lambda name: SecretStr(f"token-of-{name}"),
    )


def account_of(platform: str, login_customer_id: str | None = None) -> AccountRef:
    return AccountRef(
        "olivar", platform, "4242", "EUR", "Europe/Madrid", "agency", login_customer_id, date(2026, 11, 1), None
    )
