"""Which months are asked for, when, and what an answer is worth."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ingestion.accounts import AccountRef
from ingestion.errors import AccountReadError
from ingestion.months import KnownMonth, MonthTask, add_up, is_due, settled_months
from ingestion.platforms import PLATFORMS
from ingestion.reports import PlatformDefinition
from ingestion.windows import Span

META, TIKTOK = PLATFORMS["meta_ads"].definition, PLATFORMS["tiktok_ads"].definition
LINKEDIN, INSTAGRAM = PLATFORMS["linkedin_ads"].definition, PLATFORMS["instagram"].definition
SHOP = AccountRef("shop", "meta_ads", "77", "EUR", "Europe/Madrid", "agency", None, date(2026, 7, 12), None, 28)
JULY_PART = Span(date(2026, 7, 12), date(2026, 7, 31))
AUGUST, SEPTEMBER = Span(date(2026, 8, 1), date(2026, 8, 31)), Span(date(2026, 9, 1), date(2026, 9, 30))
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def settled(at: datetime, definition: PlatformDefinition = META, account: AccountRef = SHOP) -> list[Span]:
    return settled_months(account, definition, at)


def test_a_month_settles_when_its_last_day_is_final_in_the_accounts_own_zone() -> None:
    # 30 September + 28 days: from midnight of 28 October in Madrid on, which is 23:00 UTC the day before (winter time).
    assert settled(datetime(2026, 10, 27, 22, 59, tzinfo=UTC)) == [AUGUST, JULY_PART]
    assert settled(datetime(2026, 10, 27, 23, 0, tzinfo=UTC)) == [SEPTEMBER, AUGUST, JULY_PART]


def test_the_client_files_own_window_makes_a_month_settle_later() -> None:
    assert settled(NOW, account=replace(SHOP, restatement_days=40)) == [AUGUST, JULY_PART]


def test_a_closed_account_ends_its_last_month_early() -> None:
    closed = replace(SHOP, active_to=date(2026, 9, 9))
    assert settled(NOW, account=closed)[0] == Span(date(2026, 9, 1), date(2026, 9, 9))


def test_where_only_whole_months_can_be_asked_for_parts_are_left_out() -> None:
    assert settled(NOW, LINKEDIN) == [SEPTEMBER, AUGUST]


def test_a_month_that_retention_has_cut_into_is_left_out() -> None:
    # LinkedIn keeps months for 730 days: from 3 November 2024 on, so that November 2024 is not whole any more.
    old = replace(SHOP, active_from=date(2024, 1, 1))
    assert settled(NOW, LINKEDIN, old)[-1] == Span(date(2024, 12, 1), date(2024, 12, 31))


def test_instagram_has_no_total_of_a_month() -> None:
    assert settled(NOW, INSTAGRAM) == []


READ = KnownMonth(30, 900, NOW - timedelta(days=9), SEPTEMBER.until, NOW - timedelta(days=1))


@pytest.mark.parametrize(
    ("known", "due"),
    [
        (KnownMonth(30, 900, NOW - timedelta(days=9)), True),
        (KnownMonth(29, 900, NOW - timedelta(days=9)), False),
        (READ, False),
        (replace(READ, changed_at=NOW - timedelta(hours=1)), True),
        (replace(READ, last_day=date(2026, 9, 9)), True),
        (replace(READ, failed=True), True),
        (replace(READ, failed=True, waits=True), False),
        # Written while the clock ran ahead.
        (replace(READ, read_at=NOW + timedelta(days=1)), True),
    ],
)
def test_a_month_is_asked_for_once_it_is_whole_and_again_when_a_day_of_it_changed(known: KnownMonth, due: bool) -> None:
    assert is_due(SEPTEMBER, known, NOW) is due


TASK = MonthTask(SHOP, SEPTEMBER, delivered=900)


def test_rows_are_added_up_exactly() -> None:
    rows = [
        {"account_id": "77", "date_start": "2026-09-01", "spend": "812.40", "impressions": "51022", "clicks": "640"},
        {"account_id": "77", "date_start": "2026-09-16", "spend": "0.105", "impressions": "1"},
    ]
    assert add_up(TASK, META, rows) == {"spend": "812.505", "impressions": "51023", "clicks": "640"}


def test_no_row_means_nothing_only_where_the_days_had_nothing() -> None:
    assert add_up(replace(TASK, delivered=0), META, []) == {"spend": "0", "impressions": "0", "clicks": "0"}
    with pytest.raises(AccountReadError, match="answered with nothing; its days had 900 impressions"):
        add_up(TASK, META, [])


def test_an_answer_about_another_month_or_without_numbers_proves_nothing() -> None:
    row = {"account_id": "77", "date_start": "2026-09-01", "spend": "1", "impressions": "1", "clicks": "1"}
    with pytest.raises(AccountReadError, match="answered for 2026-08-01"):
        add_up(TASK, META, [row | {"date_start": "2026-08-01"}])
    with pytest.raises(AccountReadError, match="spend is 'n/a'"):
        add_up(TASK, META, [row | {"spend": "n/a"}])


def test_every_month_total_names_its_metrics_like_those_that_days_are_proved_by() -> None:
    for platform in PLATFORMS.values():
        month = platform.definition.month_total
        if month is not None:
            names = tuple(column.name for column in month.report.metrics)
            assert names == platform.definition.proved_metrics == ("spend", "impressions", "clicks")
    assert TIKTOK.month_total is not None
