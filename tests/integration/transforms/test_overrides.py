"""Held days that a named person publishes: what readers see meanwhile, and what comes back when it ends."""

import json
from datetime import date, timedelta

import pytest
from typer.testing import CliRunner

from cli.main import app
from quality.overrides import all_overrides, record_override, revoke_override
from transforms import publication

pytestmark = pytest.mark.integration
DAY = date(2026, 11, 10)
SPEND = "select sum(spend)::float from analytics.fct_campaign_performance_daily where account_id = '301'"
ADS = "select sum(spend)::float from analytics.fct_ad_performance_daily where account_id = '301'"
STATE = (
    "select state, held_since is not null, override_by, override_reason, override_until "
    "from analytics.account_day_state where account_id = '301' and date_day = %s"
)
TOTALS = {
    "101": {"spend": "20.00", "impressions": "1500", "clicks": "50"},
    "201": {"spend": "5.000001", "impressions": "270", "clicks": "14"},
    "301": {"spend": "5.00", "impressions": "100", "clicks": "2"},
    "302": {"spend": "900.00", "impressions": "100", "clicks": "2"},
}


def proved(warehouse, account_id, content, **totals):
    platform = "google_ads" if account_id == "201" else "meta_ads"
    warehouse.proved(platform, account_id, DAY, content, **{**TOTALS[account_id], **totals})


@pytest.fixture
def published(two_clients):
    """Every day certified and published by the real flow."""
    for account_id in TOTALS:
        proved(two_clients, account_id, "first")
    assert two_clients.audit_and_publish().published.account_days == 4
    return two_clients


def restated_to_six(warehouse):
    """The platform's rows say 6.00, its account total still 5.00: held."""
    for table in ("ad_daily", "campaign_daily"):
        warehouse.run(f"update raw_meta_ads.{table} set spend = 6 where account_id = '301'")
    proved(warehouse, "301", "restated")


def override(warehouse, *, lasts=timedelta(days=2), reason="the client's invoice says 6.00", account_id="301"):
    return record_override(
        warehouse.connection, client_id="globex", platform="meta_ads", account_id=account_id, since=DAY, until=DAY,
        reason=reason, named_by="Ana Lima", lasts=lasts, now=warehouse.now,
    )  # fmt: skip


def test_a_held_day_is_published_under_a_persons_name_and_taken_back_when_that_ends(published):
    restated_to_six(published)
    held = published.audit_and_publish(now=published.now)
    assert (held.gate.held, held.published.account_days) == (1, 0)
    assert (published.value(SPEND), published.rows(STATE, DAY)[0][:3]) == (5.0, ("held", True, None))

    recorded = override(published)
    flow = published.audit_and_publish(now=published.now + timedelta(hours=1))
    assert (flow.gate.publish, flow.gate.held, flow.published.account_days, flow.published.held) == (1, 0, 1, 1)
    assert (published.value(SPEND), published.value(ADS)) == (6.0, 6.0)
    assert published.rows(STATE, DAY) == [
        ("overridden", True, "Ana Lima", "the client's invoice says 6.00", recorded.expires_at)
    ]
    [(reasons,)] = published.rows("select reasons from ops.gate_decision where account_id = '301'")
    assert reasons[0].startswith(f"published under override {recorded.override_id} by Ana Lima until 2026-11-22 12:00")
    assert any("the platform says 5.00" in reason for reason in reasons)

    again = published.audit_and_publish(now=published.now + timedelta(hours=2))
    assert (again.published.account_days, again.published.taken_back) == (0, 0)
    assert published.value(SPEND) == 6.0

    ended = recorded.expires_at
    last = published.audit_and_publish(now=ended)
    assert (last.published.account_days, last.published.taken_back, last.gate.held) == (0, 1, 1)
    assert (published.value(SPEND), published.value(ADS)) == (5.0, 5.0)
    published.run("update ops.clock set now_at = %s", ended)
    assert published.rows(STATE, DAY)[0][0] == "held"
    spans = "select published_at, superseded_at, override_id from ops.published_day where account_id = '301' order by 1"
    overridden_from = published.now + timedelta(hours=1)
    assert published.rows(spans) == [
        (published.now, overridden_from, None),
        (overridden_from, ended, recorded.override_id),
        (ended, None, None),
    ]
    # What stood there on the 21st can still be asked.
    told = "select value::float from analytics.reported_total where account_id = '301' and metric = 'spend' "
    at = "and published_at <= %s and coalesce(superseded_at, 'infinity') > %s"
    assert published.rows(told + at, ended - timedelta(days=1), ended - timedelta(days=1)) == [(6.0,)]
    assert published.rows(told + at, ended, ended) == [(5.0,)]


def test_a_day_that_was_never_certified_leaves_the_marts_when_its_override_is_revoked(two_clients):
    for account_id in TOTALS:
        proved(two_clients, account_id, "first", **({"spend": "4.00"} if account_id == "301" else {}))
    assert two_clients.audit_and_publish().published.account_days == 3
    recorded = override(two_clients)
    assert two_clients.audit_and_publish().published.account_days == 1
    assert two_clients.value(SPEND) == 5.0

    revoke_override(two_clients.connection, recorded.override_id, revoked_by="Rui Alves", now=two_clients.now)
    assert two_clients.audit_and_publish().published.taken_back == 1
    assert two_clients.value(SPEND) is None
    [kept] = all_overrides(two_clients.connection)
    assert (kept.named_by, kept.revoked_by, kept.state(two_clients.now)) == ("Ana Lima", "Rui Alves", "revoked")


def test_a_day_that_passes_while_an_override_covers_it_is_certified_and_stays(published):
    restated_to_six(published)
    recorded = override(published)
    published.audit_and_publish(now=published.now)
    proved(published, "301", "read again", spend="6.00")
    flow = published.audit_and_publish(now=published.now + timedelta(hours=1))
    assert (flow.gate.released, flow.published.account_days) == (1, 1)
    assert published.audit_and_publish(now=recorded.expires_at).published.taken_back == 0
    assert published.value(SPEND) == 6.0
    assert published.rows("select count(*) from ops.held_day") == [(0,)]


def test_no_person_can_vouch_for_ads_without_their_campaign(published):
    restated_to_six(published)
    published.run("delete from raw_meta_ads.campaign_daily where account_id = '301'")
    override(published)
    flow = published.audit_and_publish()
    assert (flow.gate.held, flow.published.account_days) == (1, 0)
    assert published.value(SPEND) == 5.0


@pytest.mark.parametrize("statement", ["update ops.gate_override set reason = 'a b c'", "delete from ops.gate_override",
                                       "truncate ops.gate_override cascade"])  # fmt: skip
def test_an_override_is_recorded_for_good(two_clients, statement):
    override(two_clients)
    with pytest.raises(Exception, match="recorded for good"):
        two_clients.run(statement)
    assert [kept.reason for kept in all_overrides(two_clients.connection)] == ["the client's invoice says 6.00"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"reason": "looks fine"}, "--reason: say in at least 3 words"),
        ({"lasts": timedelta(days=31)}, "at most 30 days"),
        ({"account_id": "999"}, "the registry knows no meta_ads account 999 of client globex"),
    ],
)
def test_an_override_without_reason_end_or_account_is_refused(two_clients, changes, told):
    with pytest.raises(ValueError, match=told):
        override(two_clients, **changes)
    assert all_overrides(two_clients.connection) == []


def test_a_gate_that_breaks_publishes_nothing_and_leaves_its_books_as_they_were(published):
    restated_to_six(published)
    before = published.rows("select * from ops.gate_decision order by account_id")

    def breaks(cursor):
        cursor.execute("update ops.gate_decision set verdict = 'publish', decided_in = pg_current_xact_id()")
        cursor.execute("select 1 / 0")

    published.build()
    with pytest.raises(Exception, match="division by zero"):
        publication.publish(published.connection, build_id=f"build-{published.serial}", gate=breaks, now=published.now)
    assert published.value(SPEND) == 5.0
    assert published.rows("select * from ops.gate_decision order by account_id") == before


def test_decisions_of_an_earlier_transaction_publish_nothing(published):
    restated_to_six(published)
    published.build()
    published.judge()
    build_id = f"build-{published.serial}"
    published.run("update ops.gate_decision set build_id = %s", build_id)
    silent = publication.publish(published.connection, build_id=build_id, gate=lambda cursor: None, now=published.now)
    assert (silent.account_days, published.value(SPEND)) == (0, 5.0)
    assert published.publish().account_days == 1


def test_mdp_override_records_lists_and_revokes(two_clients, monkeypatch, tmp_path):
    for name, value in (("MDP_WAREHOUSE_URL", two_clients.url), ("MDP_DATA_DIR", str(tmp_path)), ("MDP_ENV_FILE", "")):
        monkeypatch.setenv(name, value)

    def mdp(*arguments):
        return CliRunner().invoke(app, ["override", *arguments])

    days = ("--from", "2026-11-10", "--to", "2026-11-10", "--by", "Ana Lima")
    short = mdp("globex", "meta_ads", "301", *days, "--reason", "looks fine", "--expires", "7d")
    assert short.exit_code == 1
    assert "in at least 3 words" in short.output
    wrong = mdp("globex", "meta_ads", "301", *days, "--reason", "invoice 4711 says so", "--expires", "a week")
    assert wrong.exit_code == 1
    assert "7d or 12h" in wrong.output

    given = mdp("globex", "meta_ads", "301", *days, "--reason", "invoice 4711 says so", "--expires", "12h", "--json")
    assert given.exit_code == 0, given.output
    assert json.loads(given.stdout)["state"] == "active"
    assert mdp("revoke", "1", "--by", "Rui Alves").exit_code == 0
    again = mdp("revoke", "1", "--by", "Rui Alves")
    assert again.exit_code == 1
    assert "no override 1 is in force" in again.output
    [kept] = json.loads(mdp("list", "--json").stdout)
    assert (kept["state"], kept["named_by"], kept["revoked_by"]) == ("revoked", "Ana Lima", "Rui Alves")
