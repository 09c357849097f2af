"""The stand-ins for platforms: campaigns and accounts are the sums of their ads, and pages hold every row once."""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from benchmarks.google_server import google_row
from benchmarks.meta_rows import ABSENT_FIELDS, meta_row
from benchmarks.plain_reader import FLOORS, quick_ask
from benchmarks.row_server import STAND_INS, RowServer, server_of
from benchmarks.rows import LAST_DAY, RowFile, RowPlan, Wording, render
from benchmarks.tiktok_rows import metrics_asked, tiktok_row
from ingestion.platforms.meta_ads.reports import AD_DAILY
from ingestion.platforms.meta_ads.requests import insights_parameters
from ingestion.platforms.tiktok_ads import reports as tiktok
from ingestion.platforms.tiktok_ads.requests import report_parameters
from ingestion.windows import Span

PLAN = RowPlan(accounts=2, ads=23, days=5)
ACCOUNT = PLAN.account_ids[0]
Totals = Mapping[tuple[str, ...], dict[str, Decimal]]
Row = dict[str, Any]


def _meta_figures(row: Row) -> tuple[str, str, dict[str, Decimal]]:
    figures = {name: Decimal(row[name]) for name in ("spend", "impressions", "clicks", "inline_link_clicks")}
    for name in ("actions", "action_values"):
        figures |= {f"{name}/{action['action_type']}": Decimal(action["value"]) for action in row[name]}
    return row["date_start"], row.get("campaign_id", ""), figures


def _tiktok_figures(row: Row) -> tuple[str, str, dict[str, Decimal]]:
    metrics = row["metrics"]
    campaign = metrics.get("campaign_id") or row["dimensions"].get("campaign_id", "")
    names = ("spend", "impressions", "clicks", "conversion", "complete_payment", "total_complete_payment_rate")
    return row["dimensions"]["stat_time_day"], campaign, {n: Decimal(metrics[n]) for n in names if n in metrics}


def _google_figures(row: Row) -> tuple[str, str, dict[str, Decimal]]:
    figures = {name: Decimal(str(value)) for name, value in row["metrics"].items()}
    return row["segments"]["date"], row.get("campaign", {}).get("id", ""), figures


def _totals(
    rows: list[Row], read: Callable[[Row], tuple[str, str, dict[str, Decimal]]], *, by_campaign: bool
) -> Totals:
    totals: dict[tuple[str, ...], dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for row in rows:
        day, campaign, figures = read(row)
        place = totals[(day, campaign) if by_campaign else (day,)]
        for metric, value in figures.items():
            place[metric] += value
    return totals


def _rows(file: RowFile) -> list[Row]:
    rows: list[Row] = orjson.loads(b"[" + file.slice(*file.bounds(PLAN.first_day, LAST_DAY)) + b"]")
    return rows


@contextmanager
def _serving(platform: str, directory: Path) -> Iterator[RowServer]:
    running = server_of(platform, PLAN, directory)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RowServer]:
    with _serving("meta_ads", tmp_path_factory.mktemp("rows")) as running:
        yield running


@pytest.mark.parametrize(
    ("wording", "read"),
    [(meta_row, _meta_figures), (tiktok_row, _tiktok_figures), (google_row, _google_figures)],
)
@pytest.mark.parametrize(("level", "rows"), [("campaign", 3 * 5), ("account", 5)])
def test_the_upper_levels_are_the_sums_of_the_ads(
    tmp_path: Path,
    wording: Wording,
    read: Callable[[Row], tuple[str, str, dict[str, Decimal]]],
    level: str,
    rows: int,
) -> None:
    files = render(PLAN, tmp_path, wording)
    for account_id in PLAN.account_ids:
        ads, upper = _rows(files[account_id, "ad"]), _rows(files[account_id, level])
        assert len(ads) == 23 * 5
        assert len(upper) == rows
        own = _totals(upper, read, by_campaign=level == "campaign")
        of_ads = _totals(ads, read, by_campaign=level == "campaign")
        assert own.keys() == of_ads.keys()
        for place, figures in own.items():
            assert figures == {metric: of_ads[place][metric] for metric in figures}


@pytest.mark.parametrize("platform", sorted(STAND_INS))
def test_the_floor_reads_each_ad_of_each_day_of_a_span_once(tmp_path: Path, platform: str) -> None:
    span = Span(LAST_DAY - timedelta(days=2), LAST_DAY - timedelta(days=1))
    floor = FLOORS[platform]
    with _serving(platform, tmp_path) as running:
        pages = list(floor.pages(quick_ask(), running.url, floor.report, ACCOUNT, span))
    values = [floor.values(ACCOUNT, row) for page in pages for row in page]
    place = [floor.columns.index(name) for name in ("account_id", "date_day", "ad_id")]
    found = {(row[place[0]], row[place[1]][:10], str(row[place[2]])) for row in values}
    days = ("2026-11-16", "2026-11-17")
    assert found == {(ACCOUNT, day, str(23_870_000_000_000 + number)) for day in days for number in range(23)}
    assert len(values) == 46
    assert all(len(row) == len(floor.columns) for row in values)


def test_the_pages_of_a_span_are_of_the_size_that_was_asked_for(server: RowServer) -> None:
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


def test_a_served_row_has_the_fields_that_were_asked_for_and_both_dates(server: RowServer) -> None:
    parameters = {**insights_parameters(AD_DAILY, LAST_DAY, LAST_DAY), "limit": "1"}
    row = httpx.get(f"{server.url}/v26.0/act_{ACCOUNT}/insights", params=parameters).json()["data"][0]
    assert set(row) == {*parameters["fields"].split(","), "date_start", "date_stop"} - ABSENT_FIELDS
    assert len(row["actions"]) == 6
    assert all(isinstance(value, str | list) for value in row.values())


def test_an_unknown_field_is_refused_as_meta_refuses_it(server: RowServer) -> None:
    parameters = {**insights_parameters(AD_DAILY, LAST_DAY, LAST_DAY), "fields": "spend,created_time"}
    answer = httpx.get(f"{server.url}/v26.0/act_{ACCOUNT}/insights", params=parameters)
    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == 100


def test_tiktok_answers_every_metric_that_was_asked_for_as_text_and_pages_of_at_most_a_thousand(tmp_path: Path) -> None:
    asked = report_parameters(tiktok.AD_DAILY, ACCOUNT, date(2026, 11, 17), LAST_DAY)
    with _serving("tiktok_ads", tmp_path) as running:
        url = f"{running.url}/open_api/v1.3/report/integrated/get/"
        data = httpx.get(url, params={**asked, "page": "2", "page_size": "20"}).json()["data"]
        assert data["page_info"] == {"page": 2, "page_size": 20, "total_number": 46, "total_page": 3}
        assert len(data["list"]) == 20
        metrics = data["list"][0]["metrics"]
        assert set(metrics) == set(orjson.loads(asked["metrics"])) == set(metrics_asked(tiktok.AD_DAILY))
        assert all(isinstance(value, str) for value in metrics.values())
        assert httpx.get(url, params={**asked, "page_size": "1001"}).json()["code"] == 40002
        over_long = report_parameters(tiktok.AD_DAILY, ACCOUNT, date(2026, 10, 1), date(2026, 10, 31))
        assert httpx.get(url, params=over_long).json()["code"] == 40002
