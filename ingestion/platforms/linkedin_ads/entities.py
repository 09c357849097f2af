"""LinkedIn's objects as data: which list holds them, and the columns that are kept of each."""

from typing import Any

from ingestion.reports import Column, Entity

# Removed objects stay readable because they have figures: without every status their rows lose their names.
STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED")
# Only campaigns come to an end by themselves; other lists do not know the word.
CAMPAIGN_STATUSES = (*STATUSES, "COMPLETED")


def _amount(name: str, wire_name: str) -> Column:
    """The amount of {"currencyCode": "BRL", "amount": "250.00"}: decimal text in major units."""
    return Column(name, (wire_name, "amount"), "numeric(20,6)")


def _instant(name: str) -> Column:
    return Column(name, ("times", name), "timestamptz")


def _listed(path: str, statuses: tuple[str, ...] = STATUSES) -> dict[str, Any]:
    """A search below the account whose pages hang together by tokens."""
    query = f"q=search&search=(status:(values:List({','.join(statuses)})))"
    return {"path": f"adAccounts/{{account}}/{path}", "query": query, "page_size": 1000}


_NAME, _STATUS = Column("name", ("name",)), Column("status", ("status",))
_STAMPS = (_instant("created_at"), _instant("last_modified_at"))
_SERVING_STATUSES = Column("serving_statuses", ("servingStatuses",), "jsonb")
ACCOUNTS = Entity(
    name="accounts",
    columns=(
        _NAME,
        Column("currency", ("currency",)),
        _STATUS,
        _SERVING_STATUSES,
        Column("type", ("type",)),
        Column("test", ("test",), "boolean"),
        Column("reference", ("reference",)),
        Column("version_tag", ("version", "versionTag")),
        *_STAMPS,
    ),
    key=(),
    request={"path": "adAccounts/{account}"},
)
CAMPAIGN_GROUPS = Entity(
    name="campaign_groups",
    columns=(
        Column("campaign_group_id", ("id",)),
        _NAME,
        _STATUS,
        _SERVING_STATUSES,
        Column("objective_type", ("objectiveType",)),
        _amount("daily_budget", "dailyBudget"),
        _amount("total_budget", "totalBudget"),
        Column("budget_optimization", ("budgetOptimization",), "jsonb"),
        Column("backfilled", ("backfilled",), "boolean"),
        Column("test", ("test",), "boolean"),
        _instant("run_start_at"),
        _instant("run_end_at"),
        *_STAMPS,
    ),
    key=("campaign_group_id",),
    request=_listed("adCampaignGroups"),
)
CAMPAIGNS = Entity(
    name="campaigns",
    columns=(
        Column("campaign_id", ("id",)),
        Column("campaign_group_id", ("ids", "campaignGroup")),
        _NAME,
        _STATUS,
        _SERVING_STATUSES,
        Column("type", ("type",)),
        Column("format", ("format",)),
        Column("objective_type", ("objectiveType",)),
        Column("optimization_target_type", ("optimizationTargetType",)),
        Column("cost_type", ("costType",)),
        _amount("unit_cost", "unitCost"),
        _amount("daily_budget", "dailyBudget"),
        _amount("total_budget", "totalBudget"),
        Column("pacing_strategy", ("pacingStrategy",)),
        Column("creative_selection", ("creativeSelection",)),
        Column("locale_country", ("locale", "country")),
        Column("locale_language", ("locale", "language")),
        Column("associated_entity", ("associatedEntity",)),
        Column("targeting_criteria", ("targetingCriteria",), "jsonb"),
        Column("audience_expansion_enabled", ("audienceExpansionEnabled",), "boolean"),
        Column("offsite_delivery_enabled", ("offsiteDeliveryEnabled",), "boolean"),
        Column("connected_television_only", ("connectedTelevisionOnly",), "boolean"),
        Column("political_intent", ("politicalIntent",)),
        Column("test", ("test",), "boolean"),
        Column("version_tag", ("version", "versionTag")),
        _instant("run_start_at"),
        _instant("run_end_at"),
        *_STAMPS,
    ),
    key=("campaign_id",),
    request=_listed("adCampaigns", CAMPAIGN_STATUSES),
)
CREATIVES = Entity(
    name="creatives",
    columns=(
        Column("creative_id", ("ids", "id")),
        Column("campaign_id", ("ids", "campaign")),
        _NAME,
        Column("intended_status", ("intendedStatus",)),
        Column("is_serving", ("isServing",), "boolean"),
        Column("serving_hold_reasons", ("servingHoldReasons",), "jsonb"),
        Column("review_status", ("review", "status")),
        Column("reference", ("content", "reference")),
        Column("landing_page", ("landing_page",)),
        Column("content", ("content",), "jsonb"),
        Column("leadgen_call_to_action", ("leadgenCallToAction",), "jsonb"),
        Column("is_test", ("isTest",), "boolean"),
        *_STAMPS,
    ),
    key=("creative_id",),
    request={
        "path": "adAccounts/{account}/creatives",
        "query": f"q=criteria&intendedStatuses=List({','.join(STATUSES)})",
        # This finder alone refuses more than a hundred.
        "page_size": 100,
    },
)
CONVERSIONS = Entity(
    name="conversions",
    columns=(
        Column("conversion_id", ("id",)),
        _NAME,
        Column("type", ("type",)),
        Column("enabled", ("enabled",), "boolean"),
        Column("attribution_type", ("attributionType",)),
        Column("post_click_attribution_window_size", ("postClickAttributionWindowSize",), "int"),
        Column("view_through_attribution_window_size", ("viewThroughAttributionWindowSize",), "int"),
        Column("conversion_method", ("conversionMethod",)),
        Column("value_type", ("valueType",)),
        _amount("value", "value"),
        *_STAMPS,
    ),
    key=("conversion_id",),
    request={"path": "conversions", "query": "q=account&account={account_urn}", "offset_page_size": 100},
)
# Sponsored posts hold the landing page of most ads. Reading them is a permission of its own that many lack.
POSTS = Entity(
    name="posts",
    columns=(
        Column("post", ("id",)),
        Column("lifecycle_state", ("lifecycleState",)),
        Column("commentary", ("commentary",)),
        Column("landing_page", ("landing_page",)),
        Column("call_to_action", ("contentCallToActionLabel",)),
        Column("content", ("content",), "jsonb"),
        *_STAMPS,
    ),
    key=("post",),
    request={
        "path": "posts",
        "query": "q=dscAdAccount&dscAdAccount={account_urn}",
        "offset_page_size": 100,
        "needs_own_permission": True,
    },
    listed_whole=False,
)
