"""Google Ads' definitions as queries and rows, without a platform: names, queries, exact money, large bodies."""

from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import orjson
import pytest

from ingestion.platforms.google_ads.reports import (
    ACCOUNT_DAILY,
    CAMPAIGN_DAILY,
    CAMPAIGN_SEARCH_TERM_DAILY,
    CAMPAIGNS,
    CONVERSION_DAILY,
    DEFINITION,
    KEYWORD_DAILY,
    KEYWORDS,
)
from ingestion.platforms.google_ads.requests import entity_query, field_name, report_query, wire_path
from ingestion.platforms.google_ads.rows import LARGE_BODY_BYTES, answer_parts, major_units, shaped
from ingestion.reports import Column, Report, count

SINCE, UNTIL = date(2026, 11, 1), date(2026, 11, 9)
DAYS = "segments.date BETWEEN '2026-11-01' AND '2026-11-09'"
TABLES = DEFINITION.tables


def query_of(table: Any) -> str:
    return report_query(table, SINCE, UNTIL) if isinstance(table, Report) else entity_query(table)


@pytest.mark.parametrize(
    ("field", "path"),
    [
        ("ad_group_ad.ad.id", ("adGroupAd", "ad", "id")),
        ("metrics.video_quartile_p25_rate", ("metrics", "videoQuartileP25Rate")),
        ("asset_group.path1", ("assetGroup", "path1")),
        ("segments.date", ("segments", "date")),
    ],
)
def test_a_field_stands_in_the_answer_where_proto_json_puts_it(field: str, path: tuple[str, ...]) -> None:
    assert wire_path(field) == path
    assert field_name(path) == field


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_the_field_that_a_column_asks_for_is_the_one_that_it_reads(table: Any) -> None:
    for column in table.columns:
        if len(column.path) > 1:
            own = column.path[1:] if column.path[0] in ("majorUnits", "idOf") else column.path
            assert wire_path(field_name(column.path)) == own
            assert f"{field_name(column.path)}," in query_of(table).replace(" FROM", ", FROM")


def test_the_control_total_is_one_query_over_the_whole_account() -> None:
    assert query_of(ACCOUNT_DAILY) == (
        "SELECT segments.date, customer.currency_code, metrics.impressions, metrics.clicks, metrics.cost_micros, "
        "metrics.conversions, metrics.conversions_value, metrics.interactions, metrics.view_through_conversions, "
        "metrics.all_conversions, metrics.all_conversions_value, metrics.conversions_by_conversion_date, "
        "metrics.conversions_value_by_conversion_date, metrics.all_conversions_by_conversion_date, "
        "metrics.all_conversions_value_by_conversion_date, metrics.engagements, metrics.video_trueview_views "
        f"FROM customer WHERE {DAYS}"
    )


def test_the_control_total_asks_for_every_additive_metric_of_campaigns_so_that_its_rows_are_as_many() -> None:
    additive = {column.name for column in CAMPAIGN_DAILY.metrics if column.absent == "0"}
    assert additive <= {column.name for column in ACCOUNT_DAILY.metrics}


def test_conditions_of_a_definition_stand_before_the_days() -> None:
    assert query_of(CAMPAIGN_SEARCH_TERM_DAILY).endswith(
        f" FROM campaign_search_term_view WHERE campaign.advertising_channel_type = 'PERFORMANCE_MAX' AND {DAYS}"
    )
    assert query_of(KEYWORDS).endswith(" FROM ad_group_criterion WHERE ad_group_criterion.type = 'KEYWORD'")


def test_no_query_leaves_removed_objects_out() -> None:
    for table in TABLES:
        assert "status" not in query_of(table).partition(" FROM ")[2]


def test_nothing_is_asked_twice_in_a_query() -> None:
    for table in TABLES:
        fields = query_of(table).removeprefix("SELECT ").partition(" FROM ")[0].split(", ")
        assert len(fields) == len(set(fields))


def test_neither_cost_nor_clicks_stand_beside_a_conversion_action() -> None:
    fields = query_of(CONVERSION_DAILY).partition(" FROM ")[0]
    assert "segments.conversion_action," in fields
    for metric in ("cost_micros", "clicks", "impressions", "interactions"):
        assert f"metrics.{metric}" not in fields


def test_a_new_metric_is_one_column() -> None:
    more = replace(KEYWORD_DAILY, metrics=(*KEYWORD_DAILY.metrics, count("calls", *wire_path("metrics.phone_calls"))))
    assert "metrics.phone_calls" in query_of(more)
    assert "metrics.phone_calls" not in query_of(KEYWORD_DAILY)


@pytest.mark.parametrize(
    ("micros", "major"),
    [
        ("36150000", "36.15"),
        ("600000000", "600"),
        ("1", "0.000001"),
        ("0", "0"),
        ("9223372036854775807", "9223372036854.775807"),
        (None, None),
    ],
)
def test_micros_become_whole_units_to_the_last_digit(micros: str | None, major: str | None) -> None:
    assert major_units(micros) == major


@pytest.mark.parametrize(
    ("budget", "amount", "kind"),
    [
        ({"amountMicros": "12340000", "period": "DAILY"}, "12.34", "daily"),
        ({"totalAmountMicros": "900000000", "period": "CUSTOM_PERIOD"}, "900", "total"),
        ({"amountMicros": "5000000", "totalAmountMicros": "0"}, "5", "daily"),
        ({}, None, None),
    ],
)
def test_a_budget_is_an_amount_a_day_or_for_all_days(
    budget: dict[str, str], amount: str | None, kind: str | None
) -> None:
    (row,) = shaped([{"campaign": {"id": "1"}, "campaignBudget": budget}], CAMPAIGNS.columns)
    assert (row["budget"], row["budgetKind"]) == (amount, kind)


def test_an_absent_object_has_no_amounts_and_no_id() -> None:
    (row,) = shaped([{"campaign": {"id": "1"}}], CAMPAIGNS.columns)
    assert row["majorUnits"]["campaign"]["targetCpa"]["targetCpaMicros"] is None
    assert row["idOf"]["campaign"]["campaignBudget"] is None
    assert row["budget"] is None


def _row(number: int, text: str) -> dict[str, Any]:
    return {"campaign": {"id": str(number), "name": text}, "metrics": {"clicks": str(number)}}


HOSTILE = ['},{"results":[', "a]}", '"', "\\", '{"error":{}}', "]", "ação 🔥", "}\n,\n{"]


def _large_body(*, indent: bool) -> tuple[bytes, list[Any]]:
    """Batches as they are streamed, above the size from which they are parsed one by one."""
    text = "x" * 1000
    batches = [
        {"results": [_row(number, HOSTILE[number % len(HOSTILE)] + text) for number in range(start, start + 3000)],
         "fieldMask": "campaign.name", "requestId": "r"}
        for start in range(0, 9000, 3000)
    ]  # fmt: skip
    body = orjson.dumps(batches, option=orjson.OPT_INDENT_2 if indent else None)
    assert len(body) > LARGE_BODY_BYTES
    return body, batches


@pytest.mark.parametrize("indent", [True, False])
def test_a_large_stream_is_the_same_batch_by_batch(indent: bool) -> None:
    body, batches = _large_body(indent=indent)
    parts = answer_parts(httpx.Response(200, content=body))
    first = next(parts)
    assert len(first["results"]) == 3000, "a batch is parsed by itself"
    assert [first, *parts] == batches


def test_a_large_stream_that_is_cut_anywhere_never_passes_for_whole() -> None:
    body, _ = _large_body(indent=False)
    for cut in (1, 2, 1000, len(body) // 2):
        with pytest.raises(orjson.JSONDecodeError):
            list(answer_parts(httpx.Response(200, content=body[:-cut])))


def test_other_answers_are_one_document() -> None:
    assert list(answer_parts(httpx.Response(400, json={"error": {"code": 400}}))) == [{"error": {"code": 400}}]
    assert list(answer_parts(httpx.Response(200, json=[]))) == []


def test_every_version_of_the_calendar_ends_after_the_one_before_it() -> None:
    ends = [version.ends_on or date.max for version in DEFINITION.api_versions]
    assert ends == sorted(ends, reverse=True)
    served = {
        version.version for version in DEFINITION.api_versions if (version.ends_on or date.max) > date(2026, 11, 22)
    }
    assert served == {"v23", "v24", "v25", "v26"}


def test_columns_that_only_split_a_day_are_part_of_the_key() -> None:
    by_name = {report.name: report.key for report in DEFINITION.reports}
    assert by_name["ad_daily"] == ("date_day", "ad_group_id", "ad_id")
    assert by_name["keyword_daily"] == ("date_day", "ad_group_id", "criterion_id")
    assert by_name["conversion_daily"] == ("date_day", "campaign_id", "conversion_action_id")
    assert by_name["campaign_hourly"] == ("date_day", "campaign_id", "hour")
    assert by_name["campaign_country_daily"] == ("date_day", "campaign_id", "country_criterion_id", "location_type")


def test_what_the_platform_may_leave_out_of_a_key_is_named() -> None:
    for report in DEFINITION.reports:
        for column in report.breakdowns:
            assert column.absent == ("-1" if column.sql_type == "int" else "'unknown'")
    assert Column("x", ("x",)).absent is None
