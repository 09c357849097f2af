"""What exists in the world: clients, accounts, campaigns, ad groups (Meta: ad sets), ads, and rows of figures.

Money is counted in micros of the account currency (1e-6 of a major unit). The seeded world books spend in whole
smallest units of the currency, so its micros are multiples of ``micros_per_minor``. Days are account-local dates.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

Platform = Literal["meta_ads", "google_ads"]
Goal = Literal["purchase", "lead"]
Removal = Literal["DELETED", "ARCHIVED"]

MICROS = 1_000_000
_MINOR_EXPONENT = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0}
PERFORMANCE_MAX = "PERFORMANCE_MAX"


def micros_per_minor(currency: str) -> int:
    """Micros in the currency's smallest unit: 10,000 for a cent, 1,000,000 for a yen."""
    return int(10 ** (6 - _MINOR_EXPONENT.get(currency, 2)))


def major_units(micros: int) -> str:
    """Exact decimal text of an amount in major units, without needless zeros: 14350000 -> "14.35"."""
    if micros % MICROS == 0:
        return str(micros // MICROS)
    sign, (whole, part) = "-" if micros < 0 else "", divmod(abs(micros), MICROS)
    return f"{sign}{whole}.{part:06d}".rstrip("0")


@dataclass(frozen=True)
class Lifetime:
    """When an object exists and delivers, in account-local days; ``end`` and pauses are inclusive, ``removed`` is the
    first day on which it is deleted or archived."""

    start: date
    end: date | None = None
    pauses: tuple[tuple[date, date], ...] = ()
    removed: date | None = None
    removal: Removal = "DELETED"

    @property
    def created(self) -> date:
        """Objects are set up two days before they start."""
        return self.start - timedelta(days=2)

    def paused_on(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.pauses)

    def ended_before(self, day: date) -> bool:
        return self.end is not None and day > self.end

    def removed_by(self, day: date) -> bool:
        return self.removed is not None and day >= self.removed


@dataclass(frozen=True)
class Campaign:
    """``kind``: Meta objective (OUTCOME_SALES) or Google channel type (SEARCH). Budget in micros a day."""

    campaign_id: str
    name: str
    kind: str
    lifetime: Lifetime
    daily_budget_micros: int
    key: int = 0


@dataclass(frozen=True)
class AdGroup:
    """A Google ad group or a Meta ad set."""

    ad_group_id: str
    campaign: Campaign
    name: str
    kind: str
    lifetime: Lifetime


@dataclass(frozen=True)
class Ad:
    """``ad_group`` is None only for the stand-in that carries a Performance Max campaign's figures."""

    ad_id: str
    campaign: Campaign
    ad_group: AdGroup | None
    name: str
    lifetime: Lifetime
    weight: float = 1.0
    key: int = 0


@dataclass(frozen=True)
class Account:
    """An advertising account with everything that ever lives in it, also what has not been created yet.

    order_value: a usual purchase in major units of ``currency``. ``recorded``: nothing may be added to its figures.
    """

    client_id: str
    platform: Platform
    account_id: str
    name: str
    currency: str
    timezone: str
    credential: str
    login_customer_id: str | None = None
    active_to: date | None = None
    mixed_attribution: bool = False
    goal: Goal = "purchase"
    order_value: float = 0.0
    recorded: bool = False
    key: int = 0
    market_key: int = 0
    campaigns: tuple[Campaign, ...] = ()
    ad_groups: tuple[AdGroup, ...] = ()
    ads: tuple[Ad, ...] = ()


@dataclass(frozen=True)
class Client:
    """A client of the agency, with the accounts that are read for it."""

    client_id: str
    name: str
    active_from: date
    reporting_currency: str
    timezone: str
    slack_channel: str
    accounts: tuple[Account, ...]
    active_to: date | None = None


@dataclass(slots=True)
class FigureRow:
    """Figures of one object on one day. ``link_clicks`` is None where the platform has no such metric.

    conversions: purchases or leads, in millionths. The *_by_day pair is booked on the day of the conversion (Google).
    actions, action_values: Meta's by name, where a recording has them; ``missing``: metrics that it lacks.
    """

    day: date
    campaign_id: str = ""
    ad_group_id: str = ""
    ad_id: str = ""
    spend: int = 0
    impressions: int = 0
    clicks: int = 0
    link_clicks: int | None = None
    conversions: int = 0
    value: int = 0
    all_conversions: int = 0
    conversions_by_day: int = 0
    value_by_day: int = 0
    view_through: int = 0
    actions: dict[str, int] = field(default_factory=dict)
    action_values: dict[str, int] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
