"""The stand-in for Meta: its campaigns and accounts are the sums of its ads, and its pages hold every row once."""

import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from benchmarks.meta_rows import ABSENT_FIELDS, LAST_DAY, RowFile, RowPlan, render
from benchmarks.meta_server import MetaServer
from ingestion.platforms.meta_ads.reports import AD_DAILY
from ingestion.platforms.meta_ads.requests import insights_parameters

PLAN = RowPlan(accounts=2, ads=23, days=5)
ACCOUNT = PLAN.account_ids[0]


def _rows(file: RowFile) -> list[dict[str, Any]]:
    start, stop = file.bounds(PLAN.first_day, LAST_DAY)
    rows: list[dict[str, Any]] = orjson.loads(b"[" + file.slice(start, stop) + b"]")
    return rows


def _totals(rows: list[dict[str, Any]], *key: str) -> Mapping[tuple[str, ...], dict[str, Decimal]]:
    totals: dict[tuple[str, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        place = totals[tuple(row[name] for name in key)]
        for metric in ("spend", "impressions", "clicks", "inline_link_clicks"):
            place[metric] += Decimal(row[metric])
        for name in ("actions", "action_values"):
            for action in row[name]:
                place[f"{name}/{action['action_type']}"] += Decimal(action["value"])
    return totals


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MetaServer]:
    running = MetaServer(PLAN, tmp_path_factory.mktemp("rows"))
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.mark.parametrize(("level", "key"), [("campaign", ("date_start", "campaign_id")), ("account", ("date_start",))])
def test_the_upper_levels_are_the_sums_of_the_ads(tmp_path: Path, level: str, key: tuple[str, ...]) -> None:
    files = render(PLAN, tmp_path)
    for account_id in PLAN.account_ids:
        ads, upper = _rows(files[account_id, "ad"]), _rows(files[account_id, level])
        assert len(ads) == 23 * 5
        assert len(upper) == {"campaign": 3 * 5, "account": 5}[level]
        assert _totals(ads, *key) == _totals(upper, *key)


def test_the_pages_of_a_span_hold_each_ad_of_each_day_once(server: MetaServer) -> None:
    since, until = LAST_DAY - timedelta(days=2), LAST_DAY - timedelta(days=1)
    parameters = {**insights_parameters(AD_DAILY, since, until), "limit": "10"}
    found, sizes = [], []
    with httpx.Client() as client:
        while True:
            body = client.get(f"{server.url}/v26.0/act_{ACCOUNT}/insights", params=parameters).json()
            found += [(row["date_start"], row["ad_id"]) for row in body["data"]]
            sizes.append(len(body["data"]))
            if "next" not in body["paging"]:
                break
            parameters["after"] = body["paging"]["cursors"]["after"]
    assert sizes == [10, 10, 10, 10, 6]
    assert len(set(found)) == len(found) == 46
    assert {day for day, _ in found} == {"2026-11-16", "2026-11-17"}


def test_a_served_row_has_the_fields_that_were_asked_for_and_both_dates(server: MetaServer) -> None:
    parameters = {**insights_parameters(AD_DAILY, LAST_DAY, LAST_DAY), "limit": "1"}
    row = httpx.get(f"{server.url}/v26.0/act_{ACCOUNT}/insights", params=parameters).json()["data"][0]
    assert set(row) == {*parameters["fields"].split(","), "date_start", "date_stop"} - ABSENT_FIELDS
    assert len(row["actions"]) == 6
    assert all(isinstance(value, str | list) for value in row.values())


def test_an_unknown_field_is_refused_as_meta_refuses_it(server: MetaServer) -> None:
    parameters = {**insights_parameters(AD_DAILY, LAST_DAY, LAST_DAY), "fields": "spend,created_time"}
    answer = httpx.get(f"{server.url}/v26.0/act_{ACCOUNT}/insights", params=parameters)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 100
