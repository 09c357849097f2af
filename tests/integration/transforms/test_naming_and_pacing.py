"""Names, landing pages and budgets of one published client, worked out by hand; and whatever else people may type."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, unquote_plus, urlsplit

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg2.extras import execute_values

from foundation.database import Connection
from foundation.registry import read_clients
from ingestion.registry_load import load_registry
from transforms import reports

pytestmark = pytest.mark.integration

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 19)
META, GOOGLE = "raw_meta_ads", "raw_google_ads"
THEMES, FUNNELS = ["Black Friday", "Natal"], ["tof", "bof"]
CAMPAIGNS: dict[str, Any] = {
    "level": "campaign", "delimiter": " | ",
    "parts": [{"part": "theme", "allowed": THEMES}, {"part": "funnel", "allowed": FUNNELS}],
}  # fmt: skip
VIEWS = ("object_naming", "naming_violation", "ad_url", "url_performance", "tracking_audit", "budget_pacing")


def account(platform: str, account_id: str, currency: str) -> dict[str, Any]:
    return {
        "platform": platform, "account_id": account_id, "currency": currency, "timezone": "UTC", "credential": "agency",
    }  # fmt: skip


CLIENT: dict[str, Any] = {
    "client": "acme", "name": "Acme", "reporting_currency": "BRL", "timezone": "UTC", "active_from": FIRST,
    "accounts": [account("meta_ads", "101", "BRL"), account("google_ads", "201", "USD")],
    "naming": [CAMPAIGNS],
    "budgets": [
        {"amount": 600, "first_month": "2026-11"},
        {"amount": 100, "first_month": "2026-11", "currency": "USD", "platform": "google_ads"},
        {"amount": 100, "first_month": "2026-11",
         "campaign_group": {"name": "season", "part": "theme", "values": ["Black Friday"]}},
    ],
}  # fmt: skip


def load_client(warehouse: Any, folder: Path, **changes: Any) -> None:
    (folder / "acme.yaml").write_text(yaml.safe_dump({**CLIENT, **changes}), encoding="utf-8")
    load_registry(warehouse.connection, read_clients(folder), warehouse.now)


def raw_rows(warehouse: Any) -> None:
    """Meta: two campaigns with one ad each, 10 and 5 BRL a day; Google: one, 1 USD a day."""
    places = (
        {"campaign_id": "c1", "adset_id": "s1", "ad_id": "a1"},
        {"campaign_id": "c2", "adset_id": "s2", "ad_id": "a2"},
    )
    for number, (place, name) in enumerate(zip(places, ("Black Friday | tof", "natal | TOF - Copia"), strict=True)):
        campaign = {"account_id": "101", "campaign_id": place["campaign_id"]}
        warehouse.insert(f"{META}.campaigns", **campaign, name=name)
        warehouse.insert(f"{META}.ad_sets", **campaign, adset_id=place["adset_id"], name="Broad")
        warehouse.insert(f"{META}.ads", account_id="101", **place, name="Video", creative_id=f"k{number + 1}")
    tags = "utm_source=facebook&utm_medium=cpc&utm_campaign={{campaign.name}}"
    warehouse.insert(
        f"{META}.creatives", account_id="101", creative_id="k1", link_url="https://shop.example/p?x=1", url_tags=tags
    )
    suffix = "utm_source=google&utm_medium=cpc&utm_campaign={campaignid}"
    warehouse.insert(f"{GOOGLE}.accounts", account_id="201", auto_tagging_enabled=True)
    warehouse.insert(f"{GOOGLE}.campaigns", account_id="201", campaign_id="g1", name="Brand", final_url_suffix=suffix)
    warehouse.insert(f"{GOOGLE}.ad_groups", account_id="201", campaign_id="g1", ad_group_id="ag", name="Words")
    warehouse.insert(
        f"{GOOGLE}.ads", account_id="201", campaign_id="g1", ad_group_id="ag", ad_id="1",
        final_urls=["https://shop.example/"],
    )  # fmt: skip
    for day in (FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)):
        for place, spend in zip(places, ("10", "5"), strict=True):
            figures = {
                "account_id": "101",
                "date_day": day,
                "account_currency": "BRL",
                "impressions": 100,
                "spend": spend,
            }
            warehouse.insert(f"{META}.ad_daily", **place, **figures)
            warehouse.insert(f"{META}.campaign_daily", campaign_id=place["campaign_id"], **figures)
        figures = {
            "account_id": "201",
            "campaign_id": "g1",
            "date_day": day,
            "impressions": 10,
            "cost_micros": 1_000_000,
        }
        warehouse.insert(f"{GOOGLE}.ad_daily", ad_group_id="ag", ad_id="1", **figures)
        warehouse.insert(f"{GOOGLE}.campaign_daily", advertising_channel_type="SEARCH", **figures)
        warehouse.proved("meta_ads", "101", day)
        warehouse.proved("google_ads", "201", day)


@pytest.fixture
def acme(warehouse: Any, tmp_path: Path) -> Any:
    """BRL per USD = 6.20 / 1.25 = 4.96 on every day that has a rate."""
    clients = tmp_path / "clients"
    clients.mkdir()
    load_client(warehouse, clients)
    for day in (date(2026, 10, 30), date(2026, 11, 4), date(2026, 11, 9), date(2026, 11, 13), date(2026, 11, 18)):
        for currency, units in (("BRL", "6.20"), ("USD", "1.25")):
            warehouse.run("insert into raw_fx.rate values (%s, %s, %s, 'ECB', now())", day, currency, units)
    raw_rows(warehouse)
    warehouse.build_and_publish()
    reports.ensure_report_views(warehouse.url, target_dir=tmp_path, now=warehouse.now)
    return warehouse


def test_the_reports_of_one_client_hold_what_was_worked_out_by_hand(acme: Any, tmp_path: Path) -> None:
    assert acme.rows(
        "select campaign_id, violations_found, part_theme, part_funnel from analytics.object_naming "
        "where level = 'campaign' order by 1"
    ) == [("c1", 0, "Black Friday", "tof"), ("c2", 3, "Natal", "tof"), ("g1", 1, None, None)]
    # 19 days: 5 BRL a day on c2, 4.96 on g1.
    assert acme.rows(
        "select campaign_id, rule, part, found, allowed, spend_last_30_days from analytics.naming_violation "
        "order by campaign_id, rule, part"
    ) == [
        ("c2", "copy_suffix", None, None, None, 95),
        ("c2", "wrong_case", "funnel", "TOF", "tof, bof", 95),
        ("c2", "wrong_case", "theme", "natal", "Black Friday, Natal", 95),
        ("g1", "too_few_parts", None, "1", "2", Decimal("94.24")),
    ]

    assert acme.rows(
        "select ad_id, base_url, url_host, url_path, utm_source, utm_medium, utm_campaign, is_auto_tagged "
        "from analytics.ad_url order by 1"
    ) == [
        ("1", "https://shop.example/", "shop.example", "/", "google", "cpc", "g1", True),
        ("a1", "https://shop.example/p", "shop.example", "/p", "facebook", "cpc", "Black Friday | tof", False),
        ("a2", None, None, None, None, None, None, False),
    ]
    assert acme.rows("select ad_id, finding, found, spend_last_30_days from analytics.tracking_audit order by 1") == [
        ("a1", "wrong_medium", "cpc", 190), ("a2", "no_destination", None, 95),
    ]  # fmt: skip
    by_campaign = (
        "select utm_campaign, sum(spend_reporting), count(*) from analytics.url_performance group by 1 order by 1"
    )
    assert acme.rows(by_campaign) == [
        ("Black Friday | tof", 190, 19), ("g1", Decimal("94.24"), 19), (None, 95, 19),
    ]  # fmt: skip

    # 285 + 94.24 in 19 of 30 days; 600 * 19 / 30 = 380; 220.76 left / 19.96 a day; 220.76 / 11 days left.
    november = acme.rows(
        "select scope, platform, campaign_group, planned_budget, spend_to_date, data_through, days_elapsed, "
        "expected_to_date, over_delivery, projection_straight_line, days_to_exhaustion, required_daily_spend, status, "
        "accounts_expected, accounts_current from analytics.budget_pacing order by 1, 2, 3"
    )
    money = [Decimal(text) for text in ("379.24", "380.00", "-0.76", "598.80", "11.1", "20.07", "94.24", "314.13")]
    assert [row[:13] for row in november] == [
        ("campaign_group", None, "season", 100, 190, LAST, 19, Decimal("63.33"), Decimal("126.67"), 300, 0, 0,
         "exhausted"),
        ("client", None, None, 600, money[0], LAST, 19, *money[1:6], "on_track"),
        # 100 USD at the rate of 30 October, the last one before the month: 496 BRL.
        ("platform", "google_ads", None, 496, money[6], LAST, 19, money[7], Decimal("-219.89"), Decimal("148.80"),
         Decimal("81.0"), Decimal("36.52"), "under"),
        ("platform", "meta_ads", None, None, 285, LAST, 19, None, None, 450, None, None, "no_budget"),
    ]  # fmt: skip
    assert [row[13:] for row in november] == [(2, 2), (2, 2), (1, 1), (1, 1)]

    # Readers see all of it, and nothing of the schemas behind.
    for view in VIEWS:
        acme.run(f"set local role mdp_reader; select * from analytics.{view}")
    # Another convention and another plan show at once, and no account-day has to be built for them.
    load_client(acme, tmp_path / "clients", naming=[{**CAMPAIGNS, "case": "any"}], budgets=[])
    assert acme.rows("select sum(violations_found) from analytics.object_naming") == [(2,)]
    assert acme.rows("select distinct status from analytics.budget_pacing") == [("no_budget",)]
    built = acme.rows("select version from analytics_build.account_day_built order by 1")
    acme.version_days()
    assert acme.rows("select version from ops.account_day order by 1") == built

    _fuzz_names(acme.connection)
    _fuzz_addresses(acme.connection)


CHARACTERS = st.characters(exclude_characters="\x00", exclude_categories=["Cs"])
FUZZ = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def _read(connection: Connection, table: str, columns: str, rows: list[tuple[Any, ...]], query: str) -> list[Any]:
    """What a view makes of the rows, which are gone afterwards."""
    try:
        with connection.cursor() as cursor:
            execute_values(cursor, f"insert into analytics.{table} ({columns}) values %s", rows)
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.rollback()


def _fuzz_names(connection: Connection) -> None:
    part = st.sampled_from([*THEMES, *FUNNELS, "tof - Copia", "", " ", "\u00a0", "\u202e", "|", "e\u0301", "🔥"])
    names = st.one_of(st.text(CHARACTERS, max_size=400), st.lists(part, max_size=5).map(" | ".join))

    @FUZZ
    @given(st.lists(names, min_size=1, max_size=40, unique=True), st.sampled_from(THEMES), st.sampled_from(FUNNELS))
    def no_name_fails_and_a_right_one_is_read(typed: list[str], theme: str, funnel: str) -> None:
        right = f"{theme} | {funnel}"
        listed = [(f"f{number}", name) for number, name in enumerate([right, *typed])]
        found = _read(
            connection, "dim_campaign",
            "client_id, platform, account_id, status, is_listed, campaign_id, campaign_name",
            [("acme", "meta_ads", "101", "unknown", True, *row) for row in listed],
            "select campaign_id, violations_found, part_theme, part_funnel, object_name from analytics.object_naming "
            "where level = 'campaign' and starts_with(campaign_id, 'f') order by 1",
        )  # fmt: skip
        assert {row[0]: row[4] for row in found} == dict(listed)
        assert next(row[1:4] for row in found if row[0] == "f0") == (0, theme, funnel)
        assert all(row[1] >= 0 for row in found)

    no_name_fails_and_a_right_one_is_read()


def _addresses() -> st.SearchStrategy[str]:
    host = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,12}[A-Za-z0-9])?", fullmatch=True)
    scheme = st.sampled_from(["https://", "http://", "HTTPS://", "app+x://", "", "//"])
    user = st.sampled_from(["", "", "user@", "user:pw@"])
    port = st.sampled_from(["", "", ":80", ":8443"])
    path = st.one_of(st.just(""), st.text("abzÀé/._-%20+~", max_size=12).map(lambda text: "/" + text))
    name = st.sampled_from(["utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term", "a", "xutm_term"])
    text = st.text(CHARACTERS, max_size=12)
    value = st.one_of(
        text.map(quote), text.map(quote_plus), st.text("ab+%=?/é_{}", max_size=8), st.just("%E7%E3o"), st.just("")
    )
    pair = st.tuples(name, value).map("=".join)
    query = st.one_of(st.just(""), st.lists(pair, max_size=7).map(lambda pairs: "?" + "&".join(pairs)))
    fragment = st.sampled_from(["", "", "#", "#top?utm_source=x"])
    return st.tuples(scheme, user, host, port, path, query, fragment).map("".join)


def _decoded(value: str) -> str:
    """Percent-decoding that leaves alone what is no UTF-8."""
    try:
        decoded = unquote_plus(value, errors="strict")
    except UnicodeDecodeError:
        return value.replace("+", " ")
    return value.replace("+", " ") if "\x00" in decoded else decoded


def _expected(address: str) -> tuple[str | None, ...]:
    url = address if "://" in address.split("?")[0].split("#")[0] else "https://" + address.lstrip("/")
    parts = urlsplit(url)
    first: dict[str, str] = {}
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if value:
            first.setdefault(name, value)
    known = dict(parse_qsl(parts.query, keep_blank_values=False))
    assert set(known) >= {name for name in first if name.startswith("utm_")}
    tags = (first.get(f"utm_{name}") for name in ("source", "medium", "campaign", "content", "term"))
    base = url.partition("#")[0].partition("?")[0]
    return (base, parts.hostname, parts.path, *(None if tag is None else _decoded(tag) for tag in tags))


def _fuzz_addresses(connection: Connection) -> None:
    columns = "client_id, platform, account_id, campaign_id, ad_group_id, status, ad_id, destination_url"

    def read(addresses: list[str]) -> list[Any]:
        rows = [
            ("acme", "linkedin_ads", "9", "c", "g", "unknown", f"{number:03}", address)
            for number, address in enumerate(addresses)
        ]
        query = (
            "select base_url, url_host, url_path, utm_source, utm_medium, utm_campaign, utm_content, utm_term "
            "from analytics.ad_url where account_id = '9' order by ad_id"
        )
        return _read(connection, "dim_ad", columns, rows, query)

    @FUZZ
    @given(st.lists(_addresses(), min_size=1, max_size=60))
    def addresses_are_read_as_pythons_library_reads_them(addresses: list[str]) -> None:
        assert read(addresses) == [_expected(address) for address in addresses]

    @FUZZ
    @given(st.lists(st.text(CHARACTERS, max_size=80), min_size=1, max_size=60))
    def no_text_fails(texts: list[str]) -> None:
        assert len(read(texts)) == len(texts)

    addresses_are_read_as_pythons_library_reads_them()
    no_text_fails()
