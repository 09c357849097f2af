"""The floor: pages into a plain typed table with urllib3, orjson and COPY. No retries, state, proof, key or merge."""

import csv
import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import orjson
import urllib3

from benchmarks.surroundings import CREDENTIAL_ENVIRONMENT
from foundation.database import connect, transaction
from ingestion.platforms.meta_ads.reports import AD_DAILY
from ingestion.platforms.meta_ads.requests import PAGE_LIMIT, insights_parameters

TABLE = "plain_ad_daily"
_COLUMNS = {
    "account_id": "text", "date_start": "date", "campaign_id": "text", "adset_id": "text", "ad_id": "text",
    "account_currency": "text", "impressions": "bigint", "clicks": "bigint", "inline_link_clicks": "bigint",
    "spend": "numeric(20,6)", "actions": "jsonb", "action_values": "jsonb", "attribution_setting": "text",
}  # fmt: skip
_JSON = {"actions", "action_values"}


def _pages(pool: urllib3.PoolManager, base_url: str, account_id: str, since: date, until: date) -> Iterator[Any]:
    """Pages of the very request that the platform's own client sends for this report."""
    url = f"{base_url}/v26.0/act_{account_id}/insights"
    headers = {"Authorization": f"Bearer {next(iter(CREDENTIAL_ENVIRONMENT.values()))}"}
    parameters = {**insights_parameters(AD_DAILY, since, until), "limit": str(PAGE_LIMIT)}
    while True:
        body = orjson.loads(pool.request("GET", url, fields=parameters, headers=headers).data)
        yield body["data"]
        if "next" not in body["paging"]:
            return
        parameters["after"] = body["paging"]["cursors"]["after"]


def load_plainly(warehouse_url: str, base_url: str, account_ids: list[str], since: date, until: date) -> int:
    """Read the ad-level rows of since..until into a new table, one COPY a page. Returns the number of rows."""
    pool = urllib3.PoolManager()
    rows = 0
    names = tuple(_COLUMNS)
    with connect(warehouse_url) as connection, transaction(connection) as cursor:
        cursor.execute(f"create table {TABLE} ({', '.join(f'{name} {kind}' for name, kind in _COLUMNS.items())})")
        for account_id in account_ids:
            for page in _pages(pool, base_url, account_id, since, until):
                buffer = io.StringIO()
                csv.writer(buffer).writerows(
                    [orjson.dumps(row[name]).decode() if name in _JSON else row[name] for name in names] for row in page
                )
                buffer.seek(0)
                cursor.copy_expert(f"copy {TABLE} from stdin with (format csv)", buffer)
                rows += len(page)
    return rows
