"""When a backup is due and which ones may go."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.records import BackupRecord
from backups.retention import due, expendable

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def record(at: datetime, status: str = "stored", suffix: str = "") -> BackupRecord:
    return BackupRecord(f"{at:%Y%m%d%H%M}{suffix}", at, at, "/x", 1, "s", {}, None, status, None, None)


def days_ago(*days: int, status: str = "stored") -> list[BackupRecord]:
    return [record(NOW - timedelta(days=day), status) for day in days]


@pytest.mark.parametrize(("hours_ago", "expected"), [(None, True), (0, False), (19.99, False), (20, True), (48, True)])
def test_a_backup_is_due_when_the_last_good_one_is_old_enough(hours_ago: float | None, expected: bool) -> None:
    last = None if hours_ago is None else NOW - timedelta(hours=hours_ago)
    assert due(last, NOW, 20) is expected


def kept_after(records: list[BackupRecord], **numbers: int) -> list[int]:
    gone = {item.backup_id for item in expendable(records, **numbers)}
    return [(NOW - item.started_at).days for item in records if item.backup_id not in gone]


def test_two_years_of_daily_backups_keep_seven_days_five_weeks_and_twelve_months() -> None:
    kept = kept_after(days_ago(*range(730)))
    # 22 Nov 2026 is a Sunday: weeks end today, 7, 14, 21 and 28 days ago; months end on their last days.
    month_ends = [datetime(year, month, 1, 6, tzinfo=UTC) - timedelta(days=1) for year, month in
                  [(2026, m) for m in range(1, 12)]]  # fmt: skip
    expected = {*range(7), 7, 14, 21, 28, *((NOW - end).days for end in month_ends)}
    assert set(kept) == expected


def test_only_the_newest_of_a_day_stays() -> None:
    morning, noon = NOW.replace(hour=1), NOW.replace(hour=5)
    assert [item.started_at for item in expendable([record(noon), record(morning)])] == [morning]


def test_days_without_backups_do_not_use_up_the_daily_ones() -> None:
    assert kept_after(days_ago(0, 100, 200, 300, 301), daily=3, weekly=0, monthly=0) == [0, 100, 200]


def test_the_newest_and_the_newest_verified_backup_stay_whatever_the_numbers() -> None:
    records = [*days_ago(0, 1, 2), *days_ago(3, 4, status="verified")]
    assert kept_after(records, daily=0, weekly=0, monthly=0) == [0, 3]


def test_failed_ones_go_once_they_are_older_than_all_that_is_kept_and_running_ones_never() -> None:
    records = [*days_ago(0, 5), *days_ago(1, 6, status="failed"), *days_ago(9, status="running")]
    assert [(NOW - item.started_at).days for item in expendable(records)] == [6]


def test_nothing_good_means_nothing_goes() -> None:
    assert expendable(days_ago(1, 400, status="failed")) == ()


@given(days=st.lists(st.integers(0, 900), min_size=1, unique=True))
def test_pruning_again_removes_nothing_more_and_the_newest_always_stays(days: list[int]) -> None:
    records = days_ago(*days)
    gone = {item.backup_id for item in expendable(records)}
    left = [item for item in records if item.backup_id not in gone]
    assert max(records, key=lambda item: item.started_at) in left
    assert expendable(left) == ()
    assert len(left) <= 7 + 5 + 12
