"""What did we report, and what changed since: docs/how-to/see-what-changed.md asked of two days that were published."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from cli.publishing import run_publish
from cli.session import PlatformSession
from foundation.database import connect
from ingestion.platforms import PLATFORMS
from tests.integration.ingestion.ad_world import (
    FIRST_DAY,
    PROVED_TABLES,
    START,
    YESTERDAY,
    AdWorld,
    Day,
    Figures,
    FixedClock,
    Ingestion,
)
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of

pytestmark = pytest.mark.integration

_PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "see-what-changed.md").read_text(encoding="utf-8")
REPORTED, MOVED, ROWS, CHANGED, AFTER_THE_WINDOW, ADS, CAMPAIGNS, NOT_FINAL, EXPECTED = re.findall(
    r"```sql\n(.*?)```", _PAGE, re.DOTALL
)
TOMORROW = START + timedelta(days=1)
CLIENT, DAY = "aurora-moda", date(2026, 9, 5)
METRICS = ("spend", "impressions", "clicks")


@dataclass(frozen=True)
class Published:
    """A warehouse published on two days, and what its books held around a second reading of the first."""

    ingestion: Ingestion
    books: tuple[dict[str, Any], dict[str, Any]]


def _publish(ingestion: Ingestion, at: Any) -> dict[str, Any]:
    return run_publish(PlatformSession(ingestion.settings, ingestion.url, FixedClock(at)))


def _books(ingestion: Ingestion) -> dict[str, Any]:
    """Rows of every table that a publication writes, and the certificates without the instant of confirmation."""
    tables = [
        *("ops.publication", "ops.published_day", "ops.account_day", "ops.restatement", "ops.report_view"),
        *(
            name
            for (name,) in ingestion.rows(
                "select oid::regclass::text from pg_class "
                "where relnamespace = 'analytics'::regnamespace and relkind = 'r' order by 1"
            )
        ),
    ]
    seen = "to_jsonb(kept) - 'read_at' - 'verified_at' - 'last_confirmed_at'"
    return {
        table: ingestion.rows(f"select md5(string_agg(({seen})::text, '|' order by ({seen})::text)) from {table} kept")
        for table in [*tables, "ops.certificate"]
    }


@pytest.fixture(scope="module")
def published(ad_world: AdWorld, make_database: MakeDatabase) -> Published:
    ingestion = ingestion_of(ad_world, make_database(None))
    ingestion.load_clients()
    for platform in PLATFORMS:
        ingestion.sync(platform)
    _publish(ingestion, START)
    before, later = _books(ingestion), START + timedelta(hours=1)
    for platform in PLATFORMS:
        ingestion.sync(platform, at=later, tasks=ingestion.requested(platform, FIRST_DAY, YESTERDAY))
    _publish(ingestion, later)
    after = _books(ingestion)
    ad_world.advance(1)
    for platform in PLATFORMS:
        ingestion.sync(platform)
    _publish(ingestion, TOMORROW)
    return Published(ingestion, (before, after))


def _as_reader(ingestion: Ingestion, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connect(ingestion.url) as connection, connection.cursor() as cursor:
        cursor.execute("set role mdp_reader")
        cursor.execute(query, parameters or None)
        return cursor.fetchall()


def _differences(old: dict[Day, Figures], new: dict[Day, Figures]) -> dict[Day, tuple[Figures, Figures]]:
    return {key: (old[key], new[key]) for key in old if old[key] != new[key]}


def test_the_totals_reported_at_an_instant_are_the_truth_of_that_instant_on_every_platform(
    ad_world: AdWorld, published: Published
) -> None:
    for instant in (START, TOMORROW):
        totals: dict[tuple[str, str, date], dict[str, Decimal]] = defaultdict(dict)
        for platform, account, day, metric, value in _as_reader(
            published.ingestion,
            """select platform, account_id, date_day, metric, value from analytics.reported_total
            where published_at <= %s and (superseded_at is null or superseded_at > %s)""",
            instant + timedelta(hours=6),
            instant + timedelta(hours=6),
        ):
            assert metric not in totals[platform, account, day]
            totals[platform, account, day][metric] = value
        for platform in PLATFORMS:
            found = {key[1:]: total for key, total in totals.items() if key[0] == platform}
            truth = ad_world.account_days(platform, {account for account, _ in found}, as_of=instant)
            assert len(found) >= 18
            if platform == "instagram":
                shown = {key: (Decimal(0), total["views"], total["total_interactions"]) for key, total in found.items()}
                # Only the last days are read again, and the first two lie beyond its reach.
                recent = START.date() - timedelta(days=2)
                shown = {key: figures for key, figures in shown.items() if key[1] >= recent}
                truth = {key: figures for key, figures in truth.items() if key[1] >= recent}
            else:
                shown = {key: (total["spend"], total["impressions"], total["clicks"]) for key, total in found.items()}
            rounded = {
                key: (round(spend, 4), int(more), int(most))
                for key, (spend, more, most) in shown.items()
                if any((spend, more, most))
            }
            assert rounded == truth, (platform, instant)


def test_the_pages_queries_tell_what_was_reported_and_what_the_platform_changed_since(
    ad_world: AdWorld, published: Published
) -> None:
    ingestion = published.ingestion
    account = ad_world.accounts["meta_ads", CLIENT]
    old, new = (ad_world.account_days("meta_ads", [account], as_of=at)[account, DAY] for at in (START, TOMORROW))
    assert old != new

    reported = {row[:3]: row[3:] for row in _as_reader(ingestion, REPORTED)}
    assert {platform for platform, *_ in reported} == {"meta_ads", "google_ads", "tiktok_ads", "instagram"}
    for metric, value in zip(METRICS, old, strict=True):
        assert reported["meta_ads", account, metric] == (value, START, TOMORROW)

    moved = [row[2:] for row in _as_reader(ingestion, MOVED) if row[0] == "meta_ads"]
    assert moved == [(START, TOMORROW, old[0], None), (TOMORROW, None, new[0], new[0] - old[0])]

    campaigns = {
        row["campaign_id"]: (Decimal(row["spend"]), row["impressions"], row["clicks"])
        for row in ad_world.truth("campaign", as_of=START)
        if row["account_id"] == account and row["date_day"] == DAY.isoformat()
    }
    assert {row[1]: row[2:] for row in ingestion.rows(ROWS) if any(row[2:])} == {
        campaign: figures for campaign, figures in campaigns.items() if any(figures)
    }

    changed = [row for row in ingestion.rows(CHANGED) if row[1] == account]
    assert changed == [
        (DAY, account, metric, was, became, became - was, TOMORROW)
        for metric, was, became in sorted(zip(METRICS, old, new, strict=True))
        if was != became
    ]


def test_the_page_shows_every_ad_of_that_instant_and_what_is_not_final_yet(
    ad_world: AdWorld, published: Published
) -> None:
    ingestion, account = published.ingestion, ad_world.accounts["meta_ads", CLIENT]
    old, new = (ad_world.account_days("meta_ads", [account], as_of=at)[account, DAY] for at in (START, TOMORROW))
    ads = {
        row["ad_id"]: (row["impressions"], row["clicks"], Decimal(row["spend"]))
        for row in ad_world.truth("ad", as_of=START)
        if row["account_id"] == account and row["date_day"] == DAY.isoformat()
    }
    shown = {row[1]: row[2:5] for row in _as_reader(ingestion, ADS)}
    assert {ad: figures for ad, figures in shown.items() if any(figures)} == {
        ad: figures for ad, figures in ads.items() if any(figures)
    }

    changes: dict[str, Decimal] = defaultdict(Decimal)
    for _, metric, change, last_change in _as_reader(ingestion, CAMPAIGNS):
        changes[metric] += change
        assert last_change == TOMORROW
    assert [changes[metric] for metric in METRICS] == [now - then for then, now in zip(old, new, strict=True)]

    with connect(ingestion.url) as connection, connection.cursor() as cursor:
        cursor.execute("insert into ops.clock values (true, %s)", (TOMORROW,))
        cursor.execute("set role mdp_reader")
        cursor.execute(NOT_FINAL)
        not_final = {(platform, day): spend for platform, day, spend, *_ in cursor.fetchall()}
        cursor.execute(EXPECTED)
        expected = cursor.fetchall()
    assert not_final["meta_ads", DAY] > 0
    # No day is final after two days of readings: nothing is known of how days ripen.
    assert len(expected) > 10
    assert {row[4] for row in expected} == {None}
    assert {row[-1] for row in expected} == {"fewer than 20 final days of the platform were seen at this age"}


def test_the_page_finds_what_a_platform_changed_after_its_window(published: Published) -> None:
    """Meta's window is 29 days; changes are put in by hand, since the sandbox keeps to it."""
    with connect(published.ingestion.url) as connection, connection.cursor() as cursor:
        cursor.execute(AFTER_THE_WINDOW)
        assert cursor.fetchall() == []
        for day in (date(2026, 8, 7), date(2026, 8, 8)):
            cursor.execute(
                """insert into ops.restatement (platform, account_id, report, date_day, metric, old_value, new_value,
                    old_version, new_version, detected_at, run_id)
                values ('meta_ads', '7', 'campaign_daily', %s, 'spend', 5, 4.5, 1, 2, %s, 'run')""",
                (day, START),
            )
        cursor.execute(AFTER_THE_WINDOW)
        assert cursor.fetchall() == [("meta_ads", "7", date(2026, 8, 7), "spend", Decimal("-0.5"), START)]
        connection.rollback()


def test_the_pages_example_has_the_columns_of_its_query(published: Published) -> None:
    section = _PAGE.split("## What did the platform change?")[1]
    header = next(line for line in section.splitlines() if line.startswith("|"))
    with connect(published.ingestion.url) as connection, connection.cursor() as cursor:
        cursor.execute(CHANGED)
        assert cursor.description is not None
        columns = [column.name for column in cursor.description]
    assert [cell.strip() for cell in header.strip("|").split("|")] == columns


def test_readers_see_reported_totals_and_still_no_book(published: Published) -> None:
    for book in ("ops.published_day", "ops.certificate", "ops.restatement"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            _as_reader(published.ingestion, f"select 1 from {book}")


def test_publishing_days_that_were_read_again_and_did_not_change_writes_nothing(published: Published) -> None:
    before, after = published.books
    assert after == before
    confirmed = published.ingestion.rows("select count(*) from ops.publication")
    assert confirmed == [(2,)]


def test_what_was_published_names_the_ledgers_versions_of_the_reports_that_it_is_made_of(published: Published) -> None:
    current = published.ingestion.rows(
        """select count(*), count(*) filter (where published.report_versions @> of_ledger.required),
            count(*) filter (where of_ledger.complete @> published.report_versions)
        from ops.published_day as published
        cross join lateral (
            select jsonb_object_agg(report, version) filter (where required) as required,
                jsonb_object_agg(report, version) filter (where complete) as complete
            from ops.load_ledger as ledger inner join ops.report_definition using (platform, report)
            where ledger.platform = published.platform and ledger.account_id = published.account_id
                and ledger.date_day = published.date_day
        ) as of_ledger
        where superseded_at is null"""
    )
    assert current[0][0] == current[0][1] == current[0][2] > 150
    superseded = published.ingestion.rows(
        """select distinct (report_versions ->> %s)::int from ops.published_day
        where platform = 'google_ads' and superseded_at is not null""",
        PROVED_TABLES["google_ads"],
    )
    assert superseded == [(1,)]
