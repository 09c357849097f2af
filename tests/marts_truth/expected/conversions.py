"""Conversions by action, window and family, and the headline figures that follow from them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import pandas as pd

from sandbox.world.breakdowns import split
from sandbox.world.creatives import ConversionAction, conversion_actions_of
from sandbox.world.model import MICROS, Account, FigureRow, micros_per_minor
from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import rules
from tests.marts_truth.expected.truth import Truth, converted, units

SETTING = "setting"
_KEYS = ("client_id", "platform", "account_id", "date_day", "campaign_id", "ad_group_id", "ad_id",
         "conversion_action_id", "attribution_window")  # fmt: skip
_ZERO = Decimal(0)
_META_PURCHASES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase", "web_in_store_purchase")
_META_LEADS = ("lead", "offsite_conversion.fb_pixel_lead")
_META_CARTS = ("omni_add_to_cart", "add_to_cart", "offsite_conversion.fb_pixel_add_to_cart")
# Worlds put three articles into the cart and begin two checkouts for every purchase; four of five clicks see a page.
_CARTS, _CHECKOUTS = 3, 2


@dataclass(frozen=True)
class Event:
    """An event of one object on one day in one window, before anybody says what it is worth."""

    place: tuple[date, str, str, str]
    action_id: str
    name: str
    category: str
    channel: str | None
    window: str
    setting: str | None
    booking: str
    count: Decimal
    value: Decimal | None


@dataclass(frozen=True)
class Counted:
    """An event with its family. counts: in its family; headline: also in ``conversions``."""

    event: Event
    family: str
    counts: bool
    headline: bool


@dataclass(frozen=True)
class Headline:
    """What the facts say of one object and day; None where the platform does not tell."""

    conversions: Decimal | None
    value: Decimal | None
    purchases: Decimal | None
    purchases_value: Decimal | None
    leads: Decimal | None


def meta_by_window(row: FigureRow) -> dict[str, int]:
    """Of those after a click seven tenths come within a day; half of those after a view were engaged views."""
    viewed = min(row.view_conversions, row.conversions)
    clicked = row.conversions - viewed
    return {
        SETTING: row.conversions, "1d_click": clicked * 7 // 10 // MICROS * MICROS, "7d_click": clicked,
        "28d_click": clicked, "1d_view": viewed, "1d_ev": viewed // 2 // MICROS * MICROS,
    }  # fmt: skip


def meta_events(account: Account, row: FigureRow) -> Iterator[Event]:
    if not row.conversions:
        return
    counts = meta_by_window(row)
    minor = micros_per_minor(account.currency)
    values = {window: row.value * count // row.conversions // minor * minor for window, count in counts.items()}
    none = dict.fromkeys(counts, 0)
    carts = {window: count * _CARTS for window, count in counts.items()}
    told = (
        [(name, counts, values) for name in _META_PURCHASES] + [(name, carts, none) for name in _META_CARTS]
        if account.goal == "purchase"
        else [(name, counts, none) for name in _META_LEADS]
    )
    for name, amounts, worth in told:
        channel = next((channel for prefix, channel in rules.META_CHANNELS if name.startswith(prefix)), "all")
        for window, amount in amounts.items():
            if window == SETTING or amount or worth[window]:
                yield Event(
                    _place(row), name, name, "", channel, window, rules.META_SETTING, rules.CHANNEL_BOOKING[channel],
                    units(amount), units(worth[window]),
                )  # fmt: skip


def _actions(account: Account, row: FigureRow) -> Iterator[tuple[ConversionAction, FigureRow]]:
    by_name = {action.name: action for action in conversion_actions_of(account)}
    for name, part in split(account, row, "conversion"):
        yield by_name[name], part


def _setting_of(action: ConversionAction) -> str:
    return f"{action.click_window_days}d_click_{action.view_window_days}d_view"


def _google(account: Account, row: FigureRow) -> Iterator[Event]:
    """Of campaigns only."""
    place = (row.day, row.campaign_id, rules.NOT_AT_AD_LEVEL, f"{rules.NOT_AT_AD_LEVEL}/{row.campaign_id}")
    for action, part in _actions(account, row):
        for window, booking, count, value in (
            (SETTING, "interaction_date", part.conversions, part.value),
            ("by_conversion_date", "conversion_date", part.conversions_by_day, part.value_by_day),
        ):
            if count or value:
                yield Event(
                    place, action.action_id, action.name, action.category, None, window, _setting_of(action), booking,
                    units(count), units(value),
                )  # fmt: skip


def _tiktok(account: Account, row: FigureRow) -> Iterator[Event]:
    happened, viewed = row.conversions // MICROS, row.view_conversions // MICROS
    sells = account.goal == "purchase"
    told = [
        ("purchase.website", SETTING, happened if sells else 0, row.value if sells else 0),
        ("add_to_cart.website", SETTING, happened * _CARTS if sells else 0, 0),
        ("checkout.website", SETTING, happened * _CHECKOUTS if sells else 0, 0),
        ("form.website", SETTING, 0 if sells else happened, 0),
        ("view_content.website", SETTING, row.clicks * 80 // 100, 0),
        ("optimization_event.every", SETTING, happened, 0),
        ("optimization_event.every", "view", viewed, 0),
        ("optimization_event.every", "click", (row.conversions - row.view_conversions) // MICROS, 0),
    ]
    for name, window, count, value in told:
        if count or value:
            yield Event(
                _place(row), name, name, "", name.rpartition(".")[2], window, rules.TIKTOK_SETTING, "interaction_date",
                Decimal(count), units(value),
            )  # fmt: skip


def _linkedin_actions(account: Account, row: FigureRow) -> Iterator[Event]:
    """Of campaigns, which are ad groups here; a lead is a form sent on LinkedIn and no website conversion."""
    if account.goal != "purchase":
        return
    place = (row.day, row.campaign_id, row.ad_group_id, f"{rules.NOT_AT_AD_LEVEL}/{row.ad_group_id}")
    for action, part in _actions(account, row):
        whole, viewed = part.conversions // MICROS, part.view_conversions // MICROS
        for window, count, value in (
            (SETTING, whole, units(part.value)), ("post_click", whole - viewed, None), ("post_view", viewed, None),
        ):  # fmt: skip
            if count or value:
                yield Event(
                    place, action.action_id, action.name, action.category, "website", window, _setting_of(action),
                    "interaction_date", Decimal(count), value,
                )  # fmt: skip


def _linkedin_leads(account: Account, row: FigureRow) -> Iterator[Event]:
    if account.goal == "lead" and row.conversions // MICROS:
        yield Event(
            _place(row), "one_click_leads", "Lead forms sent on LinkedIn", "", "linkedin", SETTING, None,
            "interaction_date", Decimal(row.conversions // MICROS), _ZERO,
        )  # fmt: skip


def _place(row: FigureRow) -> tuple[date, str, str, str]:
    return row.day, row.campaign_id, row.ad_group_id, row.ad_id


def object_events(truth: Truth, account: Account) -> list[Event]:
    """Events of the finest object that the platform names them for."""
    match account.platform:
        case "meta_ads":
            return [event for row in truth.figures(account, "ad") for event in meta_events(account, row)]
        case "google_ads":
            return [event for row in truth.figures(account, "campaign") for event in _google(account, row)]
        case "tiktok_ads":
            return [event for row in truth.figures(account, "ad") for event in _tiktok(account, row)]
        case _:
            by_group = [e for row in truth.figures(account, "ad_group") for e in _linkedin_actions(account, row)]
            return by_group + [e for row in truth.figures(account, "ad") for e in _linkedin_leads(account, row)]


def campaign_events(truth: Truth, account: Account) -> list[Event]:
    """The platform's own figures of campaigns where it has them, else those of their parts."""
    if account.platform == "meta_ads":
        # Of ads with different attribution settings the platform withholds a campaign's website conversions.
        rows = [] if account.mixed_attribution else truth.figures(account, "campaign")
        return [event for row in rows for event in meta_events(account, row)]
    if account.platform == "tiktok_ads":
        own = ("purchase.website", "form.website")
        rows = truth.figures(account, "campaign")
        told = [event for row in rows for event in _tiktok(account, row) if event.action_id in own]
        return told + [event for event in object_events(truth, account) if event.action_id not in own]
    return object_events(truth, account)


class Families:
    """Which family an event belongs to: the client's rules of the day, else the defaults."""

    def __init__(self, file: Mapping[str, Any], platform: str) -> None:
        self._platform = platform
        self._rules = [rule for rule in file.get("conversions", ()) if rule["platform"] == platform]
        self._known: dict[tuple[date, str, str, str], tuple[str | None, int, bool]] = {}

    def in_force(self, day: date) -> list[Mapping[str, Any]]:
        return [rule for rule in self._rules if rule.get("from", day) <= day <= rule.get("to", day)]

    def sets_headline(self, day: date) -> bool:
        return any("counts" in rule for rule in self.in_force(day))

    def of(self, event: Event) -> tuple[str | None, int, bool]:
        """Family (None: nobody claims the event), tier, and whether the family is in the headline."""
        place = (event.place[0], event.action_id, event.name, event.category)
        if place not in self._known:
            self._known[place] = self._look_up(event)
        return self._known[place]

    def _look_up(self, event: Event) -> tuple[str | None, int, bool]:
        in_force = self.in_force(event.place[0])
        claims: list[tuple[int, int, str, bool]] = []
        for rule in in_force:
            counts = bool(rule.get("counts", self._counts_by_default(rule["family"])))
            tiers = rule.get("tiers") or [rule.get("events") or []]
            for tier, names in enumerate(tiers, 1):
                claims += [(exact, tier, rule["family"], counts) for exact in self._exactness(event, names)]
            if pattern := rule.get("pattern"):
                words = (event.action_id, event.name, event.category)
                if any(fnmatchcase(word, pattern) for word in words if word):
                    claims.append((6 if pattern == "*" else 4, 1, rule["family"], counts))
        replaced = {rule["family"] for rule in in_force}
        for word, exact in ((event.action_id, 1), (event.category, 5)):
            family, tier = rules.DEFAULT_FAMILIES[self._platform].get(word, (None, 0))
            if family is not None and family not in replaced:
                claims.append((exact, tier, family, self._counts_by_default(family)))
        if not claims:
            return None, 0, True
        _, tier, family, counts = min(claims)
        return family, tier, counts

    @staticmethod
    def _exactness(event: Event, names: Iterable[str]) -> list[int]:
        places = {event.action_id: 1, event.name: 2, event.category: 3}
        return [places[name] for name in names if name in places][:1]

    def _counts_by_default(self, family: str) -> bool:
        return self._platform in rules.HAS_OWN_TOTAL or family in rules.HEADLINE


def counted(events: Iterable[Event], families: Families, platform: str) -> list[Counted]:
    """Of the names of one conversion the best tier counts: by object, family and window."""
    mapped = [(event, *families.of(event)) for event in events]
    best: dict[tuple[Any, ...], int] = {}
    for event, family, tier, _ in mapped:
        place = (event.place, family, event.window)
        best[place] = min(tier, best.get(place, tier))
    answer = []
    for event, family, tier, in_headline in mapped:
        may_count = family is not None or platform in rules.HAS_OWN_TOTAL
        counts = may_count and tier == best[event.place, family, event.window]
        answer.append(Counted(event, family or "other", counts, counts and in_headline))
    return answer


def families_of(truth: Truth, account: Account) -> Families:
    return Families(truth.files[account.client_id], account.platform)


def conversions_daily(truth: Truth) -> Expected:
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        families = families_of(truth, account)
        for one in counted(object_events(truth, account), families, account.platform):
            event = one.event
            day, campaign_id, ad_group_id, ad_id = event.place
            shared = truth.account_day(account, day)
            rows.append(
                {
                    **{name: value for name, value in shared.items() if name not in _WITHOUT},
                    "campaign_id": campaign_id, "ad_group_id": ad_group_id, "ad_id": ad_id,
                    "conversion_action_id": event.action_id, "attribution_window": event.window,
                    "conversion_action_name": event.name, "conversion_family": one.family, "channel": event.channel,
                    "is_default_attribution": event.window == SETTING, "counts_in_family": one.counts,
                    "counts_in_conversions": one.headline, "attribution_setting": event.setting,
                    "conversion_date_basis": event.booking, "conversions": event.count,
                    "conversions_value": event.value,
                    "conversions_value_reporting": converted(event.value, shared["fx_rate"]),
                }
            )  # fmt: skip
    return Expected(_KEYS, pd.DataFrame(rows, dtype=object), frozenset({"fx_rate"}), left_out=truth.BOOKKEEPING)


_WITHOUT = ("fx_rate_date", "fx_source", "fx_reason")


def headlines(truth: Truth, account: Account, *, of_campaigns: bool) -> Mapping[tuple[Any, ...], Headline]:
    """(day, campaign[, ad group, ad]) -> conversions, purchases and leads of the account's own setting.

    Objects without any event are absent; ``headline_of`` gives what they show.
    """
    events = campaign_events(truth, account) if of_campaigns else object_events(truth, account)
    sums: dict[tuple[Any, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(lambda: _ZERO))
    for one in counted(events, families_of(truth, account), account.platform):
        if one.event.window != SETTING or not one.counts:
            continue
        into = sums[one.event.place[:2] if of_campaigns else one.event.place]
        into[one.family] += one.event.count
        into[f"{one.family} value"] += one.event.value or _ZERO
        if one.headline:
            into["headline"] += one.event.count
            into["headline value"] += one.event.value or _ZERO
    return {
        place: Headline(
            into["headline"], into["headline value"], into["purchase"], into["purchase value"], into["lead"]
        )
        for place, into in sums.items()
    }


def headline_of(
    truth: Truth, account: Account, row: FigureRow, known: Mapping[tuple[Any, ...], Headline], *, of_campaign: bool
) -> Headline:
    """What the fact says of a row: Google and LinkedIn have a total of their own, and name no conversion of an ad."""
    place = (row.day, row.campaign_id) if of_campaign else _place(row)
    told = known.get(place, Headline(_ZERO, _ZERO, _ZERO, _ZERO, _ZERO))
    if account.platform not in rules.HAS_OWN_TOTAL:
        return told
    if families_of(truth, account).sets_headline(row.day):
        own = (told.conversions, told.value) if of_campaign else (None, None)
    else:
        whole = row.conversions if account.platform == "google_ads" else row.conversions // MICROS * MICROS
        own = (units(whole), units(row.value))
    named = (told.purchases, told.purchases_value, told.leads) if of_campaign else (None, None, None)
    return Headline(*own, *named)
