"""The attributes of an account's objects: accounts, campaigns with budgets, ad groups, ads, keywords, asset groups."""

from typing import Any

from sandbox.wire.google_fields import Fields, Line, about
from sandbox.wire.lifecycle import google_status
from sandbox.world.creatives import creative_of
from sandbox.world.history import on_day
from sandbox.world.model import PERFORMANCE_MAX, Ad, AdGroup, Campaign
from sandbox.world.randomness import entity_key

_AD_TYPES = {
    "SEARCH": "RESPONSIVE_SEARCH_AD",
    "DISPLAY": "RESPONSIVE_DISPLAY_AD",
    "DEMAND_GEN": "DEMAND_GEN_MULTI_ASSET_AD",
}
_BIDDING = {"SEARCH": "TARGET_CPA", "DISPLAY": "MAXIMIZE_CONVERSIONS", "DEMAND_GEN": "MAXIMIZE_CONVERSION_VALUE"}
_NEVER_ENDS = "2037-12-30 23:59:59"
# Some campaigns end by a date and have one amount for all their days; some share a budget with others.
_TOTAL_BUDGET_SHARE, _SHARED_BUDGET_SHARE = 0.15, 0.1


def _chance(thing: Campaign | AdGroup | Ad, what: str) -> float:
    return float(entity_key(thing.key, what) % 10**6) / 10**6


def asset_group_id(campaign: Campaign) -> str:
    """Performance Max campaigns have one asset group here."""
    return str(6_000_000_000 + int(campaign.campaign_id) % 1_000_000_000)


def budget_id(campaign: Campaign) -> str:
    return str(int(campaign.campaign_id) + 1)


def _primary(thing: Campaign | AdGroup | Ad, line: Line) -> str:
    status = google_status(thing, line.today)
    if status != "ENABLED":
        return status
    if isinstance(thing, Campaign) and thing.lifetime.ended_before(line.today):
        return "ENDED"
    return "PENDING" if thing.lifetime.start > line.today else "ELIGIBLE"


def _why(campaign: Campaign, line: Line) -> list[str] | None:
    reasons = {
        "REMOVED": "CAMPAIGN_REMOVED", "PAUSED": "CAMPAIGN_PAUSED", "ENDED": "CAMPAIGN_ENDED",
        "PENDING": "CAMPAIGN_PENDING",
    }  # fmt: skip
    found = reasons.get(_primary(campaign, line))
    return [found] if found else None


def _serving(campaign: Campaign, line: Line) -> str:
    if google_status(campaign, line.today) != "ENABLED":
        return "SUSPENDED" if google_status(campaign, line.today) == "PAUSED" else "NONE"
    life = campaign.lifetime
    return "ENDED" if life.ended_before(line.today) else "PENDING" if life.start > line.today else "SERVING"


def _bidding(campaign: Campaign) -> str:
    return _BIDDING.get(campaign.kind, "MAXIMIZE_CONVERSION_VALUE")


def _target_cpa(campaign: Campaign, strategy: str) -> str | None:
    """A target per conversion, a twentieth of the budget of the day it was set up."""
    return str(campaign.daily_budget_micros // 20) if _bidding(campaign) == strategy else None


def _target_roas(campaign: Campaign, line: Line) -> float | None:
    return 3.5 if _bidding(campaign) == "MAXIMIZE_CONVERSION_VALUE" and line.account.goal == "purchase" else None


def _has_total(campaign: Campaign) -> bool:
    return campaign.lifetime.end is not None and bool(campaign.key) and _chance(campaign, "total") < _TOTAL_BUDGET_SHARE


def _daily_amount(campaign: Campaign, line: Line) -> str | None:
    return None if _has_total(campaign) else str(on_day(campaign, line.today).daily_budget_micros)


def _total_amount(campaign: Campaign, line: Line) -> str | None:
    life = campaign.lifetime
    if not _has_total(campaign) or life.end is None:
        return None
    return str(campaign.daily_budget_micros * ((life.end - life.start).days + 1))


def _is_shared(campaign: Campaign) -> bool:
    return bool(campaign.key) and not _has_total(campaign) and _chance(campaign, "shared") < _SHARED_BUDGET_SHARE


def _url_template(campaign: Campaign) -> str:
    """Empty for most campaigns, whose ads carry their parameters themselves."""
    return "{lpurl}?utm_source=google&utm_medium=cpc&utm_term={keyword}" if _chance(campaign, "url") < 0.3 else ""


def _is_search(campaign: Campaign) -> bool:
    return campaign.kind == "SEARCH"


CUSTOMER: Fields = about(lambda line: line, "customer", {
    "resource_name": ("RESOURCE_NAME", lambda _, line: line.customer),
    "id": ("INT64", lambda _, line: line.account.account_id),
    "descriptive_name": ("STRING", lambda _, line: line.account.name),
    "currency_code": ("STRING", lambda _, line: line.account.currency),
    "time_zone": ("STRING", lambda _, line: line.account.timezone),
    "status": ("ENUM", lambda _, line: "ENABLED"),
    "manager": ("BOOLEAN", lambda _, line: line.thing == "manager"),
    "test_account": ("BOOLEAN", lambda _, line: False),
    "auto_tagging_enabled": ("BOOLEAN", lambda _, line: True),
    "tracking_url_template": ("STRING", lambda _, line: None),
    "final_url_suffix": ("STRING", lambda _, line: None),
})  # fmt: skip
CAMPAIGN: Fields = about(lambda line: line.campaign, "campaign", {
    "resource_name": ("RESOURCE_NAME", lambda c, line: f"{line.customer}/campaigns/{c.campaign_id}"),
    "id": ("INT64", lambda c, line: c.campaign_id),
    "name": ("STRING", lambda c, line: on_day(c, line.today).name),
    "status": ("ENUM", lambda c, line: google_status(c, line.today)),
    "serving_status": ("ENUM", _serving),
    "primary_status": ("ENUM", _primary),
    "primary_status_reasons": ("ENUM*", _why),
    "advertising_channel_type": ("ENUM", lambda c, line: c.kind),
    "advertising_channel_sub_type": ("ENUM", lambda c, line: None),
    "bidding_strategy_type": ("ENUM", lambda c, line: _bidding(c)),
    "target_cpa.target_cpa_micros": ("INT64", lambda c, line: _target_cpa(c, "TARGET_CPA")),
    "maximize_conversions.target_cpa_micros": ("INT64", lambda c, line: _target_cpa(c, "MAXIMIZE_CONVERSIONS")),
    "maximize_conversion_value.target_roas": ("DOUBLE", _target_roas),
    "start_date_time": ("DATE", lambda c, line: f"{c.lifetime.start} 00:00:00"),
    "end_date_time": ("DATE", lambda c, line: f"{c.lifetime.end} 23:59:59" if c.lifetime.end else _NEVER_ENDS),
    "campaign_budget": ("RESOURCE_NAME", lambda c, line: f"{line.customer}/campaignBudgets/{budget_id(c)}"),
    "tracking_url_template": ("STRING", lambda c, line: _url_template(c) or None),
    "network_settings.target_google_search": ("BOOLEAN", lambda c, line: _is_search(c)),
    "network_settings.target_search_network": ("BOOLEAN", lambda c, line: _is_search(c)),
    "network_settings.target_content_network": ("BOOLEAN", lambda c, line: c.kind == "DISPLAY"),
    "network_settings.target_partner_search_network": ("BOOLEAN", lambda c, line: False),
    "geo_target_type_setting.positive_geo_target_type": ("ENUM", lambda c, line: "PRESENCE_OR_INTEREST"),
    "geo_target_type_setting.negative_geo_target_type": ("ENUM", lambda c, line: "PRESENCE"),
    "experiment_type": ("ENUM", lambda c, line: "BASE"),
    "payment_mode": ("ENUM", lambda c, line: "CLICKS"),
    "ad_serving_optimization_status": ("ENUM", lambda c, line: "OPTIMIZE"),
})  # fmt: skip
CAMPAIGN_BUDGET: Fields = about(lambda line: line.campaign, "campaign_budget", {
    "resource_name": ("RESOURCE_NAME", lambda c, line: f"{line.customer}/campaignBudgets/{budget_id(c)}"),
    "id": ("INT64", lambda c, line: budget_id(c)),
    "name": ("STRING", lambda c, line: f"{c.name} budget" if _is_shared(c) else None),
    "amount_micros": ("INT64", _daily_amount),
    "total_amount_micros": ("INT64", _total_amount),
    "period": ("ENUM", lambda c, line: "CUSTOM_PERIOD" if _has_total(c) else "DAILY"),
    "explicitly_shared": ("BOOLEAN", lambda c, line: _is_shared(c)),
    "delivery_method": ("ENUM", lambda c, line: "STANDARD"),
    "status": ("ENUM", lambda c, line: "ENABLED"),
    "type": ("ENUM", lambda c, line: "STANDARD"),
    "reference_count": ("INT64", lambda c, line: "1"),
    "has_recommended_budget": ("BOOLEAN", lambda c, line: False),
})  # fmt: skip
AD_GROUP: Fields = about(lambda line: line.group, "ad_group", {
    "resource_name": ("RESOURCE_NAME", lambda g, line: f"{line.customer}/adGroups/{g.ad_group_id}"),
    "id": ("INT64", lambda g, line: g.ad_group_id),
    "name": ("STRING", lambda g, line: on_day(g, line.today).name),
    "status": ("ENUM", lambda g, line: google_status(g, line.today)),
    "primary_status": ("ENUM", _primary),
    "type": ("ENUM", lambda g, line: None if g.kind == "UNSPECIFIED" else g.kind),
    "campaign": ("RESOURCE_NAME", lambda g, line: f"{line.customer}/campaigns/{g.campaign.campaign_id}"),
    "base_ad_group": ("RESOURCE_NAME", lambda g, line: f"{line.customer}/adGroups/{g.ad_group_id}"),
    "cpc_bid_micros": ("INT64", lambda g, line: "10000" if g.key % 2 else str(g.campaign.daily_budget_micros // 50)),
    "cpm_bid_micros": ("INT64", lambda g, line: "10000"),
    "cpv_bid_micros": ("INT64", lambda g, line: "0"),
    "target_cpa_micros": ("INT64", lambda g, line: "0" if g.key % 3 else str(g.campaign.daily_budget_micros // 25)),
    "target_cpm_micros": ("INT64", lambda g, line: "10000"),
    "effective_target_cpa_micros": ("INT64", lambda g, line: _target_cpa(g.campaign, "TARGET_CPA")),
    "ad_rotation_mode": ("ENUM", lambda g, line: "OPTIMIZE"),
    "optimized_targeting_enabled": ("BOOLEAN", lambda g, line: g.campaign.kind == "DISPLAY" or None),
})  # fmt: skip


def _texts(ad: Ad, line: Line, kind: str, parts: tuple[str, ...]) -> list[dict[str, Any]] | None:
    """Headlines or descriptions of an ad of this type; a pinned one says where."""
    if _AD_TYPES.get(ad.campaign.kind) != kind:
        return None
    texts = [{"text": text} for text in parts if text]
    if kind == "RESPONSIVE_SEARCH_AD" and texts and ad.key % 4 == 0:
        texts[0]["pinnedField"] = "HEADLINE_1"
    return texts or None


def _headlines(kind: str) -> Any:
    def make(ad: Ad, line: Line) -> list[dict[str, Any]] | None:
        return _texts(ad, line, kind, (creative_of(ad, line.today).title, line.account.name, ad.name[:30]))

    return ("MESSAGE*", make)


def _descriptions(kind: str) -> Any:
    def make(ad: Ad, line: Line) -> list[dict[str, Any]] | None:
        texts = _texts(ad, line, kind, (creative_of(ad, line.today).body,))
        return texts and [{"text": text["text"]} for text in texts]

    return ("MESSAGE*", make)


AD_GROUP_AD: Fields = about(lambda line: line.ad, "ad_group_ad", {
    "resource_name": (
        "RESOURCE_NAME",
        lambda a, line: f"{line.customer}/adGroupAds/{a.ad_group.ad_group_id}~{a.ad_id}" if a.ad_group else None,
    ),
    "ad_group": ("RESOURCE_NAME", lambda a, line: f"{line.customer}/adGroups/{a.ad_group.ad_group_id}"),
    "status": ("ENUM", lambda a, line: google_status(a, line.today)),
    "primary_status": ("ENUM", _primary),
    "ad_strength": ("ENUM", lambda a, line: ("POOR", "AVERAGE", "GOOD", "EXCELLENT")[a.key % 4]),
    "policy_summary.approval_status": ("ENUM", lambda a, line: "APPROVED_LIMITED" if a.key % 11 == 0 else "APPROVED"),
    "policy_summary.review_status": ("ENUM", lambda a, line: "REVIEWED"),
    "ad.resource_name": ("RESOURCE_NAME", lambda a, line: f"{line.customer}/ads/{a.ad_id}"),
    "ad.id": ("INT64", lambda a, line: a.ad_id),
    "ad.name": ("STRING", lambda a, line: on_day(a, line.today).name),
    "ad.type": ("ENUM", lambda a, line: _AD_TYPES.get(a.campaign.kind, "RESPONSIVE_SEARCH_AD")),
    "ad.final_urls": ("STRING*", lambda a, line: [creative_of(a, line.today).base_url]),
    "ad.tracking_url_template": ("STRING", lambda a, line: None),
    "ad.final_url_suffix": ("STRING", lambda a, line: creative_of(a, line.today).url_template or None),
    "ad.added_by_google_ads": ("BOOLEAN", lambda a, line: False),
    "ad.responsive_search_ad.headlines": _headlines("RESPONSIVE_SEARCH_AD"),
    "ad.responsive_search_ad.descriptions": _descriptions("RESPONSIVE_SEARCH_AD"),
    "ad.responsive_display_ad.headlines": _headlines("RESPONSIVE_DISPLAY_AD"),
    "ad.responsive_display_ad.descriptions": _descriptions("RESPONSIVE_DISPLAY_AD"),
    "ad.demand_gen_multi_asset_ad.headlines": _headlines("DEMAND_GEN_MULTI_ASSET_AD"),
    "ad.demand_gen_multi_asset_ad.descriptions": _descriptions("DEMAND_GEN_MULTI_ASSET_AD"),
})  # fmt: skip
ASSET_GROUP: Fields = about(
    lambda line: line.campaign if line.campaign and line.campaign.kind == PERFORMANCE_MAX else None, "asset_group", {
        "resource_name": ("RESOURCE_NAME", lambda c, line: f"{line.customer}/assetGroups/{asset_group_id(c)}"),
        "id": ("INT64", lambda c, line: asset_group_id(c)),
        "campaign": ("RESOURCE_NAME", lambda c, line: f"{line.customer}/campaigns/{c.campaign_id}"),
        "name": ("STRING", lambda c, line: f"{c.name} | assets"),
        "status": ("ENUM", lambda c, line: google_status(c, line.today)),
        "primary_status": ("ENUM", lambda c, line: {"ENDED": "NOT_ELIGIBLE"}.get(_primary(c, line), _primary(c, line))),
        "ad_strength": ("ENUM", lambda c, line: "GOOD"),
        "final_urls": ("STRING*", lambda c, line: ["https://www.example.com/oferta"]),
        "path1": ("STRING", lambda c, line: "oferta" if c.key % 2 else None),
        "path2": ("STRING", lambda c, line: None),
    },
)  # fmt: skip
