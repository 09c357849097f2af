"""Meta Ads as data. Facts: Marketing API insights, field list of SDK 26; every number on the wire is a string."""

from dataclasses import replace
from datetime import date

from ingestion.platforms.meta_ads.entities import ACCOUNTS, AD_SETS, ADS, CAMPAIGNS, CREATIVES
from ingestion.reports import (
    ApiVersion,
    Column,
    Level,
    MonthTotal,
    PlatformDefinition,
    ProvedBy,
    Report,
    amount,
    breakdown,
    count,
    ratio,
)

# Insights move for 28 days after being reported (Meta, insights best practices), and a day is reported the day after.
RESTATEMENT_DAYS = 28 + 1
# Insights refresh every 15 minutes; six hours after midnight the day's late delivery has settled.
DUE_AFTER_HOURS = 6
# A start more than 37 months back is refused (3018). The shortest 37 months have 1123 days; one less for the zones.
RETENTION_DAYS = 1122
# Delivery by region and hour carries no off-Meta conversions, the only figures that come weeks late.
DELIVERY_RESTATEMENT_DAYS = 7
# A day has up to 24 rows an object: hours are for pacing and day parting, not for history.
HOURLY_RESTATEMENT_DAYS, HOURLY_RETENTION_DAYS = 3, 28

# What `value` already holds is the ad set's own setting; these come beside it. Nothing asked means `default`, which
# is 7d_click and 1d_view. 7d_view and 28d_view are no longer answered since 2026-01-12.
WINDOWS = ("1d_click", "7d_click", "28d_click", "1d_view", "1d_ev")
# First name of paths that rows.py makes of lists of actions: ("by_action", field, action type).
BY_ACTION = "by_action"
HOURLY = "hourly_stats_aggregated_by_advertiser_time_zone"

_CURRENCY = Column("account_currency", ("account_currency",))
_DAY = Column("date_day", ("date_start",), "date")
_TOTALS = (
    count("impressions"),
    count("clicks"),
    count("inline_link_clicks"),
    Column("spend", ("spend",), "numeric(20,6)", absent="0"),
)
_ACTIONS = (Column("actions", ("actions",), "jsonb"), Column("action_values", ("action_values",), "jsonb"))
_DELIVERY = (*_TOTALS, *_ACTIONS)
# People are counted once each in their own row: no sum over days or objects means anything.
_REACH = (ratio("reach"), ratio("frequency"))
_VIDEO = (
    count("video_plays", BY_ACTION, "video_play_actions", "video_view"),
    count("video_thruplays", BY_ACTION, "video_thruplay_watched_actions", "video_view"),
    count("video_30_sec_watched", BY_ACTION, "video_30_sec_watched_actions", "video_view"),
    count("video_p25_watched", BY_ACTION, "video_p25_watched_actions", "video_view"),
    count("video_p50_watched", BY_ACTION, "video_p50_watched_actions", "video_view"),
    count("video_p75_watched", BY_ACTION, "video_p75_watched_actions", "video_view"),
    count("video_p95_watched", BY_ACTION, "video_p95_watched_actions", "video_view"),
    count("video_p100_watched", BY_ACTION, "video_p100_watched_actions", "video_view"),
    ratio("video_avg_seconds_watched", BY_ACTION, "video_avg_time_watched_actions", "video_view"),
)
_OUTBOUND = count("outbound_clicks", BY_ACTION, "outbound_clicks", "outbound_click")
# These contain one another: page_engagement all of post_engagement, that one reactions, comments, shares and clicks.
_ENGAGEMENT = (
    count("page_engagements", BY_ACTION, "actions", "page_engagement"),
    count("post_engagements", BY_ACTION, "actions", "post_engagement"),
    count("post_reactions", BY_ACTION, "actions", "post_reaction"),
    count("comments", BY_ACTION, "actions", "comment"),
    count("shares", BY_ACTION, "actions", "post"),
    count("post_saves", BY_ACTION, "actions", "onsite_conversion.post_save"),
    count("page_likes", BY_ACTION, "actions", "like"),
    count("video_views_3_sec", BY_ACTION, "actions", "video_view"),
    count("landing_page_views", BY_ACTION, "actions", "landing_page_view"),
    count("instagram_profile_visits"),
)
_MEASURES = {
    "spend": "spend",
    "impressions": "impressions",
    "clicks": "clicks",
    "link_clicks": "inline_link_clicks",
}

# The ad set's own setting stands as `value` on the wire and as the window `setting` here.
_CONVERSIONS_SQL = f"""
select
    account_id, date_day, ad_id, counted.action_type, counted.attribution_window, campaign_id, adset_id,
    attribution_setting, account_currency, counted.conversions, counted.conversion_value
from {{source}}
cross join lateral (
    select
        entry ->> 'action_type' as action_type,
        case figure.name when 'value' then 'setting' else figure.name end as attribution_window,
        coalesce(sum(figure.amount::numeric) filter (where list.metric = 'conversions'), 0) as conversions,
        coalesce(sum(figure.amount::numeric) filter (where list.metric = 'value'), 0) as conversion_value
    from (values ('conversions', actions), ('value', action_values)) as list (metric, entries)
    cross join lateral jsonb_array_elements(coalesce(list.entries, '[]')) as entry
    cross join lateral jsonb_each_text(entry) as figure (name, amount)
    where figure.name in ({", ".join(f"'{name}'" for name in ("value", *WINDOWS))})
    group by 1, 2
) as counted"""

ACCOUNT_DAILY = Report(
    name="account_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    day=_DAY,
    attributes=(_CURRENCY,),
    metrics=(*_DELIVERY, *_REACH),
    measures=_MEASURES,
)
# The whole month as one row that Meta adds up itself.
ACCOUNT_MONTHLY = Report(
    name="account_monthly",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    day=_DAY,
    metrics=(amount("spend"), count("impressions"), count("clicks")),
    request={"time_increment": "monthly"},
)
CAMPAIGN_DAILY = Report(
    name="campaign_daily",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.ACCOUNT_TOTAL,
    day=_DAY,
    ids=(Column("campaign_id", ("campaign_id",)),),
    attributes=(_CURRENCY,),
    metrics=(*_DELIVERY, *_REACH),
    measures=_MEASURES,
)
AD_DAILY = Report(
    name="ad_daily",
    level=Level.AD,
    proved_by=ProvedBy.OWN_CAMPAIGN,
    day=_DAY,
    ids=(Column("ad_id", ("ad_id",)),),
    attributes=(
        Column("campaign_id", ("campaign_id",)),
        Column("adset_id", ("adset_id",)),
        Column("attribution_setting", ("attribution_setting",)),
        _CURRENCY,
    ),
    metrics=(*_DELIVERY, _OUTBOUND, *_VIDEO, *_ENGAGEMENT),
    measures=_MEASURES,
    attribution_windows=WINDOWS,
)
# One conversion has rows under several action types, and each window its own: one type and one window, never a sum.
AD_CONVERSIONS_DAILY = replace(
    AD_DAILY,
    name="ad_conversions_daily",
    proved_by=ProvedBy.COMPLETENESS,
    breakdowns=(breakdown("action_type"), breakdown("attribution_window")),
    metrics=(amount("conversions"), amount("conversion_value")),
    measures={},
    required=False,
    derived_from="ad_daily",
    view_sql=_CONVERSIONS_SQL,
)
AD_SET_DAILY = Report(
    name="ad_set_daily",
    level=Level.AD_GROUP,
    proved_by=ProvedBy.COMPLETENESS,
    day=_DAY,
    ids=(Column("adset_id", ("adset_id",)),),
    attributes=(
        Column("campaign_id", ("campaign_id",)),
        Column("attribution_setting", ("attribution_setting",)),
        _CURRENCY,
    ),
    metrics=(*_DELIVERY, *_REACH),
    measures=_MEASURES,
    required=False,
)
# Split figures are estimates that need not add up to anything, and every value multiplies the rows: campaigns are
# where budgets move, so campaigns are split. Reach is left out: with breakdowns Meta drops it after 13 months.
CAMPAIGN_COUNTRY_DAILY = Report(
    name="campaign_country_daily",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.COMPLETENESS,
    day=_DAY,
    ids=(Column("campaign_id", ("campaign_id",)),),
    breakdowns=(breakdown("country"),),
    attributes=(_CURRENCY,),
    metrics=_DELIVERY,
    measures=_MEASURES,
    required=False,
)
CAMPAIGN_REGION_DAILY = replace(
    CAMPAIGN_COUNTRY_DAILY,
    name="campaign_region_daily",
    breakdowns=(breakdown("region"),),
    metrics=_TOTALS,
    restatement_days=DELIVERY_RESTATEMENT_DAYS,
)
# Since 2026-08-03 impression_device may answer with no rows unless somebody opted in; device_platform always does.
CAMPAIGN_DEVICE_DAILY = replace(
    CAMPAIGN_COUNTRY_DAILY, name="campaign_device_daily", breakdowns=(breakdown("device_platform"),)
)
CAMPAIGN_PLACEMENT_DAILY = replace(
    CAMPAIGN_COUNTRY_DAILY,
    name="campaign_placement_daily",
    breakdowns=(breakdown("publisher_platform"), breakdown("platform_position")),
)
CAMPAIGN_AGE_GENDER_DAILY = replace(
    CAMPAIGN_COUNTRY_DAILY, name="campaign_age_gender_daily", breakdowns=(breakdown("age"), breakdown("gender"))
)
CAMPAIGN_HOURLY = replace(
    CAMPAIGN_COUNTRY_DAILY,
    name="campaign_hourly",
    breakdowns=(breakdown("hour", HOURLY, "hour", sql_type="int"),),
    metrics=_TOTALS,
    restatement_days=HOURLY_RESTATEMENT_DAYS,
    retention_days=HOURLY_RETENTION_DAYS,
)

_VERSIONS = "Marketing API changelog, versions; the Graph API ends later under the same number"

DEFINITION = PlatformDefinition(
    name="meta_ads",
    title="Meta Ads",
    restatement_days=RESTATEMENT_DAYS,
    due_after_hours=DUE_AFTER_HOURS,
    day_zone="account",
    control=ACCOUNT_DAILY,
    details=(
        CAMPAIGN_DAILY, AD_DAILY, AD_CONVERSIONS_DAILY, AD_SET_DAILY, CAMPAIGN_COUNTRY_DAILY, CAMPAIGN_REGION_DAILY,
        CAMPAIGN_DEVICE_DAILY, CAMPAIGN_PLACEMENT_DAILY, CAMPAIGN_AGE_GENDER_DAILY, CAMPAIGN_HOURLY,
    ),
    entities=(ACCOUNTS, CAMPAIGNS, AD_SETS, ADS, CREATIVES),
    account_path=("account_id",),
    currency_path=("currency",),
    timezone_path=("timezone_name",),
    retention_days=RETENTION_DAYS,
    month_total=MonthTotal(ACCOUNT_MONTHLY, RETENTION_DAYS),
    always_sent=frozenset({"date_day", "campaign_id", "adset_id", "ad_id", "account_currency", "impressions", "spend"}),
    # A metric without a value is left out of the row: a day may have no clicks, a month of days has some.
    usually_sent=frozenset({"clicks"}),
    also_sent=frozenset({"account_id", "date_stop", BY_ACTION}),
    api_versions=(
        ApiVersion("v26.0", None, f"{_VERSIONS}: out since 2026-07-29, no end named"),
        ApiVersion("v25.0", None, f"{_VERSIONS}: no end named"),
        ApiVersion("v24.0", date(2026, 10, 6), _VERSIONS),
        ApiVersion("v23.0", date(2026, 6, 9), _VERSIONS),
    ),
)  # fmt: skip
