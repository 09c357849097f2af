"""Warnings of drifts on a real warehouse: what is published, judged, told once, and never held."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from foundation.database import transaction
from quality.anomalies.warehouse import read_panel, warn_of_anomalies

pytestmark = pytest.mark.integration

LAST = date(2026, 11, 19)
MORNING = datetime(2026, 11, 20, 12, tzinfo=UTC)
CURRENT = "superseded_at is null and platform = 'meta_ads' and account_id = '101' and date_day = '2026-11-19'"


@pytest.fixture
def stopped(warehouse: Any) -> Any:
    """acme's Meta account spends 90 to 110 EUR a day for 45 days; on the last one nothing, with the campaign on.

    globex's Google account spends as evenly, to the end; its campaign's budget was doubled on the last day.
    """
    warehouse.client("acme", "EUR")
    warehouse.client("globex", "EUR")
    warehouse.run("update raw_registry.client set active_from = '2026-10-01'")
    warehouse.account("acme", "meta_ads", "101", "EUR")
    warehouse.account("globex", "google_ads", "201", "EUR")
    warehouse.run("update raw_registry.account set active_from = '2026-10-01'")
    since = "timestamptz '2026-10-01 06:00+00'"
    warehouse.run(
        "insert into raw_meta_ads.campaigns (account_id, campaign_id, name, effective_status, daily_budget, "
        f"_valid_from) values ('101', 'c1', 'Spring', 'ACTIVE', 120, {since})"
    )
    warehouse.run(
        "insert into raw_google_ads.campaigns (account_id, campaign_id, name, status, budget, budget_kind, "
        "_valid_from) values ('201', 'g1', 'Search', 'ENABLED', 240, 'daily', '2026-11-19 00:00+00')"
    )
    warehouse.run(
        "insert into raw_google_ads.campaigns_history (account_id, campaign_id, name, status, budget, budget_kind, "
        f"_version, _run_id, _valid_from, _valid_to) values ('201', 'g1', 'Search', 'ENABLED', 120, 'daily', '1', 'r', "
        f"{since}, '2026-11-19 00:00+00')"
    )
    for ago in range(45):
        day = LAST - timedelta(days=ago)
        spend = 90 + (ago * 7) % 21
        figures = {"account_id": "101", "date_day": day, "campaign_id": "c1", "account_currency": "EUR"}
        shown = {"impressions": spend * 100, "clicks": spend * 3, "inline_link_clicks": spend * 2, "spend": spend}
        if ago:
            warehouse.insert("raw_meta_ads.campaign_daily", **figures, **shown)
            warehouse.insert("raw_meta_ads.ad_daily", **figures, adset_id="s1", ad_id="a1", **shown)
        more = 2 if ago == 0 else 1
        counted = {
            "impressions": spend * 100 * more, "clicks": spend * 3 * more, "cost_micros": spend * 1_000_000 * more,
            "conversions": "2", "conversions_value": "80",
        }  # fmt: skip
        of = {"account_id": "201", "date_day": day, "campaign_id": "g1"}
        warehouse.insert("raw_google_ads.campaign_daily", **of, advertising_channel_type="SEARCH", **counted)
        warehouse.insert("raw_google_ads.ad_daily", **of, ad_group_id="ag", ad_id="1", **counted)
        warehouse.proved("meta_ads", "101", day)
        warehouse.proved("google_ads", "201", day)
    warehouse.build_and_publish()
    return warehouse


def test_a_stop_is_told_once_and_its_day_stays_published_and_is_published_again(stopped: Any) -> None:
    with transaction(stopped.connection) as cursor:
        panel = read_panel(cursor, MORNING)
    assert panel is not None
    assert panel.last_day == LAST
    rows = {key.campaign_id: number for number, key in enumerate(panel.keys)}
    assert panel.figures["spend"][rows["c1"], -3:].tolist() == [104.0, 97.0, 0.0]
    assert panel.active[rows["c1"], -3:].tolist() == [1.0, 1.0, 1.0]
    assert panel.budget[rows["g1"], -3:].tolist() == [120.0, 120.0, 240.0]

    summary = warn_of_anomalies(stopped.connection, now=MORNING)
    assert (summary.error, summary.drifts, summary.told) == (None, 1, 1)
    ((client, platform, metric, observed, stake, currency, severity),) = stopped.rows(
        "select client_id, platform, metric, observed, at_stake, reporting_currency, severity from analytics.anomaly"
    )
    assert (client, platform, metric, observed, currency, severity) == (
        "acme", "meta_ads", "spend", 0.0, "EUR", "ticket",
    )  # fmt: skip
    assert 85 < stake < 115

    again = warn_of_anomalies(stopped.connection, now=MORNING + timedelta(hours=1))
    assert (again.error, again.drifts, again.told) == (None, 1, 0)
    assert stopped.rows("select runs_seen, told_at from ops.anomaly") == [(1, MORNING)]
    assert stopped.value("select count(*) from ops.anomaly_run where error is null") == 2

    # The warned day is published, and the real gate publishes what the platform restates of it.
    (before,) = stopped.rows(f"select version from ops.published_day where {CURRENT}")
    assert stopped.rows("select * from ops.held_day") == []
    figures = {"account_id": "101", "date_day": LAST, "campaign_id": "c1", "account_currency": "EUR"}
    shown = {"impressions": 10, "clicks": 1, "inline_link_clicks": 1, "spend": 1}
    stopped.insert("raw_meta_ads.campaign_daily", **figures, **shown)
    stopped.insert("raw_meta_ads.ad_daily", **figures, adset_id="s1", ad_id="a1", **shown)
    stopped.proved("meta_ads", "101", LAST, "second", spend="1", impressions="10", clicks="1")
    flow = stopped.audit_and_publish()
    assert flow.published.account_days == 1
    (after,) = stopped.rows(f"select version from ops.published_day where {CURRENT}")
    assert after != before

    # A look that crashes is written down and leaves everything else alone.
    stopped.run("alter table analytics.fct_campaign_performance_daily rename column spend to moved")
    broken = warn_of_anomalies(stopped.connection, now=MORNING + timedelta(hours=2))
    assert broken.error is not None
    assert "spend" in broken.error
    assert stopped.value("select error from ops.anomaly_run order by ran_at desc limit 1") == broken.error
    assert stopped.rows(f"select version from ops.published_day where {CURRENT}") == [after]
    assert stopped.value("select count(*) from ops.anomaly where resolved_at is null") == 1
