"""What a second reading changed, and what stood before."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sandbox.world.instagram import account_day
from sandbox.world.model import MICROS, Account, FigureRow
from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import facts, rules
from tests.marts_truth.expected.facts import ACCOUNT_DAY, CAMPAIGN_DAY, campaign_rows, link_clicks
from tests.marts_truth.expected.truth import Truth, ratio, units

_SIX = Decimal("0.000001")
_STALE_AFTER = timedelta(hours=72)
_ZERO = Decimal(0)
# Figures of the platforms' control totals.
_METRICS: Mapping[str, tuple[str, ...]] = {
    "meta_ads": ("spend", "impressions", "clicks", "link_clicks"),
    "google_ads": ("spend", "impressions", "clicks", "conversions"),
    "tiktok_ads": ("spend", "impressions", "clicks"),
    "linkedin_ads": ("spend", "impressions", "clicks", "conversions"),
    "instagram": ("views", "total_interactions"),
}
_RESTATED = (
    "impressions", "clicks", "link_clicks", "spend", "conversions", "conversions_value", "purchases",
    "purchases_value", "leads",
)  # fmt: skip


def _figure(account: Account, row: FigureRow, metric: str) -> Decimal:
    match metric:
        case "spend":
            return units(row.spend)
        case "conversions":
            whole = row.conversions if account.platform == "google_ads" else row.conversions // MICROS * MICROS
            return units(whole)
        case "link_clicks":
            return Decimal(link_clicks(account, row) or 0)
        case _:
            return Decimal(getattr(row, metric))


def _totals(truth: Truth, account: Account) -> dict[tuple[date, str], Decimal]:
    """(day, metric) -> total of the account-day as read last."""
    sums: dict[tuple[date, str], Decimal] = {}
    for metric in _METRICS[account.platform]:
        if account.platform == "instagram":
            for day in truth.days(account):
                if shown := account_day(account, day, truth.now):
                    sums[day, metric] = Decimal(getattr(shown, metric))
            continue
        for row in campaign_rows(truth, account):
            sums[row.day, metric] = sums.get((row.day, metric), _ZERO) + _figure(account, row, metric)
    return sums


def restatement(truth: Truth) -> Expected:
    """By account, day and metric: what the platform told at each reading and no longer told at the next one."""
    rows = []
    for number in range(1, len(truth.readings)):
        later = Truth(truth.worlds, truth.files, truth.readings[: number + 1])
        for account in truth.accounts:
            before, after = _totals(later.before(), account), _totals(later, account)
            for day in later.before().days(account):
                for metric in _METRICS[account.platform]:
                    old, new = before.get((day, metric), _ZERO), after.get((day, metric), _ZERO)
                    if old != new:
                        rows.append(_change(later, account, day, metric, old, new))
    return Expected((*ACCOUNT_DAY, "metric", "detected_at"), pd.DataFrame(rows, dtype=object))


def _change(truth: Truth, account: Account, day: date, metric: str, old: Decimal, new: Decimal) -> dict[str, Any]:
    return {
        **truth.keys(account), "date_day": day, "metric": metric, "old_value": old, "new_value": new,
        "difference": new - old, "share": _share(new - old, old), "detected_at": truth.now,
        "age_days": _age(account, day, truth.now),
        # Final for a day, by whatever cause it was read so late.
        "after_window": _age(account, day, truth.now) > rules.FINAL_AFTER_DAYS[account.platform], "was_published": True,
        "published_at": truth.now,
    }  # fmt: skip


def _share(difference: Decimal, old: Decimal) -> Decimal | None:
    share = ratio(difference, old)
    return None if share is None else share.quantize(_SIX, rounding=ROUND_HALF_UP)


def _age(account: Account, day: date, instant: datetime) -> int:
    return (instant.astimezone(ZoneInfo(account.timezone)).date() - day).days


def campaign_restatement(truth: Truth) -> Expected:
    """By campaign, day and metric: what another publication showed."""
    rows = []
    accounts = {account.account_id: account for account in truth.accounts}
    for number in range(1, len(truth.readings)):
        later = Truth(truth.worlds, truth.files, truth.readings[: number + 1])
        before, after = (_by_key(facts.campaign_performance(each).frame) for each in (later.before(), later))
        published = {(a.account_id, day) for a in truth.accounts for day in later.before().days(a)}
        for key in before.keys() | after.keys():
            if (key[2], key[3]) not in published:
                continue
            for place, metric in enumerate(_RESTATED):
                old = before[key][place] if key in before else None
                new = after[key][place] if key in after else None
                if (old or 0) == (new or 0):
                    continue
                difference = Decimal(new or 0) - Decimal(old or 0)
                rows.append(
                    {
                        **dict(zip(CAMPAIGN_DAY, key, strict=True)), "metric": metric, "old_value": old,
                        "new_value": new, "difference": difference,
                        "share": _share(difference, Decimal(old)) if old else None, "published_at": later.now,
                        "age_days": _age(accounts[key[2]], key[3], later.now), "after_window": False,
                    }
                )  # fmt: skip
    return Expected((*CAMPAIGN_DAY, "metric", "published_at"), pd.DataFrame(rows, dtype=object))


def _by_key(frame: pd.DataFrame) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    keys = zip(*(frame[name] for name in CAMPAIGN_DAY), strict=True)
    return dict(zip(keys, zip(*(frame[name] for name in _RESTATED), strict=True), strict=True))


# Nobody answers for a held day in these worlds.
_OF_OVERRIDES = ("override_by", "override_reason", "override_until")


def account_day_state(truth: Truth) -> Expected:
    """Every day that the registry expects, from the account's first day to today."""
    rows = []
    for account in truth.worlds.accounts:
        first, today = truth.clients[account.client_id].active_from, truth.today(account)
        held = truth.is_held(account)
        for number in range((min(today, account.active_to or date.max) - first).days + 1):
            day = date.fromordinal(first.toordinal() + number)
            told = {"date_day": day, "due_at": truth.due_at(account, day), **_state(truth, account, day, held=held)}
            rows.append(truth.keys(account) | told | dict.fromkeys(_OF_OVERRIDES))
    left = {"version": "a hash", "published_at": "a bookkeeping instant", "held_reason": "the platform's words",
            "held_since": "a bookkeeping instant", "data_as_of": "a bookkeeping instant"}  # fmt: skip
    return Expected(ACCOUNT_DAY, pd.DataFrame(rows, dtype=object), left_out=left)


def _state(truth: Truth, account: Account, day: date, *, held: bool) -> dict[str, str]:
    if day > truth.last_day(account):
        return {"state": "not_due"}
    if held:
        # Held since it was due, or since the account could not be read any more.
        since = max(truth.due_at(account, day), truth.readings[0])
        return {"state": "stale" if truth.now - since > _STALE_AFTER else "held"}
    return {"state": "final" if truth.is_final(account, day) else "provisional"}
