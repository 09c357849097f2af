"""LinkedIn Ads as data. Facts: Marketing API 202608; counts are integers on the wire, money is decimal text.

LinkedIn's campaign group is what other platforms call a campaign, its campaign an ad group, its creative an ad.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from ingestion.platforms.linkedin_ads.entities import (
    ACCOUNTS,
    CAMPAIGN_GROUPS,
    CAMPAIGNS,
    CONVERSIONS,
    CREATIVES,
    POSTS,
)
from ingestion.reports import (
    ApiVersion,
    Column,
    Level,
    MonthTotal,
    PlatformDefinition,
    ProvedBy,
    Report,
    breakdown,
    count,
    ratio,
)

# Conversions keep coming for 30 days after the click, and a day is reported the day after.
RESTATEMENT_DAYS = 30 + 1
# Demographic figures come 12 to 24 hours late and carry no late conversions of weight.
DEMOGRAPHIC_RESTATEMENT_DAYS = 7
# Delivery is shown within minutes; by then the checks of clicks for validity are through.
DUE_AFTER_HOURS = 6
# Rows by day exist for about six months; whoever asks for older ones gets nothing, without an error.
RETENTION_DAYS = 180
# Rows by month exist for two years.
MONTHLY_RETENTION_DAYS = 730
LONGEST_REQUEST_DAYS = 31
# Reach is answered for periods of up to 92 days and cannot be added up, so each period is asked for by itself.
REACH_PERIODS_DAYS = (7, 30)


def money(name: str, wire_name: str) -> Column:
    """An amount in major units; the type rounds noise such as "-2E-18" away exactly, six decimals stay."""
    return Column(name, (wire_name,), "numeric(20,6)", absent="0")


_IMPRESSIONS, _CLICKS = count("impressions"), count("clicks")
_COST, _COST_USD = money("cost_in_local_currency", "costInLocalCurrency"), money("cost_in_usd", "costInUsd")
_CONVERSIONS = count("external_website_conversions", "externalWebsiteConversions")
_CONVERSION_WINDOWS = (
    count("external_website_post_click_conversions", "externalWebsitePostClickConversions"),
    count("external_website_post_view_conversions", "externalWebsitePostViewConversions"),
)
_CONVERSION_VALUE = money("conversion_value_in_local_currency", "conversionValueInLocalCurrency")
_LEADS = count("one_click_leads", "oneClickLeads")
_LANDING_PAGE_CLICKS = count("landing_page_clicks", "landingPageClicks")
_ENGAGEMENTS = count("total_engagements", "totalEngagements")
_TOTALS = (_IMPRESSIONS, _CLICKS, _COST, _COST_USD, _LANDING_PAGE_CLICKS, _CONVERSIONS, _LEADS)
# Eighteen metrics fit into one request: the first eighteen are one call, the rest another.
_DELIVERY = (
    *_TOTALS,
    _ENGAGEMENTS,
    count("company_page_clicks", "companyPageClicks"),
    *_CONVERSION_WINDOWS,
    _CONVERSION_VALUE,
    count("one_click_lead_form_opens", "oneClickLeadFormOpens"),
    count("qualified_leads", "qualifiedLeads"),
    count("valid_work_email_leads", "validWorkEmailLeads"),
    count("video_views", "videoViews"),
    count("video_starts", "videoStarts"),
    count("video_completions", "videoCompletions"),
)
_ENGAGEMENT = (
    count("video_first_quartile_completions", "videoFirstQuartileCompletions"),
    count("video_midpoint_completions", "videoMidpointCompletions"),
    count("video_third_quartile_completions", "videoThirdQuartileCompletions"),
    count("full_screen_plays", "fullScreenPlays"),
    count("likes"),
    count("reactions"),
    count("comments"),
    count("comment_likes", "commentLikes"),
    count("shares"),
    count("follows"),
    count("other_engagements", "otherEngagements"),
    count("action_clicks", "actionClicks"),
    count("ad_unit_clicks", "adUnitClicks"),
    count("text_url_clicks", "textUrlClicks"),
    count("sends"),
    count("opens"),
    count("card_clicks", "cardClicks"),
    count("card_impressions", "cardImpressions"),
)
# One call: demographic pivots have neither conversion values nor cards nor reach.
_SPLIT = (
    *_TOTALS,
    _ENGAGEMENTS,
    *_CONVERSION_WINDOWS,
    count("video_views", "videoViews"),
    count("video_starts", "videoStarts"),
    count("video_completions", "videoCompletions"),
)
_MEASURES = {
    "spend": "cost_in_local_currency",
    "impressions": "impressions",
    "clicks": "clicks",
    "conversions": "external_website_conversions + one_click_leads",
}
_CREATIVE = Column("creative_id", ("creative_id",))
_CAMPAIGN = Column("campaign_id", ("campaign_id",))
_GROUP = Column("campaign_group_id", ("campaign_group_id",))
_PATH = {"CAMPAIGN": "campaign_id", "CAMPAIGN_GROUP": "campaign_group_id"}


def pivots(columns: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """What a report asks for: pivot -> the column that its value goes to, in the order of the request."""
    return {"pivots": dict(columns), **more}


ACCOUNT_DAILY = Report(
    name="account_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    metrics=_TOTALS,
    measures=_MEASURES,
    request=pivots({"ACCOUNT": "account"}),
)
# ALL is rounded to whole months without a word once it reaches behind the days that are kept; MONTHLY says its span.
ACCOUNT_MONTHLY = Report(
    name="account_monthly",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    metrics=(money("spend", "costInLocalCurrency"), _IMPRESSIONS, _CLICKS),
    request=pivots({"ACCOUNT": "account"}, granularity="MONTHLY"),
)
CAMPAIGN_GROUP_DAILY = Report(
    name="campaign_group_daily",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.ACCOUNT_TOTAL,
    ids=(_GROUP,),
    metrics=(*_DELIVERY, *_ENGAGEMENT),
    measures=_MEASURES,
    request=pivots({"CAMPAIGN_GROUP": "campaign_group_id"}),
)
CREATIVE_DAILY = Report(
    name="creative_daily",
    level=Level.AD,
    proved_by=ProvedBy.OWN_CAMPAIGN,
    ids=(_CREATIVE,),
    attributes=(_CAMPAIGN, _GROUP),
    metrics=(*_DELIVERY, *_ENGAGEMENT),
    measures=_MEASURES,
    # The path comes with the row: a creative that is no longer listed still knows its campaign.
    request=pivots({"CREATIVE": "creative_id", **_PATH}),
)
CAMPAIGN_DAILY = Report(
    name="campaign_daily",
    level=Level.AD_GROUP,
    proved_by=ProvedBy.COMPLETENESS,
    ids=(_CAMPAIGN,),
    attributes=(_GROUP,),
    metrics=(*_DELIVERY, *_ENGAGEMENT),
    measures=_MEASURES,
    required=False,
    request=pivots(_PATH),
)
# One conversion can stand at every campaign that was touched, so these rows may exceed the account's own count.
CONVERSION_DAILY = Report(
    name="conversion_daily",
    level=Level.AD_GROUP,
    proved_by=ProvedBy.COMPLETENESS,
    ids=(_CAMPAIGN,),
    breakdowns=(breakdown("conversion_id"),),
    attributes=(_GROUP,),
    metrics=(_CONVERSIONS, *_CONVERSION_WINDOWS, _CONVERSION_VALUE),
    required=False,
    request=pivots({**_PATH, "CONVERSION": "conversion_id"}),
)
ATTRIBUTION_WINDOWS = ("post_click", "post_view")


def _by_window(report: Report, name: str) -> Report:
    """A report's conversions as one row for each attribution window, out of the report's own answers."""
    return Report(
        name=name,
        level=report.level,
        proved_by=ProvedBy.COMPLETENESS,
        ids=report.ids,
        breakdowns=(*report.breakdowns, breakdown("attribution_window")),
        attributes=report.attributes,
        metrics=(count("conversions"),),
        required=False,
        attribution_windows=ATTRIBUTION_WINDOWS,
        derived_from=report.name,
    )


CONVERSION_WINDOW_DAILY = _by_window(CONVERSION_DAILY, "conversion_window_daily")
CREATIVE_CONVERSION_WINDOW_DAILY = _by_window(CREATIVE_DAILY, "creative_conversion_window_daily")


def _split(pivot: str, column: str, **rules: Any) -> Report:
    """Campaign days split by one further pivot; never more than a picture of the whole."""
    return Report(
        name=f"campaign_{column}_daily",
        level=Level.AD_GROUP,
        proved_by=ProvedBy.COMPLETENESS,
        ids=(_CAMPAIGN,),
        breakdowns=(breakdown(column),),
        attributes=(_GROUP,),
        metrics=_SPLIT,
        measures=_MEASURES,
        required=False,
        request=pivots({**_PATH, pivot: column}),
        **rules,
    )


# Approximate by the platform's own word: the hundred largest values of a creative and day, none under three events,
# cost not corrected for over-delivery. Their sums differ from the campaign's own figures in both directions.
DEMOGRAPHICS = tuple(
    _split(f"MEMBER_{pivot}", column, restatement_days=DEMOGRAPHIC_RESTATEMENT_DAYS)
    for pivot, column in (
        ("COUNTRY_V2", "member_country"),
        ("JOB_FUNCTION", "member_job_function"),
        ("INDUSTRY", "member_industry"),
        ("SENIORITY", "member_seniority"),
        ("COMPANY_SIZE", "member_company_size"),
    )
)
DEVICE_DAILY = _split("IMPRESSION_DEVICE_TYPE", "impression_device_type")
PLACEMENT_DAILY = _split("PLACEMENT_NAME", "placement_name")


def _reach(name: str, level: Level, pivot: str, column: str, ids: tuple[Column, ...]) -> Report:
    """Members reached in the last so many days up to yesterday, as estimated at the instant of reading."""
    return Report(
        name=name,
        level=level,
        proved_by=ProvedBy.COMPLETENESS,
        ids=ids,
        breakdowns=(breakdown("period_days", sql_type="int"),),
        metrics=(
            ratio("approximate_member_reach", "approximateMemberReach"),
            ratio("period_impressions", "impressions"),
        ),
        required=False,
        request=pivots({pivot: column}, periods_days=REACH_PERIODS_DAYS),
        snapshot_hours=24,
    )


ACCOUNT_REACH = _reach("account_reach", Level.ACCOUNT, "ACCOUNT", "account", ())
CAMPAIGN_GROUP_REACH = _reach("campaign_group_reach", Level.CAMPAIGN, "CAMPAIGN_GROUP", "campaign_group_id", (_GROUP,))


_MIGRATIONS = "learn.microsoft.com, LinkedIn Marketing API, integrations/migrations (read 2026-11)"
_TWELVE_MONTHS = "at least twelve months of life after the release; no date published yet"
DEFINITION = PlatformDefinition(
    name="linkedin_ads",
    title="LinkedIn Ads",
    restatement_days=RESTATEMENT_DAYS,
    due_after_hours=DUE_AFTER_HOURS,
    # Reports and budgets count UTC days, whatever the account's own zone.
    day_zone="utc",
    control=ACCOUNT_DAILY,
    details=(
        CAMPAIGN_GROUP_DAILY,
        CREATIVE_DAILY,
        CAMPAIGN_DAILY,
        CONVERSION_DAILY,
        CONVERSION_WINDOW_DAILY,
        CREATIVE_CONVERSION_WINDOW_DAILY,
        DEVICE_DAILY,
        PLACEMENT_DAILY,
        *DEMOGRAPHICS,
        ACCOUNT_REACH,
        CAMPAIGN_GROUP_REACH,
    ),
    entities=(ACCOUNTS, CAMPAIGN_GROUPS, CAMPAIGNS, CREATIVES, CONVERSIONS, POSTS),
    # Rows name campaigns and creatives, not their account; the request is narrowed to one account.
    account_path=None,
    currency_path=("currency",),
    timezone_path=None,
    retention_days=RETENTION_DAYS,
    longest_request_days=LONGEST_REQUEST_DAYS,
    campaign_key="campaign_group_id",
    month_total=MonthTotal(ACCOUNT_MONTHLY, MONTHLY_RETENTION_DAYS, whole_months_only=True),
    always_sent=frozenset({"date_day", "campaign_group_id", "campaign_id", "creative_id"}),
    # A day of late conversions alone has no delivery; days of a month have some.
    usually_sent=frozenset({"impressions", "clicks", "cost_in_local_currency"}),
    also_sent=frozenset({"dateRange", "pivotValues", "account"}),
    api_versions=(
        ApiVersion("202608", date(2027, 8, 15), _TWELVE_MONTHS),
        ApiVersion("202607", date(2027, 7, 15), _TWELVE_MONTHS),
        ApiVersion("202603", date(2027, 3, 16), _MIGRATIONS),
        ApiVersion("202602", date(2027, 2, 15), _MIGRATIONS),
        ApiVersion("202601", date(2027, 1, 15), _MIGRATIONS),
        ApiVersion("202511", date(2026, 11, 16), _MIGRATIONS),
        ApiVersion("202508", date(2026, 8, 17), _MIGRATIONS),
    ),
)
