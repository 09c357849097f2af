"""The kinds of incident as data: what is wrong, at which levels, and what the product must answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from sandbox.incidents import bending
from sandbox.incidents.bending import Change
from sandbox.incidents.rows import Level

Answer = Literal["held", "warned", "nothing"]
# reading: the loader refuses the account. proof: the day is not accepted into raw. gate: a check of the built figures.
Stop = Literal["reading", "proof", "gate", "none"]
Entity = Literal["currency", "timezone"]

DETAILS: frozenset[Level] = frozenset({"campaign", "ad"})
ADS: frozenset[Level] = frozenset({"ad"})
TOTALS: frozenset[Level] = frozenset({"account"})
EVERYWHERE: frozenset[Level] = frozenset({"account", "campaign", "ad"})
ALL_PLATFORMS = ("meta_ads", "google_ads", "tiktok_ads", "linkedin_ads")


@dataclass(frozen=True)
class Kind:
    """One kind. levels: whose answers it bends; where the account's total is among them the platform tells the same
    wrong story twice. whole_account: it concerns every day. factors: figure -> what the true figure is multiplied by,
    of a look-alike that must be published as it is told. about: what happened, for the table.
    """

    about: str
    answer: Answer
    stop: Stop
    levels: frozenset[Level] = frozenset()
    change: Change | None = None
    entity: Entity | None = None
    platforms: tuple[str, ...] = ALL_PLATFORMS
    whole_account: bool = False
    factors: Mapping[str, str] | None = None
    rates: bool = False


def _proof(about: str, change: Change, levels: frozenset[Level] = DETAILS, **more: Any) -> Kind:
    return Kind(about, "held", "proof", levels, change, **more)


def _told_twice(about: str, change: Change, stop: Stop = "gate", **more: Any) -> Kind:
    return Kind(about, "held", stop, EVERYWHERE, change, **more)


def _real(about: str, change: Change, **factors: str) -> Kind:
    return Kind(about, "nothing", "none", EVERYWHERE, change, factors=factors)


KINDS: dict[str, Kind] = {
    "doubled": _proof("detail counts everything twice", bending.times("2")),
    "halved": _proof("half of the figures arrived", bending.times("0.5")),
    "zero_day": _proof("no detail row of the day", bending.gone),
    "missing_account": Kind(
        "the account answers with nothing, all days", "held", "proof", EVERYWHERE, bending.nothing, whole_account=True
    ),
    "missing_campaign": _proof("one campaign is missing, its ads too", bending.without_largest_campaign),
    "missing_ads_of_campaign": _proof("ads of a campaign are missing", bending.without_largest_campaign, ADS),
    "rows_lost": _proof("a tenth of the ad rows is lost", bending.a_tenth_lost, ADS),
    "micros_as_units": _proof("detail in micros", bending.times("1000000", ("spend",))),
    "thousands": _proof("a separator of thousands read as nothing", bending.times("1000", ("spend",))),
    "time_zone_shifted": _proof("five hours are booked on the next day", bending.five_hours_later),
    "stale_copy": _proof("detail repeats the day before", bending.as_the_day_before),
    "duplicate_page": _proof("a page comes twice", bending.served_twice),
    "column_renamed": _proof("spend has another name in the detail", bending.renamed("spend")),
    "type_changed": Kind(
        "1.234,56 instead of 1234.56", "held", "reading", DETAILS, bending.with_decimal_comma, whole_account=True
    ),
    "nulls": _proof("half of the rows have no impressions", bending.emptied("impressions", 0.5)),
    "columns_swapped": _proof("impressions and clicks have changed places", bending.swapped),
    "ghost_rows": _proof("rows of an object that does not exist", bending.with_ghosts),
    "total_missing": _proof("the account's total is not there", bending.gone, TOTALS),
    "negative_spend": _told_twice("spend below zero, total and detail", bending.times("-1", ("spend",))),
    "future_date": _told_twice("the day's rows are dated in the future, total and detail", bending.in_the_future,
        "reading", whole_account=True),
    "micros_everywhere": _told_twice("micros in total and detail", bending.times("1000000", ("spend",))),
    "swapped_everywhere": _told_twice("impressions and clicks swapped, total and detail", bending.swapped,
        platforms=("meta_ads", "google_ads", "tiktok_ads")),
    "renamed_everywhere": _told_twice("spend has another name everywhere", bending.renamed("spend")),
    "nulls_everywhere": _told_twice("spend is null in total and detail", bending.emptied("spend")),
    "type_changed_everywhere": _told_twice("1.234,56 in total and detail", bending.with_decimal_comma, "reading",
        whole_account=True),
    "stale_everywhere": _told_twice(
        "total and detail repeat the day before", bending.as_the_day_before,
        platforms=("meta_ads", "google_ads", "tiktok_ads"),
    ),
    "currency_swapped": Kind(
        "the account has another currency than the client file", "held", "reading", entity="currency",
        whole_account=True,
    ),
    "currency_of_rows": _told_twice(
        "the rows name another currency than the account", bending.in_other_currency, "reading",
        platforms=("meta_ads", "tiktok_ads"), whole_account=True,
    ),
    "time_zone_of_account": Kind(
        "the account has another time zone than the client file", "held", "reading", entity="timezone",
        platforms=("meta_ads", "google_ads", "tiktok_ads"), whole_account=True,
    ),
    "wrong_client": _told_twice(
        "the rows are another client's account", bending.of_another_account, "reading", platforms=("meta_ads",),
        whole_account=True,
    ),
    "fx_gap": Kind("no rate of the account's currency for eight days", "warned", "gate", rates=True),
    "brazilian_tax": _real("invoices hold 12.15 % tax, reports do not", bending.with_tax),
    "overspend": _real("the platform really spent three times as much", bending.times("3", ("spend",)), spend="3"),
    "budget_typo": _real(
        "a budget with one zero too many", bending.times("10"), spend="10", impressions="10", clicks="10"
    ),
    "serving_outage": _real(
        "nothing was served on the newest day", bending.gone, spend="0", impressions="0", clicks="0"
    ),
    "click_definition": _real("clicks are counted differently", bending.times("2", ("clicks",)), clicks="2"),
    "tracking_outage": _real("conversions are lost, clicks are not", bending.no_conversions),
    "late_backfill": _real("a quarter is added to days that are past", bending.times("1.25", ("spend",)), spend="1.25"),
    "rows_in_other_order": _real("the same rows in another order", bending.in_other_order),
}  # fmt: skip


@dataclass(frozen=True)
class Planted:
    """A kind on an account of a platform, on these days; of ``fx_gap`` the account stands for its currency."""

    kind: str
    platform: str
    account_id: str
    days: tuple[date, ...]
    seed: int = 0
    currency: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "platform": self.platform, "account_id": self.account_id,
            "days": [day.isoformat() for day in self.days], "seed": self.seed, "currency": self.currency,
        }  # fmt: skip

    @staticmethod
    def from_json(fields: dict[str, Any]) -> "Planted":
        return Planted(**{**fields, "days": tuple(date.fromisoformat(day) for day in fields["days"])})
