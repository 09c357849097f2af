"""The figures of a campaign: what fired how often, what was compared, what differed."""

import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path

import psutil

from tests.faults.campaign import Result
from tests.faults.kinds import FAMILIES, KINDS

_GROUPS = {
    "seed": "seeded lives", "sweep": "crash points of loads, both sides",
    "publication": "crash points of a publication, both sides",
    "backup": "crash points of a backup to S3, both sides",
    "writers": "rounds of several writers", "mutant": "mutants killed",
}  # fmt: skip


@dataclass
class Summary:
    """All results together."""

    results: Sequence[Result]

    @property
    def fired(self) -> dict[str, int]:
        """Kind -> how often; an endless fault counts once a life."""
        fired: Counter[str] = Counter()
        for result in self.results:
            for kind, count in result.fired.items():
                fired[kind] += min(count, 3)
        return dict(fired)

    def never_fired(self, wanted: int) -> list[str]:
        """Kinds that happened less often than that."""
        return [name for name in KINDS if self.fired.get(name, 0) < wanted]

    @property
    def wrong(self) -> list[Result]:
        return [result for result in self.results if result.right < result.cases]

    @property
    def differences(self) -> Counter[str]:
        total: Counter[str] = Counter()
        for result in self.results:
            total.update(result.differences)
        return total

    def lines(self) -> list[str]:
        """The tables as markdown."""
        lines = [
            "| Cases | run | right | rows compared | most quiet runs needed |",
            "| --- | ---: | ---: | ---: | ---: |",
        ]
        for group, title in _GROUPS.items():
            own = [result for result in self.results if result.group == group]
            if own:
                lines.append(
                    f"| {title} | {sum(r.cases for r in own):,} | {sum(r.right for r in own):,} "
                    f"| {sum(r.compared for r in own):,} | {max(r.quiet_runs for r in own) or ''} |"
                )
        lines += ["", "| Difference | found |", "| --- | ---: |"]
        kinds = ("lost", "duplicated", "ghost", "wrong", "stale", "foreign", "torn", "stuck")
        lines += [f"| {kind} | {self.differences.get(kind, 0)} |" for kind in kinds]
        spend = sum((Decimal(result.spend) for result in self.results), Decimal(0))
        lines.append(f"| spend | {spend} |")
        lines.append(f"\nLooks of the reader at a whole snapshot: {sum(r.polls for r in self.results):,}.")
        lines += ["", "| Fault | fired | as |", "| --- | ---: | --- |"]
        for family in FAMILIES:
            own_kinds = {name: self.fired.get(name, 0) for name, kind in KINDS.items() if kind.family == family}
            forms = ", ".join(f"{name} {count}" for name, count in own_kinds.items())
            lines.append(f"| {family} | {sum(own_kinds.values())} | {forms} |")
        return lines


_BEGIN, _END = "<!-- faults: written by make faults -->", "<!-- faults: end -->"
_LIBRARIES = ("dlt", "dbt-core", "dbt-postgres", "great-expectations", "psycopg2-binary", "adbc-driver-postgresql")


def write_section(document: Path, summary: Summary, code: str, command: str) -> None:
    """Put the tables between the document's markers, with what they were made with."""
    text = document.read_text(encoding="utf-8")
    before, _, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not end:
        raise ValueError(f"{document} has no section between {_BEGIN} and {_END}")
    minutes = sum(result.seconds for result in summary.results) / 60
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    memory = psutil.virtual_memory().total / 2**30
    about = (
        f"`{command}`, finished {datetime.now(UTC).date()} on code {code}: {minutes:.0f} process minutes on "
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}; "
        f"{libraries}."
    )
    document.write_text(
        "\n".join([f"{before}{_BEGIN}", about, "", *summary.lines(), f"{_END}{after}"]), encoding="utf-8"
    )
