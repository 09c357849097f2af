"""The figures of a run beside their targets, as a table and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich import box
from rich.table import Table

from benchmarks.history import HistoryFigures
from benchmarks.loading import LoadFigures
from benchmarks.memory import MemoryFigures

LOAD_RATIO_AT_LEAST = 0.25
MEMORY_RATIO_AT_MOST = 1.3
HISTORY_RATIO_AT_MOST = 1.3


@dataclass(frozen=True)
class Line:
    """One line of the table. ``met`` is None where the line has no target."""

    measure: str
    base: str
    ours: str
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


@dataclass(frozen=True)
class Figures:
    """What was measured; None where --only left it out."""

    loading: LoadFigures | None
    memory: MemoryFigures | None
    history: HistoryFigures | None

    def lines(self) -> list[Line]:
        lines: list[Line] = []
        if self.loading:
            lines += _loading(self.loading)
        if self.memory:
            lines += _memory(self.memory)
        if self.history:
            lines += _history(self.history)
        return lines

    @property
    def targets_met(self) -> bool:
        return all(line.met is not False for line in self.lines())

    def as_json(self) -> dict[str, Any]:
        """Every repetition, and the lines of the table."""
        measured = {"loading": self.loading, "memory": self.memory, "history": self.history}
        return {
            **{name: asdict(figures) if figures else None for name, figures in measured.items()},
            "lines": [asdict(line) for line in self.lines()],
            "targets_met": self.targets_met,
        }


def _loading(figures: LoadFigures) -> list[Line]:
    plain, ours, again = (median(seconds) for seconds in (figures.plain, figures.ours, figures.again))
    return [
        Line(
            f"HTTP JSON to raw table, {figures.rows:,} ad rows, rows/s: plain fetch + orjson + COPY | our ingestion",
            f"{figures.rows / plain:,.0f}", f"{figures.rows / ours:,.0f}", figures.ratio,
            f"at least {LOAD_RATIO_AT_LEAST}", figures.ratio >= LOAD_RATIO_AT_LEAST,
        ),
        Line(
            f"Second load of the same {figures.account_days} account-days, nothing changed, s: first | second",
            f"{ours:.1f}", f"{again:.1f}", figures.again_ratio,
        ),
        Line(
            "Raw rows that the second load wrote", "", str(figures.written_again), None, "0",
            figures.written_again == 0,
        ),
    ]  # fmt: skip


def _memory(figures: MemoryFigures) -> list[Line]:
    small, large = figures.rows
    return [
        Line(
            f"Peak memory of the loading process, MiB: {small:,} rows | {large:,} rows",
            f"{figures.mebibytes[0]:.0f}", f"{figures.mebibytes[1]:.0f}", figures.ratio,
            f"at most {MEMORY_RATIO_AT_MOST}", figures.ratio <= MEMORY_RATIO_AT_MOST,
        ),
        Line("Seconds of these two loads", f"{figures.seconds[0]:.1f}", f"{figures.seconds[1]:.1f}"),
    ]  # fmt: skip


def _history(figures: HistoryFigures) -> list[Line]:
    small, large = figures.ad_rows
    lines = [
        Line(
            f"dbt build of {figures.account_days} changed account-days, s: 3 months ({small:,} ad rows) | "
            f"3 years ({large:,} ad rows)",
            f"{median(figures.short.dbt_build):.1f}", f"{median(figures.long.dbt_build):.1f}", figures.ratio,
            f"at most {HISTORY_RATIO_AT_MOST}", figures.ratio <= HISTORY_RATIO_AT_MOST,
        )
    ]  # fmt: skip
    others = (
        ("of it inside models and tests, added up over threads, s", figures.short.nodes, figures.long.nodes),
        ("versions + open_build, s", figures.short.versions, figures.long.versions),
        ("dbt tests recorded + expectations, s", figures.short.expectations, figures.long.expectations),
        ("certify + gate + publish, s", figures.short.certify_gate_publish, figures.long.certify_gate_publish),
    )
    for name, short, long in others:
        lines.append(_compared(f"  {name}", short, long))
    lines.append(_compared("  first build of everything, dbt, s", [figures.first_build[0]], [figures.first_build[1]]))
    return lines


def _compared(name: str, short: Sequence[float], long: Sequence[float]) -> Line:
    first, second = median(short), median(long)
    return Line(name, f"{first:.2f}", f"{second:.2f}", second / first)


def as_table(figures: Figures, title: str) -> Table:
    """The figures for a person: base and ours (or small and large) beside their ratio and its target."""
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left")
    table.add_column("measure: base | ours", overflow="fold")
    for heading in ("base", "ours", "ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("target", no_wrap=True)
    for line in figures.lines():
        verdict = {None: "", True: "  [green]met[/]", False: "  [red]missed[/]"}[line.met]
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        table.add_row(line.measure, line.base, line.ours, ratio, f"{line.target}{verdict}")
    return table
