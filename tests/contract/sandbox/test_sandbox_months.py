"""A whole month asked of each ad platform in its own words is the sum of the world's days."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.contract.sandbox.conftest import Served

SINCE, UNTIL = "2026-08-01", "2026-08-31"
METRICS = ("spend", "impressions", "clicks")
Totals = tuple[Decimal, int, int]
CLIENTS = {
    "meta_ads": "aurora-moda",
    "google_ads": "aurora-moda",
    "tiktok_ads": "aurora-moda",
    "linkedin_ads": "harbor-outdoor",
}


def truth(served: Served, platform: str) -> Totals:
    account = served.account(platform, CLIENTS[platform])
    rows = served.truth("account", account, since=SINCE, until=UNTIL)
    return (
        sum((Decimal(row["spend"]) for row in rows), Decimal(0)),
        sum(row["impressions"] for row in rows),
        sum(row["clicks"] for row in rows),
    )


def _added(rows: list[dict[str, Any]], spend: str) -> Totals:
    return (
        sum((Decimal(str(row[spend])) for row in rows), Decimal(0)),
        sum(int(row["impressions"]) for row in rows),
        sum(int(row["clicks"]) for row in rows),
    )


def meta(served: Served) -> tuple[list[str], Totals]:
    rows = served.insights(
        served.account("meta_ads", CLIENTS["meta_ads"]), level="account", time_increment="monthly",
        time_range={"since": SINCE, "until": UNTIL}, fields="account_id,spend,impressions,clicks",
    ).json()["data"]  # fmt: skip
    return [f"{row['date_start']}..{row['date_stop']}" for row in rows], _added(rows, "spend")


def google(served: Served) -> tuple[list[str], Totals]:
    account = served.account("google_ads", CLIENTS["google_ads"])
    query = (
        "SELECT segments.month, metrics.cost_micros, metrics.impressions, metrics.clicks FROM customer "
        f"WHERE segments.date BETWEEN '{SINCE}' AND '{UNTIL}'"
    )
    batches = served.google(account.account_id, query, login=account.login_customer_id).json()
    rows = [row for batch in batches for row in batch.get("results", [])]
    spend, impressions, clicks = _added([row["metrics"] for row in rows], "costMicros")
    return [row["segments"]["month"] for row in rows], (spend / 1_000_000, impressions, clicks)


def tiktok(served: Served) -> tuple[list[str], Totals]:
    data = served.tiktok(
        served.account("tiktok_ads", CLIENTS["tiktok_ads"]), "report/integrated/get/", report_type="BASIC",
        data_level="AUCTION_ADVERTISER", dimensions=["advertiser_id"], metrics=list(METRICS), start_date=SINCE,
        end_date=UNTIL, page_size="1000",
    ).json()["data"]  # fmt: skip
    assert [list(row["dimensions"]) for row in data["list"]] == [["advertiser_id"]]
    return [], _added([row["metrics"] for row in data["list"]], "spend")


def linkedin(served: Served) -> tuple[list[str], Totals]:
    account = served.account("linkedin_ads", CLIENTS["linkedin_ads"])
    token = served.http.post(
        "/linkedin/oauth/v2/accessToken",
        data={
            "grant_type": "refresh_token",
            **{
                part: served.environment[f"MDP_CREDENTIAL_{account.credential.upper()}_{part.upper()}"]
                for part in ("client_id", "client_secret", "refresh_token")
            },
        },
    ).json()["access_token"]
    days = [date.fromisoformat(text) for text in (SINCE, UNTIL)]
    start, end = (f"(year:{day.year},month:{day.month},day:{day.day})" for day in days)
    answer = served.http.get(
        "/linkedin/rest/adAnalytics?q=analytics&pivot=ACCOUNT&timeGranularity=MONTHLY"
        f"&dateRange=(start:{start},end:{end})&accounts=List(urn%3Ali%3AsponsoredAccount%3A{account.account_id})"
        "&fields=costInLocalCurrency,impressions,clicks,dateRange,pivotValues",
        headers={
            "Authorization": f"Bearer {token}", "LinkedIn-Version": "202608", "X-Restli-Protocol-Version": "2.0.0",
            "X-RestLi-Method": "FINDER",
        },
    )  # fmt: skip
    rows = answer.json()["elements"]
    spend, impressions, clicks = _added(rows, "costInLocalCurrency")
    spans = [[row["dateRange"][name] for name in ("start", "end")] for row in rows]
    named = [f"{date(**since)}..{date(**until)}" for since, until in spans]
    return named, (round(spend, 6), impressions, clicks)


@pytest.mark.parametrize(
    ("platform", "ask", "named"),
    [
        ("meta_ads", meta, ["2026-08-01..2026-08-31"]),
        ("google_ads", google, ["2026-08-01"]),
        ("tiktok_ads", tiktok, []),
        ("linkedin_ads", linkedin, ["2026-08-01..2026-08-31"]),
    ],
)
def test_one_row_holds_the_whole_month(served: Served, platform: str, ask: Any, named: list[str]) -> None:
    wanted = truth(served, platform)
    assert wanted[0] > 0
    assert ask(served) == (named, wanted)


@pytest.mark.parametrize(("platform", "ask"), [("meta_ads", meta), ("google_ads", google), ("tiktok_ads", tiktok)])
def test_a_restated_day_moves_the_month_by_its_own_spend(served: Served, platform: str, ask: Any) -> None:
    account = served.account(platform, CLIENTS[platform])
    _, (spend, impressions, _) = ask(served)
    (day,) = served.truth("account", account, since="2026-08-10", until="2026-08-10")
    served.fault(account, "restated", since="2026-08-10", until="2026-08-10", amount="2")
    assert ask(served)[1][:2] == (spend + Decimal(day["spend"]), impressions)
