"""Reference rates as the bank published them: its days only, its digits exactly, corrected when it corrects them."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from foundation.database import connect
from foundation.registry import read_clients
from ingestion.fx_rates import FxReport, RatesUnavailable, sync_rates
from ingestion.registry_load import load_registry
from sandbox.world.world import load_world
from tests.integration.ingestion.ad_world import FIRST_DAY, START, AdWorld, FixedClock, Ingestion
from tests.integration.ingestion.conftest import MakeDatabase, ingestion_of

pytestmark = pytest.mark.integration


def fetch(ingestion: Ingestion, run: str = "ratesrun0001") -> FxReport:
    return sync_rates(
        ingestion.settings, ingestion.url, run_id=run, clock=FixedClock(ingestion.world.now()), sleeper=lambda _: None
    )


def stored(ingestion: Ingestion) -> dict[tuple[date, str], str]:
    rows = ingestion.rows("select rate_date, currency, units_per_eur::text from raw_fx.rate")
    return {(day, currency): digits for day, currency, digits in rows}


@pytest.fixture
def rates(fresh: Ingestion) -> Ingestion:
    """The rates of the first fetch: clients of the world use BRL, USD and EUR."""
    fetch(fresh)
    return fresh


def published(world: AdWorld, since: date) -> dict[tuple[date, str], str]:
    """What the world's bank published from ``since`` on, Saturdays and Sundays left out."""
    bank = load_world(world.directory / "state").rates
    days = [since + timedelta(days=number) for number in range((START.date() - since).days)]
    return {
        (day, currency): str(Decimal(repr(float(rate))))
        for day in days
        if day.weekday() < 5
        for currency in ("BRL", "USD")
        if (rate := bank.rate(currency, day)) is not None
    }


def test_the_first_fetch_stores_the_published_days_with_their_digits_and_no_weekend(
    ad_world: AdWorld, fresh: Ingestion
) -> None:
    report = fetch(fresh)
    wanted = published(ad_world, FIRST_DAY - timedelta(days=7))
    assert stored(fresh) == wanted
    assert len(wanted) == 38, "nineteen working days of two currencies"
    assert (report.rates, report.newest, report.without_rate) == (38, date(2026, 9, 4), ())
    assert fresh.rows("select distinct source, fetched_at from raw_fx.rate") == [("ECB via Frankfurter v1", START)]
    assert fresh.rows("select nspname from pg_namespace where nspname like 'landing%%'") == []


def test_a_second_fetch_of_the_same_rates_touches_nothing(rates: Ingestion) -> None:
    before = rates.rows("select *, xmin::text from raw_fx.rate order by 1, 2")
    assert fetch(rates, "ratesrun0002").rates == 0
    assert rates.rows("select *, xmin::text from raw_fx.rate order by 1, 2") == before


def test_a_wrong_rate_of_the_last_week_is_corrected_and_an_older_one_is_not_asked_for_again(
    ad_world: AdWorld, rates: Ingestion
) -> None:
    with connect(rates.url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "update raw_fx.rate set units_per_eur = 9.99 where currency = 'BRL' and rate_date in (%s, %s)",
            (date(2026, 9, 3), date(2026, 8, 20)),
        )
        cursor.execute("delete from raw_fx.rate where rate_date = %s", (date(2026, 9, 2),))
        connection.commit()
    assert fetch(rates, "ratesrun0003").rates == 3
    wanted = published(ad_world, FIRST_DAY - timedelta(days=7))
    assert stored(rates) == wanted | {(date(2026, 8, 20), "BRL"): "9.99"}


def test_a_service_that_is_down_says_what_follows_and_loses_no_rate(ad_world: AdWorld, rates: Ingestion) -> None:
    before = stored(rates)
    ad_world.fault("fx", "*", "error")
    with pytest.raises(RatesUnavailable, match=r"no ECB rates for .*http 503.*until a later run gets them"):
        fetch(rates, "ratesrun0004")
    ad_world.clear_faults()
    assert stored(rates) == before
    fetch(rates, "ratesrun0005")


def _with_account(world: AdWorld, url: str, folder: Path, **changes: object) -> Ingestion:
    """One client that reports in euro with one account, changed as asked."""
    account = {
        "platform": "meta_ads", "account_id": "1", "currency": "EUR", "timezone": "UTC", "credential": "meta_agency",
        **changes,
    }  # fmt: skip
    content = {
        "client": "solo", "name": "Solo", "reporting_currency": "EUR", "timezone": "UTC",
        "active_from": FIRST_DAY, "accounts": [account],
    }  # fmt: skip
    (folder / "solo.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    ingestion = ingestion_of(world, url, clients_dir=folder)
    with connect(url) as connection:
        load_registry(connection, read_clients(folder), START)
    return ingestion


def test_where_only_the_euro_is_used_nobody_is_asked(
    ad_world: AdWorld, make_database: MakeDatabase, tmp_path: Path
) -> None:
    ingestion = _with_account(ad_world, make_database(None), tmp_path)
    ad_world.fault("fx", "*", "error")
    try:
        assert fetch(ingestion) == FxReport(0, None, ())
    finally:
        ad_world.clear_faults()


def test_a_currency_that_the_bank_does_not_publish_is_named_and_is_no_failure(
    ad_world: AdWorld, make_database: MakeDatabase, tmp_path: Path
) -> None:
    ingestion = _with_account(ad_world, make_database(None), tmp_path, currency="ARS")
    assert fetch(ingestion) == FxReport(0, None, ("ARS",))


def test_an_account_that_begins_next_month_needs_no_rate_yet(
    ad_world: AdWorld, make_database: MakeDatabase, tmp_path: Path
) -> None:
    ingestion = _with_account(
        ad_world, make_database(None), tmp_path, currency="USD", active_from=START.date() + timedelta(days=30)
    )
    assert fetch(ingestion).rates == 0
