"""Which rows a published account-day consists of, and from when to when it stood there."""

from datetime import date, timedelta

import pytest

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)
CURRENT = "select report_versions from ops.account_day where account_id = '101'"
PUBLISHED = (
    "select report_versions, published_at, superseded_at from ops.published_day where account_id = '101' "
    "order by publication_id"
)


def loaded(warehouse, version, content):
    """What a load leaves in the ledger of account 101."""
    warehouse.proved("meta_ads", "101", DAY, content)
    warehouse.run("update ops.load_ledger set version = %s where account_id = '101'", version)


def reports(version):
    return {"account_daily": version, "campaign_daily": version, "ad_daily": version}


def test_a_version_says_which_version_of_each_required_report_it_consists_of(two_clients):
    two_clients.version_days()
    assert two_clients.value(CURRENT) == reports(1)
    loaded(two_clients, 2, "restated")
    two_clients.run("update ops.load_ledger set version = 5 where account_id = '101' and report = 'ad_daily'")
    two_clients.version_days()
    assert two_clients.value(CURRENT) == {"account_daily": 2, "campaign_daily": 2, "ad_daily": 5}


def test_content_that_comes_back_keeps_its_version_and_names_where_its_rows_are_now(two_clients):
    two_clients.build_and_publish()
    version = two_clients.value("select version from ops.account_day where account_id = '101'")
    loaded(two_clients, 2, "restated")
    two_clients.version_days()
    loaded(two_clients, 3, "first")
    assert two_clients.version_days() == 1
    assert two_clients.value("select version from ops.account_day where account_id = '101'") == version
    assert two_clients.value(CURRENT) == reports(3)
    # What stands in analytics was made of version 1, whose rows are those of version 3.
    two_clients.build()
    two_clients.judge()
    assert two_clients.publish().account_days == 0
    assert two_clients.rows(PUBLISHED) == [(reports(1), two_clients.now, None)]


def test_a_version_that_went_and_came_back_is_published_under_the_readings_of_its_time(two_clients):
    times = [two_clients.now + timedelta(hours=hours) for hours in (0, 1, 2)]
    for number, (at, content) in enumerate(zip(times, ("first", "restated", "first"), strict=True), start=1):
        loaded(two_clients, number, content)
        two_clients.build(now=at)
        two_clients.judge()
        two_clients.publish(now=at)
    assert two_clients.rows(PUBLISHED) == [
        (reports(1), times[0], times[1]), (reports(2), times[1], times[2]), (reports(3), times[2], None),
    ]  # fmt: skip


def test_a_day_that_a_load_replaced_during_the_build_waits_for_the_next_one(two_clients):
    two_clients.build()
    two_clients.judge()
    loaded(two_clients, 2, "restated")
    overtaken = two_clients.publish()
    assert (overtaken.account_days, overtaken.refused) == (3, 1)
    assert two_clients.rows(PUBLISHED) == []

    two_clients.build_and_publish()
    assert two_clients.rows(PUBLISHED) == [(reports(2), two_clients.now, None)]


def test_a_load_that_read_the_same_rows_during_the_build_holds_nothing_up(two_clients):
    two_clients.build()
    two_clients.judge()
    two_clients.proved("meta_ads", "101", DAY, at=two_clients.now + timedelta(minutes=1))
    assert two_clients.publish().account_days == 4


def test_spans_of_publications_follow_one_another_when_the_clock_jumps_back(two_clients):
    noon = two_clients.now
    instants = (noon, noon + timedelta(hours=3), noon - timedelta(days=1), noon + timedelta(hours=4))
    for number, at in enumerate(instants, start=1):
        loaded(two_clients, number, f"content {number}")
        two_clients.build(now=at)
        two_clients.judge(now=at)
        two_clients.publish(now=at)
    three, four = instants[1], instants[3]
    assert two_clients.rows(PUBLISHED) == [
        (reports(1), noon, three), (reports(2), three, three), (reports(3), three, four), (reports(4), four, None),
    ]  # fmt: skip
