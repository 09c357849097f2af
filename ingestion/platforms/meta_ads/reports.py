"""Meta Ads as data. Facts: Marketing API insights, field list of SDK 26; every number on the wire is a string."""

from ingestion.reports import Column, Entity, Level, PlatformDefinition, ProvedBy, Report

# Insights move for 28 days after being reported (Meta, insights best practices), and a day is reported the day after.
RESTATEMENT_DAYS = 28 + 1
# Insights refresh every 15 minutes; six hours after midnight the day's late delivery has settled.
DUE_AFTER_HOURS = 6

# Without this filter level=ad leaves out deleted ads for ever, while the account total keeps their spend.
EVERY_STATUS = (
    "ACTIVE", "PAUSED", "DELETED", "PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO",
    "CAMPAIGN_PAUSED", "ARCHIVED", "ADSET_PAUSED", "IN_PROCESS", "WITH_ISSUES",
)  # fmt: skip
EVERY_CAMPAIGN_STATUS = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")

_CURRENCY = Column("account_currency", ("account_currency",))
_DELIVERY = (
    Column("impressions", ("impressions",), "bigint", absent="0"),
    Column("clicks", ("clicks",), "bigint", absent="0"),
    Column("inline_link_clicks", ("inline_link_clicks",), "bigint", absent="0"),
    Column("spend", ("spend",), "numeric(20,6)", absent="0"),
    Column("actions", ("actions",), "jsonb"),
    Column("action_values", ("action_values",), "jsonb"),
)
_MEASURES = {
    "spend": "spend",
    "impressions": "impressions",
    "clicks": "clicks",
    "link_clicks": "inline_link_clicks",
}
_DAY = Column("date_day", ("date_start",), "date")

ACCOUNT_DAILY = Report(
    name="account_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    day=_DAY,
    attributes=(_CURRENCY,),
    metrics=_DELIVERY,
    measures=_MEASURES,
)
CAMPAIGN_DAILY = Report(
    name="campaign_daily",
    level=Level.CAMPAIGN,
    proved_by=ProvedBy.ACCOUNT_TOTAL,
    day=_DAY,
    ids=(Column("campaign_id", ("campaign_id",)),),
    attributes=(_CURRENCY,),
    metrics=_DELIVERY,
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
    metrics=_DELIVERY,
    measures=_MEASURES,
)

ACCOUNTS = Entity(
    name="accounts",
    columns=(
        Column("name", ("name",)),
        Column("account_status", ("account_status",)),
        Column("currency", ("currency",)),
        Column("timezone_name", ("timezone_name",)),
    ),
    key=(),
)
CAMPAIGNS = Entity(
    name="campaigns",
    columns=(
        Column("campaign_id", ("id",)),
        Column("name", ("name",)),
        Column("objective", ("objective",)),
        Column("status", ("status",)),
        Column("effective_status", ("effective_status",)),
        Column("daily_budget", ("daily_budget",)),
        Column("lifetime_budget", ("lifetime_budget",)),
        Column("start_time", ("start_time",)),
        Column("stop_time", ("stop_time",)),
    ),
    key=("campaign_id",),
)
AD_SETS = Entity(
    name="ad_sets",
    columns=(
        Column("campaign_id", ("campaign_id",)),
        Column("adset_id", ("id",)),
        Column("name", ("name",)),
        Column("status", ("status",)),
        Column("effective_status", ("effective_status",)),
        Column("optimization_goal", ("optimization_goal",)),
    ),
    key=("adset_id",),
)
ADS = Entity(
    name="ads",
    columns=(
        Column("campaign_id", ("campaign_id",)),
        Column("adset_id", ("adset_id",)),
        Column("ad_id", ("id",)),
        Column("name", ("name",)),
        Column("status", ("status",)),
        Column("effective_status", ("effective_status",)),
        Column("creative_id", ("creative", "id")),
    ),
    key=("ad_id",),
)

DEFINITION = PlatformDefinition(
    name="meta_ads",
    title="Meta Ads",
    restatement_days=RESTATEMENT_DAYS,
    due_after_hours=DUE_AFTER_HOURS,
    day_zone="account",
    control=ACCOUNT_DAILY,
    details=(CAMPAIGN_DAILY, AD_DAILY),
    entities=(ACCOUNTS, CAMPAIGNS, AD_SETS, ADS),
    account_path=("account_id",),
    currency_path=("currency",),
    timezone_path=("timezone_name",),
)
