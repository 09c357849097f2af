"""Meta's nodes: accounts, campaigns, ad sets, ads, creatives, and their fields."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from sandbox.wire import meta_creatives, meta_valueless
from sandbox.wire.lifecycle import meta_effective_status, meta_status
from sandbox.wire.meta_creatives import AdCreative
from sandbox.wire.meta_errors import unknown_field
from sandbox.world.creatives import creative_of, targeting_of
from sandbox.world.history import modified_at, on_day
from sandbox.world.model import MICROS, Account, Ad, AdGroup, Campaign

Thing = Account | Campaign | AdGroup | Ad | AdCreative
# Currencies whose amounts Meta counts in whole units; by its own table, not ISO's.
_OFFSET_ONE = frozenset({"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"})
_GENDERS = {"male": 1, "female": 2}
_OPEN, _CLOSED = 1, 101


@dataclass(frozen=True)
class View:
    """An object as seen in its account on a day. ``spent``: what the account ever spent, in micros."""

    account: Account
    today: date
    spent: Callable[[], int]


def meta_time(day: date, timezone: str) -> str:
    """Midnight of a local day in Meta's spelling: 2026-08-03T00:00:00-0300."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M:%S%z")


def _minor(view: View, micros: int) -> str:
    """An amount as entities carry it: in Meta's smallest unit of the currency."""
    offset = 1 if view.account.currency in _OFFSET_ONE else 100
    return str(micros * offset // MICROS)


def _in_sets(campaign: Campaign) -> bool:
    """Every third campaign leaves its budget to its ad sets."""
    return campaign.key % 3 == 0


def _days(campaign: Campaign) -> int:
    life = campaign.lifetime
    return (life.end - life.start).days + 1 if life.end else 0


def _daily(view: View, campaign: Campaign) -> str | None:
    if campaign.lifetime.end or not campaign.daily_budget_micros:
        return None
    return _minor(view, on_day(campaign, view.today).daily_budget_micros)


def _lifetime(view: View, campaign: Campaign) -> str | None:
    """A campaign with an end has one budget for all of its days."""
    if not (campaign.lifetime.end and campaign.daily_budget_micros):
        return None
    return _minor(view, on_day(campaign, view.today).daily_budget_micros * _days(campaign))


def _share(view: View, group: AdGroup, whole: Callable[[View, Campaign], str | None]) -> str | None:
    """What an ad set has of its campaign's budget, where that stands on the ad sets; the other kind is "0"."""
    if not _in_sets(group.campaign) or not group.campaign.daily_budget_micros:
        return None
    total = whole(view, group.campaign)
    sets = sum(other.campaign is group.campaign for other in view.account.ad_groups)
    return str(int(total) // sets) if total else "0"


def _remaining(view: View, campaign: Campaign) -> str:
    over = campaign.lifetime.ended_before(view.today) or campaign.lifetime.removed_by(view.today)
    return "0" if over else _daily(view, campaign) or _lifetime(view, campaign) or "0"


def _stop(view: View, campaign: Campaign) -> str | None:
    return meta_time(campaign.lifetime.end, view.account.timezone) if campaign.lifetime.end else None


def _updated(view: View, thing: Campaign | AdGroup | Ad) -> str:
    return modified_at(view.account, thing, view.today).strftime("%Y-%m-%dT%H:%M:%S%z")


def _utc_offset(view: View) -> float:
    noon = datetime.combine(view.today, time(12), ZoneInfo(view.account.timezone))
    offset = noon.utcoffset()
    return offset.total_seconds() / 3600.0 if offset else 0.0


def _targeting(group: AdGroup) -> dict[str, Any]:
    whom = targeting_of(group)
    targeting: dict[str, Any] = {
        "age_min": whom.age_min, "age_max": whom.age_max,
        "geo_locations": {"countries": list(whom.countries), "location_types": ["home", "recent"]},
        "flexible_spec": [{"interests": [{"name": name} for name in whom.interests]}],
    }  # fmt: skip
    return targeting | ({"genders": [_GENDERS[name] for name in whom.genders]} if whom.genders else {})


def _promoted(account: Account) -> dict[str, str]:
    event = "PURCHASE" if account.goal == "purchase" else "LEAD"
    return {"pixel_id": str(900_000_000_000_000 + account.key % 10**14), "custom_event_type": event}


_ACCOUNT: dict[str, Callable[[View, Account], Any]] = {
    "id": lambda v, a: f"act_{a.account_id}",
    "account_id": lambda v, a: a.account_id,
    "name": lambda v, a: a.name,
    "account_status": lambda v, a: _CLOSED if a.active_to and v.today > a.active_to else _OPEN,
    "currency": lambda v, a: a.currency,
    "timezone_name": lambda v, a: a.timezone,
    "timezone_id": lambda v, a: 1,
    "timezone_offset_hours_utc": lambda v, a: _utc_offset(v),
    "disable_reason": lambda v, a: 0,
    "spend_cap": lambda v, a: "0",
    "balance": lambda v, a: "0",
    "amount_spent": lambda v, a: _minor(v, v.spent()),
    "business": lambda v, a: None,
    "created_time": lambda v, a: None,
    "attribution_spec": lambda v, a: None,
    "is_attribution_spec_system_default": lambda v, a: True,
}
_CAMPAIGN: dict[str, Callable[[View, Campaign], Any]] = {
    "id": lambda v, c: c.campaign_id,
    "account_id": lambda v, c: v.account.account_id,
    "name": lambda v, c: on_day(c, v.today).name,
    "objective": lambda v, c: c.kind,
    "status": lambda v, c: meta_status(c, v.today),
    "configured_status": lambda v, c: meta_status(c, v.today),
    "effective_status": lambda v, c: meta_effective_status(c, v.today),
    "buying_type": lambda v, c: "AUCTION",
    "bid_strategy": lambda v, c: None if _in_sets(c) else "LOWEST_COST_WITHOUT_CAP",
    "daily_budget": lambda v, c: None if _in_sets(c) else _daily(v, c),
    "lifetime_budget": lambda v, c: None if _in_sets(c) else _lifetime(v, c),
    "budget_remaining": lambda v, c: "0" if _in_sets(c) else _remaining(v, c),
    "spend_cap": lambda v, c: None,
    "special_ad_categories": lambda v, c: [],
    "is_adset_budget_sharing_enabled": lambda v, c: False,
    "smart_promotion_type": lambda v, c: "GUIDED_CREATION",
    "source_campaign_id": lambda v, c: "0",
    "start_time": lambda v, c: meta_time(c.lifetime.start, v.account.timezone),
    "stop_time": _stop,
    "created_time": lambda v, c: meta_time(c.lifetime.created, v.account.timezone),
    "updated_time": _updated,
}
_AD_SET: dict[str, Callable[[View, AdGroup], Any]] = {
    "id": lambda v, g: g.ad_group_id,
    "account_id": lambda v, g: v.account.account_id,
    "campaign_id": lambda v, g: g.campaign.campaign_id,
    "name": lambda v, g: on_day(g, v.today).name,
    "status": lambda v, g: meta_status(g, v.today),
    "configured_status": lambda v, g: meta_status(g, v.today),
    "effective_status": lambda v, g: meta_effective_status(g, v.today),
    "optimization_goal": lambda v, g: g.kind,
    "optimization_sub_event": lambda v, g: "NONE",
    "billing_event": lambda v, g: "IMPRESSIONS",
    "bid_strategy": lambda v, g: "LOWEST_COST_WITH_BID_CAP" if _in_sets(g.campaign) else None,
    "bid_amount": lambda v, g: int(_minor(v, 5 * MICROS)) if _in_sets(g.campaign) else None,
    "daily_budget": lambda v, g: _share(v, g, _daily),
    "lifetime_budget": lambda v, g: _share(v, g, _lifetime),
    "budget_remaining": lambda v, g: _share(v, g, _remaining),
    "destination_type": lambda v, g: "WEBSITE",
    "promoted_object": lambda v, g: None if v.account.recorded else _promoted(v.account),
    "attribution_spec": lambda v, g: [
        {"event_type": "CLICK_THROUGH", "window_days": 7},
        {"event_type": "VIEW_THROUGH", "window_days": 1},
    ],
    "is_incremental_attribution_enabled": lambda v, g: False,
    "targeting": lambda v, g: {} if v.account.recorded else _targeting(g),
    "learning_stage_info": lambda v, g: {"status": "SUCCESS"},
    "start_time": lambda v, g: meta_time(g.lifetime.start, v.account.timezone),
    "end_time": lambda v, g: _stop(v, g.campaign),
    "created_time": lambda v, g: meta_time(g.lifetime.created, v.account.timezone),
    "updated_time": _updated,
}
_AD: dict[str, Callable[[View, Ad], Any]] = {
    "id": lambda v, a: a.ad_id,
    "account_id": lambda v, a: v.account.account_id,
    "campaign_id": lambda v, a: a.campaign.campaign_id,
    "adset_id": lambda v, a: a.ad_group.ad_group_id if a.ad_group else None,
    "name": lambda v, a: on_day(a, v.today).name,
    "status": lambda v, a: meta_status(a, v.today),
    "configured_status": lambda v, a: meta_status(a, v.today),
    "effective_status": lambda v, a: meta_effective_status(a, v.today),
    "creative": lambda v, a: None if v.account.recorded else {"id": creative_of(a, v.today).creative_id},
    "tracking_specs": lambda v, a: (
        None
        if v.account.recorded
        else [{"action.type": ["offsite_conversion"], "fb_pixel": [_promoted(v.account)["pixel_id"]]}]
    ),
    "conversion_domain": lambda v, a: "example.com",
    "source_ad_id": lambda v, a: "0",
    "created_time": lambda v, a: meta_time(a.lifetime.created, v.account.timezone),
    "updated_time": _updated,
}
_CREATIVE: dict[str, Callable[[View, AdCreative], Any]] = {
    name: lambda view, shown, make=make: make(view.account.account_id, shown, view.today)  # type: ignore[misc]
    for name, make in meta_creatives.FIELDS.items()
}


def split_fields(text: str) -> list[str]:
    """Field names of a ``fields`` parameter; sub-selections such as creative{id,name} stay with their field."""
    if text.startswith("["):
        return [str(name) for name in orjson.loads(text)]
    return [name for name in re.split(r",(?![^{]*\})", text) if name]


def _fields_of(thing: Thing) -> tuple[Mapping[str, Callable[[View, Any], Any]], frozenset[str], str]:
    """The object's field table, the fields that never have a value, and its type's name in Meta's messages."""
    match thing:
        case Account():
            return _ACCOUNT, meta_valueless.ACCOUNT, "AdAccount"
        case Campaign():
            return _CAMPAIGN, meta_valueless.CAMPAIGN, "AdCampaignGroup"
        case AdGroup():
            return _AD_SET, meta_valueless.AD_SET, "AdCampaign"
        case Ad():
            return _AD, meta_valueless.AD, "Adgroup"
        case AdCreative():
            return _CREATIVE, meta_valueless.CREATIVE, "AdCreative"


def render(thing: Thing, view: View, fields: str) -> dict[str, Any]:
    """The node with the fields asked for; ``id`` always comes, what has no value does not."""
    table, valueless, node = _fields_of(thing)
    answer: dict[str, Any] = {}
    for name in split_fields(fields):
        plain = name.partition("{")[0]
        if plain in table:
            value = table[plain](view, thing)
            if value is not None:
                answer[plain] = value
        elif plain not in valueless:
            raise unknown_field(plain, node)
    return answer | {"id": table["id"](view, thing)}
