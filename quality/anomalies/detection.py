"""The judgement of one run: which spans that end now are too far from what their own past and counting noise allow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from quality.anomalies import calendar
from quality.anomalies.findings import CONVERSION, FAMILY, Finding
from quality.anomalies.model import Fitted, Windows, fit, spread, windows
from quality.anomalies.panel import RATIOS, Exposed, Floats, Ints, Panel, expose
from quality.anomalies.wording import causes, next_steps

# (days before the newest one, length): a single day is judged again the day after, when more of it has arrived.
_DELIVERY_SPANS = ((0, 1), (1, 1), (0, 3), (0, 7))
_CONVERSION_LENGTHS = (3, 5, 7)
CONVERSION_LAG = {"meta_ads": 0, "google_ads": 1, "tiktok_ads": 1, "linkedin_ads": 2}
_FLOOR = {"spend": 0.08, "impressions": 0.10, "clicks": 0.10, "cpc": 0.08, "cpa": 0.12, "conversion_rate": 0.12}
_COUNTS = frozenset({"impressions", "clicks", "cpa", "conversion_rate"})
_FEWEST_DAYS = 14
_CLEAR = 1.645


@dataclass(frozen=True)
class Thresholds:
    """When a drift is worth a person's time. Money is in the client's reporting currency."""

    delivery_score: float = 2.8
    conversion_score: float = 2.6
    campaign_extra: float = 2.0
    smallest_change: float = 0.25
    money: float = 50.0
    days_of_budget: float = 0.25
    gross_ratio: float = 5.0
    fewest_conversions: float = 20.0
    fewest_for_none: float = 8.0
    fewest_for_none_in_a_day: float = 15.0
    none_score: float = 3.5


DEFAULT = Thresholds()


def judge(panel: Panel, maturity: Mapping[str, Floats], thresholds: Thresholds = DEFAULT) -> list[Finding]:
    """All drifts of campaigns and accounts that end on one of the panel's last days, ungrouped."""
    if not panel.keys:
        return []
    exposed = expose(panel, maturity)
    width = panel.active.shape[1]
    days = np.arange(panel.last_day.toordinal() - width + 1, panel.last_day.toordinal() + 1, dtype=np.int64)
    found: list[Finding] = []
    for metric in RATIOS:
        judged = _Metric(metric, exposed, days, thresholds)
        lags = np.array([CONVERSION_LAG.get(key.platform, 1) for key in exposed.keys])
        if FAMILY[metric] == CONVERSION:
            for lag in np.unique(lags):
                for length in (1, *_CONVERSION_LENGTHS):
                    found += judged.findings(int(lag), length, lags == lag)
        else:
            for lag, length in _DELIVERY_SPANS:
                found += judged.findings(lag, length, np.ones(len(lags), dtype=np.bool_))
    return found


def count_score(counted: Floats, expected: Floats, deviation: Floats) -> Floats:
    """Distance of counts in standard deviations, of counting and of the series' own unrest: Anscombe's square roots."""
    stable: Floats = 2.0 * (np.sqrt(counted + 0.375) - np.sqrt(expected + 0.375))
    return stable / np.sqrt(1.0 + expected * deviation**2)


class _Metric:
    """One metric of all series: fitted once, judged over several spans."""

    def __init__(self, metric: str, exposed: Exposed, days: Ints, thresholds: Thresholds) -> None:
        self._metric, self._exposed, self._days = metric, exposed, days
        self._count = metric in _COUNTS
        self._slow = FAMILY[metric] == CONVERSION
        self._weekdays = (days - 1) % 7
        self._fitted: Fitted = fit(
            exposed.counted[metric], exposed.exposure[metric], self._weekdays, count=self._slow
        )  # fmt: skip
        self._limits = thresholds
        names = [(key.platform, bool(key.campaign_id)) for key in exposed.keys]
        numbers = {name: number for number, name in enumerate(sorted(set(names)))}
        self._pools = np.array([numbers[name] for name in names], dtype=np.int64)
        self._windows: dict[int, Windows] = {}
        self._widening = calendar.widening(days)

    def findings(self, lag: int, length: int, chosen: np.typing.NDArray[np.bool_]) -> list[Finding]:
        width = len(self._days)
        end = width - 1 - lag
        if end - length < _FEWEST_DAYS:
            return []
        if length not in self._windows:
            self._windows[length] = windows(self._fitted, length, count=self._count)
        found = self._windows[length]
        expected, counted, error = found.expected[:, end], found.counted[:, end], found.error[:, end]
        first = end - length + 1
        rest = spread(found, last=first, count=self._count, floor=_FLOOR[self._metric], pools=self._pools)
        span = slice(first, end + 1)
        unrest = self._exposed.unrest[:, span].mean(axis=1) if not self._slow else 0.0
        deviation = np.hypot(rest * self._widening[span].max(), unrest)
        with np.errstate(invalid="ignore", divide="ignore"):
            if self._slow:
                score = count_score(counted, expected, deviation)
                uncertain = np.sqrt(1.0 / (expected + 0.5) + deviation**2)
            else:
                noise = 1.0 / (expected + 0.5) if self._count else 0.0
                if self._metric == "cpc":
                    clicks = np.nansum(self._exposed.counted["clicks"][:, span], axis=1)
                    noise = 0.3 / (clicks + 0.5)
                uncertain = np.sqrt(deviation**2 + noise)
                score = error / uncertain
        found_at = self._worth_telling(score, error, counted, expected, span, chosen)
        return [
            self._finding(row, span, score[row], counted[row], expected[row], float(uncertain[row]), stake, gross)
            for row, stake, gross in found_at
        ]

    def _worth_telling(
        self, score: Floats, error: Floats, counted: Floats, expected: Floats, span: slice,
        chosen: np.typing.NDArray[np.bool_],
    ) -> list[tuple[int, float, bool]]:  # fmt: skip
        """(row, money at stake, gross) of the spans beyond the thresholds."""
        known = self._fitted.days_known[:, max(span.start - 1, 0)]
        least = min(self._limits.delivery_score, self._limits.conversion_score)
        candidates = np.flatnonzero(chosen & (np.abs(np.nan_to_num(score)) >= least) & (known >= _FEWEST_DAYS))
        told, limits = [], self._limits
        for row in candidates.tolist():
            if self._metric == "spend" and self._rests(row, span):
                continue
            ratio = (counted[row] + 1e-9) / expected[row]
            limit = limits.conversion_score if self._slow else limits.delivery_score
            # Accounts have many campaigns: each of them must be surer.
            limit += limits.campaign_extra if self._exposed.keys[row].campaign_id else 0.0
            one_day = span.stop - span.start == 1
            enough = not self._slow or (
                not one_day and max(expected[row], counted[row]) >= limits.fewest_conversions
            )  # fmt: skip
            fewest = limits.fewest_for_none_in_a_day if one_day else limits.fewest_for_none
            none = (
                self._slow and counted[row] < 0.5 and expected[row] >= fewest and abs(score[row]) >= limits.none_score
            )
            if not (none or (enough and abs(score[row]) >= limit)):
                continue
            if abs(error[row]) < np.log1p(limits.smallest_change):
                continue
            stake, day = self._at_stake(row, span, float(counted[row]), float(expected[row]))
            if stake < max(limits.money, limits.days_of_budget * day):
                continue
            unmistakable = none and expected[row] >= limits.fewest_for_none_in_a_day
            stopped = unmistakable or (self._metric == "spend" and counted[row] <= 0.02 * expected[row])
            certain = max(expected[row], counted[row]) >= limits.fewest_conversions or not self._slow
            gross = stopped or (certain and (ratio >= limits.gross_ratio or ratio <= 1.0 / limits.gross_ratio))
            told.append((row, stake, bool(gross)))
        return told

    def _rests(self, row: int, span: slice) -> bool:
        return not self._exposed.switched_on[row, span].any()

    def _at_stake(self, row: int, span: slice, counted: float, expected: float) -> tuple[float, float]:
        """Money that the drift is about, and what a usual day of the series costs, in reporting currency."""
        rate, money = self._exposed.fx[row], self._exposed.spend[row]
        past = money[max(0, span.start - 28) : span.start]
        past = past[~np.isnan(past) & (past > 0)]
        day = float(past.mean() * rate) if len(past) else 0.0
        spent = float(np.nansum(money[span]) * rate)
        if self._metric in ("spend", "cpc"):
            return abs(counted - expected) * rate, day
        if self._metric in ("impressions", "clicks"):
            return min(abs(1.0 - counted / expected), 1.0) * max(spent, day * (span.stop - span.start)), day
        return min(abs(1.0 - counted / expected), 1.0) * spent, day

    def _finding(
        self, row: int, span: slice, score: float, counted: float, expected: float, uncertain: float,
        stake: float, gross: bool,
    ) -> Finding:  # fmt: skip
        key = self._exposed.keys[row]
        room = float(np.exp(2.0 * _CLEAR * uncertain))
        observed, usual, low, high = counted, expected, expected / room, expected * room
        if self._metric in ("cpc", "cpa", "conversion_rate"):
            per = "spend" if self._metric == "cpa" else "clicks"
            base = float(np.nansum(self._exposed.counted["clicks"][row, span])) if per == "clicks" else (
                float(np.nansum(self._exposed.spend[row, span]))
            )  # fmt: skip
            if self._metric == "cpa":
                observed, usual = base / max(counted, 0.5), base / expected
                low, high = usual / room, usual * room
                score = -score
            else:
                observed, usual, low, high = (value / max(base, 1.0) for value in (observed, usual, low, high))
        day = self._exposed.spend[row, max(0, span.start - 28) : span.start]
        usual_day = float(np.nanmean(day)) * float(self._exposed.fx[row]) if (~np.isnan(day)).any() else 0.0
        first = date.fromordinal(int(self._days[span.start]))
        return Finding(
            key=key, scope="campaign" if key.campaign_id else "account", metric=self._metric, first_day=first,
            last_day=first + timedelta(days=span.stop - span.start - 1), observed=float(observed),
            expected=float(usual), low=float(low), high=float(high), score=float(score), at_stake=float(stake),
            gross=gross, severity="ticket" if gross and stake >= usual_day else "info",
            causes=causes(self._metric, counted, expected), next_steps=next_steps(self._metric),
        )  # fmt: skip


def strongest(found: Sequence[Finding]) -> list[Finding]:
    """Of the spans of one series and metric the farthest one."""
    best: dict[tuple[object, str], Finding] = {}
    for finding in found:
        place = (finding.key, finding.metric)
        if place not in best or abs(finding.score) > abs(best[place].score):
            best[place] = finding
    return list(best.values())
