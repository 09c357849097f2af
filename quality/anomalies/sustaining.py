"""What was seen by earlier runs: a drift is told when a second day's run sees it too, or at once if it is gross."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from quality.anomalies.findings import Finding
from quality.anomalies.panel import Key

RUNS = 2
# A drift that no run of so many days has seen is over.
_FORGOTTEN_AFTER = timedelta(days=3)

Place = tuple[Key, str]


@dataclass(frozen=True)
class Known:
    """An open anomaly: runs_seen counts runs on different newest days, since data that did not move proves nothing."""

    finding: Finding
    first_day: date
    last_run_day: date
    runs_seen: int
    told_on: date | None = None

    @property
    def is_told(self) -> bool:
        return self.told_on is not None


@dataclass(frozen=True)
class Step:
    """What one run changes: ``open`` after it, ``news`` told for the first time, ``over`` resolved by it."""

    open: Mapping[Place, Known]
    news: tuple[Known, ...]
    over: tuple[Known, ...]


def place_of(finding: Finding) -> Place:
    """One open anomaly per series and family: the metric that shows it best may change from day to day."""
    return finding.key, f"{finding.family}:{finding.scope}"


def sustain(known: Mapping[Place, Known], found: Sequence[Finding], newest: date) -> Step:
    """Join this run's findings, which end on ``newest`` or shortly before, with the open ones."""
    still: dict[Place, Known] = {}
    news, over = [], []
    for finding in found:
        place = place_of(finding)
        before = known.get(place)
        if before is None:
            now = Known(finding, finding.first_day, newest, 1)
        else:
            again = newest > before.last_run_day
            now = replace(
                before, finding=finding, first_day=min(before.first_day, finding.first_day), last_run_day=newest,
                runs_seen=before.runs_seen + again,
            )  # fmt: skip
        if not now.is_told and (finding.gross or now.runs_seen >= RUNS):
            now = replace(now, told_on=newest)
            news.append(now)
        still[place] = now
    for place, before in known.items():
        if place in still:
            continue
        if newest - before.last_run_day >= _FORGOTTEN_AFTER:
            over.append(before)
        else:
            still[place] = before
    return Step(still, tuple(news), tuple(over))
