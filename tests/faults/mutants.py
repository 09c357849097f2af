"""Eight deliberate bugs. Each patches the product in the forked process of a run; each must turn the checker red."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from foundation.database import Cursor
from ingestion.loading import landing, settlement, tables
from ingestion.loading.account_load import AccountLoad
from ingestion.loading.proof import Proof
from ingestion.platforms.meta_ads import client as meta_client
from ingestion.reports import Report
from tests.faults import drive
from tests.faults.cluster import Cluster
from tests.faults.script import Fault, single
from tests.faults.writers import write_at_once

# A mutant may hang; nobody waits a minute for that.
_IMPATIENT_SECONDS = 20.0


@dataclass(frozen=True)
class Mutant:
    """A bug and the life in which it shows. ``scenario`` returns how many differences the checker found."""

    name: str
    patch: Callable[[], None]
    scenario: Callable[[Cluster, Path, Callable[[], None]], int]


def _lives(platform: str, *scripts: tuple[Fault, ...]) -> Callable[[Cluster, Path, Callable[[], None]], int]:
    """Lives of one platform, until one of them ends with a difference."""

    def lived(cluster: Cluster, directory: Path, patch: Callable[[], None]) -> int:
        for faults in scripts:
            with _impatient():
                outcome = drive.live_through(single(platform, *faults), cluster, directory, patch=patch, publish=False)
            if not outcome.clean:
                return sum(outcome.verdict.differences.values())
        return 0

    return lived


@contextmanager
def _impatient() -> Iterator[None]:
    before, drive.RUN_SECONDS = drive.RUN_SECONDS, _IMPATIENT_SECONDS
    try:
        yield
    finally:
        drive.RUN_SECONDS = before


def _writers(*numbers: int) -> Callable[[Cluster, Path, Callable[[], None]], int]:
    """Rounds of several writers, even numbers at once, odd ones with a late writer, until one ends wrong."""

    def written(cluster: Cluster, directory: Path, patch: Callable[[], None]) -> int:
        for number in numbers:
            (verdict,) = write_at_once(cluster, directory, "tiktok_ads", 1, number, patch).verdicts
            if not verdict.clean:
                return sum(verdict.differences.values())
        return 0

    return written


def _append() -> None:
    """Rows are added to those that are there."""

    def appended(cursor: Cursor, load: AccountLoad, report: Report, changed: dict[date, int]) -> None:
        raw = f"{load.definition.raw_schema}.{report.table}"
        cursor.execute(
            "select conname from pg_constraint where conrelid = %s::regclass and contype in ('u', 'p')", (raw,)
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"alter table {raw} drop constraint {name}")
        _insert_incoming(cursor, load, report, changed, conflict="")

    settlement.replace_report_days = appended


def _insert_incoming(
    cursor: Cursor, load: AccountLoad, report: Report, changed: dict[date, int], conflict: str
) -> None:
    names = ", ".join(tables.column_names(report))
    reading = "and _reading = 2" if report is load.definition.control else ""
    cursor.execute(
        f"""insert into {load.definition.raw_schema}.{report.table} ({names}, _version, _valid_from, _run_id)
        select {tables.typed_columns(report)}, 1, %s, %s from {load.landing}.{report.table} as landed
        where _account = %s {reading} and date_day::date = any(%s) {conflict}""",
        (load.now, load.run_id, load.account.account_id, list(changed)),
    )


def _merge_on_key() -> None:
    """Rows are merged by their key; what the platform no longer shows stays."""

    def merged(cursor: Cursor, load: AccountLoad, report: Report, changed: dict[date, int]) -> None:
        keys = tables.key_names(report)
        others = [name for name in tables.column_names(report) if name not in keys]
        updates = ", ".join(f"{name} = excluded.{name}" for name in others)
        _insert_incoming(cursor, load, report, changed, f"on conflict ({', '.join(keys)}) do update set {updates}")

    settlement.replace_report_days = merged


def _keep_pending_packages() -> None:
    """A load goes on in the working folder and the dataset that a killed one left behind."""
    _share_landing()
    from ingestion import sync

    sync.drop_orphaned_landings = lambda connection, prefix: []
    remove = shutil.rmtree
    landing.shutil = _Without(rmtree=lambda path, **kwargs: None if "dlt" in str(path) else remove(path, **kwargs))


class _Without:
    """shutil with other functions in place of some."""

    def __init__(self, **instead: Any) -> None:
        self.__dict__.update(instead)

    def __getattr__(self, name: str) -> Any:
        return getattr(shutil, name)


def _float_money() -> None:
    """Figures pass through a floating-point number on their way to raw."""
    typed = tables._typed

    def floated(column: Any) -> str:
        return typed(column).replace("::numeric", "::real::numeric").replace("::bigint", "::real::bigint")

    tables._typed = floated


def _accept_short_pages() -> None:
    """What arrived counts as complete."""
    prove = settlement.prove

    def accepted(found: Any, *args: Any) -> Proof:
        proof = prove(found, *args)
        return proof if proof.proved else replace(proof, proved=True, control_totals=found.second or {})

    settlement.prove = accepted


def _ignore_cursor_loop() -> None:
    """Pages are followed wherever they lead."""
    meta_client.MetaAdsClient._pages.__code__ = _without_loop_check(meta_client.MetaAdsClient._pages)


def _without_loop_check(function: Any) -> Any:
    import inspect
    import textwrap

    source = textwrap.dedent(inspect.getsource(function)).replace("if after in seen:", "if False:")
    made: dict[str, Any] = {}
    exec(source, function.__globals__, made)
    return made[function.__name__].__code__


def _share_landing() -> None:
    """All runs of a platform land in one dataset, and nothing keeps them apart."""
    from contextlib import nullcontext

    from ingestion import sync

    sync.landing_schema = lambda platform, run_id, load_pass: f"landing_{platform}_shared"
    sync.session_lock = lambda url, *parts, **kwargs: nullcontext(True)


def _no_fence() -> None:
    """Whoever settles last wins, however old its figures are."""
    settlement.days_of_later_runs = lambda cursor, load: {}


_KILLS = tuple((Fault("kill_at_point", point),) for point in (90, 110, 75, 125, 60))
MUTANTS = (
    Mutant("append instead of replace", _append, _lives("tiktok_ads", ())),
    Mutant("merge on the primary key", _merge_on_key, _lives("tiktok_ads", ())),
    Mutant("pending packages kept", _keep_pending_packages, _lives("tiktok_ads", *_KILLS)),
    Mutant("money in floating point", _float_money, _lives("google_ads", ())),
    Mutant(
        "short pages accepted",
        _accept_short_pages,
        _lives("meta_ads", *[(Fault("moved_row", request),) for request in (6, 8, 14, 7)]),
    ),
    Mutant("cursor loops followed", _ignore_cursor_loop, _lives("meta_ads", (Fault("cyclic_cursor", 2, 1_000_000),))),
    Mutant("two writers in one landing", _share_landing, _writers(0, 4, 8, 12)),
    Mutant("no fence", _no_fence, _writers(1)),
)
