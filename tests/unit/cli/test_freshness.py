"""What `mdp status` says of accounts and credentials."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO

from rich.console import Console, RenderableType

from cli.freshness import AccountFreshness, CredentialState, accounts_table, credentials_table

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = AccountFreshness(
    client_id="harbor-outdoor", platform="linkedin_ads", account_id="7412755273795235586", status="ok",
    last_complete_at=NOW - timedelta(hours=2), newest_day=date(2026, 11, 21), window_since=date(2026, 10, 25),
    window_until=date(2026, 11, 21), calls=37, holes=0, optional_problems=0, message=None,
)  # fmt: skip


def _shown(renderable: RenderableType) -> str:
    # As wide as a pipe is shown: nothing may be cut.
    console = Console(width=110, record=True, file=StringIO())
    console.print(renderable)
    return console.export_text()


def test_an_account_shows_when_it_was_last_complete_which_window_and_what_it_cost() -> None:
    text = _shown(accounts_table([ACCOUNT], NOW))
    assert "…" not in text
    for part in ("2 h", "2026-11-21", "2026-10-25", "37"):
        assert part in text


def test_an_account_that_was_never_read_says_so_and_shows_its_holes() -> None:
    unread = AccountFreshness("a", "meta_ads", "1", "failing", None, None, None, None, None, 20, 2, "revoked")
    text = _shown(accounts_table([unread], NOW))
    for part in ("never", "20 days", "2 reports"):
        assert part in text


def test_a_credential_shows_what_is_left_of_its_quota_and_when_it_ends() -> None:
    half = CredentialState("meta_ads", "meta_agency", 400, Decimal(58), None, NOW + timedelta(days=9, hours=1))
    resting = CredentialState("linkedin_ads", "linkedin_agency", 90, None, NOW + timedelta(hours=12), None)
    silent = CredentialState("tiktok_ads", "tiktok_agency", 12, None, None, None)
    text = _shown(credentials_table([half, resting, silent], NOW))
    for part in ("42 %", "2026-12-01 (9 d 1 h left)", "none until 2026-11-23 00:00 UTC", "not told"):
        assert part in text
