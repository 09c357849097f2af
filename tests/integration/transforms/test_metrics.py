"""MetricFlow answers from `analytics` what one gets by hand."""

import csv
import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import count
from pathlib import Path

import pytest
import yaml

from foundation.database import connect, transaction
from foundation.embedded_postgres import EmbeddedPostgres
from tests.integration.transforms.conftest import NOW, Warehouse
from tests.scratch import database_copy
from transforms.building import DBT_PROJECT_DIR
from transforms.metric_queries import open_metrics, run_metricflow

_OCTOBER, _NOVEMBER = date(2026, 10, 30), date(2026, 11, 10)
Answer = dict[tuple[str, ...], dict[str, float | None]]
Ask = Callable[[str, str], Answer]


def _fill(warehouse: Warehouse) -> None:
    """acme (BRL) has a Meta account in BRL and a Google account in USD; globex (EUR) Meta accounts in EUR and ARS.

    USD costs 5 BRL in October and 4.96 in November; there is no rate for ARS.
    """
    for client_id, currency in (("acme", "BRL"), ("globex", "EUR")):
        warehouse.client(client_id, currency)
    for client_id, platform, account_id, currency in (
        ("acme", "meta_ads", "101", "BRL"), ("acme", "google_ads", "201", "USD"),
        ("globex", "meta_ads", "301", "EUR"), ("globex", "meta_ads", "302", "ARS"),
        ("globex", "instagram", "401", "EUR"),
    ):  # fmt: skip
        warehouse.account(client_id, platform, account_id, currency)
    warehouse.run("update raw_registry.client set active_from = '2026-10-01'")
    warehouse.run("update raw_registry.account set active_from = '2026-10-01'")
    for day, brl, usd in ((_OCTOBER, "6.00", "1.20"), (_NOVEMBER, "6.20", "1.25")):
        warehouse.run("insert into raw_fx.rate values (%s, 'BRL', %s, 'ECB', %s)", day, brl, NOW)
        warehouse.run("insert into raw_fx.rate values (%s, 'USD', %s, 'ECB', %s)", day, usd, NOW)

    def meta(
        account: str, campaign: str, day: date, impressions: int, clicks: int, links: int, spend: str, *,
        purchases: int = 0, value: str = "0", currency: str = "BRL",
    ) -> None:  # fmt: skip
        warehouse.insert(
            "raw_meta_ads.campaign_daily", account_id=account, campaign_id=campaign, date_day=day,
            account_currency=currency, impressions=impressions, clicks=clicks, inline_link_clicks=links, spend=spend,
            actions=[{"action_type": "omni_purchase", "value": str(purchases)}] if purchases else [],
            action_values=[{"action_type": "omni_purchase", "value": value}] if purchases else [],
        )  # fmt: skip

    def google(
        campaign: str, day: date, impressions: int, clicks: int, micros: int, conversions: str, value: str
    ) -> None:
        warehouse.insert(
            "raw_google_ads.campaign_daily", account_id="201", campaign_id=campaign, date_day=day,
            advertising_channel_type="SEARCH", impressions=impressions, clicks=clicks, cost_micros=micros,
            conversions=conversions, conversions_value=value,
        )  # fmt: skip

    meta("101", "c1", _OCTOBER, 1000, 40, 20, "10.00", purchases=2, value="30.00")
    meta("101", "c1", _NOVEMBER, 3000, 60, 30, "30.00", purchases=4, value="150.00")
    meta("101", "c2", _NOVEMBER, 10, 0, 0, "0")
    google("g1", _OCTOBER, 200, 10, 3_000_000, "1.5", "8")
    google("g1", _NOVEMBER, 300, 20, 2_500_000, "0.5", "10")
    meta("301", "m1", _NOVEMBER, 100, 2, 1, "5.00", currency="EUR")
    meta("302", "m2", _NOVEMBER, 100, 2, 1, "900.00", currency="ARS")
    for platform, account, campaign, figures in (
        (
            "meta_ads",
            "101",
            "c1",
            {"adset_id": "s", "video_plays": 90, "video_views_3_sec": 60, "video_p100_watched": 9},
        ),
        ("google_ads", "201", "g1", {"ad_group_id": "s", "video_trueview_views": 8}),
    ):
        warehouse.insert(
            f"raw_{platform}.ad_daily",
            account_id=account,
            campaign_id=campaign,
            ad_id="a",
            date_day=_NOVEMBER,
            **figures,
        )
    for account, campaign, name in (
        ("101", "c1", "Spring"), ("101", "c2", "Quiet"), ("301", "m1", "Spring"), ("302", "m2", "Pampa"),
    ):  # fmt: skip
        warehouse.insert(
            "raw_meta_ads.campaigns", account_id=account, campaign_id=campaign, name=name, effective_status="ACTIVE"
        )
    for day, views, likes in ((_OCTOBER, 70, 7), (_NOVEMBER, 50, 5)):
        warehouse.insert(
            "raw_instagram.account_daily",
            account_id="401",
            date_day=day,
            views=views,
            reach=40,
            total_interactions=likes,
        )
    for platform, account in (
        ("meta_ads", "101"), ("google_ads", "201"), ("meta_ads", "301"), ("meta_ads", "302"), ("instagram", "401"),
    ):  # fmt: skip
        for day in (_OCTOBER, _NOVEMBER):
            warehouse.proved(platform, account, day)


@pytest.fixture(scope="module")
def metrics(
    postgres: EmbeddedPostgres, raw_template: str, prepared_project: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ask]:
    directory = tmp_path_factory.mktemp("metrics")
    with database_copy(postgres.url("postgres"), "metrics_by_hand", raw_template) as url:
        with connect(url) as connection:
            with transaction(connection) as cursor:
                cursor.execute("insert into ops.clock values (true, %s)", (NOW,))
            warehouse = Warehouse(url, connection, directory / "dbt")
            _fill(warehouse)
            warehouse.build_and_publish()
            # What the build schema says must not matter, nor whether it is there.
            warehouse.run("drop schema analytics_build cascade")
        serial = count(1)
        with open_metrics(url, DBT_PROJECT_DIR, directory / "mf") as configuration:

            def ask(names: str, groups: str) -> Answer:
                answer = directory / f"{next(serial)}.csv"
                arguments = ["query", "--metrics", names, "--group-by", groups, "--csv", str(answer), "--quiet"]
                with pytest.raises(SystemExit) as end:
                    run_metricflow(configuration, arguments)
                assert not end.value.code
                return _table(answer, names.split(","), groups.split(","))

            yield ask


def _table(path: Path, metrics: list[str], groups: list[str]) -> Answer:
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        tuple(row[name] for name in groups): {name: float(row[name]) if row[name] else None for name in metrics}
        for row in rows
    }


_COUNTS = "impressions,clicks,link_clicks,impressions_with_link_clicks,impressions_in_thousands"
_CONVERSIONS = "conversions,conversions_read,rows_with_unread_conversions"
_MONEY = "spend,conversions_value,rows_with_unconverted_spend,rows_with_unconverted_value,reporting_currency_count"
_RATIOS = "ctr,link_ctr,cpc,cpm,cpa,roas,conversion_rate"


def test_every_metric_by_client_and_month_is_what_one_gets_by_hand(metrics: Ask) -> None:
    answer = metrics(f"{_COUNTS},{_CONVERSIONS},{_MONEY},{_RATIOS}", "client,metric_time__month")
    october, november = "2026-10-01 00:00:00", "2026-11-01 00:00:00"
    expected = {
        # Meta 10.00, Google 3 USD x 5: 25.00. Value 30.00 and 8 USD x 5.
        ("acme", october): {
            "impressions": 1200, "clicks": 50, "link_clicks": 20, "impressions_with_link_clicks": 1000,
            "impressions_in_thousands": 1.2, "conversions": 3.5,
            "conversions_read": 3.5, "rows_with_unread_conversions": 0, "spend": 25, "conversions_value": 70,
            "rows_with_unconverted_spend": 0, "rows_with_unconverted_value": 0, "reporting_currency_count": 1,
            "ctr": 50 / 1200, "link_ctr": 0.02, "cpc": 0.5, "cpm": 25 / 1.2, "cpa": 25 / 3.5, "roas": 2.8,
            "conversion_rate": 0.07,
        },
        # Meta 30.00, Google 2.5 USD x 4.96: 42.40. Value 150.00 and 10 USD x 4.96.
        ("acme", november): {
            "impressions": 3310, "clicks": 80, "link_clicks": 30, "impressions_with_link_clicks": 3010,
            "impressions_in_thousands": 3.31, "conversions": 4.5,
            "conversions_read": 4.5, "rows_with_unread_conversions": 0, "spend": 42.4, "conversions_value": 199.6,
            "rows_with_unconverted_spend": 0, "rows_with_unconverted_value": 0, "reporting_currency_count": 1,
            "ctr": 80 / 3310, "link_ctr": 30 / 3010, "cpc": 0.53, "cpm": 42.4 / 3.31, "cpa": 42.4 / 4.5,
            "roas": 199.6 / 42.4, "conversion_rate": 0.05625,
        },
        # 900 ARS have no rate: the whole sum and all that divides it are unknown, not 5.00.
        ("globex", november): {
            "impressions": 200, "clicks": 4, "link_clicks": 2, "impressions_with_link_clicks": 200,
            "impressions_in_thousands": 0.2, "conversions": 0,
            "conversions_read": 0, "rows_with_unread_conversions": 0, "spend": None, "conversions_value": 0,
            "rows_with_unconverted_spend": 1, "rows_with_unconverted_value": 0, "reporting_currency_count": 1,
            "ctr": 0.02, "link_ctr": 0.01, "cpc": None, "cpm": None, "cpa": None, "roas": None, "conversion_rate": 0,
        },
    }  # fmt: skip
    assert answer.keys() == expected.keys()
    for group, figures in expected.items():
        assert answer[group] == pytest.approx(figures), group


def test_nothing_divided_by_zero_is_null_and_one_name_in_two_currencies_has_no_sum(metrics: Ask) -> None:
    answer = metrics(f"impressions,reporting_currency_count,spend,{_RATIOS}", "campaign__campaign_name")
    assert set(answer) == {("Spring",), ("Quiet",), ("Pampa",), ("",)}
    assert answer["Quiet",] == {
        "impressions": 10, "reporting_currency_count": 1, "spend": 0, "ctr": 0, "link_ctr": 0, "cpc": None, "cpm": 0,
        "cpa": None, "roas": None, "conversion_rate": None,
    }  # fmt: skip
    spring = answer["Spring",]
    assert (spring["impressions"], spring["reporting_currency_count"]) == (4100, 2)
    assert (spring["spend"], spring["cpm"], spring["roas"]) == (None, None, None)
    # Google's campaign is not listed: its figures stand under no name.
    assert answer["",]["spend"] == pytest.approx(15 + 12.4)


def test_link_clicks_of_a_platform_that_tells_none_are_unknown(metrics: Ask) -> None:
    answer = metrics("clicks,link_clicks,link_ctr,spend,cpc", "platform")
    assert answer["google_ads",] == pytest.approx(
        {"clicks": 30, "link_clicks": None, "link_ctr": None, "spend": 27.4, "cpc": 27.4 / 30}
    )
    assert answer["meta_ads",]["link_clicks"] == 52
    assert answer["meta_ads",]["spend"] is None


def test_account_currencies_are_never_added(metrics: Ask) -> None:
    names = "spend_account_currency,conversions_value_account_currency,account_currency_count"
    by_client = metrics(names, "client")
    assert by_client["acme",] == dict.fromkeys(names.split(",")) | {"account_currency_count": 2}
    by_currency = metrics(names, "campaign_day__account_currency")
    assert {currency: tuple(figures.values())[:2] for (currency,), figures in by_currency.items()} == {
        "BRL": (40, 180), "USD": (5.5, 18), "EUR": (5, 0), "ARS": (900, 0),
    }  # fmt: skip
    inputs = metrics(
        "spend_in_account_currency,spend_in_reporting_currency,value_in_account_currency,value_in_reporting_currency",
        "client",
    )
    assert inputs["globex",] == pytest.approx(
        {
            "spend_in_account_currency": 905,
            "spend_in_reporting_currency": 5,
            "value_in_account_currency": 0,
            "value_in_reporting_currency": 0,
        }
    )


def test_purchases_and_leads_are_unknown_where_their_report_was_not_read(metrics: Ask) -> None:
    """Google names what a conversion was in an optional report, which nobody read here."""
    names = "purchases,leads,purchases_read,leads_read,rows_with_unread_families"
    answer = metrics(names, "platform")
    assert answer["meta_ads",] == {
        "purchases": 6, "leads": 0, "purchases_read": 6, "leads_read": 0, "rows_with_unread_families": 0,
    }  # fmt: skip
    assert answer["google_ads",] == {
        "purchases": None, "leads": None, "purchases_read": None, "leads_read": None, "rows_with_unread_families": 2,
    }  # fmt: skip


def test_every_metric_is_compared_with_figures_worked_out_by_hand() -> None:
    """A metric that is added to the registry without a figure here fails."""
    listed = {
        metric["name"]
        for path in (DBT_PROJECT_DIR / "models" / "semantic").glob("*.yml")
        for metric in yaml.safe_load(path.read_text(encoding="utf-8")).get("metrics", [])
    }
    code = Path(__file__).read_text(encoding="utf-8")
    assert [name for name in sorted(listed) if not re.search(rf"\b{name}\b", code)] == []


def test_what_instagram_shows_stands_beside_the_ads_and_not_in_them(metrics: Ask) -> None:
    answer = metrics("instagram_views,instagram_interactions", "client")
    assert answer == {("globex",): {"instagram_views": 120, "instagram_interactions": 12}}


def test_a_view_is_what_each_platform_calls_one_and_what_it_does_not_tell_is_unknown(metrics: Ask) -> None:
    answer = metrics("video_plays,video_views,video_completions", "platform")
    assert answer == {
        ("meta_ads",): {"video_plays": 90, "video_views": 60, "video_completions": 9},
        ("google_ads",): {"video_plays": None, "video_views": 8, "video_completions": None},
    }
