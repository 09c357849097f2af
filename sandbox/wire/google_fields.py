"""The fields of Google Ads resources that the sandbox knows: name -> value in wire form (int64 as text)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.wire.lifecycle import google_status
from sandbox.world.model import MICROS, PERFORMANCE_MAX, Account, Ad, AdGroup, Campaign, FigureRow

_AD_TYPES = {
    "SEARCH": "RESPONSIVE_SEARCH_AD",
    "DISPLAY": "RESPONSIVE_DISPLAY_AD",
    "DEMAND_GEN": "DEMAND_GEN_MULTI_ASSET_AD",
}


@dataclass(frozen=True, slots=True)
class Line:
    """What one result row is about; ``row`` None where no metrics were asked for."""

    account: Account
    today: date
    campaign: Campaign | None = None
    group: AdGroup | None = None
    ad: Ad | None = None
    row: FigureRow | None = None


Field = Callable[[Line], Any]


def camel(name: str) -> str:
    """snake_case to lowerCamelCase, part by part: ad_group_ad.ad.id -> adGroupAd.ad.id."""
    return ".".join(
        words[0] + "".join(word.title() for word in words[1:])
        for words in (part.split("_") for part in name.split("."))
    )


def _campaign(maker: Callable[[Campaign, Line], Any]) -> Field:
    return lambda line: maker(line.campaign, line) if line.campaign else None


def _group(maker: Callable[[AdGroup, Line], Any]) -> Field:
    return lambda line: maker(line.group, line) if line.group else None


def _ad(maker: Callable[[Ad, Line], Any]) -> Field:
    return lambda line: maker(line.ad, line) if line.ad else None


def _metric(maker: Callable[[FigureRow], Any]) -> Field:
    return lambda line: maker(line.row) if line.row else None


def _count(millionths: int) -> float:
    return millionths / MICROS


def _ended(campaign: Campaign, line: Line) -> str:
    return f"{campaign.lifetime.end} 23:59:59" if campaign.lifetime.end else "2037-12-30 23:59:59"


def _serving(campaign: Campaign, line: Line) -> str:
    return "ENDED" if campaign.lifetime.ended_before(line.today) else "SERVING"


CUSTOMER: dict[str, Field] = {
    "customer.id": lambda line: line.account.account_id,
    "customer.descriptive_name": lambda line: line.account.name,
    "customer.currency_code": lambda line: line.account.currency,
    "customer.time_zone": lambda line: line.account.timezone,
    "customer.status": lambda line: "ENABLED",
    "customer.manager": lambda line: False,
    "customer.test_account": lambda line: False,
    "customer.auto_tagging_enabled": lambda line: True,
}
CAMPAIGN: dict[str, Field] = {
    "campaign.id": _campaign(lambda c, line: c.campaign_id),
    "campaign.name": _campaign(lambda c, line: c.name),
    "campaign.status": _campaign(lambda c, line: google_status(c, line.today)),
    "campaign.serving_status": _campaign(_serving),
    "campaign.primary_status": _campaign(lambda c, line: "ELIGIBLE"),
    "campaign.advertising_channel_type": _campaign(lambda c, line: c.kind),
    "campaign.advertising_channel_sub_type": _campaign(lambda c, line: None),
    "campaign.bidding_strategy_type": _campaign(lambda c, line: "MAXIMIZE_CONVERSIONS"),
    "campaign.start_date_time": _campaign(lambda c, line: f"{c.lifetime.start} 00:00:00"),
    "campaign.end_date_time": _campaign(_ended),
    "campaign.campaign_budget": _campaign(lambda c, line: _budget_name(c, line)),
    "campaign_budget.amount_micros": _campaign(lambda c, line: str(c.daily_budget_micros)),
    "campaign_budget.total_amount_micros": _campaign(lambda c, line: None),
    "campaign_budget.period": _campaign(lambda c, line: "DAILY"),
    "campaign_budget.explicitly_shared": _campaign(lambda c, line: False),
}
AD_GROUP: dict[str, Field] = {
    "ad_group.id": _group(lambda g, line: g.ad_group_id),
    "ad_group.name": _group(lambda g, line: g.name),
    "ad_group.status": _group(lambda g, line: google_status(g, line.today)),
    "ad_group.type": _group(lambda g, line: None if g.kind == "UNSPECIFIED" else g.kind),
    "ad_group.cpc_bid_micros": _group(lambda g, line: "10000"),
    "ad_group.target_cpa_micros": _group(lambda g, line: None),
}
AD_GROUP_AD: dict[str, Field] = {
    "ad_group_ad.ad.id": _ad(lambda a, line: a.ad_id),
    "ad_group_ad.ad.name": _ad(lambda a, line: a.name),
    "ad_group_ad.ad.type": _ad(lambda a, line: _AD_TYPES.get(a.campaign.kind, "RESPONSIVE_SEARCH_AD")),
    "ad_group_ad.status": _ad(lambda a, line: google_status(a, line.today)),
    "ad_group_ad.ad.final_urls": _ad(lambda a, line: ["https://www.example.com/"]),
    "ad_group_ad.ad.tracking_url_template": _ad(lambda a, line: None),
    "ad_group_ad.ad.final_url_suffix": _ad(lambda a, line: None),
    "ad_group_ad.ad_strength": _ad(lambda a, line: "GOOD"),
    "ad_group_ad.policy_summary.approval_status": _ad(lambda a, line: "APPROVED"),
    "ad_group_ad.ad.responsive_search_ad.headlines": _ad(lambda a, line: None),
    "ad_group_ad.ad.responsive_search_ad.descriptions": _ad(lambda a, line: None),
}
ASSET_GROUP: dict[str, Field] = {
    "asset_group.id": _campaign(lambda c, line: asset_group_id(c)),
    "asset_group.name": _campaign(lambda c, line: f"{c.name} | assets"),
    "asset_group.status": _campaign(lambda c, line: google_status(c, line.today)),
    "asset_group.primary_status": _campaign(lambda c, line: "ELIGIBLE"),
    "asset_group.ad_strength": _campaign(lambda c, line: "GOOD"),
}
METRICS: dict[str, Field] = {
    "metrics.impressions": _metric(lambda r: str(r.impressions)),
    "metrics.clicks": _metric(lambda r: str(r.clicks)),
    "metrics.interactions": _metric(lambda r: str(r.clicks)),
    "metrics.engagements": _metric(lambda r: "0"),
    "metrics.video_trueview_views": _metric(lambda r: "0"),
    "metrics.cost_micros": _metric(lambda r: str(r.spend)),
    "metrics.conversions": _metric(lambda r: _count(r.conversions)),
    "metrics.conversions_value": _metric(lambda r: _count(r.value)),
    "metrics.all_conversions": _metric(lambda r: _count(r.all_conversions)),
    "metrics.all_conversions_value": _metric(lambda r: _count(r.value)),
    "metrics.view_through_conversions": _metric(lambda r: str(r.view_through)),
    "metrics.conversions_by_conversion_date": _metric(lambda r: _count(r.conversions_by_day)),
    "metrics.conversions_value_by_conversion_date": _metric(lambda r: _count(r.value_by_day)),
    "metrics.ctr": _metric(lambda r: r.clicks / r.impressions if r.impressions else 0.0),
    "metrics.average_cpc": _metric(lambda r: r.spend / r.clicks if r.clicks else 0.0),
    "metrics.average_cpm": _metric(lambda r: 1000 * r.spend / r.impressions if r.impressions else 0.0),
    "metrics.cost_per_conversion": _metric(lambda r: r.spend * MICROS / r.conversions if r.conversions else 0.0),
}
SEGMENTS: dict[str, Field] = {"segments.date": _metric(lambda r: r.day.isoformat())}

# Which fields may be selected FROM a resource.
RESOURCES: dict[str, dict[str, Field]] = {
    "customer": CUSTOMER | METRICS | SEGMENTS,
    "campaign": CUSTOMER | CAMPAIGN | METRICS | SEGMENTS,
    "ad_group": CUSTOMER | CAMPAIGN | AD_GROUP | METRICS | SEGMENTS,
    "ad_group_ad": CUSTOMER | CAMPAIGN | AD_GROUP | AD_GROUP_AD | METRICS | SEGMENTS,
    "asset_group": CUSTOMER | CAMPAIGN | ASSET_GROUP | METRICS | SEGMENTS,
}


def asset_group_id(campaign: Campaign) -> str:
    """Performance Max campaigns have one asset group here."""
    return str(6_000_000_000 + int(campaign.campaign_id) % 1_000_000_000)


def _budget_name(campaign: Campaign, line: Line) -> str:
    return f"customers/{line.account.account_id}/campaignBudgets/{int(campaign.campaign_id) + 1}"


def resource_names(line: Line, tops: frozenset[str]) -> dict[str, Any]:
    """``resourceName`` of every resource that a row mentions."""
    customer = f"customers/{line.account.account_id}"
    found: dict[str, Any] = {}
    if "customer" in tops:
        found["customer"] = {"resourceName": customer}
    if "campaign" in tops and line.campaign:
        found["campaign"] = {"resourceName": f"{customer}/campaigns/{line.campaign.campaign_id}"}
    if "campaign_budget" in tops and line.campaign:
        found["campaignBudget"] = {"resourceName": _budget_name(line.campaign, line)}
    if "ad_group" in tops and line.group:
        found["adGroup"] = {"resourceName": f"{customer}/adGroups/{line.group.ad_group_id}"}
    if "ad_group_ad" in tops and line.ad and line.group:
        found["adGroupAd"] = {
            "resourceName": f"{customer}/adGroupAds/{line.group.ad_group_id}~{line.ad.ad_id}",
            "ad": {"resourceName": f"{customer}/ads/{line.ad.ad_id}"},
        }
    if "asset_group" in tops and line.campaign and line.campaign.kind == PERFORMANCE_MAX:
        found["assetGroup"] = {"resourceName": f"{customer}/assetGroups/{asset_group_id(line.campaign)}"}
    return found
