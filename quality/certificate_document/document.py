"""Puts the facts of a month into the document that is signed. Pure: rows and an instant in, JSON values out."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from quality.certificate_document.canonical import SCHEMA, Document

PLATFORM_NAMES = {
    "meta_ads": "Meta Ads",
    "google_ads": "Google Ads",
    "tiktok_ads": "TikTok Ads",
    "linkedin_ads": "LinkedIn Ads",
    "instagram": "Instagram",
}
METRICS = (
    "spend", "impressions", "clicks", "ad_spend", "ad_impressions", "ad_clicks", "views", "total_interactions",
)  # fmt: skip
CERTIFIED_STATES = frozenset({"final", "provisional"})
# Days that nobody waits for: there is nothing to certify yet, or nothing to be had any more.
NOT_COUNTED = frozenset({"not_due", "out_of_reach"})
_WITHOUT_REASON = {
    "pending": ("The day has not been read and certified yet.", "Nothing to do: the next daily run reads it."),
    "out_of_reach": ("The day is older than the platform answers for.", "None: the platform gives no figures for it."),
}

Row = dict[str, Any]


@dataclass(frozen=True)
class MonthFacts:
    """What the warehouse knows of one client and month, as rows.

    accounts: registry; days: account_day_state with causes; comparisons: certificates of the published version, and
    held ones of the newest; restatements, months, conversions: as in their tables.
    """

    client: Row
    month: date
    accounts: Sequence[Row]
    days: Sequence[Row]
    comparisons: Sequence[Row]
    restatements: Sequence[Row]
    months: Sequence[Row]
    conversions: Sequence[Row]


def last_of_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def build_document(facts: MonthFacts, *, generated_at: datetime, product_version: str) -> Document:
    """The whole certificate as JSON values; amounts are texts with plain digits, instants are UTC."""
    days, comparisons = _by_account(facts.days), _by_account(facts.comparisons)
    restated, months = _by_account(facts.restatements), _by_account(facts.months)
    converted = {(row["platform"], row["account_id"]): row for row in facts.conversions}
    accounts = [
        _account(row, days[key], comparisons[key], restated[key], months[key], converted.get(key), facts.month)
        for row in facts.accounts
        if days[key := (row["platform"], row["account_id"])]
    ]
    return {
        "schema": SCHEMA,
        "product_version": product_version,
        "generated_at": _instant(generated_at),
        "client": {"id": facts.client["client_id"], "name": facts.client["name"]},
        "month": f"{facts.month:%Y-%m}",
        "first_day": facts.month.isoformat(),
        "last_day": last_of_month(facts.month).isoformat(),
        "reporting_currency": facts.client["reporting_currency"],
        "summary": _summary(accounts, facts.restatements),
        "accounts": accounts,
    }


def _by_account(rows: Sequence[Row]) -> defaultdict[tuple[str, str], list[Row]]:
    grouped: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["platform"], row["account_id"]].append(row)
    return grouped


def _account(
    account: Row, days: list[Row], comparisons: list[Row], restated: list[Row], months: list[Row],
    converted: Row | None, month: date,
) -> Row:  # fmt: skip
    restated_days = {row["date_day"] for row in restated}
    by_day: defaultdict[date, list[Row]] = defaultdict(list)
    for row in comparisons:
        by_day[row["date_day"]].append(row)
    told = [_day(day, by_day[day["date_day"]], day["date_day"] in restated_days) for day in days]
    settles_on = last_of_month(month) + timedelta(days=account["restatement_days"])
    return {
        "platform": account["platform"],
        "platform_name": PLATFORM_NAMES.get(account["platform"], account["platform"]),
        "account_id": account["account_id"],
        "name": account["name"],
        "currency": account["currency"],
        "timezone": account["timezone"],
        "totals": _totals(told),
        "conversion": _conversion(converted),
        "days": told,
        "restated": [_restatement(row) for row in restated],
        "settled_month": {"settles_on": settles_on.isoformat(), "metrics": [_month(row) for row in months]},
    }


def _day(day: Row, comparisons: list[Row], is_restated: bool) -> Row:
    reason, next_step = _WITHOUT_REASON.get(day["state"], (None, None))
    if day["state"] == "overridden":
        reason = (
            f"{day['override_by']} answers for the day until {_instant(day['override_until'])}: "
            f"{day['override_reason']}. The checks say: {day['held_reason']}"
        )
    held_code = next((row["reason_code"] for row in comparisons if row["verdict"] == "held"), None)
    return {
        "date": day["date_day"].isoformat(),
        "state": day["state"],
        "restated": is_restated,
        "version": day["version"],
        "data_as_of": _instant(day["data_as_of"]),
        "published_at": _instant(day["published_at"]),
        "held_since": _instant(day["held_since"]),
        "reason_code": held_code or day["reason_code"],
        "reason": reason if day["state"] == "overridden" else day["held_reason"] or reason,
        "next_step": day["next_step"] or next_step,
        "control_request_ids": sorted({name for row in comparisons for name in row["control_request_ids"]}),
        "detail_request_ids": sorted({name for row in comparisons for name in row["detail_request_ids"]}),
        "comparisons": [_comparison(row) for row in sorted(comparisons, key=_place)],
    }


def _place(row: Row) -> tuple[int, str, bool]:
    metric = row["metric"]
    return (METRICS.index(metric) if metric in METRICS else len(METRICS), metric, not row["is_published"])


def _comparison(row: Row) -> Row:
    return {
        "metric": row["metric"],
        "is_published": row["is_published"],
        "warehouse_total": plain(row["warehouse_total"]),
        "platform_total": plain(row["platform_total"]),
        "difference": plain(row["difference"]),
        "tolerance": plain(row["tolerance"]),
        "verdict": row["verdict"],
        "reason_code": row["reason_code"],
        "read_at": _instant(row["read_at"]),
    }


def _totals(days: list[Row]) -> list[Row]:
    """Per metric over the published days that the platform gave a total for; both sides are sums of the same days."""
    sums: dict[str, list[Any]] = {}
    for day in days:
        for row in day["comparisons"]:
            if not row["is_published"] or row["platform_total"] is None:
                continue
            total = sums.setdefault(row["metric"], [Decimal(0), Decimal(0), 0, set()])
            total[0] += Decimal(row["warehouse_total"])
            total[1] += Decimal(row["platform_total"])
            total[2] += 1
            total[3] |= {row["reason_code"]} - {None}
    return [
        {
            "metric": metric,
            "days": count,
            "warehouse_total": plain(ours),
            "platform_total": plain(theirs),
            "difference": plain(ours - theirs),
            "reason_codes": sorted(codes),
        }
        for metric, (ours, theirs, count, codes) in sorted(
            sums.items(), key=lambda item: (METRICS.index(item[0]) if item[0] in METRICS else len(METRICS), item[0])
        )
    ]


def _conversion(row: Row | None) -> Row | None:
    if row is None:
        return None
    return {
        "spend_reporting": plain(row["spend_reporting"]),
        "lowest_rate": plain(row["lowest_rate"]),
        "highest_rate": plain(row["highest_rate"]),
        "days_without_rate": row["days_without_rate"],
    }


def _restatement(row: Row) -> Row:
    return {
        "date": row["date_day"].isoformat(),
        "metric": row["metric"],
        "old_value": plain(row["old_value"]),
        "new_value": plain(row["new_value"]),
        "difference": plain(row["difference"]),
        "detected_at": _instant(row["detected_at"]),
        "was_published": row["was_published"],
    }


def _month(row: Row) -> Row:
    return {
        "metric": row["metric"],
        "first_day": row["first_day"].isoformat(),
        "last_day": row["last_day"].isoformat(),
        "warehouse_total": plain(row["warehouse_total"]),
        "platform_total": plain(row["platform_total"]),
        "difference": plain(row["difference"]),
        "verdict": row["verdict"],
        "reason": row["reason"],
        "read_at": _instant(row["read_at"]),
        "request_ids": list(row["request_ids"]),
    }


def _summary(accounts: list[Row], restatements: Sequence[Row]) -> Row:
    states: defaultdict[str, int] = defaultdict(int)
    compared = equal = known = 0
    for day in (day for account in accounts for day in account["days"]):
        states[day["state"]] += 1
        for row in day["comparisons"]:
            compared += row["is_published"]
            equal += row["is_published"] and row["difference"] == "0"
            known += row["is_published"] and row["reason_code"] is not None
    return {
        "account_days": {state: states[state] for state in sorted(states)},
        "due": sum(count for state, count in states.items() if state not in NOT_COUNTED),
        "certified": sum(states[state] for state in CERTIFIED_STATES),
        "comparisons": compared,
        "comparisons_equal": equal,
        "comparisons_with_known_cause": known,
        "restated_account_days": len({(r["platform"], r["account_id"], r["date_day"]) for r in restatements}),
    }


def plain(value: Decimal | int | None) -> str | None:
    """Plain digits without exponent and without trailing zeros; minus zero is zero."""
    if value is None:
        return None
    number = Decimal(value).normalize()
    return f"{number:f}" if number else "0"


def _instant(value: datetime | None) -> str | None:
    return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if value else None
