"""TikTok Ads as data. Facts: Marketing API v1.3; every metric is a string, a dash means not applicable."""

from ingestion.platforms.tiktok_ads.entities import ACCOUNTS, AD_GROUPS, ADS, CAMPAIGNS, SMART_PLUS_ADS, computed
from ingestion.platforms.tiktok_ads.events import CONVERSIONS_SQL, EVENT_METRICS
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

# Conversions are booked on the day of the click, and the longest click window is 28 days after it. App installs count
# events for 90 days: a client file with an app account sets `restatement_days` itself.
RESTATEMENT_DAYS = 28 + 1
# Basic reports lag by minutes, audience reports by 6 to 12 hours; they are read again on each of the next 28 days.
DUE_AFTER_HOURS = 6
# A query with stat_time_day may span 30 days, one with stat_time_hour a single one.
LONGEST_REQUEST_DAYS = 30
# An hourly day costs a call of its own: three days are read again, and after an outage a week is caught up.
HOURLY_RESTATEMENT_DAYS, HOURLY_RETENTION_DAYS = 3, 7

_DAY = Column("date_day", ("dimensions", "stat_time_day"), "date")


def _dimension(name: str) -> Column:
    return Column(name, ("dimensions", name))


def _split(name: str) -> Column:
    return breakdown(name, "dimensions", name)


def _attribute(name: str) -> Column:
    return Column(name, ("metrics", name))


def _counts(*names: str) -> tuple[Column, ...]:
    return tuple(count(name, "metrics", name) for name in names)


def _amounts(*names: str) -> tuple[Column, ...]:
    return tuple(amount(name, "metrics", name) for name in names)


def _ratios(*names: str) -> tuple[Column, ...]:
    return tuple(ratio(name, "metrics", name) for name in names)


_CURRENCY = _attribute("currency")
_TOTALS = (*_amounts("spend"), *_counts("impressions", "clicks"), *_amounts("conversion"))
_REACH = _ratios("reach", "frequency")
# No channel is the total of an event: purchases and leads are added over website, app, shop, TikTok and offline.
_PURCHASES_AND_LEADS = _amounts(
    "complete_payment", "total_complete_payment_rate", "total_purchase", "total_purchase_value",
    "onsite_shopping", "total_onsite_shopping_value", "onsite_total_purchase", "onsite_total_purchase_value",
    "offline_shopping_events", "offline_shopping_events_value",
    "form", "total_sales_lead", "onsite_form", "offline_form_events",
)  # fmt: skip
_VIDEO_AND_ENGAGEMENT = (
    *_counts(
        "gross_impressions", "engagements",
        "video_play_actions", "video_watched_2s", "video_watched_6s",
        "video_views_p25", "video_views_p50", "video_views_p75", "video_views_p100", "engaged_view",
        "likes", "comments", "shares", "follows", "profile_visits", "clicks_on_music_disc",
    ),
    *_ratios("average_video_play", "average_video_play_per_user"),
)  # fmt: skip
_RESULTS = (*_amounts("result"), *_amounts("real_time_conversion"))
_MEASURES = {"spend": "spend", "impressions": "impressions", "clicks": "clicks"}

# The control: no filter, and neither filter nor dimension in common with the reports that it proves.
ACCOUNT_DAILY = Report(
    name="account_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    day=_DAY,
    attributes=(_CURRENCY,),
    metrics=(*_TOTALS, *_REACH),
    measures=_MEASURES,
)
# Without a time dimension a query may span 365 days and TikTok adds them up itself: a month is one call and one row.
ACCOUNT_MONTHLY = Report(
    name="account_monthly",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    day=_DAY,
    metrics=(*_amounts("spend"), *_counts("impressions", "clicks")),
    request={"time_dimension": None},
)
CAMPAIGN_DAILY = Report(
    name="campaign_daily",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.ACCOUNT_TOTAL,
    day=_DAY,
    ids=(_dimension("campaign_id"),),
    attributes=(_CURRENCY,),
    metrics=(*_TOTALS, *_REACH, *_PURCHASES_AND_LEADS),
    measures=_MEASURES,
)
AD_DAILY = Report(
    name="ad_daily",
    level=Level.AD,
    proved_by=ProvedBy.OWN_CAMPAIGN,
    day=_DAY,
    ids=(_dimension("ad_id"),),
    # As dimensions the parents would be refused. The automation type tells ads from creatives of a Smart+ ad.
    attributes=(
        _attribute("campaign_id"), _attribute("adgroup_id"), _attribute("campaign_automation_type"), _CURRENCY,
    ),
    metrics=(
        *_TOTALS, *_REACH, *_RESULTS, *_VIDEO_AND_ENGAGEMENT, *_PURCHASES_AND_LEADS, computed("events", "jsonb"),
    ),
    measures=_MEASURES,
    request={"also_metrics": EVENT_METRICS},
)  # fmt: skip
# Rows of one kind of attribution are part of the row that says 'all'; events of different channels add up.
AD_CONVERSIONS_DAILY = Report(
    name="ad_conversions_daily",
    level=Level.AD,
    proved_by=ProvedBy.COMPLETENESS,
    day=_DAY,
    ids=(_dimension("ad_id"),),
    breakdowns=(breakdown("event"), breakdown("channel"), breakdown("attribution")),
    attributes=(_attribute("campaign_id"), _attribute("adgroup_id"), _CURRENCY),
    metrics=(amount("conversions"), amount("conversion_value")),
    required=False,
    derived_from="ad_daily",
    view_sql=CONVERSIONS_SQL,
)
AD_GROUP_DAILY = Report(
    name="ad_group_daily",
    level=Level.AD_GROUP,
    proved_by=ProvedBy.COMPLETENESS,
    day=_DAY,
    ids=(_dimension("adgroup_id"),),
    attributes=(_attribute("campaign_id"), _CURRENCY),
    metrics=(*_TOTALS, *_REACH),
    measures=_MEASURES,
    required=False,
)


def _audience(name: str, *dimensions: str) -> Report:
    """Who saw the ads and where, by campaign: at ad level the same calls would bring several times the pages, and
    analysts compare audiences of campaigns. Each family of dimensions needs a call of its own."""
    return Report(
        name=name,
        level=Level.CAMPAIGN,
        proved_by=ProvedBy.COMPLETENESS,
        day=_DAY,
        ids=(_dimension("campaign_id"),),
        breakdowns=tuple(_split(dimension) for dimension in dimensions),
        # Audience reports refuse the conversion metrics of website and shop.
        metrics=_TOTALS,
        measures=_MEASURES,
        required=False,
        request={"report_type": "AUDIENCE"},
    )


CAMPAIGN_COUNTRY_DAILY = _audience("campaign_country_daily", "country_code")
CAMPAIGN_AGE_GENDER_DAILY = _audience("campaign_age_gender_daily", "age", "gender")
CAMPAIGN_PLATFORM_DAILY = _audience("campaign_platform_daily", "platform")
CAMPAIGN_PLACEMENT_DAILY = _audience("campaign_placement_daily", "placement")
CAMPAIGN_HOURLY = Report(
    name="campaign_hourly",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.COMPLETENESS,
    ids=(_dimension("campaign_id"),),
    breakdowns=(breakdown("hour", sql_type="int"),),
    attributes=(_CURRENCY,),
    metrics=_TOTALS,
    measures=_MEASURES,
    required=False,
    request={"time_dimension": "stat_time_hour"},
    restatement_days=HOURLY_RESTATEMENT_DAYS,
    retention_days=HOURLY_RETENTION_DAYS,
    longest_request_days=1,
)


DEFINITION = PlatformDefinition(
    name="tiktok_ads",
    title="TikTok Ads",
    restatement_days=RESTATEMENT_DAYS,
    due_after_hours=DUE_AFTER_HOURS,
    day_zone="account",
    control=ACCOUNT_DAILY,
    details=(
        CAMPAIGN_DAILY, AD_DAILY, AD_CONVERSIONS_DAILY, AD_GROUP_DAILY, CAMPAIGN_COUNTRY_DAILY,
        CAMPAIGN_AGE_GENDER_DAILY, CAMPAIGN_PLATFORM_DAILY, CAMPAIGN_PLACEMENT_DAILY, CAMPAIGN_HOURLY,
    ),
    entities=(ACCOUNTS, CAMPAIGNS, AD_GROUPS, ADS, SMART_PLUS_ADS),
    # Only rows of the account level name their advertiser; the client compares those itself.
    account_path=None,
    currency_path=("currency",),
    timezone_path=("display_timezone",),
    longest_request_days=LONGEST_REQUEST_DAYS,
    month_total=MonthTotal(ACCOUNT_MONTHLY),
    # Every metric that was asked for is in every row, zeros too.
    always_sent=frozenset({"date_day", "campaign_id", "adgroup_id", "ad_id", "spend", "impressions", "clicks"}),
    also_sent=frozenset({"advertiser_id", "stat_time_hour", "computed", *EVENT_METRICS}),
    api_versions=(ApiVersion("v1.3", None, "current since 2022-08-15; TikTok has named no end"),),
)  # fmt: skip
