"""Planned budgets against spend: by client, platform and group of campaigns, each month up to the present one."""

from calendar import monthrange
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fnmatch import fnmatchcase
from typing import Any
from unicodedata import normalize
from zoneinfo import ZoneInfo

import pandas as pd

from sandbox.world.model import Client
from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import dimensions, facts, rules
from tests.marts_truth.expected.truth import EXACT, Truth, ratio

_KEYS = ("client_id", "month", "scope", "platform", "campaign_group")
_WEEKS_DAYS, _LEAST_DAYS, _RECENT_DAYS = 56, 28, 7
_TOLERATED = Decimal("0.05")
_LEFT_OUT = {
    "data_as_of": "a bookkeeping instant",
    "reason": "words; whether there is one follows from spend_to_date and planned_budget",
}
_DIGITS = {
    "share_of_month_elapsed": 6, "share_of_spend_expected": 6, "expected_to_date": 2, "over_delivery": 2,
    "over_delivery_share": 6, "projection_straight_line": 2, "projection_weekday_weighted": 2,
    "daily_spend_last_7_days": 2, "days_to_exhaustion": 1, "required_daily_spend": 2,
}  # fmt: skip
Daily = dict[date, tuple[Decimal, bool]]


def budget_pacing(truth: Truth) -> Expected:
    figures = facts.campaign_performance(truth).frame
    names = dimensions.campaigns(truth).frame
    rows = []
    for client in truth.worlds.clients:
        budgets = truth.files[client.client_id].get("budgets", [])
        own = figures[figures["client_id"] == client.client_id]
        today = truth.now.astimezone(ZoneInfo(client.timezone)).date()
        for month in _months(client, today):
            for platform, group in _scopes(client, budgets):
                planned = [b for b in budgets if _scope(b) == (platform, group) and _covers(b, month)]
                if group is not None and not planned:
                    continue
                spent = _daily(truth, client, platform, _of_group(own, names, group, budgets, platform))
                rows.append(_row(truth, client, month, platform, group, planned, spent, today))
    frame = pd.DataFrame(rows, dtype=object)
    for name, digits in _DIGITS.items():
        frame[name] = [None if value is None else _rounded(value, digits) for value in frame[name]]
    return Expected(_KEYS, frame, left_out=_LEFT_OUT)


def _rounded(value: Decimal, digits: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP, context=EXACT)


def _months(client: Client, today: date) -> list[date]:
    months, month = [], client.active_from.replace(day=1)
    while month <= today:
        months.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return months


def _scope(budget: dict[str, Any]) -> tuple[str | None, str | None]:
    return budget.get("platform"), budget.get("campaign_group", {}).get("name")


def _covers(budget: dict[str, Any], month: date) -> bool:
    text = f"{month:%Y-%m}"
    return bool(budget["first_month"] <= text <= budget.get("last_month", text))


def _scopes(client: Client, budgets: list[dict[str, Any]]) -> list[tuple[str | None, str | None]]:
    platforms = {account.platform for account in client.accounts} & set(rules.AD_PLATFORMS)
    every: list[tuple[str | None, str | None]] = [(None, None), *((platform, None) for platform in sorted(platforms))]
    return list(dict.fromkeys([*every, *(_scope(budget) for budget in budgets)]))


def _of_group(
    figures: pd.DataFrame, names: pd.DataFrame, group: str | None, budgets: list[dict[str, Any]], platform: str | None
) -> pd.DataFrame:
    if group is None:
        return figures
    patterns = [
        pattern.lower()
        for budget in budgets
        if _scope(budget) == (platform, group)
        for pattern in budget["campaign_group"]["campaign_names"]
    ]
    fits = [any(fnmatchcase(normalize("NFC", name).lower(), p) for p in patterns) for name in names["campaign_name"]]
    return figures[figures["campaign_id"].isin(set(names.loc[fits, "campaign_id"]))]


def _daily(truth: Truth, client: Client, platform: str | None, figures: pd.DataFrame) -> Daily:
    """Published day -> spend in the reporting currency, and whether a part of it has no rate."""
    accounts = [
        account for account in truth.of(*rules.AD_PLATFORMS)
        if account.client_id == client.client_id and platform in (None, account.platform)
    ]  # fmt: skip
    daily: Daily = {day: (Decimal(0), False) for account in accounts for day in truth.days(account)}
    for row in figures.itertuples():
        if platform in (None, row.platform):
            spend, lacks = daily[row.date_day]
            daily[row.date_day] = (
                spend + (row.spend_reporting or 0),
                lacks or (row.fx_rate is None and row.spend != 0),
            )
    return daily


def _row(
    truth: Truth, client: Client, month: date, platform: str | None, group: str | None,
    planned: list[dict[str, Any]], spent: Daily, today: date,
) -> dict[str, Any]:  # fmt: skip
    first = max(month, client.active_from)
    last = month.replace(day=monthrange(month.year, month.month)[1])
    expected = [
        account for account in client.accounts
        if account.platform in rules.AD_PLATFORMS and platform in (None, account.platform)
    ]  # fmt: skip
    through = _through(truth, expected, spent, first, last)
    elapsed = (through - first).days + 1 if through else 0
    length = (last - first).days + 1
    is_over = through == last
    behind = [account for account in expected if truth.is_held(account)]
    days = [day for day in spent if through and first <= day <= through]
    unknown = any(spent[day][1] for day in days)
    amount = sum((spent[day][0] for day in days), Decimal(0)) if through and not unknown else None
    plan = _plan(truth, client, month, planned)
    share = EXACT.divide(Decimal(elapsed), Decimal(length))
    weighted = _weighted(spent, first, last, through) if through and not is_over else None
    usual = share if weighted is None else weighted
    target = EXACT.multiply(plan, usual) if plan is not None else None
    recent = [spent[day] for day in spent if through and through - timedelta(days=_RECENT_DAYS) < day <= through]
    daily = None
    if recent and not any(lacks for _, lacks in recent):
        daily = ratio(sum((spend for spend, _ in recent), Decimal(0)), len(recent))
    left = max(plan - amount, Decimal(0)) if plan is not None and amount is not None else None
    over = EXACT.subtract(amount, target) if amount is not None and target is not None else None
    reached = ratio(amount, target)
    return {
        "client_id": client.client_id, "month": month,
        "scope": "campaign_group" if group else "platform" if platform else "client", "platform": platform,
        "campaign_group": group, "reporting_currency": client.reporting_currency, "planned_budget": plan,
        "budget_amount": Decimal(str(planned[0]["amount"])) if planned else None,
        "budget_currency": planned[0].get("currency", client.reporting_currency) if planned else None,
        "spend_to_date": amount, "data_through": through, "days_in_month": length, "days_elapsed": elapsed,
        "share_of_month_elapsed": share, "share_of_spend_expected": usual,
        "is_weekday_weighted": weighted is not None, "expected_to_date": target, "over_delivery": over,
        "over_delivery_share": None if reached is None else EXACT.subtract(reached, Decimal(1)),
        "projection_straight_line": ratio(amount, share), "projection_weekday_weighted": ratio(amount, usual),
        "daily_spend_last_7_days": daily,
        "days_to_exhaustion": None if is_over or left is None else Decimal(0) if not left else ratio(left, daily),
        "required_daily_spend": None if is_over or left is None else ratio(left, length - elapsed),
        "status": _status(plan, amount, target, planned, is_over=is_over),
        "accounts_expected": len(expected), "accounts_current": len(expected) - len(behind),
    }  # fmt: skip


def _through(truth: Truth, accounts: list[Any], spent: Daily, first: date, last: date) -> date | None:
    """The last day up to which no account is on its way; held ones do not stop the others."""
    if not any(first <= day <= last for day in spent):
        return None
    awaited = [truth.last_day(account) for account in accounts if truth.last_day(account) < last]
    return min([last, *awaited])


def _plan(truth: Truth, client: Client, month: date, planned: list[dict[str, Any]]) -> Decimal | None:
    """A budget in another currency at the rate of the month's first day."""
    if not planned:
        return None
    amount, currency = Decimal(str(planned[0]["amount"])), planned[0].get("currency", client.reporting_currency)
    if currency == client.reporting_currency:
        return amount
    rate, _ = truth.rate(currency, client.reporting_currency, month)
    return None if rate is None else _rounded(EXACT.multiply(amount, rate), 2)


def _weighted(spent: Daily, first: date, last: date, through: date) -> Decimal | None:
    """Share of the month's spend that its elapsed days usually take, by the weekdays of the last eight weeks."""
    known = [day for day in spent if through - timedelta(days=_WEEKS_DAYS) < day <= through]
    if len(known) < _LEAST_DAYS or any(spent[day][1] for day in known):
        return None
    weights: dict[int, Decimal] = {}
    for weekday in range(7):
        own = [spent[day][0] for day in known if day.weekday() == weekday]
        if not own:
            return None
        weights[weekday] = EXACT.divide(sum(own, Decimal(0)), Decimal(len(own)))
    month = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    whole = sum((weights[day.weekday()] for day in month), Decimal(0))
    return ratio(sum((weights[day.weekday()] for day in month if day <= through), Decimal(0)), whole)


def _status(
    plan: Decimal | None, amount: Decimal | None, target: Decimal | None, planned: list[Any], *, is_over: bool
) -> str:
    if not planned:
        return "no_budget"
    if plan is None or amount is None or target is None:
        return "unknown"
    if amount >= plan and not is_over:
        return "exhausted"
    if amount > target * (1 + _TOLERATED):
        return "over"
    return "under" if amount < target * (1 - _TOLERATED) else "on_track"
