"""TikTok's events are metrics of an ad's day; the view spreads them out as conversions by event and channel."""

from datetime import date
from decimal import Decimal

from foundation.database import connect
from ingestion.loading.tables import ensure_raw_tables
from tests.integration.ingestion.conftest import MakeDatabase

EVENTS = (
    '{"complete_payment": "3", "total_complete_payment_rate": "149.70", "onsite_shopping": "2",'
    ' "total_web_event_add_to_cart_value": "12.50", "vta_conversion": "1", "conversion": "4"}'
)


def test_an_ad_day_has_a_row_for_each_event_channel_and_attribution(make_database: MakeDatabase) -> None:
    with connect(make_database(None), autocommit=True) as connection:
        ensure_raw_tables(connection)
        with connection.cursor() as cursor:
            for ad_id, events in (("1", EVENTS), ("2", None)):
                cursor.execute(
                    """insert into raw_tiktok_ads.ad_daily
                    (account_id, date_day, ad_id, campaign_id, adgroup_id, currency, events,
                    _version, _valid_from, _run_id)
                    values ('7', '2026-11-21', %s, '5', '6', 'EUR', %s, 1, now(), 'run')""",
                    (ad_id, events),
                )
            cursor.execute("select * from raw_tiktok_ads.ad_conversions_daily order by event, channel, attribution")
            assert cursor.description is not None
            names = [column.name for column in cursor.description]
            rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    assert {(row["account_id"], row["date_day"], row["ad_id"], row["campaign_id"]) for row in rows} == {
        ("7", date(2026, 11, 21), "1", "5")
    }
    assert [
        (row["event"], row["channel"], row["attribution"], row["conversions"], row["conversion_value"]) for row in rows
    ] == [
        ("add_to_cart", "website", "all", Decimal(0), Decimal("12.50")),
        ("optimization_event", "every", "all", Decimal(4), Decimal(0)),
        ("optimization_event", "every", "view", Decimal(1), Decimal(0)),
        ("purchase", "shop", "all", Decimal(2), Decimal(0)),
        ("purchase", "website", "all", Decimal(3), Decimal("149.70")),
    ]
