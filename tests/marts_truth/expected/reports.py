"""Reports by client and by campaign, creatives by week, and what of a day is not final yet."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import dimensions, facts, rules
from tests.marts_truth.expected.facts import ACCOUNT_DAY, CAMPAIGN_DAY, total
from tests.marts_truth.expected.truth import EXACT, Truth, ratio

_ZERO = Decimal(0)
_FIRST_DAYS = 7
_ATTRIBUTES = {"creative_type": "handed on from the listing"}


def client_performance(truth: Truth) -> Expected:
    """Sums of what is published; a published day without delivery is zero, an account that is held is not in it."""
    figures = facts.campaign_performance(truth).frame
    by_day = dict(list(figures.groupby(list(ACCOUNT_DAY)))) if len(figures) else {}
    days: dict[tuple[Any, ...], list[tuple[Any, pd.DataFrame | None]]] = {}
    for account in truth.of(*rules.AD_PLATFORMS):
        for day in truth.days(account):
            own = by_day.get((account.client_id, account.platform, account.account_id, day))
            days.setdefault((account.client_id, account.platform, day), []).append((account, own))
    rows = []
    for (client_id, platform, day), parts in days.items():
        known = (
            pd.concat([own for _, own in parts if own is not None]) if any(o is not None for _, o in parts) else None
        )
        client = truth.clients[client_id]
        expected = sum(account.platform == platform for account in client.accounts)
        rows.append(
            {
                "client_id": client_id, "platform": platform, "date_day": day,
                "impressions": _sum(known, "impressions"), "clicks": _sum(known, "clicks"),
                "link_clicks": None if platform == "google_ads" else _sum(known, "link_clicks"),
                "conversions": _sum(known, "conversions"),
                "spend_reporting": _money(known, "spend"),
                "conversions_value_reporting": _money(known, "conversions_value"),
                "reporting_currency": client.reporting_currency, "accounts_expected": expected,
                "accounts_current": len(parts),
                "is_final": len(parts) == expected and all(truth.is_final(account, day) for account, _ in parts),
            }
        )  # fmt: skip
    return Expected(("client_id", "platform", "date_day"), pd.DataFrame(rows, dtype=object))


def _sum(known: pd.DataFrame | None, column: str) -> Decimal:
    return _ZERO if known is None else sum((Decimal(value) for value in known[column] if value is not None), _ZERO)


def _money(known: pd.DataFrame | None, column: str) -> Decimal | None:
    """In the reporting currency; unknown where a part that is not zero has no rate."""
    if known is None:
        return _ZERO
    if any(rate is None and amount for rate, amount in zip(known["fx_rate"], known[column], strict=True)):
        return None
    return sum((value for value in known[f"{column}_reporting"] if value is not None), _ZERO)


_RATIOS = (
    ("ctr", "clicks", "impressions", 1), ("conversion_rate", "conversions", "clicks", 1), ("cpc", "spend", "clicks", 1),
    ("cpm", "spend", "impressions", 1000), ("cost_per_conversion", "spend", "conversions", 1),
    ("roas", "conversions_value", "spend", 1), ("cost_per_purchase", "spend", "purchases", 1),
    ("purchase_roas", "purchases_value", "spend", 1), ("cost_per_lead", "spend", "leads", 1),
    ("cpc_reporting", "spend_reporting", "clicks", 1), ("cpm_reporting", "spend_reporting", "impressions", 1000),
    ("cost_per_conversion_reporting", "spend_reporting", "conversions", 1),
)  # fmt: skip
_NOT_IN_REPORT = ["fx_rate", "fx_rate_date", "fx_source"]


def campaign_performance(truth: Truth) -> Expected:
    """The campaign's figures with its present name, and with the one that it had on the day."""
    frame = facts.campaign_performance(truth).frame.drop(columns=_NOT_IN_REPORT)
    present = dimensions.campaigns(truth).frame.rename(columns={"status": "campaign_status"})
    present = present.drop(columns=["is_listed", "unlisted_since"])
    names = dimensions.accounts(truth).frame[[*ACCOUNT_DAY[:3], "name"]].rename(columns={"name": "account_name"})
    keys = [*ACCOUNT_DAY[:3], "campaign_id"]
    frame = frame.merge(present, on=keys, validate="many_to_one").merge(names, on=keys[:3], validate="many_to_one")
    then = _on_day(frame, dimensions.campaign_history(truth).frame, keys)
    frame = frame.assign(campaign_name_on_day=list(then["campaign_name"]))
    for name, top, bottom, times in _RATIOS:
        frame[name] = _quotients(frame, top, bottom, times)
    accounts = {account.account_id: account for account in truth.accounts}
    frame["is_final"] = [truth.is_final(accounts[row.account_id], row.date_day) for row in frame.itertuples()]
    quotients = frozenset(name for name, *_ in _RATIOS)
    return Expected(CAMPAIGN_DAY, frame.astype(object), quotients, left_out=Truth.BOOKKEEPING)


def _quotients(frame: pd.DataFrame, top: str, bottom: str, times: int) -> list[Decimal | None]:
    pairs = zip(frame[top], frame[bottom], strict=True)
    return [ratio(Decimal(a) * times if a is not None else None, b) for a, b in pairs]


def _on_day(frame: pd.DataFrame, history: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """For each row the span of its object that covers its day, in the order of the rows."""
    spans = frame[[*keys, "date_day"]].reset_index().merge(history, on=keys)
    ends = [end is None or day < end for day, end in zip(spans["date_day"], spans["valid_to_day"], strict=True)]
    covered = spans[(spans["date_day"] >= spans["valid_from_day"]) & pd.Series(ends, index=spans.index)]
    assert len(covered) == len(frame), "spans leave a gap or overlap"
    return covered.sort_values("index")


def creative_performance(truth: Truth) -> Expected:
    """Creatives by ISO week, against their own first seven days with impressions."""
    frame = facts.ad_performance(truth).frame
    frame = frame[[not ad_id.startswith(rules.NOT_AT_AD_LEVEL) for ad_id in frame["ad_id"]]]
    then = _on_day(frame, dimensions.ad_history(truth).frame, [*ACCOUNT_DAY[:3], "ad_group_id", "ad_id"])
    frame = frame.assign(creative_id=list(then["creative_id"]))
    creatives = dimensions.creatives(truth).frame.set_index([*ACCOUNT_DAY[:3], "creative_id"])
    accounts = {account.account_id: account for account in truth.accounts}
    rows = []
    for key, own in frame.groupby([*ACCOUNT_DAY[:3], "creative_id"]):
        shown = own[own["impressions"] > 0]
        days = sorted(set(shown["date_day"]))
        first = own[own["date_day"].isin(days[:_FIRST_DAYS])]
        first_shown, first_clicks = sum(first["impressions"]), sum(first["clicks"])
        week_of = pd.Series([day - timedelta(days=day.weekday()) for day in own["date_day"]], index=own.index)
        for week, part in own.groupby(week_of):
            active = sorted(set(part.loc[part["impressions"] > 0, "date_day"]))
            impressions, clicks, spend = sum(part["impressions"]), sum(part["clicks"]), sum(part["spend"], _ZERO)
            conversions = total(list(part["conversions"]))
            ctr, first_ctr = ratio(clicks, impressions), ratio(first_clicks, first_shown)
            is_later = bool(active) and days.index(active[0]) >= _FIRST_DAYS
            creative, account = creatives.loc[key], accounts[key[2]]
            rows.append(
                {
                    **dict(zip((*ACCOUNT_DAY[:3], "creative_id"), key, strict=True)), "week_start": week,
                    "creative_name": creative["creative_name"], "title": creative["title"],
                    "destination_url": creative["destination_url"], "impressions": impressions, "clicks": clicks,
                    "link_clicks": None if key[1] == "google_ads" else sum(part["link_clicks"]),
                    "conversions": conversions, "account_currency": account.currency, "spend": spend,
                    "conversions_value": total(list(part["conversions_value"])),
                    "reporting_currency": truth.clients[key[0]].reporting_currency,
                    "spend_reporting": _money(part, "spend"), "ctr": ctr, "cpm": ratio(spend * 1000, impressions),
                    "cost_per_conversion": ratio(spend, conversions), "days_active": len(active),
                    "first_delivery_day": days[0] if days else None,
                    "age_days": (active[-1] - days[0]).days if active else None,
                    "first_7_days_impressions": first_shown if days else None,
                    "first_7_days_ctr": first_ctr,
                    "ctr_change": EXACT.subtract(ratio(ctr, first_ctr) or _ZERO, Decimal(1))
                    if is_later and ctr is not None and first_ctr else None,
                    "is_final": all(truth.is_final(account, day) for day in part["date_day"]),
                }
            )  # fmt: skip
    quotients = frozenset({"ctr", "cpm", "cost_per_conversion", "first_7_days_ctr", "ctr_change"})
    keys = (*ACCOUNT_DAY[:3], "creative_id", "week_start")
    return Expected(keys, pd.DataFrame(rows, dtype=object), quotients, left_out=_ATTRIBUTES)


_MATURING = ("spend", "conversions", "conversions_value", "purchases", "purchases_value", "leads")
_MONEY = ("spend", "conversions_value", "purchases_value")
_NO_RATE = "an account has no FX rate or does not tell this figure on this day"
_TOO_FEW = "fewer than 20 final days of the platform were seen at this age"


def expected_final(truth: Truth) -> Expected:
    """No day of so short a history is final, so that nothing is known of how figures mature."""
    frame = facts.campaign_performance(truth).frame
    accounts = {account.account_id: account for account in truth.accounts}
    rows = []
    for key, own in frame.groupby(["client_id", "platform", "date_day"]):
        client_id, platform, day = key
        age = min((truth.now.astimezone(ZoneInfo(accounts[i].timezone)).date() - day).days for i in own["account_id"])
        for metric in _MATURING:
            is_money = metric in _MONEY
            rates = list(own["fx_rate"]) if is_money else [Decimal(1)] * len(own)
            values = [
                None if value is None or rate is None else EXACT.multiply(value, rate)
                for value, rate in zip(own[metric], rates, strict=True)
            ]
            provisional = total(values)
            rows.append(
                {
                    "client_id": client_id, "platform": platform, "date_day": day, "metric": metric,
                    "currency": truth.clients[client_id].reporting_currency if is_money else None,
                    "provisional": provisional, "expected_final": None, "low": None, "high": None, "age_days": age,
                    "basis": None, "final_days": None, "has_enough_history": False,
                    "reason": _TOO_FEW if provisional is not None else _NO_RATE,
                }
            )  # fmt: skip
    keys = ("client_id", "platform", "date_day", "metric")
    return Expected(keys, pd.DataFrame(rows, dtype=object), frozenset({"provisional"}))


def maturation(truth: Truth) -> Expected:
    columns = ["basis", "client_id", "platform", "metric", "age_days", "median_share", "p10_share", "p90_share",
               "final_days", "has_enough_history"]  # fmt: skip
    return Expected(
        ("basis", "client_id", "platform", "metric", "age_days"), pd.DataFrame(columns=columns, dtype=object)
    )
