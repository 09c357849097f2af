"""The figures of a run beside their targets, as a table and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from rich import box
from rich.table import Table

from benchmarks.costs import Cost
from benchmarks.guarantee import FIRST, OURS, RESTATED, SITUATIONS, UNCHANGED, GuaranteeFigures
from benchmarks.history import HistoryFigures, RebuildFigures
from benchmarks.loading import LoadFigures
from benchmarks.many_accounts import ManyAccountsFigures
from benchmarks.memory import MemoryFigures, Peak

# Google's has no promise of its own: printed only.
LOAD_RATIO_AT_LEAST = {"meta_ads": 0.35, "tiktok_ads": 0.25}
CPU_RATIO_AT_MOST = 5.0
# Of the first load, against the plain pipeline as dlt's documentation writes it.
GUARANTEE_RATIO_AT_MOST = 1.5
MANY_ACCOUNTS_RATIO_AT_MOST = 3.0
MEMORY_RATIO_AT_MOST = 1.3
HISTORY_RATIO_AT_MOST = 1.2


@dataclass(frozen=True)
class Line:
    """One line of the table. ``met`` is None where the line has no target."""

    measure: str
    base: str
    ours: str
    ratio: float | None = None
    target: str = ""
    met: bool | None = None


@dataclass
class Figures:
    """What was measured; empty or None where --only left it out."""

    loads: list[LoadFigures] = field(default_factory=list)
    many_accounts: ManyAccountsFigures | None = None
    memory: MemoryFigures | None = None
    history: HistoryFigures | None = None
    rebuild: RebuildFigures | None = None
    guarantees: list[GuaranteeFigures] = field(default_factory=list)

    def lines(self) -> list[Line]:
        lines = [line for load in self.loads for line in _loading(load)]
        lines += [line for guarantee in self.guarantees for line in _guarantee(guarantee)]
        if self.many_accounts:
            lines.append(_many_accounts(self.many_accounts))
        if self.memory:
            lines += _memory(self.memory)
        if self.history:
            lines += _history(self.history)
        if self.rebuild:
            lines += _rebuild(self.rebuild)
        return lines

    @property
    def targets_met(self) -> bool:
        return all(line.met is not False for line in self.lines())

    def as_json(self) -> dict[str, Any]:
        """Every repetition, and the lines of the table."""
        measured = {
            "many_accounts": self.many_accounts, "memory": self.memory, "history": self.history,
            "rebuild": self.rebuild,
        }  # fmt: skip
        return {
            "loads": [asdict(load) for load in self.loads],
            "guarantees": [asdict(guarantee) for guarantee in self.guarantees],
            **{name: asdict(figures) if figures else None for name, figures in measured.items()},
            "lines": [asdict(line) for line in self.lines()],
            "targets_met": self.targets_met,
        }


def _loading(figures: LoadFigures) -> list[Line]:
    plain, ours, dlt = (median(seconds) for seconds in (figures.plain, figures.ours, figures.dlt))
    least = LOAD_RATIO_AT_LEAST.get(figures.platform)
    lines = [
        Line(
            f"{figures.platform}, {figures.rows:,} ad rows, HTTP JSON to raw table, rows/s: plain fetch + orjson + "
            "COPY | our ingestion",
            f"{figures.rows / plain:,.0f}", f"{figures.rows / ours:,.0f}", figures.ratio,
            f"at least {least}" if least else "", figures.ratio >= least if least else None,
        ),
        Line(
            "  processor seconds of the loading process: plain | ours",
            f"{median(figures.plain_cpu):.1f}", f"{median(figures.ours_cpu):.1f}", figures.cpu_ratio,
            f"at most {CPU_RATIO_AT_MOST:.0f}" if least else "",
            figures.cpu_ratio <= CPU_RATIO_AT_MOST if least else None,
        ),
        Line("  dlt's share, s: our load | dlt alone, same batches", f"{ours:.1f}", f"{dlt:.1f}", figures.dlt_share),
        Line("  calls of one load: account-days | calls", str(figures.account_days), str(figures.calls)),
    ]  # fmt: skip
    if figures.written_again is not None:
        lines += [
            Line(
                f"  second load of the same {figures.account_days} account-days, nothing changed, s: first | second",
                f"{ours:.1f}", f"{median(figures.again):.1f}", figures.again_ratio,
            ),
            Line(
                "  raw rows that the second load wrote", "", str(figures.written_again), None, "0",
                figures.written_again == 0,
            ),
        ]  # fmt: skip
    return lines


def _seconds(cost: Cost) -> float:
    return cost.seconds


def _all_cpu_seconds(cost: Cost) -> float:
    return cost.all_cpu_seconds


_PLAIN_DLT = {"dicts": "plain dlt append of dicts", "tables": "the same of Arrow tables"}
_UNITS = {"s": _seconds, "processor s with the server's": _all_cpu_seconds}


def _guarantee(figures: GuaranteeFigures) -> list[Line]:
    rows = {FIRST: figures.rows, UNCHANGED: figures.window_rows, RESTATED: figures.window_rows}
    lines: list[Line] = []
    for situation in SITUATIONS:
        for kind, name in _PLAIN_DLT.items():
            for unit, of in _UNITS.items():
                ratios = figures.ratios(situation, kind, of)
                ratio, promised = median(ratios), (situation, kind, unit) == (FIRST, "dicts", "s")
                title = f"{situation}, {rows[situation]:,} ad rows, {unit}: {name} | ours, all of it"
                if len(ratios) > 1:
                    title += f" ({min(ratios):.2f} to {max(ratios):.2f})"
                lines.append(
                    Line(
                        f"  {title}" if lines else f"{figures.platform}, cost of the guarantee: {title}",
                        f"{figures.median(situation, kind, of):.1f}", f"{figures.median(situation, OURS, of):.1f}",
                        ratio, f"at most {GUARANTEE_RATIO_AT_MOST}" if promised else "",
                        ratio <= GUARANTEE_RATIO_AT_MOST if promised else None,
                    )
                )  # fmt: skip
    lowest, highest = min(figures.load_averages), max(figures.load_averages)
    return [
        *lines,
        Line("  rows held at the end for each row that is true: plain dlt | ours", f"{figures.appended:.2f}", "1.00"),
        Line("  load average of the machine: lowest | highest", f"{lowest:.1f}", f"{highest:.1f}"),
    ]


def _many_accounts(figures: ManyAccountsFigures) -> Line:
    return Line(
        f"{figures.accounts} accounts with one page each, s: the same {figures.calls:,} requests bare | our run",
        f"{median(figures.bare):.1f}", f"{median(figures.ours):.1f}", figures.ratio,
        f"at most {MANY_ACCOUNTS_RATIO_AT_MOST:.0f}", figures.ratio <= MANY_ACCOUNTS_RATIO_AT_MOST,
    )  # fmt: skip


def _size(peak: Peak) -> str:
    return f"{peak.rows:,} rows, {peak.accounts} accounts, {peak.days} days"


def _memory(figures: MemoryFigures) -> list[Line]:
    return [
        Line(
            f"Peak memory of the loading process, MiB: {_size(figures.base)} | {_size(peak)}",
            f"{figures.base.mebibytes:.0f}", f"{peak.mebibytes:.0f}", figures.ratio(peak),
            f"at most {MEMORY_RATIO_AT_MOST}", figures.ratio(peak) <= MEMORY_RATIO_AT_MOST,
        )
        for peak in figures.larger
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


def _rebuild(figures: RebuildFigures) -> list[Line]:
    """Each step beside its share of the whole."""
    steps = (
        ("versions + open_build", figures.seconds.versions),
        ("dbt build", figures.seconds.dbt_build),
        ("dbt tests recorded + expectations", figures.seconds.expectations),
        ("certify + gate + publish", figures.seconds.certify_gate_publish),
    )
    title = (
        f"everything of {figures.clients} clients and 3 years anew, s ({figures.account_days:,} account-days, "
        f"{figures.ad_rows:,} ad rows)"
    )
    return [
        Line(title, "", f"{figures.whole:.0f}", 1.0),
        *(Line(f"  {name}", "", f"{taken[0]:.0f}", taken[0] / figures.whole) for name, taken in steps),
    ]


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
