"""The certificate's summary of a publication: what it moved, what the platform said of it, what is held or missing."""

from datetime import timedelta
from decimal import Decimal

import pytest
from build_world import DAY, NOW, BuildWorld

from foundation.database import Connection
from orchestration.assets.publication_page import certificate_summary
from quality.publication_figures import PublishedUnits, read_published_units
from quality.reconciliation import certify

pytestmark = pytest.mark.integration


def test_a_publication_tells_per_client_and_platform_what_is_certified_and_what_is_held(
    world: BuildWorld, connection: Connection
) -> None:
    world.run("insert into ops.clock (now_at) values (%s)", NOW)
    first = DAY - timedelta(days=1)
    world.account("1", currency="USD", active_from=first)
    world.account("2", client="borealis", active_from=first)
    # 2 ads of 10.50 USD at 0.5 EUR a day; the platform says one cent less on the second day, as its rounding allows.
    for day in (first, DAY):
        world.account_day("1", day, currency="USD", fx_rate="0.5")
        world.account_day("2", day, client="borealis")
    world.control_totals("1", DAY, spend="20.99")
    certify(connection, build_id="b", run_id="r", now=NOW)
    world.run(
        "create table analytics.fct_campaign_performance_daily as "
        "select * from analytics_build.fct_campaign_performance_daily"
    )
    [(publication,)] = world.rows(
        "insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts) "
        "values ('r', %s, 2, 1, '{}') returning publication_id", NOW,
    )  # fmt: skip
    world.run(
        "insert into ops.published_day (client_id, platform, account_id, date_day, version, published_at, "
        "publication_id) select client_id, platform, account_id, date_day, version, %s, %s from ops.account_day "
        "where client_id = 'acme'", NOW, publication,
    )  # fmt: skip
    world.run(
        "insert into ops.held_day (client_id, platform, account_id, date_day, version, reason, held_since) "
        "values ('borealis', 'meta_ads', '2', %s, 'v1', %s, %s)",
        DAY, "reconciliation: clicks 14 | of 19, see https://x.example/?token=EAAB1234567890abcdefgh", NOW,
    )  # fmt: skip
    with connection.cursor() as cursor:
        acme, borealis = read_published_units(cursor, publication)
        idle = read_published_units(cursor, None)
    # 42.00 USD at 0.5; 0.01 USD at 0.5; six totals of two days, of which spend and ad_spend of one differ.
    assert (acme.account_days, acme.overridden, acme.since, acme.until) == (2, 0, first, DAY)
    assert (acme.spend, acme.difference) == (Decimal("21.0000"), Decimal("0.005"))
    assert (acme.compared, acme.equal, acme.held) == (12, 10, 0)
    assert (borealis.account_days, borealis.spend, borealis.held, borealis.since) == (0, None, 1, None)
    assert [reason.account_days for reason in borealis.reasons if not reason.missing] == [1]
    assert all(unit.account_days == 0 for unit in idle)

    page = certificate_summary([acme, borealis])
    assert "**2 account-days certified and published** of 2026-03-04 to 2026-03-05, 1 held and" in page
    assert "| acme | meta_ads | 2 | 2026-03-04 to 2026-03-05 | 21.00 EUR | 0.005 EUR | 10 of 12 | - |" in page
    assert r"- borealis meta_ads, 1 account-day: reconciliation: clicks 14 \| of 19, see https://x.example/" in page
    assert "EAAB" not in page
    assert "`mdp certificate acme --month 2026-03`" in page
    assert "`mdp certificate borealis" not in page


def test_an_overridden_day_is_not_called_certified() -> None:
    page = certificate_summary(
        [PublishedUnits("acme", "meta_ads", "EUR", account_days=1, overridden=2, since=DAY, until=DAY)]
    )
    assert "**1 account-day certified and published**" in page
    assert "2 more are published under an override" in page
