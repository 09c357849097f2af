"""How each platform writes a report's row: where day, object and figures stand, and of which level the answer is."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import unquote

from sandbox.faulty_wire.dialects import DIALECTS
from sandbox.faulty_wire.faults import platform_of
from sandbox.faulty_wire.messages import Request

Row = dict[str, Any]
Level = Literal["account", "campaign", "ad"]
FIGURES = ("spend", "impressions", "clicks")


@dataclass(frozen=True)
class Writing:
    """One platform's way of writing. figures: spend, impressions, clicks, conversions -> path in a row.

    campaign: path of the id of the object at the level that the account's total proves. level: None where a row is
    none of a daily report at one of the three levels.
    """

    account: re.Pattern[str]
    figures: dict[str, tuple[str, ...]]
    campaign: tuple[str, ...]
    level: Callable[[Request, Row], Level | None]
    day: Callable[[Row], date]
    set_day: Callable[[Row, date], None]
    currency: tuple[str, ...] | None
    timezone: tuple[str, ...] | None
    currency_of_rows: tuple[str, ...] | None = None

    def place(self, row: Row, figure: str) -> tuple[Row, str]:
        """The object in the row that holds a figure, and the figure's key in it."""
        *above, key = self.figures[figure]
        for name in above:
            row = row.setdefault(name, {})
        return row, key

    def get(self, row: Row, figure: str) -> Decimal:
        holder, key = self.place(row, figure)
        return Decimal(str(holder.get(key) or 0))

    def put(self, row: Row, figure: str, value: Decimal) -> None:
        """Write a figure as the platform writes it, text where it was text; an answer without the figure stays so."""
        holder, key = self.place(row, figure)
        if key not in holder:
            return
        whole = figure != "spend" or key == "costMicros"
        number = value.to_integral_value() if whole else value
        holder[key] = int(number) if isinstance(holder.get(key), int) else f"{number:f}"


def at(row: Any, path: tuple[str, ...]) -> Any:
    """What stands at a path, None where nothing does."""
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return row


def set_at(row: Row, path: tuple[str, ...], text: str) -> None:
    """Write text at a path that exists."""
    *above, key = path
    for name in above:
        row = row[name]
    row[key] = text


def _meta_level(request: Request, row: Row) -> Level | None:
    if "date_start" not in row or row.get("date_start") != row.get("date_stop"):
        return None
    levels: dict[str, Level] = {"account": "account", "campaign": "campaign", "ad": "ad"}
    return None if "breakdowns" in request.query else levels.get(request.query.get("level", ""))


def _set_meta_day(row: Row, day: date) -> None:
    row["date_start"] = row["date_stop"] = day.isoformat()


def _google_level(request: Request, row: Row) -> Level | None:
    if "date" not in row.get("segments", {}) or "metrics" not in row:
        return None
    if "adGroupAd" in row:
        return "ad"
    if "campaign" in row:
        return None if {"adGroup", "adGroupCriterion", "assetGroup", "searchTermView"} & row.keys() else "campaign"
    return "account"


def _tiktok_level(request: Request, row: Row) -> Level | None:
    if "stat_time_day" not in row.get("dimensions", {}) or len(row["dimensions"]) != 2:
        return None
    levels: dict[str, Level] = {"AUCTION_ADVERTISER": "account", "AUCTION_CAMPAIGN": "campaign", "AUCTION_AD": "ad"}
    return levels.get(request.query.get("data_level", ""))


def _linkedin_level(request: Request, row: Row) -> Level | None:
    if "dateRange" not in row or row["dateRange"].get("start") != row["dateRange"].get("end"):
        return None
    # With creatives their campaigns are asked for too: a list that begins with the finest pivot.
    if unquote(request.query.get("pivots", "")).startswith("List(CREATIVE,"):
        return "ad"
    levels: dict[str, Level] = {"ACCOUNT": "account", "CAMPAIGN_GROUP": "campaign", "CREATIVE": "ad"}
    return levels.get(request.query.get("pivot", ""))


def _linkedin_day(row: Row) -> date:
    start = row["dateRange"]["start"]
    return date(start["year"], start["month"], start["day"])


def _set_linkedin_day(row: Row, day: date) -> None:
    for end in ("start", "end"):
        row["dateRange"][end] = {"year": day.year, "month": day.month, "day": day.day}


WRITINGS = {
    "meta_ads": Writing(
        re.compile(r"/act_(\d+)"),
        {"spend": ("spend",), "impressions": ("impressions",), "clicks": ("clicks",), "conversions": ("actions",)},
        ("campaign_id",),
        _meta_level,
        lambda row: date.fromisoformat(row["date_start"]),
        _set_meta_day,
        ("currency",),
        ("timezone_name",),
        ("account_currency",),
    ),
    "google_ads": Writing(
        re.compile(r"/customers/(\d+)"),
        {
            "spend": ("metrics", "costMicros"), "impressions": ("metrics", "impressions"),
            "clicks": ("metrics", "clicks"), "conversions": ("metrics", "conversions"),
        },
        ("campaign", "id"),
        _google_level,
        lambda row: date.fromisoformat(row["segments"]["date"]),
        lambda row, day: set_at(row, ("segments", "date"), day.isoformat()),
        ("customer", "currencyCode"),
        ("customer", "timeZone"),
    ),
    "tiktok_ads": Writing(
        re.compile(r"advertiser_ids?=\W*(\d+)"),
        {
            "spend": ("metrics", "spend"), "impressions": ("metrics", "impressions"), "clicks": ("metrics", "clicks"),
            "conversions": ("metrics", "conversion"),
        },
        ("dimensions", "campaign_id"),
        _tiktok_level,
        lambda row: date.fromisoformat(row["dimensions"]["stat_time_day"][:10]),
        lambda row, day: set_at(row, ("dimensions", "stat_time_day"), f"{day} 00:00:00"),
        ("currency",),
        ("display_timezone",),
        ("metrics", "currency"),
    ),
    "linkedin_ads": Writing(
        re.compile(r"sponsoredAccount(?::|%3A)(\d+)|/adAccounts/(\d+)"),
        {
            "spend": ("costInLocalCurrency",), "impressions": ("impressions",), "clicks": ("clicks",),
            "conversions": ("externalWebsiteConversions",),
        },
        ("pivotValues",),
        _linkedin_level,
        _linkedin_day,
        _set_linkedin_day,
        ("currency",),
        None,
    ),
}  # fmt: skip


def account_of(request: Request) -> tuple[str, str] | None:
    """Platform and account that a request is about, where its address says so."""
    platform = platform_of(request.target)
    writing = WRITINGS.get(platform or "")
    found = writing and writing.account.search(unquote(request.target))
    if not platform or not found:
        return None
    return platform, next(group for group in found.groups() if group)


def rows_of(platform: str, request: Request, body: Any) -> list[Any]:
    """The answer's rows, to be changed in place; a single object stands for itself."""
    if platform == "google_ads":
        batches = body if isinstance(body, list) else [body]
        return next((batch["results"] for batch in batches if batch.get("results")), [])
    if platform == "tiktok_ads" and isinstance(body.get("data"), dict):
        return body["data"].get("list") or []
    rows = DIALECTS[platform].rows(request, body)
    if rows is None:
        return [body] if isinstance(body, dict) else []
    return rows


def recount(platform: str, body: Any, more: int) -> None:
    """Let the answer announce as many rows as it has now: what a platform loses inside, it does not count either."""
    if platform == "tiktok_ads" and more:
        body["data"]["page_info"]["total_number"] += more
