"""Definitions -> query strings in Rest.li protocol 2.0.0: parentheses and commas are syntax, values are encoded."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from urllib.parse import quote

from ingestion.reports import DAY, Entity, Report

# Twenty fields a request at the most, and a row is only known by the two that are no metrics.
METRICS_PER_REQUEST = 18
ROW_FIELDS = ("dateRange", "pivotValues")


def urn(kind: str, object_id: str) -> str:
    """An encoded URN: sponsoredAccount, 12 -> urn%3Ali%3AsponsoredAccount%3A12."""
    return quote(f"urn:li:{kind}:{object_id}", safe="")


def analytics_queries(
    report: Report, account_id: str, since: date, until: date, campaigns: Sequence[str] = ()
) -> list[str]:
    """Queries of adAnalytics whose answers together are the report over since..until (inclusive).

    campaigns: narrows the report to these of the account's campaigns.
    """
    pivots = list(report.request["pivots"])
    finder = f"q=analytics&pivot={pivots[0]}" if len(pivots) == 1 else f"q=statistics&pivots=List({','.join(pivots)})"
    granularity = report.request.get("granularity", "ALL" if "periods_days" in report.request else "DAILY")
    facet = (
        f"campaigns=List({','.join(urn('sponsoredCampaign', campaign) for campaign in campaigns)})"
        if campaigns
        else f"accounts=List({urn('sponsoredAccount', account_id)})"
    )
    days = f"dateRange=(start:{_day(since)},end:{_day(until)})"
    metrics = [column.path[-1] for column in report.metrics]
    return [
        f"{finder}&timeGranularity={granularity}&{days}&{facet}&fields={','.join((*part, *ROW_FIELDS))}"
        for start in range(0, len(metrics), METRICS_PER_REQUEST)
        if (part := metrics[start : start + METRICS_PER_REQUEST])
    ]


def _day(day: date) -> str:
    return f"(year:{day.year},month:{day.month},day:{day.day})"


def by_campaign(report: Report) -> Report:
    """The report's own metrics by campaign: tells which campaigns have rows, so that it can be read in parts."""
    return replace(
        report, ids=(), breakdowns=(), attributes=(), day=DAY, request={"pivots": {"CAMPAIGN": "campaign_id"}}
    )


def entity_path(entity: Entity, account_id: str) -> str:
    """Path below /rest of an entity's list."""
    return str(entity.request["path"]).format(account=account_id)


def accounts_query(page_token: str = "") -> str:
    """Query of one page of all ad accounts that the login sees."""
    token = f"&pageToken={quote(page_token, safe='')}" if page_token else ""
    return f"q=search&pageSize=1000{token}"


def entity_query(entity: Entity, account_id: str, page_token: str = "", start: int = 0) -> str:
    """Query of one page of an entity's list; a single object has none."""
    if "query" not in entity.request:
        return ""
    query = str(entity.request["query"]).format(account_urn=urn("sponsoredAccount", account_id))
    if size := entity.request.get("offset_page_size"):
        return f"{query}&start={start}&count={size}"
    token = f"&pageToken={quote(page_token, safe='')}" if page_token else ""
    return f"{query}&pageSize={entity.request['page_size']}{token}"
