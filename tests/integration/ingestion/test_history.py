"""What a platform restates stays readable, to the row and to the version, and unchanged days cost no row."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from ingestion.loading.tables import column_names, key_names
from ingestion.platforms import PLATFORMS
from ingestion.reports import Entity, Report
from tests.integration.ingestion.ad_world import (
    FIRST_DAY,
    PROVED_TABLES,
    START,
    YESTERDAY,
    AdWorld,
    Day,
    Figures,
    Ingestion,
)
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of

pytestmark = pytest.mark.integration

INSTANTS = tuple(START + timedelta(days=days) for days in range(3))
TABLES = [(name, table) for name, platform in PLATFORMS.items() for table in platform.definition.tables]
REPORTS = [(platform, table) for platform, table in TABLES if isinstance(table, Report)]
NO_DELIVERY: Figures = (Decimal(0), 0, 0)

AT_VERSIONS = """
with asked as (
    select * from jsonb_to_recordset(%s) as asked (account_id text, date_day date, version int)
), known as (
    select {columns}, _version, 2147483647 as _replaced_by from {raw}
    union all
    select {columns}, _version, _replaced_by from {raw}_history
)
select row({columns})::text from known inner join asked using (account_id, date_day)
where _version <= version and version < _replaced_by order by 1
"""
AT_INSTANT = """
with known as (
    select {columns}, _valid_from, 'infinity'::timestamptz as _valid_to from {raw}
    union all
    select {columns}, _valid_from, _valid_to from {raw}_history
)
select row({columns})::text from known where _valid_from <= %s and %s < _valid_to order by 1
"""


def _names(platform: str, table: Report | Entity) -> dict[str, str]:
    return {"columns": ", ".join(column_names(table)), "raw": f"raw_{platform}.{table.table}"}


@dataclass(frozen=True)
class State:
    """What a warehouse held at an instant: every row of raw, the ledger, the figures by platform."""

    rows: dict[str, list[tuple[str]]]
    ledger: dict[tuple[str, str], dict[Day, tuple[int, datetime]]]
    figures: dict[str, dict[Day, Figures]]

    @classmethod
    def of(cls, ingestion: Ingestion) -> "State":
        ledger: dict[tuple[str, str], dict[Day, tuple[int, datetime]]] = {}
        for platform, report, account, day, *entry in ingestion.rows(
            "select platform, report, account_id, date_day, version, verified_at from ops.load_ledger where complete"
        ):
            ledger.setdefault((platform, report), {})[account, day] = (entry[0], entry[1])
        rows = {
            _names(platform, table)["raw"]: ingestion.rows(
                "select row({columns})::text from {raw} order by 1".format(**_names(platform, table))
            )
            for platform, table in TABLES
        }
        return cls(rows, ledger, {platform: ingestion.loaded_days(platform) for platform in PLATFORMS})

    def versions(self, platform: str, report: str) -> str:
        return json.dumps(
            [
                {"account_id": account, "date_day": day.isoformat(), "version": version}
                for (account, day), (version, _) in self.ledger.get((platform, report), {}).items()
            ]
        )

    def assert_rebuilt_by_versions(self, ingestion: Ingestion) -> None:
        for platform, report in REPORTS:
            names = _names(platform, report)
            rebuilt = ingestion.rows(AT_VERSIONS.format(**names), self.versions(platform, report.name))
            assert rebuilt == self.rows[names["raw"]], names["raw"]

    def assert_rebuilt_by_spans(self, ingestion: Ingestion, at: datetime) -> None:
        for platform, table in TABLES:
            names = _names(platform, table)
            assert ingestion.rows(AT_INSTANT.format(**names), at, at) == self.rows[names["raw"]], names["raw"]


@dataclass
class ThreeDays:
    """A warehouse synced on three days of a world that restates. Not to be written to."""

    ingestion: Ingestion
    first_url: str
    states: list[State] = field(default_factory=list)


def _sync_all(ingestion: Ingestion, at: datetime | None = None) -> None:
    """Every day of the world, also where it is not due, by a product whose clock shows ``at``."""
    today = ingestion.world.now().date()
    for platform in PLATFORMS:
        tasks = None if at is None else ingestion.requested(platform, FIRST_DAY, today - timedelta(days=1))
        ingestion.sync(platform, at=at, tasks=tasks)


@pytest.fixture(scope="module")
def three_days(ad_world: AdWorld, make_database: MakeDatabase) -> ThreeDays:
    ingestion = ingestion_of(ad_world, make_database(None))
    ingestion.load_clients()
    _sync_all(ingestion)
    days = ThreeDays(ingestion, make_database(ingestion.url), [State.of(ingestion)])
    for _ in INSTANTS[1:]:
        ad_world.advance(1)
        _sync_all(ingestion)
        days.states.append(State.of(ingestion))
    return days


def test_every_version_of_every_report_can_be_rebuilt_row_by_row_without_asking_a_clock(
    ad_world: AdWorld, three_days: ThreeDays
) -> None:
    for instant, state in zip(INSTANTS, three_days.states, strict=True):
        state.assert_rebuilt_by_versions(three_days.ingestion)
        for platform, figures in state.figures.items():
            readable = {account for account, _ in figures}
            truth = ad_world.account_days(platform, readable, as_of=instant)
            in_reach = {day for _, day in state.ledger[platform, PROVED_TABLES[platform]]}
            assert len(in_reach) >= 18
            # Of Instagram only the last days are read again.
            if instant == START or platform != "instagram":
                assert figures == {key: value for key, value in truth.items() if key[1] in in_reach}
    rows = [
        three_days.ingestion.value("select count(*) from {raw}_history".format(**_names(platform, report)))
        for platform, report in REPORTS
        if report.name == PROVED_TABLES[platform]
    ]
    assert len(rows) == len(PLATFORMS)
    assert min(rows) > 0


def test_every_day_can_be_rebuilt_by_its_time_span(three_days: ThreeDays) -> None:
    for instant, state in zip(INSTANTS, three_days.states, strict=True):
        state.assert_rebuilt_by_spans(three_days.ingestion, instant)
        state.assert_rebuilt_by_spans(three_days.ingestion, instant + timedelta(hours=23))


def test_every_restatement_has_the_figures_of_the_truth_before_and_after(
    ad_world: AdWorld, three_days: ThreeDays
) -> None:
    for platform, table in PROVED_TABLES.items():
        metrics = (
            (None, "views", "total_interactions") if platform == "instagram" else ("spend", "impressions", "clicks")
        )
        found, truth = {}, {}
        for (then, before), (now, after) in pairwise(zip(INSTANTS, three_days.states, strict=True)):
            old, new = (ad_world.account_days(platform, as_of=instant) for instant in (then, now))
            known, read = before.ledger[platform, table], after.ledger[platform, table]
            truth |= {
                (now, *key, metric): (Decimal(was), Decimal(became))
                for key in known
                if read[key][1] == now
                for metric, was, became in zip(
                    metrics, old.get(key, NO_DELIVERY), new.get(key, NO_DELIVERY), strict=True
                )
                if was != became
            }
        for at, account, day, metric, was, became, difference in three_days.ingestion.rows(
            """select detected_at, account_id, date_day, metric, old_value, new_value, difference
            from ops.restatement where platform = %s and report = %s""",
            platform,
            table,
        ):
            assert difference == became - was
            if metric in metrics:
                found[at, account, day, metric] = (was, became)
        assert found == truth
        assert {at for at, *_ in truth} == set(INSTANTS[1:]), platform


def test_a_clock_that_jumps_back_leaves_no_span_that_ends_before_it_begins(
    ad_world: AdWorld, three_days: ThreeDays, make_database: MakeDatabase
) -> None:
    jumped = ingestion_of(ad_world, make_database(three_days.first_url))
    _sync_all(jumped, at=START - timedelta(days=1))
    moved = 0
    for platform, table in TABLES:
        names = _names(platform, table)
        spans = jumped.rows(
            "select min(_valid_to - _valid_from), max(_valid_to - _valid_from), count(*) from {raw}_history".format(
                **names
            )
        )
        if spans[0][2]:
            assert spans[0][:2] == (timedelta(0), timedelta(0)), names["raw"]
            moved += 1
        early = jumped.value(
            "select count(*) from {raw} as new inner join {raw}_history as old using ({key}) "
            "where new._valid_from < old._valid_to".format(key=", ".join(key_names(table)), **names)
        )
        assert early == 0, names["raw"]
    assert moved >= len(PLATFORMS)
    three_days.states[0].assert_rebuilt_by_versions(jumped)
    now = State.of(jumped)
    now.assert_rebuilt_by_versions(jumped)
    # The clock's own time is over when it comes to where it was: from there on, all of it is current and nothing twice.
    now.assert_rebuilt_by_spans(jumped, START)
    backwards = "select count(*) from ops.load_ledger where complete and version > 1 and fetched_at < %s"
    assert jumped.value(backwards, START) == 0


def test_reading_unchanged_days_again_writes_no_row_however_often(
    three_days: ThreeDays, ad_world: AdWorld, make_database: MakeDatabase
) -> None:
    """The product's clock goes on and the world stands still: every day is due again and none has changed."""
    ingestion = ingestion_of(ad_world, make_database(three_days.ingestion.url))
    # What is asked for by name reaches days of all platforms that no schedule would read.
    _sync_all(ingestion, at=INSTANTS[-1] + timedelta(hours=1))
    before, books, written = ingestion.fingerprint(), _books(ingestion), _rows_written(ingestion)
    for days in (1, 2):
        later = INSTANTS[-1] + timedelta(days=days)
        assert all(ingestion.due(platform, later) for platform in PLATFORMS)
        _sync_all(ingestion, at=later)
        verified = ingestion.rows(
            "select distinct platform from ops.load_ledger where verified_at = %s and date_day = %s", later, YESTERDAY
        )
        assert {platform for (platform,) in verified} == set(PLATFORMS)
        assert ingestion.fingerprint() == before
        assert _books(ingestion) == books
    assert _rows_written(ingestion) == written


def _books(ingestion: Ingestion) -> list[tuple[object, ...]]:
    """The ledger without what moves with every reading, and the number of restatements."""
    ledger = ingestion.rows(
        """select platform, report, account_id, date_day, version, content_hash, row_count, totals::text, fetched_at
        from ops.load_ledger where complete order by 1, 2, 3, 4"""
    )
    return [*ledger, *ingestion.rows("select count(*) from ops.restatement")]


def _rows_written(ingestion: Ingestion) -> list[tuple[object, ...]]:
    """Rows that PostgreSQL ever inserted, updated or deleted, by raw table and history; sessions have ended."""
    return ingestion.rows(
        """select relid::regclass::text, n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables
        where schemaname = any(%s) or (schemaname = 'ops' and relname = 'restatement') order by 1""",
        [f"raw_{platform}" for platform in PLATFORMS],
    )
