"""An account is late by the first day that is missing, or by when it was asked: 24 hours warn, 48 are for somebody."""

from datetime import date, datetime, timedelta

import pytest
from build_world import NOW, BuildWorld

from foundation.database import transaction
from quality.freshness import LateAccount, late_accounts

pytestmark = pytest.mark.integration
# NOW is noon of the 10th in UTC; a day of Meta is due three hours after its end.
TODAY = date(2026, 3, 10)


def late(world: BuildWorld, now: datetime = NOW) -> list[LateAccount]:
    with transaction(world.connection) as cursor:
        return late_accounts(cursor, now, platform="meta_ads")


def test_lateness_counts_from_when_the_first_missing_day_was_due(world: BuildWorld) -> None:
    # Newest day 8 March: the 9th was due on the 10th at 03:00, nine hours ago. 7: 33 hours ago. 6: 57 hours ago.
    for account_id, newest in (("8", 8), ("7", 7), ("6", 6)):
        world.account(account_id)
        world.control_totals(account_id, date(2026, 3, newest), spend="0")
    found = late(world)
    assert [(each.account_id, each.hours_late, each.tier) for each in found] == [("6", 57, "page"), ("7", 33, "warn")]


def test_an_account_that_was_not_asked_for_two_days_warns_however_new_its_days_are(world: BuildWorld) -> None:
    world.account("1")
    world.control_totals("1", TODAY, spend="0")
    assert late(world, NOW + timedelta(hours=23)) == []
    # The 11th was due nine hours before; the asking that was promised a day after the last one, 24 hours.
    assert [each.hours_late for each in late(world, NOW + timedelta(hours=48))] == [24]


def test_a_closed_account_owes_its_last_day_and_no_more(world: BuildWorld) -> None:
    world.account("1")
    world.account("2")
    world.control_totals("1", date(2026, 3, 3), spend="0")
    world.control_totals("2", date(2026, 3, 2), spend="0")
    world.run("update raw_registry.account set active_to = '2026-03-03'")
    assert [each.account_id for each in late(world)] == ["2"]


def test_an_account_that_begins_today_is_not_late(world: BuildWorld) -> None:
    world.account("1", active_from=TODAY)
    assert late(world) == []
