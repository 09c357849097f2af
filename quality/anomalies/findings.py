"""What the detector says: one finding per series, metric and span."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from quality.anomalies.panel import Key

Scope = Literal["campaign", "account", "client", "platform"]
DELIVERY, CONVERSION = "delivery", "conversion"
FAMILY = {
    "spend": DELIVERY, "impressions": DELIVERY, "clicks": DELIVERY, "cpc": DELIVERY,
    "cpa": CONVERSION, "conversion_rate": CONVERSION,
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """Observed and expected are per span: sums (spend, impressions, clicks), else the ratio (cpc, cpa, rate).

    low, high: where nearly all honest spans lie. score: distance in standard deviations, with its sign (of the
    observed figure). at_stake: money in reporting currency. gross: told at the first run. also: what it explains.
    """

    key: Key
    scope: Scope
    metric: str
    first_day: date
    last_day: date
    observed: float
    expected: float
    low: float
    high: float
    score: float
    at_stake: float
    gross: bool
    severity: Literal["info", "ticket"]
    causes: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    also: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        return FAMILY[self.metric]

    @property
    def direction(self) -> int:
        return 1 if self.observed > self.expected else -1

    def overlaps(self, other: "Finding") -> bool:
        return self.first_day <= other.last_day and other.first_day <= self.last_day

    def with_also(self, names: tuple[str, ...]) -> "Finding":
        """The same finding, telling what it stands for."""
        return replace(self, also=tuple(dict.fromkeys((*self.also, *names))))
