"""Meta's objects as data: which edge lists them, with which statuses, and the columns that are kept of each."""

from typing import Any

from ingestion.reports import Column, Entity

EVERY_STATUS = (
    "ACTIVE", "PAUSED", "DELETED", "PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO",
    "CAMPAIGN_PAUSED", "ARCHIVED", "ADSET_PAUSED", "IN_PROCESS", "WITH_ISSUES",
)  # fmt: skip
EVERY_CAMPAIGN_STATUS = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")
EVERY_AD_SET_STATUS = (*EVERY_CAMPAIGN_STATUS, "CAMPAIGN_PAUSED")

# First names of paths that rows.py makes: money in major units (a limit of zero is no limit), and texts of a creative.
AMOUNTS, LIMITS, SHOWN = "amounts", "limits", "shown"


def _listed_with(edge: str, statuses: tuple[str, ...]) -> dict[str, Any]:
    """An edge leaves out archived objects unless asked for; deleted ones cannot be asked for on an edge at all."""
    return {"edge": edge, "statuses": tuple(status for status in statuses if status != "DELETED")}


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, (name,)) for name in names)


def _objects(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, (name,), "jsonb") for name in names)


def _instants(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, (name,), "timestamptz") for name in names)


def _flag(name: str) -> Column:
    return Column(name, (name,), "boolean")


def _amount(name: str) -> Column:
    return Column(name, (AMOUNTS, name), "numeric")


def _limit(name: str) -> Column:
    return Column(name, (LIMITS, name), "numeric")


def _shown(name: str) -> Column:
    return Column(name, (SHOWN, name))


_STATES = _texts("name", "status", "effective_status", "configured_status")
_BUDGETS = (_limit("daily_budget"), _limit("lifetime_budget"), _amount("budget_remaining"))

# `business` is not asked for: without the permission business_management it fails the account's whole answer.
ACCOUNTS = Entity(
    name="accounts",
    columns=(
        *_texts("name", "account_status", "currency", "timezone_name", "timezone_id"),
        Column("timezone_offset_hours_utc", ("timezone_offset_hours_utc",), "numeric"),
        _amount("amount_spent"),
        _amount("balance"),
        _limit("spend_cap"),
        *_objects("attribution_spec"),
        _flag("is_attribution_spec_system_default"),
        *_texts("disable_reason"),
        *_instants("created_time"),
    ),
    key=(),
)
CAMPAIGNS = Entity(
    name="campaigns",
    columns=(
        Column("campaign_id", ("id",)),
        *_STATES,
        *_texts("objective", "buying_type", "bid_strategy"),
        *_BUDGETS,
        _limit("spend_cap"),
        _flag("is_adset_budget_sharing_enabled"),
        *_texts("smart_promotion_type"),
        *_objects("special_ad_categories"),
        *_texts("source_campaign_id"),
        *_instants("start_time", "stop_time", "created_time", "updated_time"),
    ),
    key=("campaign_id",),
    request=_listed_with("campaigns", EVERY_CAMPAIGN_STATUS),
)
AD_SETS = Entity(
    name="ad_sets",
    columns=(
        *_texts("campaign_id"),
        Column("adset_id", ("id",)),
        *_STATES,
        *_BUDGETS,
        *_texts("bid_strategy"),
        _limit("bid_amount"),
        *_texts("billing_event", "optimization_goal", "optimization_sub_event", "destination_type"),
        *_objects("promoted_object", "attribution_spec"),
        _flag("is_incremental_attribution_enabled"),
        *_objects("targeting", "learning_stage_info"),
        *_instants("start_time", "end_time", "created_time", "updated_time"),
    ),
    key=("adset_id",),
    request=_listed_with("adsets", EVERY_AD_SET_STATUS),
)
ADS = Entity(
    name="ads",
    columns=(
        *_texts("campaign_id", "adset_id"),
        Column("ad_id", ("id",)),
        *_STATES,
        Column("creative_id", ("creative", "id")),
        *_objects("tracking_specs"),
        *_texts("conversion_domain", "source_ad_id"),
        *_instants("created_time", "updated_time"),
    ),
    key=("ad_id",),
    request=_listed_with("ads", EVERY_STATUS),
)
# Addresses of pictures are signed anew at every reading and expire: hash and video id tell which picture it is.
CREATIVES = Entity(
    name="creatives",
    columns=(
        Column("creative_id", ("id",)),
        *_texts("name", "status", "object_type"),
        *(_shown(name) for name in ("title", "body", "link_url", "call_to_action_type")),
        *_texts("url_tags", "template_url", "image_hash", "video_id"),
        *_texts("effective_object_story_id", "effective_instagram_media_id", "instagram_user_id"),
        *_texts("instagram_permalink_url", "product_set_id"),
        *_objects("object_story_spec", "asset_feed_spec"),
    ),
    key=("creative_id",),
    # One broken creative fails its whole page until this field is left out.
    request={"edge": "adcreatives", "page_limit": 100, "may_be_unreadable": "object_story_spec"},
)
