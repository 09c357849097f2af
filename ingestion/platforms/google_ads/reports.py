"""Google Ads as data. Facts: Google Ads API v26, GAQL; int64 are strings on the wire, money is micros."""

from ingestion.reports import Column, Entity, Level, PlatformDefinition, ProvedBy, Report

# Click corrections move cost for about a month, conversions for the click window, by default 30 days after the day.
RESTATEMENT_DAYS = 30 + 1
# Clicks and impressions settle about three hours after midnight in the account's zone.
DUE_AFTER_HOURS = 3

_DELIVERY = (
    Column("impressions", ("metrics", "impressions"), "bigint", absent="0"),
    Column("clicks", ("metrics", "clicks"), "bigint", absent="0"),
    Column("cost_micros", ("metrics", "costMicros"), "bigint", absent="0"),
    Column("conversions", ("metrics", "conversions"), "numeric", absent="0"),
    Column("conversions_value", ("metrics", "conversionsValue"), "numeric", absent="0"),
)
_ALL_CONVERSIONS = Column("all_conversions", ("metrics", "allConversions"), "numeric", absent="0")
_MEASURES = {
    "spend": "cost_micros / 1000000.0",
    "impressions": "impressions",
    "clicks": "clicks",
    "conversions": "conversions",
}
_DAY = Column("date_day", ("segments", "date"), "date")
_CAMPAIGN = Column("campaign_id", ("campaign", "id"))

ACCOUNT_DAILY = Report(
    name="account_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    day=_DAY,
    attributes=(Column("currency_code", ("customer", "currencyCode")),),
    metrics=_DELIVERY,
    measures=_MEASURES,
)
CAMPAIGN_DAILY = Report(
    name="campaign_daily",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.ACCOUNT_TOTAL,
    day=_DAY,
    ids=(_CAMPAIGN,),
    attributes=(Column("advertising_channel_type", ("campaign", "advertisingChannelType")),),
    metrics=(*_DELIVERY, _ALL_CONVERSIONS),
    measures=_MEASURES,
)
AD_DAILY = Report(
    name="ad_daily",
    level=Level.AD,
    proved_by=ProvedBy.OWN_CAMPAIGN,
    day=_DAY,
    ids=(Column("ad_group_id", ("adGroup", "id")), Column("ad_id", ("adGroupAd", "ad", "id"))),
    attributes=(_CAMPAIGN,),
    metrics=(*_DELIVERY, _ALL_CONVERSIONS),
    measures=_MEASURES,
)

ACCOUNTS = Entity(
    name="accounts",
    columns=(
        Column("descriptive_name", ("customer", "descriptiveName")),
        Column("currency_code", ("customer", "currencyCode")),
        Column("time_zone", ("customer", "timeZone")),
        Column("status", ("customer", "status")),
    ),
    key=(),
)
CAMPAIGNS = Entity(
    name="campaigns",
    columns=(
        _CAMPAIGN,
        Column("name", ("campaign", "name")),
        Column("status", ("campaign", "status")),
        Column("advertising_channel_type", ("campaign", "advertisingChannelType")),
        Column("advertising_channel_sub_type", ("campaign", "advertisingChannelSubType")),
        Column("start_date_time", ("campaign", "startDateTime")),
        Column("end_date_time", ("campaign", "endDateTime")),
        Column("budget_amount_micros", ("campaignBudget", "amountMicros"), "bigint"),
    ),
    key=("campaign_id",),
)
AD_GROUPS = Entity(
    name="ad_groups",
    columns=(
        _CAMPAIGN,
        Column("ad_group_id", ("adGroup", "id")),
        Column("name", ("adGroup", "name")),
        Column("status", ("adGroup", "status")),
        Column("type", ("adGroup", "type")),
    ),
    key=("ad_group_id",),
)
ADS = Entity(
    name="ads",
    columns=(
        _CAMPAIGN,
        Column("ad_group_id", ("adGroup", "id")),
        Column("ad_id", ("adGroupAd", "ad", "id")),
        Column("name", ("adGroupAd", "ad", "name")),
        Column("type", ("adGroupAd", "ad", "type")),
        Column("status", ("adGroupAd", "status")),
    ),
    key=("ad_group_id", "ad_id"),
)

_METRICS = (
    "metrics.impressions, metrics.clicks, metrics.cost_micros, metrics.conversions, metrics.conversions_value, "
    "metrics.all_conversions"
)
# One query a table; {since} and {until} are inclusive account-local days. REMOVED objects are never filtered out.
REPORT_QUERIES = {
    "account_daily": (
        "SELECT customer.id, customer.currency_code, customer.time_zone, segments.date, metrics.impressions, "
        "metrics.clicks, metrics.cost_micros, metrics.conversions, metrics.conversions_value FROM customer "
        "WHERE segments.date BETWEEN '{since}' AND '{until}'"
    ),
    "campaign_daily": (
        f"SELECT campaign.id, campaign.advertising_channel_type, segments.date, {_METRICS} FROM campaign "
        "WHERE segments.date BETWEEN '{since}' AND '{until}'"
    ),
    "ad_daily": (
        f"SELECT campaign.id, ad_group.id, ad_group_ad.ad.id, segments.date, {_METRICS} FROM ad_group_ad "
        "WHERE segments.date BETWEEN '{since}' AND '{until}'"
    ),
}
ENTITY_QUERIES = {
    "accounts": (
        "SELECT customer.id, customer.descriptive_name, customer.currency_code, customer.time_zone, customer.status "
        "FROM customer"
    ),
    "campaigns": (
        "SELECT campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type, "
        "campaign.advertising_channel_sub_type, campaign.start_date_time, campaign.end_date_time, "
        "campaign_budget.amount_micros FROM campaign"
    ),
    "ad_groups": "SELECT campaign.id, ad_group.id, ad_group.name, ad_group.status, ad_group.type FROM ad_group",
    "ads": (
        "SELECT campaign.id, ad_group.id, ad_group_ad.ad.id, ad_group_ad.ad.name, ad_group_ad.ad.type, "
        "ad_group_ad.status FROM ad_group_ad"
    ),
}

DEFINITION = PlatformDefinition(
    name="google_ads",
    title="Google Ads",
    restatement_days=RESTATEMENT_DAYS,
    due_after_hours=DUE_AFTER_HOURS,
    day_zone="account",
    control=ACCOUNT_DAILY,
    details=(CAMPAIGN_DAILY, AD_DAILY),
    entities=(ACCOUNTS, CAMPAIGNS, AD_GROUPS, ADS),
    account_path=None,
    currency_path=("customer", "currencyCode"),
    timezone_path=("customer", "timeZone"),
    campaign_type_column="advertising_channel_type",
    childless_campaign_types=frozenset({"PERFORMANCE_MAX", "SMART", "LOCAL", "HOTEL", "LOCAL_SERVICES", "TRAVEL"}),
)
