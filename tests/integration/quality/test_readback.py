"""What people are told of states and restatements."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from build_world import DAY, NOW, BuildWorld

from quality.readback import HeldSpan, RestatedDay, account_states, restated_days

pytestmark = pytest.mark.integration


def test_days_of_an_account_are_counted_by_state_with_the_reason_of_the_held_ones(world: BuildWorld) -> None:
    # The 10th of March, noon: days of up to the 6th are final after three days, the 9th is the last one due.
    world.run("insert into ops.clock values (true, %s)", NOW)
    world.run("insert into ops.platform_rule values ('meta_ads', 3, 1, 'account')")
    world.account("1", active_from=date(2026, 3, 5))
    for day in (5, 6, 7, 8):
        world.account_day("1", date(2026, 3, day))
    for day in (5, 8):
        world.publish("1", date(2026, 3, day))
    held_since = NOW - timedelta(hours=2)
    for day in (6, 7):
        world.run(
            "insert into ops.held_day values ('acme', 'meta_ads', '1', %s, 'v1', 'does not add up', %s)",
            date(2026, 3, day), held_since,
        )  # fmt: skip
    [state] = account_states(world.connection)
    assert (state.client_id, state.platform, state.account_id) == ("acme", "meta_ads", "1")
    assert (state.final, state.provisional, state.certified) == (1, 1, 2)
    assert (state.held, state.stale, state.pending, state.not_due) == (2, 0, 1, 1)
    assert state.data_as_of == NOW
    assert state.held_spans == (
        HeldSpan("does not add up", held_since, first_day=date(2026, 3, 6), last_day=date(2026, 3, 7), days=2),
    )


def restatement(
    world: BuildWorld, old: str, new: str, at: datetime, *, run_id: str = "r", report: str = "campaign_daily"
) -> None:
    world.run(
        "insert into ops.restatement (platform, account_id, report, date_day, metric, old_value, new_value, "
        "old_version, new_version, detected_at, run_id) "
        "values ('meta_ads', '1', %s, %s, 'spend', %s, %s, 1, 2, %s, %s)",
        report, DAY, old, new, at, run_id,
    )  # fmt: skip


def test_a_day_restated_twice_is_told_once_from_first_to_last_value(world: BuildWorld) -> None:
    restatement(world, "10", "12", NOW)
    restatement(world, "12", "11.50", NOW + timedelta(hours=1))
    restatement(world, "10", "11.50", NOW, report="ad_daily")
    [day] = restated_days(world.connection, since=NOW)
    assert day == RestatedDay(
        "meta_ads", "1", DAY, "spend", Decimal(10), Decimal("11.50"), detected_at=NOW + timedelta(hours=1)
    )
    assert day.difference == Decimal("1.50")


def test_restatements_are_told_of_the_period_or_the_runs_asked_for(world: BuildWorld) -> None:
    restatement(world, "10", "12", NOW - timedelta(days=1), run_id="yesterday")
    restatement(world, "12", "13", NOW, run_id="today")
    assert [day.old_value for day in restated_days(world.connection, since=NOW)] == [12]
    assert [day.new_value for day in restated_days(world.connection, run_ids=["yesterday"])] == [12]
    assert restated_days(world.connection, run_ids=[]) == []


def test_a_change_that_was_taken_back_is_not_told(world: BuildWorld) -> None:
    restatement(world, "10", "12", NOW)
    restatement(world, "12", "10", NOW + timedelta(hours=1))
    assert restated_days(world.connection) == []
