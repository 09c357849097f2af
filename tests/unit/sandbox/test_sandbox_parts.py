"""Clock, queries, message markup, client files and recordings, without a server."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from sandbox.client_files import write_client_files
from sandbox.clock import ClockRefusedError, WorldClock
from sandbox.credentials import CredentialBook, credential_environment
from sandbox.recorded import RecordedSource
from sandbox.wire.gaql import Condition, parse
from sandbox.wire.google_errors import GoogleError
from sandbox.wire.google_fields import camel
from sandbox.wire.meta_insights import parse_query
from sandbox.wire.meta_paging import cursor_of, offset_of
from sandbox.wire.meta_rows import Renderer, periods
from sandbox.wire.mrkdwn import mrkdwn
from sandbox.world.breakdowns import split
from sandbox.world.creatives import conversion_actions_of, creative_of, keywords_of
from sandbox.world.model import major_units
from sandbox.world.world import World, WorldParameters

NOON = datetime(2026, 11, 1, 12, tzinfo=UTC)
TODAY = date(2026, 11, 1)


def test_the_clock_stands_still_until_it_is_advanced(tmp_path: Path) -> None:
    clock = WorldClock(tmp_path / "clock")
    clock.ensure(datetime(2026, 1, 1, 12, tzinfo=UTC))
    clock.ensure(NOON)
    assert clock.now() == datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert clock.advance(1) == clock.now() == datetime(2026, 1, 2, 12, tzinfo=UTC)


def test_the_clock_goes_neither_back_nor_ahead_of_the_machine(tmp_path: Path) -> None:
    clock = WorldClock(tmp_path / "clock")
    clock.ensure(datetime.now(UTC) - timedelta(hours=2))
    with pytest.raises(ClockRefusedError, match="ahead of the machine"):
        clock.advance(1)
    with pytest.raises(ClockRefusedError, match="cannot go back"):
        clock.set(NOON - timedelta(days=9999))


def test_a_query_is_taken_apart() -> None:
    query = parse(
        "SELECT campaign.id, segments.date FROM campaign WHERE segments.date BETWEEN '2026-10-01' AND '2026-10-31' "
        "AND campaign.status != 'REMOVED' AND campaign.id IN (1, 2) ORDER BY segments.date DESC LIMIT 5",
        TODAY,
    )
    assert (query.resource, query.since, query.until, query.limit) == (
        "campaign",
        date(2026, 10, 1),
        date(2026, 10, 31),
        5,
    )
    assert query.conditions == (
        Condition("campaign.status", "!=", ("REMOVED",)),
        Condition("campaign.id", "IN", ("1", "2")),
    )
    assert query.order == (("segments.date", True),)
    assert parse("SELECT a.b FROM a WHERE segments.date DURING LAST_7_DAYS", TODAY).since == date(2026, 10, 25)


@pytest.mark.parametrize(
    "text", ["SELECT FROM campaign", "SELECT * FROM campaign", "SELECT a.b FROM a WHERE a.b LIKES 'x'"]
)
def test_a_malformed_query_is_refused(text: str) -> None:
    with pytest.raises(GoogleError):
        parse(text, TODAY)


def test_wire_names_are_camel_case() -> None:
    assert camel("ad_group_ad.ad.final_url_suffix") == "adGroupAd.ad.finalUrlSuffix"


def test_a_cursor_leads_back_to_its_place() -> None:
    assert [offset_of(cursor_of(place)) for place in (0, 25, 72, 500_000)] == [0, 25, 72, 500_000]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("*bold* _it_ ~no~", "<b>bold</b> <i>it</i> <s>no</s>"),
        ("2*3*4 snake_case_name", "2*3*4 snake_case_name"),
        ("&lt;!channel&gt; &amp; &lt;b&gt;", "&lt;!channel&gt; &amp; &lt;b&gt;"),
        ("`a *b*`", "<code>a *b*</code>"),
        ("<script>x</script>", "&lt;script&gt;x&lt;/script&gt;"),
        (
            "*<https://a.b/?c=1&amp;d=2|go>*",
            '<b><a href="https://a.b/?c=1&amp;d=2" rel="noopener noreferrer">go</a></b>',
        ),
    ],
)
def test_message_markup_becomes_html_and_nothing_else_does(text: str, shown: str) -> None:
    assert mrkdwn(text) == shown


def test_client_files_and_environment_name_every_credential(tmp_path: Path) -> None:
    world = World(WorldParameters(NOON.isoformat(), clients=5))
    environment = credential_environment(world)
    paths = write_client_files(world, tmp_path)
    assert [path.stem for path in paths] == [client.client_id for client in world.clients]
    for path in paths:
        body = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert body["client"] == path.stem
        assert body["active_from"] == date(2026, 8, 3)
        for account in body["accounts"]:
            part = "REFRESH_TOKEN" if account["platform"] in ("google_ads", "linkedin_ads") else "ACCESS_TOKEN"
            assert environment[f"MDP_CREDENTIAL_{account['credential'].upper()}_{part}"]
            assert account["account_id"].isdigit()
    assert environment["MDP_SLACK_BOT_TOKEN"]


def test_a_mended_credential_stays_mended(tmp_path: Path) -> None:
    world = World(WorldParameters(NOON.isoformat()))
    book = CredentialBook(world, tmp_path / "mended.json")
    assert book.revoked() == ["meta_olivar"]
    assert book.mend() == ["meta_olivar"]
    assert CredentialBook(world, tmp_path / "mended.json").revoked() == []


def recording(folder: Path) -> RecordedSource:
    """Two segments of an account's day, its campaign without a row of its own, and one Meta ad-day without a total."""
    seeds = folder / "google_ads" / "fivetran_seeds"
    seeds.mkdir(parents=True)
    totals = "customer_id,date,device,clicks,cost_micros,impressions,conversions,conversions_value\n"
    (seeds / "account_stats_data.csv").write_text(
        totals + "5,2021-07-10,MOBILE,3,1000001,70,1.5,0\n5,2021-07-10,DESKTOP,1,200000,30,0,0\n"
    )
    (seeds / "ad_group_stats_data.csv").write_text(
        "customer_id,date,campaign_id,id,clicks,cost_micros,impressions,conversions,conversions_value\n"
        "5,2021-07-10,11,21,4,1200001,100,1.5,0\n"
    )
    records = folder / "meta_ads" / "some_expected_records_1"
    records.mkdir(parents=True)
    record = {"account_id": "9", "account_currency": "USD", "ad_id": "3", "adset_id": "2", "campaign_id": "1",
              "date_start": "2021-09-03", "spend": 0.72, "impressions": 345, "clicks": 0}  # fmt: skip
    (records / "ads_insights.jsonl").write_text(json.dumps({"stream": "ads_insights", "data": record}) + "\n")
    return RecordedSource(folder)


def test_a_recording_sums_segments_and_never_invents_an_account_total(tmp_path: Path) -> None:
    source = recording(tmp_path)
    accounts = {account.platform: account for client in source.clients for account in client.accounts}
    google = accounts["google_ads"]
    total, campaign = (source.table(google, level, source.clock_start).page(0, 9) for level in ("account", "campaign"))
    assert [(row.spend, row.impressions, row.clicks, row.conversions) for row in total] == [(1200001, 100, 4, 1500000)]
    assert [(row.campaign_id, row.spend) for row in campaign] == [("11", 1200001)]
    assert len(source.table(accounts["meta_ads"], "account", source.clock_start)) == 0
    assert [row.spend for row in source.table(accounts["meta_ads"], "campaign", source.clock_start).page(0, 9)] == [
        720000
    ]
    assert source.clock_start == datetime(2021, 9, 6, 12, tzinfo=UTC)


def test_a_recording_has_no_breakdowns_creatives_or_audiences(tmp_path: Path) -> None:
    source = recording(tmp_path)
    for account in (account for client in source.clients for account in client.accounts):
        (row,) = source.table(account, "campaign", source.clock_start).page(0, 9)
        assert split(account, row, "country") == []
        assert [creative_of(ad).url for ad in account.ads] == ["" for _ in account.ads]
        assert all(keywords_of(group) == () for group in account.ad_groups)
        assert conversion_actions_of(account) == ()
        assert {campaign.platform for campaign in account.campaigns} == {account.platform}


def test_a_recording_says_only_what_was_recorded(tmp_path: Path) -> None:
    source = recording(tmp_path)
    meta = next(account for client in source.clients for account in client.accounts if account.platform == "meta_ads")
    fields = "ad_id,impressions,clicks,spend,reach,actions,attribution_setting"
    query = parse_query(
        {"fields": fields, "time_increment": "1"}, date(2021, 9, 6), "ad", None, enforces_retention=False
    )
    rows = source.table(meta, "ad", source.clock_start).page(0, 9)
    assert [Renderer(meta, query).render(period) for period in periods(query, rows)] == [
        {"ad_id": "3", "impressions": "345", "clicks": "0", "spend": "0.72",
         "date_start": "2021-09-03", "date_stop": "2021-09-03"}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("micros", "text"), [(14_350_000, "14.35"), (144_000_000, "144"), (0, "0"), (-500_000, "-0.5"), (1, "0.000001")]
)
def test_money_is_exact_text_in_major_units(micros: int, text: str) -> None:
    assert major_units(micros) == text
