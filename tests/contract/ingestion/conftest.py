"""A scripted platform and the two clients pointed at it, with waits that are counted instead of slept."""

from collections.abc import Iterator
from datetime import date

import pytest
from pydantic import SecretStr

from ingestion.accounts import AccountRef
from ingestion.http import Transport
from ingestion.platforms.google_ads.client import AccessTokens, GoogleAdsClient
from ingestion.platforms.google_ads.errors import classify as classify_google
from ingestion.platforms.google_ads.errors import classify_token_answer
from ingestion.platforms.meta_ads.client import MetaAdsClient
from ingestion.platforms.meta_ads.errors import classify as classify_meta
from ingestion.platforms.meta_ads.errors import regain_access_seconds
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
def meta(platform: ScriptedPlatform, waits: list[float]) -> MetaAdsClient:
    # Time stands still, so that a pause of the whole credential is asked for at each call until it is over.
    transport = Transport(
        classify_meta, read_usage=regain_access_seconds, sleeper=waits.append, monotonic=lambda: sum(waits)
    )
    return MetaAdsClient(
        transport,
        base_url=platform.url,
        version="v26.0",
        token_of=lambda name: SecretStr(f"token-of-{name}"),
        sleeper=waits.append,
    )


@pytest.fixture
def google(platform: ScriptedPlatform, waits: list[float]) -> GoogleAdsClient:
    tokens = AccessTokens(
        Transport(classify_token_answer, sleeper=waits.append),
        f"{platform.url}/token",
        lambda credential, part: SecretStr(f"{part}-of-{credential}"),
    )
    transport = Transport(classify_google, sleeper=waits.append, monotonic=lambda: sum(waits))
    return GoogleAdsClient(transport, tokens, base_url=platform.url, version="v26")


def account_of(platform: str, login_customer_id: str | None = None) -> AccountRef:
    return AccountRef(
        "olivar", platform, "4242", "EUR", "Europe/Madrid", "agency", login_customer_id, date(2026, 11, 1), None
    )
