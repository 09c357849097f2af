"""What the guarantee costs: our load against plain dlt pipelines that append the same rows, in three situations."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from statistics import median

from benchmarks.costs import Cost, cost_of
from benchmarks.loading import WrongResult, load, require_all_loaded
from benchmarks.plain_dlt import KINDS, PlainPipeline, plain_reports
from benchmarks.rows import LAST_DAY, RowPlan
from benchmarks.surroundings import Surroundings, register
from foundation.database import connect
from ingestion.platforms import PLATFORMS

OURS = "ours"
WRITERS = (OURS, *KINDS)
FIRST, UNCHANGED, RESTATED = SITUATIONS = ("first load", "unchanged window", "restated window")
# The trailing window of a daily run: the days that Meta and TikTok may still change.
WINDOW_DAYS = 29


@dataclass(frozen=True)
class Holding:
    """What a table holds. spend: in major units of the accounts' currency."""

    rows: int
    spend: Decimal

    def __add__(self, other: "Holding") -> "Holding":
        return Holding(self.rows + other.rows, self.spend + other.spend)

    def __sub__(self, other: "Holding") -> "Holding":
        return Holding(self.rows - other.rows, self.spend - other.spend)


Holdings = Mapping[str, Holding]


@dataclass
class GuaranteeFigures:
    """Situation -> writer -> cost of each repetition. rows, window_rows: at ad level.

    appended: after all three situations, the rows of a plain table beside each row that ours holds.
    load_averages: of the machine, at the start of each repetition and at the end.
    """

    platform: str
    rows: int
    window_rows: int
    appended: float = 0.0
    costs: dict[str, dict[str, list[Cost]]] = field(
        default_factory=lambda: {situation: {writer: [] for writer in WRITERS} for situation in SITUATIONS}
    )
    load_averages: list[float] = field(default_factory=list)

    def median(self, situation: str, writer: str, of: Callable[[Cost], float]) -> float:
        return median(map(of, self.costs[situation][writer]))

    def ratios(self, situation: str, plain: str, of: Callable[[Cost], float]) -> list[float]:
        """Ours as a multiple of the plain pipeline's, each repetition by itself."""
        pairs = zip(self.costs[situation][OURS], self.costs[situation][plain], strict=True)
        return [of(ours) / of(other) for ours, other in pairs]


def rotated(repetition: int) -> Sequence[str]:
    """The writers in another order each time, so that none always follows the same one."""
    first = repetition % len(WRITERS)
    return (*WRITERS[first:], *WRITERS[:first])


def measure_guarantee(
    around: Surroundings, url: str, restated_url: str, platform: str, plan: RowPlan, repeats: int
) -> GuaranteeFigures:
    """A first load, the trailing window again, and the window with every figure changed; a fresh database each time.

    restated_url: where the same objects have other figures.
    """
    since = LAST_DAY - timedelta(days=WINDOW_DAYS - 1)
    figures = GuaranteeFigures(platform, plan.rows, plan.accounts * plan.ads * WINDOW_DAYS)
    with _writing(around, platform, plan) as writing:  # imports and caches: a load of one day that is not counted
        for writer in WRITERS:
            writing.cost(writer, url, LAST_DAY)
    for repetition in range(repeats):
        figures.load_averages.append(os.getloadavg()[0])
        with _writing(around, platform, plan) as writing:
            after: dict[str, dict[str, Holdings]] = {}
            for situation, source, start in (
                (FIRST, url, plan.first_day),
                (UNCHANGED, url, since),
                (RESTATED, restated_url, since),
            ):
                for writer in rotated(repetition):
                    figures.costs[situation][writer].append(writing.cost(writer, source, start))
                after[situation] = {writer: writing.holdings(writer) for writer in WRITERS}
            for kind in KINDS:
                require_same_rows(platform, plan, kind, after)
            ours, plain = (after[RESTATED][writer]["ad_daily"].rows for writer in (OURS, KINDS[0]))
            figures.appended = plain / ours
    figures.load_averages.append(os.getloadavg()[0])
    return figures


def require_same_rows(platform: str, plan: RowPlan, kind: str, after: Mapping[str, Mapping[str, Holdings]]) -> None:
    """Raises WrongResult unless both pipelines hold what was served: ours each row once, the plain one all it read."""
    for report in plain_reports(platform):
        ours = {situation: after[situation][OURS][report.table] for situation in SITUATIONS}
        plain = {situation: after[situation][kind][report.table] for situation in SITUATIONS}
        read_again, restated = plain[UNCHANGED] - plain[FIRST], plain[RESTATED] - plain[UNCHANGED]
        objects = plan.accounts * (plan.ads if report.table == "ad_daily" else plan.campaigns)
        expected = {
            "rows served first": (plain[FIRST].rows, objects * plan.days),
            "rows appended in the window": (read_again.rows, objects * WINDOW_DAYS),
            "rows appended of the restated window": (restated.rows, objects * WINDOW_DAYS),
            FIRST: (ours[FIRST], plain[FIRST]),
            UNCHANGED: (ours[UNCHANGED], plain[FIRST]),
            RESTATED: (ours[RESTATED], plain[FIRST] - read_again + restated),
        }
        for name, (found, wanted) in expected.items():
            if found != wanted:
                raise WrongResult(f"{platform} {report.table}, {kind}: {name}: {found}, not {wanted}")
        if restated.spend == read_again.spend:
            raise WrongResult(f"{platform} {report.table}: the restated window was served with the old spend")


@contextmanager
def _writing(around: Surroundings, platform: str, plan: RowPlan) -> Iterator["_Writing"]:
    """The writers on a fresh warehouse; working directories are removed with it."""
    directory = Path(tempfile.mkdtemp(prefix="plain-", dir=around.directory))
    try:
        with around.warehouse() as warehouse_url:
            register(warehouse_url, platform, plan)
            yield _Writing(around, warehouse_url, platform, plan, directory)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class _Writing:
    """The three writers on one database."""

    def __init__(self, around: Surroundings, warehouse_url: str, platform: str, plan: RowPlan, directory: Path) -> None:
        self._around = around
        self._warehouse_url = warehouse_url
        self._platform = platform
        self._plan = plan
        self._plain = {kind: PlainPipeline(kind, platform, warehouse_url, directory) for kind in KINDS}
        self._schemas = {OURS: PLATFORMS[platform].definition.raw_schema}
        self._schemas |= {kind: pipeline.dataset for kind, pipeline in self._plain.items()}

    def cost(self, writer: str, url: str, since: date) -> Cost:
        """Cost of loading the days since..LAST_DAY of every account from this address."""
        if writer == OURS:
            return cost_of(self._around, lambda: self._load_ours(url, since))
        pipeline = next(pipeline for kind, pipeline in self._plain.items() if kind == writer)
        return cost_of(self._around, lambda: pipeline.append(url, self._plan.account_ids, since, LAST_DAY))

    def _load_ours(self, url: str, since: date) -> None:
        account_days = self._plan.accounts * ((LAST_DAY - since).days + 1)
        report = load(self._around.settings(url), self._warehouse_url, self._platform, since)
        require_all_loaded(report, self._plan, account_days * self._plan.ads, account_days)

    def holdings(self, writer: str) -> Holdings:
        """Report table -> what it holds for this writer."""
        held = {}
        with connect(self._warehouse_url) as connection, connection.cursor() as cursor:
            for report in plain_reports(self._platform):
                table = f"{self._schemas[writer]}.{report.table}"
                cursor.execute(f"select count(*), sum({report.measures['spend']}) from {table}")
                row = cursor.fetchone()
                assert row is not None
                held[report.table] = Holding(*row)
        return held
