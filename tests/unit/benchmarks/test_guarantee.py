"""What the guarantee costs: the plain pipelines read what is served, and only equal results are compared."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path

import orjson
import pytest

from benchmarks.costs import Cost
from benchmarks.figures import Figures
from benchmarks.guarantee import (
    FIRST,
    OURS,
    RESTATED,
    UNCHANGED,
    WRITERS,
    GuaranteeFigures,
    Holding,
    require_same_rows,
    rotated,
)
from benchmarks.loading import WrongResult
from benchmarks.plain_dlt import KINDS, Kind, arrow_table, data_types, documented_ask, flat_rows, report_pages
from benchmarks.plain_reader import Ask, quick_ask
from benchmarks.row_server import STAND_INS, server_of
from benchmarks.rows import LAST_DAY, RowPlan
from ingestion.platforms.google_ads import reports as google
from ingestion.platforms.meta_ads import reports as meta
from ingestion.platforms.tiktok_ads import reports as tiktok
from ingestion.windows import Span

PLAN = RowPlan(accounts=2, ads=23, days=40)
WINDOW = Span(date(2026, 10, 21), LAST_DAY)
SPEND = {"meta_ads": ("spend", 1), "tiktok_ads": ("spend", 1), "google_ads": ("cost_micros", 1_000_000)}
REPORTS = {
    "meta_ads": (meta.CAMPAIGN_DAILY, meta.AD_DAILY),
    "tiktok_ads": (tiktok.CAMPAIGN_DAILY, tiktok.AD_DAILY),
    "google_ads": (google.CAMPAIGN_DAILY, google.AD_DAILY),
}


@pytest.fixture(params=sorted(STAND_INS))
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    running = server_of(request.param, PLAN, tmp_path)
    thread = threading.Thread(target=running.serve_forever)
    thread.start()
    yield request.param, running.url
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.mark.parametrize("make_ask", [quick_ask, documented_ask])
def test_a_plain_pipeline_reads_each_campaign_and_each_ad_of_each_day_once_and_both_spend_the_same(
    served: tuple[str, str], make_ask: Callable[[], Ask]
) -> None:
    platform, url = served
    name, units = SPEND[platform]
    totals = []
    for report, objects in zip(REPORTS[platform], (3, 23), strict=True):
        pages = report_pages(make_ask(), platform, report, url, PLAN.account_ids, WINDOW)
        rows = [row for page in pages for row in page]
        id_name = report.ids[-1].name
        assert len(rows) == 2 * objects * 29
        assert len({(row["account_id"], row["date_day"], row[id_name]) for row in rows}) == len(rows)
        totals.append(sum(Decimal(row[name]) for row in rows) / units)
    assert totals[0] == totals[1] > 0


def test_a_flat_row_has_the_names_of_our_columns_and_nothing_that_our_client_works_out() -> None:
    ours = {
        "campaign": {"resourceName": "customers/7/campaigns/3", "id": "3"},
        "adGroup": {"id": "4"},
        "adGroupAd": {"ad": {"id": "5"}},
        "metrics": {"costMicros": "1500000", "conversions": 2.0},
        "segments": {"date": "2026-11-18"},
    }
    assert flat_rows([ours], google.AD_DAILY, "7") == [
        {
            "account_id": "7", "date_day": "2026-11-18", "campaign_id": "3", "ad_group_id": "4", "ad_id": "5",
            "cost_micros": "1500000", "conversions": 2.0,
        }
    ]  # fmt: skip
    assert "events" not in data_types(tiktok.AD_DAILY)
    assert "video_plays" not in data_types(meta.AD_DAILY)
    assert data_types(meta.AD_DAILY)["spend"] == "decimal"


def test_an_arrow_page_has_typed_values_and_lists_as_text() -> None:
    actions = [{"action_type": "purchase", "value": "3"}]
    row = {"account_id": "7", "date_start": "2026-11-18", "ad_id": "5", "impressions": "12", "spend": "1.05"}
    page = flat_rows([{**row, "actions": actions}, row], meta.AD_DAILY, "7")
    first, second = arrow_table(page, meta.AD_DAILY).to_pylist()
    assert first["date_day"] == date(2026, 11, 18)
    assert (first["impressions"], first["spend"], first["campaign_id"]) == (12, Decimal("1.05"), None)
    assert orjson.loads(first["actions"]) == actions
    assert second["actions"] is None


def test_a_restated_plan_has_the_same_objects_with_other_figures(tmp_path: Path) -> None:
    found = []
    for version in (0, 1):
        (tmp_path / str(version)).mkdir()
        server = server_of("google_ads", RowPlan(1, 5, 2, version), tmp_path / str(version))
        file = server.answers.files[PLAN.account_ids[0], "ad"]
        server.server_close()
        rows = orjson.loads(b"[" + file.slice(0, 10) + b"]")
        found.append({(row["segments"]["date"], row["adGroupAd"]["ad"]["id"]): row["metrics"] for row in rows})
    assert found[0].keys() == found[1].keys()
    assert all(found[1][place] != metrics for place, metrics in found[0].items())


def _holdings(ads: int, spend: str, campaigns: int) -> dict[str, Holding]:
    return {"ad_daily": Holding(ads, Decimal(spend)), "campaign_daily": Holding(campaigns, Decimal(spend))}


# 2 accounts of 23 ads in 3 campaigns: 40 days of 100.00, of which the last 29 are 70.00 and become 77.00.
OURS_AFTER = {
    FIRST: _holdings(1840, "100.00", 240),
    UNCHANGED: _holdings(1840, "100.00", 240),
    RESTATED: _holdings(1840, "107.00", 240),
}
PLAIN_AFTER = {
    FIRST: _holdings(1840, "100.00", 240),
    UNCHANGED: _holdings(3174, "170.00", 414),
    RESTATED: _holdings(4508, "247.00", 588),
}


def _after(kind: Kind, **changed: Mapping[str, Holding]) -> dict[str, dict[str, Mapping[str, Holding]]]:
    """changed: situation_writer -> what it holds instead."""
    names = {FIRST: "first", UNCHANGED: "unchanged", RESTATED: "restated"}
    return {
        situation: {
            OURS: changed.get(f"{name}_ours", OURS_AFTER[situation]),
            kind: changed.get(f"{name}_plain", PLAIN_AFTER[situation]),
        }
        for situation, name in names.items()
    }


@pytest.mark.parametrize("kind", KINDS)
def test_ours_holding_every_row_once_and_plain_holding_all_it_read_are_compared(kind: Kind) -> None:
    require_same_rows("meta_ads", PLAN, kind, _after(kind))


@pytest.mark.parametrize(
    "changed",
    [
        {"first_ours": _holdings(1839, "100.00", 240)},
        {"first_ours": _holdings(1840, "100.01", 240)},
        {"first_ours": _holdings(1840, "100.00", 239)},
        {"first_plain": _holdings(1839, "100.00", 240), "first_ours": _holdings(1839, "100.00", 240)},
        {"unchanged_ours": _holdings(3174, "170.00", 414)},
        {"unchanged_plain": _holdings(1840, "100.00", 240)},
        {"restated_ours": _holdings(1840, "100.00", 240)},
        {"restated_plain": _holdings(4508, "240.00", 588), "restated_ours": _holdings(1840, "100.00", 240)},
    ],
)
def test_a_result_that_is_not_what_was_served_is_refused(changed: Mapping[str, Mapping[str, Holding]]) -> None:
    with pytest.raises(WrongResult):
        require_same_rows("meta_ads", PLAN, "dicts", _after("dicts", **changed))


def test_each_writer_is_first_second_and_last_once_in_three_repetitions() -> None:
    orders = [rotated(repetition) for repetition in range(3)]
    for place in range(3):
        assert {order[place] for order in orders} == set(WRITERS)


def _figures(ours: list[float]) -> GuaranteeFigures:
    figures = GuaranteeFigures("meta_ads", 1000, 300, 1.5, load_averages=[2.0, 4.0])
    seconds = {OURS: ours, "dicts": [2.0, 4.0, 4.0], "tables": [1.0, 1.0, 1.0]}
    for writers in figures.costs.values():
        for writer, values in seconds.items():
            writers[writer] = [Cost(value, value / 2, 0.5) for value in values]
    return figures


def test_the_target_holds_for_the_first_load_against_dicts_and_for_nothing_else() -> None:
    kept, missed = Figures(guarantees=[_figures([3.0, 5.0, 6.0])]), Figures(guarantees=[_figures([3.0, 6.4, 6.4])])
    assert [line.met for line in kept.lines()].count(True) == 1
    assert kept.lines()[0].ratio == 1.5
    assert kept.lines()[2].ratio == 5.0
    assert kept.targets_met
    assert missed.lines()[0].ratio == 1.6
    assert not missed.targets_met


def test_processor_time_counts_the_servers_own_with_the_loading_process() -> None:
    # (1.5 + 0.5) / (1 + 0.5), (2.5 + 0.5) / (2 + 0.5), (3 + 0.5) / (2 + 0.5): the middle one.
    assert Figures(guarantees=[_figures([3.0, 5.0, 6.0])]).lines()[1].ratio == pytest.approx(4 / 3)
