"""The floor: pages into a plain typed table with urllib3, orjson and COPY. No retries, state, proof, key or merge."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any, Protocol

import orjson
import urllib3

from foundation.database import connect, transaction
from ingestion.platforms.google_ads import reports as google
from ingestion.platforms.google_ads.requests import report_query, wire_path
from ingestion.platforms.meta_ads import reports as meta
from ingestion.platforms.meta_ads.requests import PAGE_LIMIT, insights_parameters
from ingestion.platforms.tiktok_ads import reports as tiktok
from ingestion.platforms.tiktok_ads.requests import REPORT_PATH, report_parameters
from ingestion.reports import Report
from ingestion.windows import Span, months, parts

TABLE = "plain_ad_daily"
TOKEN = "bench"
Row = dict[str, Any]
_BEARER = {"Authorization": f"Bearer {TOKEN}"}


class Ask(Protocol):
    """Sends a request and returns what its JSON answer holds."""

    def __call__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any: ...


Pages = Callable[[Ask, str, Report, str, Span], Iterator[list[Row]]]


def quick_ask() -> Ask:
    """Requests over kept connections, parsed by orjson: as little as an answer can cost in Python."""
    pool = urllib3.PoolManager()

    def ask(
        method: str, url: str, headers: Mapping[str, str], *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Any:
        return orjson.loads(pool.request(method, url, fields=query, headers=headers, json=body).data)

    return ask


def _meta_pages(ask: Ask, base_url: str, report: Report, account_id: str, span: Span) -> Iterator[list[Row]]:
    url = f"{base_url}/v26.0/act_{account_id}/insights"
    parameters = {**insights_parameters(report, span.since, span.until), "limit": str(PAGE_LIMIT)}
    while True:
        body = ask("GET", url, _BEARER, query=parameters)
        yield body["data"]
        if "next" not in body["paging"]:
            return
        parameters["after"] = body["paging"]["cursors"]["after"]


def _tiktok_pages(ask: Ask, base_url: str, report: Report, account_id: str, span: Span) -> Iterator[list[Row]]:
    url, headers = f"{base_url}/open_api/v1.3/{REPORT_PATH}/", {"Access-Token": TOKEN}
    for part in parts(span, tiktok.LONGEST_REQUEST_DAYS):
        page, pages = 0, 1
        while page < pages:
            page += 1
            parameters = {**report_parameters(report, account_id, part.since, part.until), "page": str(page)}
            data = ask("GET", url, headers, query=parameters)["data"]
            yield data["list"]
            pages = data["page_info"]["total_page"]


def _google_pages(ask: Ask, base_url: str, report: Report, account_id: str, span: Span) -> Iterator[list[Row]]:
    url = f"{base_url}/v26/customers/{account_id}/googleAds:searchStream"
    for batch in ask("POST", url, _BEARER, body={"query": report_query(report, span.since, span.until)}):
        yield batch["results"]


_META_COLUMNS = (
    "account_id", "date_day", "campaign_id", "adset_id", "ad_id", "account_currency", "impressions", "clicks",
    "inline_link_clicks", "spend", "attribution_setting", "actions", "action_values",
)  # fmt: skip
_META_FIELDS = itemgetter("account_id", "date_start", *_META_COLUMNS[2:-2])
_TIKTOK_METRICS = tuple(column.name for column in tiktok.AD_DAILY.columns if column.path[0] == "metrics")
_TIKTOK_FIELDS = itemgetter(*_TIKTOK_METRICS)
_GOOGLE_METRICS = (
    "impressions", "clicks", "cost_micros", "conversions", "conversions_value", "interactions",
    "view_through_conversions", "all_conversions", "all_conversions_value",
)  # fmt: skip
_GOOGLE_FIELDS = itemgetter(*(wire_path(name)[0] for name in _GOOGLE_METRICS))


def _meta_values(account_id: str, row: Row) -> list[Any]:
    return [*_META_FIELDS(row), orjson.dumps(row["actions"]).decode(), orjson.dumps(row["action_values"]).decode()]


def _tiktok_values(account_id: str, row: Row) -> list[Any]:
    dimensions = row["dimensions"]
    return [account_id, dimensions["stat_time_day"], dimensions["ad_id"], *_TIKTOK_FIELDS(row["metrics"])]


def _google_values(account_id: str, row: Row) -> list[Any]:
    ids = (row["adGroup"]["id"], row["adGroupAd"]["ad"]["id"], row["campaign"]["id"])
    return [account_id, row["segments"]["date"], *ids, *_GOOGLE_FIELDS(row["metrics"])]


@dataclass(frozen=True)
class Floor:
    """How a platform's ad rows are read without anything else. columns: of the raw table, in the order of values."""

    pages: Pages
    report: Report
    columns: tuple[str, ...]
    values: Callable[[str, Row], list[Any]]

    @property
    def column_definitions(self) -> str:
        """The columns with the types of the raw table."""
        types = {"account_id": "text", **{column.name: column.sql_type for column in self.report.columns}}
        return ", ".join(f"{name} {types[name]}" for name in self.columns)


FLOORS = {
    "meta_ads": Floor(_meta_pages, meta.AD_DAILY, _META_COLUMNS, _meta_values),
    "tiktok_ads": Floor(
        _tiktok_pages, tiktok.AD_DAILY, ("account_id", "date_day", "ad_id", *_TIKTOK_METRICS), _tiktok_values
    ),
    "google_ads": Floor(
        _google_pages,
        google.AD_DAILY,
        ("account_id", "date_day", "ad_group_id", "ad_id", "campaign_id", *_GOOGLE_METRICS),
        _google_values,
    ),
}


def load_plainly(
    warehouse_url: str, base_url: str, platform: str, account_ids: list[str], since: date, until: date
) -> int:
    """Read the ad-level rows of since..until into a new table, one COPY a page. Returns the number of rows.

    It sends the very requests that the platform's own client sends for this report, month by month.
    """
    floor, ask = FLOORS[platform], quick_ask()
    rows = 0
    with connect(warehouse_url) as connection, transaction(connection) as cursor:
        cursor.execute(f"create table {TABLE} ({floor.column_definitions})")
        for account_id in account_ids:
            for span in months(Span(since, until)):
                for page in floor.pages(ask, base_url, floor.report, account_id, span):
                    buffer = io.StringIO()
                    csv.writer(buffer).writerows(floor.values(account_id, row) for row in page)
                    buffer.seek(0)
                    cursor.copy_expert(f"copy {TABLE} from stdin with (format csv)", buffer)
                    rows += len(page)
    return rows
