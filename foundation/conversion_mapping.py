"""Which platform events a client counts as a purchase, a lead and so on: the section `conversions` of its file.

What the section leaves out follows the product's defaults, dbt_project/seeds/conversion_defaults.csv.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from foundation.settings import REPOSITORY

Family = Literal[
    "purchase", "lead", "sign_up", "add_to_cart", "begin_checkout", "view_content", "subscribe", "contact", "messaging",
    "schedule", "start_trial", "app_install", "other",
]  # fmt: skip
AdPlatform = Literal["meta_ads", "google_ads", "tiktok_ads", "linkedin_ads"]
# Ids are digits, which YAML reads as numbers.
Event = Annotated[
    str, BeforeValidator(lambda value: str(value) if type(value) is int else value), Field(min_length=1, max_length=200)
]

DEFAULTS_FILE = REPOSITORY / "dbt_project" / "seeds" / "conversion_defaults.csv"
# Where a total of the platform's own is the headline, every family is part of it until the file says otherwise.
_PLATFORMS_WITH_A_TOTAL = ("google_ads", "linkedin_ads")
_COUNTED_FAMILIES = ("purchase", "lead")
# What no other rule claims: it gives way to every other event, so it overlaps with none.
_REST = "*"
_CHANNELS = re.compile(
    r"^(offsite_|onsite_|app_custom_event\.|leadgen|mobile_app_)|_(website|mobile_app|offline|on_facebook)$"
)


class Days(NamedTuple):
    """A range of days, inclusive; an open end is the first or the last day that there is."""

    first: date
    last: date

    def meets(self, other: "Days") -> bool:
        return self.first <= other.last and other.first <= self.last

    def without(self, others: Iterable["Days"]) -> list["Days"]:
        """What is left of the range when the others are taken out, in order."""
        left, start = [], self.first
        for other in sorted(other for other in others if self.meets(other)):
            if other.first > start:
                left.append(Days(start, other.first - timedelta(days=1)))
            if other.last == date.max:
                return left
            start = max(start, other.last + timedelta(days=1))
        return [*left, Days(start, self.last)] if start <= self.last else left


class ConversionRule(BaseModel):
    """Events that make up one family of one platform. Of several tiers the first with any event counts, per row."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    family: Family
    platform: AdPlatform
    events: tuple[Event, ...] | None = Field(None, description="Names or ids; an empty list takes the family out.")
    pattern: Event | None = Field(None, description="One name in which * stands for any characters.")
    tiers: tuple[tuple[Event, ...], ...] | None = Field(None, description="Lists of names, the preferred one first.")
    active_from: date | None = Field(None, alias="from")
    active_to: date | None = Field(None, alias="to")
    counts: bool | None = Field(None, description="Whether the family is part of the headline `conversions`.")

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if sum(value is not None for value in (self.events, self.pattern, self.tiers)) != 1:
            raise ValueError("give exactly one of events (a list of names or ids), pattern (with *) or tiers")
        if self.pattern is not None and "*" not in self.pattern:
            raise ValueError(f"pattern {self.pattern!r} has no *; a single name belongs into events")
        if self.tiers is not None and self.platform != "meta_ads":
            raise ValueError("tiers are for meta_ads, which counts one conversion under several names; use events")
        if any("*" in event for event in self.events or ()):
            raise ValueError("events are exact names or ids; a name with * belongs into pattern")
        if self.active_from and self.active_to and self.active_to < self.active_from:
            raise ValueError(f"to {self.active_to} lies before from {self.active_from}")
        return self

    @property
    def days(self) -> Days:
        return Days(self.active_from or date.min, self.active_to or date.max)

    @property
    def is_counted(self) -> bool:
        """Part of the headline: what the file says, or else what the product does with the family."""
        if self.counts is not None:
            return self.counts
        return self.family in _COUNTED_FAMILIES or self.platform in _PLATFORMS_WITH_A_TOTAL

    def tiered_events(self) -> list[tuple[int, str]]:
        """(tier, event) of every event of the rule."""
        if self.tiers is not None:
            return [(tier, event) for tier, events in enumerate(self.tiers, start=1) for event in dict.fromkeys(events)]
        names = self.events if self.events is not None else (self.pattern or "",)
        return [(_tier_of(self.platform, name), name) for name in dict.fromkeys(names)]


class RuleRow(NamedTuple):
    """A rule as raw_registry.conversion_rule keeps it, one row for each event."""

    platform: str
    rule_no: int
    family: str
    tier: int
    event: str
    event_pattern: str
    is_pattern: bool
    active_from: date
    active_to: date | None
    counts: bool
    sets_headline: bool


class DefaultEvent(NamedTuple):
    """One row of the product's defaults."""

    family: str
    tier: int


@lru_cache
def default_events() -> Mapping[tuple[str, str], DefaultEvent]:
    """The product's defaults: (platform, event) -> family and tier."""
    with DEFAULTS_FILE.open(encoding="utf-8", newline="") as file:
        return {
            (row["platform"], row["event"]): DefaultEvent(row["family"], int(row["tier"]))
            for row in csv.DictReader(file)
        }


def _tier_of(platform: str, name: str) -> int:
    """Meta's priority by the name's form: totals over devices (omni_*), totals over channels, single channels."""
    if platform != "meta_ads":
        return 1
    if known := default_events().get((platform, name)):
        return known.tier
    if name.startswith("omni_"):
        return 1
    return 3 if _CHANNELS.search(name) else 2


def rule_rows(rules: Sequence[ConversionRule], client_from: date) -> Iterator[RuleRow]:
    """Rows of all rules; one without a first day begins with the client. A rule without events has one empty row."""
    for number, rule in enumerate(rules, start=1):
        for tier, event in rule.tiered_events() or [(1, "")]:
            yield RuleRow(
                rule.platform, number, rule.family, tier, event, _like(event), "*" in event,
                rule.active_from or client_from, rule.active_to, rule.is_counted, rule.counts is not None,
            )  # fmt: skip


def _like(event: str) -> str:
    """The event as a LIKE pattern: only * is special in a client file."""
    return re.sub(r"([\\%_])", r"\\\1", event).replace("*", "%")


def refuse_overlaps(rules: Sequence[ConversionRule]) -> None:
    """Raise ValueError where one event would belong to two families of a platform on the same day."""
    for place, rule in enumerate(rules):
        for earlier in rules[:place]:
            if rule.platform == earlier.platform and rule.days.meets(earlier.days):
                _refuse_pair(earlier, rule)
    ranges: dict[tuple[str, str], list[Days]] = defaultdict(list)
    for rule in rules:
        ranges[rule.platform, rule.family].append(rule.days)
    for rule in rules:
        _refuse_defaults(rule, ranges)


def _refuse_pair(one: ConversionRule, other: ConversionRule) -> None:
    since = max(one.days.first, other.days.first)
    when = f"from {since}" if since > date.min else "on the same days"
    if one.family == other.family:
        if one.is_counted != other.is_counted:
            raise ValueError(
                f"two rules for {one.family} of {one.platform} say counts: true and counts: false {when}; "
                "a family counts as a whole: give both the same, or end one with `to` before the other's `from`"
            )
        return
    for _, event in one.tiered_events():
        for _, second in other.tiered_events():
            if _may_meet(event, second):
                names = repr(event) if event == second else f"{event!r} and {second!r} fit one event that"
                raise ValueError(
                    f"{names} would belong to {one.family} and to {other.family} of {one.platform} {when}; "
                    "leave it out of one of them, or end one rule with `to` before the other's `from`"
                )


def _refuse_defaults(rule: ConversionRule, ranges: Mapping[tuple[str, str], list[Days]]) -> None:
    for _, event in rule.tiered_events():
        for (platform, known), default in default_events().items():
            if platform != rule.platform or default.family in (rule.family, "engagement"):
                continue
            left = rule.days.without(ranges.get((platform, default.family), ()))
            if left and _may_meet(event, known):
                names = repr(event) if event == known else f"{event!r} fits {known!r}, which"
                raise ValueError(
                    f"{names} would belong to {rule.family} and, by the product's defaults, to {default.family} of "
                    f"{platform}; give {default.family} a rule of its own for the same days that leaves it out"
                )


def _may_meet(one: str, other: str) -> bool:
    """Whether some name fits both, each a name or a pattern."""
    if _REST in (one, other):
        return False
    if "*" in one and "*" in other:
        return _patterns_meet(one, other)
    if "*" in other:
        one, other = other, one
    return re.fullmatch(re.escape(one).replace(r"\*", ".*"), other) is not None


def _patterns_meet(one: str, other: str) -> bool:
    """Both have a *: only what stands before the first and after the last one can rule each other out."""
    head, *_, tail = one.split("*")
    other_head, *_, other_tail = other.split("*")
    return (head.startswith(other_head) or other_head.startswith(head)) and (
        tail.endswith(other_tail) or other_tail.endswith(tail)
    )
