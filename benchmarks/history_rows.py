"""Raw rows and their ledger, written set-based as a load leaves them: per client two platforms and six accounts."""

from collections.abc import Sequence
from datetime import date

from benchmarks.rows import CURRENCY, TIMEZONE
from benchmarks.surroundings import NOW
from foundation.database import Cursor
from foundation.registry import Account, Client, Platform

ADS_PER_AD_GROUP, ADS_PER_CAMPAIGN = 5, 10


# First digits of account ids: no platform's account has another's id.
_ID_PREFIXES: dict[Platform, str] = {"meta_ads": "71", "google_ads": "82"}
_ACCOUNTS_A_PLATFORM = 3


def clients_since(first_day: date, number: int) -> list[Client]:
    """Clients that report in another currency than their accounts', so that every row needs a rate."""
    return [
        Client(
            client=f"history-{client}", name="History", reporting_currency="BRL", timezone=TIMEZONE,
            active_from=first_day,
            accounts=tuple(
                Account(
                    platform=platform, account_id=f"{prefix}{client:02d}{account:02d}", currency=CURRENCY,
                    timezone=TIMEZONE, credential="bench0",
                )
                for platform, prefix in _ID_PREFIXES.items()
                for account in range(1, _ACCOUNTS_A_PLATFORM + 1)
            ),
        )
        for client in range(1, number + 1)
    ]  # fmt: skip


# One row per account, day and ad with figures drawn from its key and the reading; ids count from 1 in each account.
_DRAWN = """
create temporary table drawn on commit drop as
select
    account_id, date_day::date, account_id || '-c' || (ad - 1) / %(per_campaign)s as campaign_id,
    account_id || '-g' || (ad - 1) / %(per_ad_group)s as ad_group_id, account_id || '-a' || ad as ad_id,
    1000 + (seed & 16383) as impressions, 10 + (seed >> 14 & 255) as clicks, 100 + (seed >> 9 & 65535) as cents,
    1 + (seed >> 3 & 15) as purchases
from unnest(%(accounts)s::text[]) as account_id
cross join generate_series(%(since)s::timestamp, %(until)s::timestamp, interval '1 day') as date_day
cross join generate_series(1, %(ads)s) as ad
cross join lateral (
    select hashtext(concat_ws('/', account_id, date_day, ad, %(reading)s)) & 2147483647 as seed
) as draw
"""
_BOOKKEEPING = "_version, _valid_from, _run_id"
_BOOKED = "%(reading)s + 1, %(now)s, 'bench'"

_META = (
    f"""
    insert into raw_meta_ads.ad_daily (account_id, date_day, campaign_id, adset_id, ad_id, account_currency,
        impressions, clicks, inline_link_clicks, spend, actions, action_values, attribution_setting, {_BOOKKEEPING})
    select account_id, date_day, campaign_id, ad_group_id, ad_id, 'USD', impressions, clicks, clicks / 2, cents / 100.0,
        jsonb_build_array(
            jsonb_build_object('action_type', 'link_click', 'value', (clicks / 2)::text),
            jsonb_build_object('action_type', 'landing_page_view', 'value', (clicks / 3)::text),
            jsonb_build_object('action_type', 'post_engagement', 'value', clicks::text),
            jsonb_build_object('action_type', 'purchase', 'value', purchases::text),
            jsonb_build_object('action_type', 'omni_purchase', 'value', purchases::text),
            jsonb_build_object('action_type', 'lead', 'value', '1')
        ),
        jsonb_build_array(jsonb_build_object('action_type', 'omni_purchase', 'value', (purchases * 20)::text)),
        '7d_click_1d_view', {_BOOKED}
    from drawn""",
    f"""
    insert into raw_meta_ads.campaign_daily (account_id, date_day, campaign_id, account_currency, impressions, clicks,
        inline_link_clicks, spend, actions, action_values, {_BOOKKEEPING})
    select account_id, date_day, campaign_id, 'USD', sum(impressions), sum(clicks), sum(clicks / 2), sum(cents) / 100.0,
        jsonb_build_array(
            jsonb_build_object('action_type', 'omni_purchase', 'value', sum(purchases)::text),
            jsonb_build_object('action_type', 'lead', 'value', count(*)::text)
        ),
        jsonb_build_array(jsonb_build_object('action_type', 'omni_purchase', 'value', (sum(purchases) * 20)::text)),
        {_BOOKED}
    from drawn group by account_id, date_day, campaign_id""",
    f"""
    insert into raw_meta_ads.account_daily (account_id, date_day, account_currency, impressions, clicks,
        inline_link_clicks, spend, {_BOOKKEEPING})
    select account_id, date_day, 'USD', sum(impressions), sum(clicks), sum(clicks / 2), sum(cents) / 100.0, {_BOOKED}
    from drawn group by account_id, date_day""",
    f"""
    insert into raw_meta_ads.campaign_country_daily (account_id, date_day, campaign_id, country, account_currency,
        impressions, clicks, inline_link_clicks, spend, {_BOOKKEEPING})
    select account_id, date_day, campaign_id, country, 'USD', sum(impressions), sum(clicks), sum(clicks / 2),
        sum(cents) / 100.0, {_BOOKED}
    from drawn inner join unnest(array['BR', 'US']) with ordinality as half (country, number)
        on drawn.impressions & 1 = half.number - 1
    group by account_id, date_day, campaign_id, country""",
    f"""
    insert into raw_meta_ads.accounts (account_id, name, account_status, currency, timezone_name, {_BOOKKEEPING})
    select distinct account_id, 'Account', '1', 'USD', 'America/New_York', {_BOOKED} from drawn
    on conflict do nothing""",
    f"""
    insert into raw_meta_ads.campaigns (account_id, campaign_id, name, objective, status, effective_status,
        {_BOOKKEEPING})
    select distinct account_id, campaign_id, 'Campaign', 'OUTCOME_SALES', 'ACTIVE', 'ACTIVE', {_BOOKED} from drawn
    on conflict do nothing""",
    f"""
    insert into raw_meta_ads.ad_sets (account_id, campaign_id, adset_id, name, status, effective_status, {_BOOKKEEPING})
    select distinct account_id, campaign_id, ad_group_id, 'Ad set', 'ACTIVE', 'ACTIVE', {_BOOKED} from drawn
    on conflict do nothing""",
    f"""
    insert into raw_meta_ads.ads (account_id, campaign_id, adset_id, ad_id, name, status, effective_status,
        {_BOOKKEEPING})
    select distinct account_id, campaign_id, ad_group_id, ad_id, 'Ad', 'ACTIVE', 'ACTIVE', {_BOOKED} from drawn
    on conflict do nothing""",
)
_GOOGLE = (
    f"""
    insert into raw_google_ads.ad_daily (account_id, date_day, campaign_id, ad_group_id, ad_id, impressions, clicks,
        cost_micros, conversions, conversions_value, all_conversions, {_BOOKKEEPING})
    select account_id, date_day, campaign_id, ad_group_id, ad_id, impressions, clicks, cents * 10000::bigint, purchases,
        purchases * 20, purchases, {_BOOKED}
    from drawn""",
    f"""
    insert into raw_google_ads.campaign_daily (account_id, date_day, campaign_id, advertising_channel_type, impressions,
        clicks, cost_micros, conversions, conversions_value, all_conversions, {_BOOKKEEPING})
    select account_id, date_day, campaign_id, 'SEARCH', sum(impressions), sum(clicks), sum(cents) * 10000,
        sum(purchases), sum(purchases) * 20, sum(purchases), {_BOOKED}
    from drawn group by account_id, date_day, campaign_id""",
    f"""
    insert into raw_google_ads.account_daily (account_id, date_day, currency_code, impressions, clicks, cost_micros,
        conversions, conversions_value, {_BOOKKEEPING})
    select account_id, date_day, 'USD', sum(impressions), sum(clicks), sum(cents) * 10000, sum(purchases),
        sum(purchases) * 20, {_BOOKED}
    from drawn group by account_id, date_day""",
    f"""
    insert into raw_google_ads.conversion_daily (account_id, date_day, campaign_id, conversion_action_id,
        conversion_action_name, conversion_action_category, conversions, conversions_value, {_BOOKKEEPING})
    select account_id, date_day, campaign_id, '1', 'Purchase', 'PURCHASE', sum(purchases), sum(purchases) * 20,
        {_BOOKED}
    from drawn group by account_id, date_day, campaign_id""",
    f"""
    insert into raw_google_ads.keyword_daily (account_id, date_day, campaign_id, ad_group_id, criterion_id, impressions,
        clicks, cost_micros, conversions, conversions_value, {_BOOKKEEPING})
    select account_id, date_day, campaign_id, ad_group_id, 'k' || ad_id, impressions, clicks, cents * 10000::bigint,
        purchases, purchases * 20, {_BOOKED}
    from drawn""",
    f"""
    insert into raw_google_ads.accounts (account_id, descriptive_name, currency_code, time_zone, status, {_BOOKKEEPING})
    select distinct account_id, 'Account', 'USD', 'America/New_York', 'ENABLED', {_BOOKED} from drawn
    on conflict do nothing""",
    f"""
    insert into raw_google_ads.campaigns (account_id, campaign_id, name, status, advertising_channel_type,
        {_BOOKKEEPING})
    select distinct account_id, campaign_id, 'Campaign', 'ENABLED', 'SEARCH', {_BOOKED} from drawn
    on conflict do nothing""",
    f"""
    insert into raw_google_ads.ad_groups (account_id, campaign_id, ad_group_id, name, status, type, {_BOOKKEEPING})
    select distinct account_id, campaign_id, ad_group_id, 'Ad group', 'ENABLED', 'SEARCH_STANDARD', {_BOOKED} from drawn
    on conflict do nothing""",
    f"""
    insert into raw_google_ads.ads (account_id, campaign_id, ad_group_id, ad_id, name, type, status, {_BOOKKEEPING})
    select distinct account_id, campaign_id, ad_group_id, ad_id, 'Ad', 'RESPONSIVE_SEARCH_AD', 'ENABLED', {_BOOKED}
    from drawn on conflict do nothing""",
)
# Reports filled above, those that a day needs and some of those that make it larger.
_FACTS: dict[Platform, tuple[str, ...]] = {
    "meta_ads": ("ad_daily", "campaign_daily", "account_daily", "campaign_country_daily"),
    "google_ads": ("ad_daily", "campaign_daily", "account_daily", "conversion_daily", "keyword_daily"),
}
# Views over a report above; the ledger knows them too.
_DERIVED: dict[Platform, tuple[str, ...]] = {"meta_ads": ("ad_conversions_daily",), "google_ads": ()}
_STATEMENTS: dict[Platform, tuple[str, ...]] = {"meta_ads": _META, "google_ads": _GOOGLE}
_LEDGER = """
insert into ops.load_ledger as known (platform, account_id, report, date_day, version, content_hash, row_count, totals,
    control_totals, complete, read_at, fetched_at, verified_at, run_id, fence)
select
    %(platform)s, total.account_id, report.name, total.date_day, %(reading)s + 1,
    md5(concat_ws('/', report.name, total.figures, %(reading)s)), total.ads, total.figures, total.figures,
    true, %(now)s, %(now)s, %(now)s, 'bench', 1
from (
    select
        account_id, date_day, count(*) as ads,
        jsonb_build_object(
            'spend', (sum(cents) / 100.0)::text, 'impressions', sum(impressions)::text, 'clicks', sum(clicks)::text
        ) as figures
    from drawn group by account_id, date_day
) as total
cross join unnest(%(reports)s::text[]) as report (name)
on conflict (platform, account_id, report, date_day) do update set
    version = excluded.version, content_hash = excluded.content_hash, totals = excluded.totals,
    control_totals = excluded.control_totals, read_at = excluded.read_at, fetched_at = excluded.fetched_at,
    verified_at = excluded.verified_at
"""
_RATES = """
insert into raw_fx.rate (rate_date, currency, units_per_eur, source, fetched_at)
select date_day, currency, units, 'ECB', %(now)s
from generate_series(%(since)s::timestamp - interval '7 days', %(until)s::timestamp, interval '1 day') as date_day
cross join (values ('USD', 1.1), ('BRL', 6.2)) as quoted (currency, units)
where extract(isodow from date_day) < 6
on conflict do nothing
"""


def fill_days(cursor: Cursor, since: date, until: date, *, clients: Sequence[Client], ads: int, reading: int) -> int:
    """Replace all rows of since..until of the clients and record them as proved; another reading, other figures.

    Returns the number of ad-level rows.
    """
    shared = {
        "since": since, "until": until, "ads": ads, "reading": reading, "now": NOW,
        "per_campaign": ADS_PER_CAMPAIGN, "per_ad_group": ADS_PER_AD_GROUP,
    }  # fmt: skip
    cursor.execute(_RATES, shared)
    rows = 0
    for platform, statements in _STATEMENTS.items():
        accounts = [account.account_id for client in clients for account in client.accounts]
        parameters = {
            **shared,
            "platform": platform,
            "accounts": [account_id for account_id in accounts if account_id.startswith(_ID_PREFIXES[platform])],
            "reports": [*_FACTS[platform], *_DERIVED[platform]],
        }
        for table in _FACTS[platform]:
            cursor.execute(f"delete from raw_{platform}.{table} where date_day between %(since)s and %(until)s", shared)
        cursor.execute(_DRAWN, parameters)
        rows += cursor.rowcount
        for statement in (*statements, _LEDGER):
            cursor.execute(statement, parameters)
        cursor.execute("drop table drawn")
    return rows
