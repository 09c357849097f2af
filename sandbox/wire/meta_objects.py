"""Meta's nodes and edges: accounts, campaigns, ad sets, ads and their fields."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from sandbox.wire import meta_valueless
from sandbox.wire.lifecycle import exists, meta_effective_status, meta_status
from sandbox.wire.meta_errors import invalid_parameter, unknown_field
from sandbox.world.model import Account, Ad, AdGroup, Campaign

Thing = Account | Campaign | AdGroup | Ad
# Currencies whose amounts Meta counts in whole units; by its own table, not ISO's.
_OFFSET_ONE = frozenset({"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"})
_HIDDEN = ("ARCHIVED", "DELETED")


@dataclass(frozen=True)
class View:
    """An object as seen in its account on a day."""

    account: Account
    today: date


def meta_time(day: date, timezone: str) -> str:
    """Midnight of a local day in Meta's spelling: 2026-08-03T00:00:00-0300."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).strftime("%Y-%m-%dT%H:%M:%S%z")


def _epoch(day: date, timezone: str) -> float:
    return datetime.combine(day, time(), ZoneInfo(timezone)).timestamp()


def _budget(view: View, campaign: Campaign) -> str:
    offset = 1 if view.account.currency in _OFFSET_ONE else 100
    return str(campaign.daily_budget_micros * offset // 1_000_000)


def _stop(view: View, campaign: Campaign) -> str | None:
    return meta_time(campaign.lifetime.end, view.account.timezone) if campaign.lifetime.end else None


def _utc_offset(view: View) -> float:
    noon = datetime.combine(view.today, time(12), ZoneInfo(view.account.timezone))
    offset = noon.utcoffset()
    return offset.total_seconds() / 3600.0 if offset else 0.0


_ACCOUNT: dict[str, Callable[[View, Account], Any]] = {
    "id": lambda v, a: f"act_{a.account_id}",
    "account_id": lambda v, a: a.account_id,
    "name": lambda v, a: a.name,
    "account_status": lambda v, a: 1,
    "currency": lambda v, a: a.currency,
    "timezone_name": lambda v, a: a.timezone,
    "timezone_id": lambda v, a: 1,
    "timezone_offset_hours_utc": lambda v, a: _utc_offset(v),
    "disable_reason": lambda v, a: 0,
    "spend_cap": lambda v, a: "0",
    "balance": lambda v, a: "0",
    "amount_spent": lambda v, a: None,
    "business": lambda v, a: None,
    "created_time": lambda v, a: None,
    "attribution_spec": lambda v, a: None,
    "is_attribution_spec_system_default": lambda v, a: None,
}
_CAMPAIGN: dict[str, Callable[[View, Campaign], Any]] = {
    "id": lambda v, c: c.campaign_id,
    "account_id": lambda v, c: v.account.account_id,
    "name": lambda v, c: c.name,
    "objective": lambda v, c: c.kind,
    "status": lambda v, c: meta_status(c, v.today),
    "configured_status": lambda v, c: meta_status(c, v.today),
    "effective_status": lambda v, c: meta_effective_status(c, v.today),
    "buying_type": lambda v, c: "AUCTION",
    "bid_strategy": lambda v, c: "LOWEST_COST_WITHOUT_CAP",
    "daily_budget": _budget,
    "lifetime_budget": lambda v, c: None,
    "budget_remaining": lambda v, c: None,
    "spend_cap": lambda v, c: None,
    "special_ad_categories": lambda v, c: [],
    "is_adset_budget_sharing_enabled": lambda v, c: None,
    "smart_promotion_type": lambda v, c: None,
    "source_campaign_id": lambda v, c: "0",
    "start_time": lambda v, c: meta_time(c.lifetime.start, v.account.timezone),
    "stop_time": _stop,
    "created_time": lambda v, c: meta_time(c.lifetime.created, v.account.timezone),
    "updated_time": lambda v, c: meta_time(c.lifetime.created, v.account.timezone),
}
_AD_SET: dict[str, Callable[[View, AdGroup], Any]] = {
    "id": lambda v, g: g.ad_group_id,
    "account_id": lambda v, g: v.account.account_id,
    "campaign_id": lambda v, g: g.campaign.campaign_id,
    "name": lambda v, g: g.name,
    "status": lambda v, g: meta_status(g, v.today),
    "configured_status": lambda v, g: meta_status(g, v.today),
    "effective_status": lambda v, g: meta_effective_status(g, v.today),
    "optimization_goal": lambda v, g: g.kind,
    "billing_event": lambda v, g: "IMPRESSIONS",
    "bid_strategy": lambda v, g: None,
    "bid_amount": lambda v, g: None,
    "daily_budget": lambda v, g: None,
    "lifetime_budget": lambda v, g: None,
    "budget_remaining": lambda v, g: None,
    "destination_type": lambda v, g: "WEBSITE",
    "attribution_spec": lambda v, g: [
        {"event_type": "CLICK_THROUGH", "window_days": 7},
        {"event_type": "VIEW_THROUGH", "window_days": 1},
    ],
    "targeting": lambda v, g: {},
    "start_time": lambda v, g: meta_time(g.lifetime.start, v.account.timezone),
    "end_time": lambda v, g: _stop(v, g.campaign),
    "created_time": lambda v, g: meta_time(g.lifetime.created, v.account.timezone),
    "updated_time": lambda v, g: meta_time(g.lifetime.created, v.account.timezone),
}
_AD: dict[str, Callable[[View, Ad], Any]] = {
    "id": lambda v, a: a.ad_id,
    "account_id": lambda v, a: v.account.account_id,
    "campaign_id": lambda v, a: a.campaign.campaign_id,
    "adset_id": lambda v, a: a.ad_group.ad_group_id if a.ad_group else None,
    "name": lambda v, a: a.name,
    "status": lambda v, a: meta_status(a, v.today),
    "configured_status": lambda v, a: meta_status(a, v.today),
    "effective_status": lambda v, a: meta_effective_status(a, v.today),
    "creative": lambda v, a: {"id": _creative_id(a)},
    "tracking_specs": lambda v, a: None,
    "conversion_domain": lambda v, a: None,
    "source_ad_id": lambda v, a: "0",
    "created_time": lambda v, a: meta_time(a.lifetime.created, v.account.timezone),
    "updated_time": lambda v, a: meta_time(a.lifetime.created, v.account.timezone),
}
_CREATIVE: dict[str, Callable[[View, Ad], Any]] = {
    "id": lambda v, a: _creative_id(a),
    "account_id": lambda v, a: v.account.account_id,
    "name": lambda v, a: a.name,
    "status": lambda v, a: "ACTIVE",
    "object_type": lambda v, a: "SHARE",
    "title": lambda v, a: a.name,
    "body": lambda v, a: None,
    "link_url": lambda v, a: None,
    "url_tags": lambda v, a: "utm_source=facebook&utm_medium=paid_social&utm_campaign={{campaign.name}}",
}


_VALUELESS = {"AdCampaignGroup": meta_valueless.CAMPAIGN, "AdCampaign": meta_valueless.AD_SET,
              "Adgroup": meta_valueless.AD}  # fmt: skip


def _creative_id(ad: Ad) -> str:
    return str(int(ad.ad_id) + 7) if ad.ad_id.isdigit() else ad.ad_id


def split_fields(text: str) -> list[str]:
    """Field names of a ``fields`` parameter; sub-selections such as creative{id,name} stay with their field."""
    if text.startswith("["):
        return [str(name) for name in orjson.loads(text)]
    return [name for name in re.split(r",(?![^{]*\})", text) if name]


def _fields_of(thing: Thing, creative: bool) -> tuple[Mapping[str, Callable[[View, Any], Any]], str]:
    """The object's field table and its node type's name in Meta's error messages."""
    if isinstance(thing, Account):
        return _ACCOUNT, "AdAccount"
    if isinstance(thing, Campaign):
        return _CAMPAIGN, "AdCampaignGroup"
    if isinstance(thing, AdGroup):
        return _AD_SET, "AdCampaign"
    return (_CREATIVE, "AdCreative") if creative else (_AD, "Adgroup")


def render(thing: Thing, view: View, fields: str, *, creative: bool = False) -> dict[str, Any]:
    """The node with the fields asked for; ``id`` always comes, what has no value does not."""
    table, node = _fields_of(thing, creative)
    answer: dict[str, Any] = {}
    for name in split_fields(fields):
        plain = name.partition("{")[0]
        if plain in _VALUELESS.get(node, ()):
            continue
        if plain not in table:
            raise unknown_field(plain, node)
        value = table[plain](view, thing)
        if value is not None:
            answer[plain] = value
    return answer | {"id": table["id"](view, thing)}


# The words of the delivery filter that stand for a state of this world; the others match nothing.
_DELIVERY = {
    "active": ("ACTIVE",), "inactive": ("PAUSED", "CAMPAIGN_PAUSED", "ADSET_PAUSED"), "archived": ("ARCHIVED",),
    "deleted": ("DELETED",), "permanently_deleted": ("DELETED",),
}  # fmt: skip


def _statuses_asked(parameters: Mapping[str, str], scope: str) -> set[str] | None:
    """Statuses that an edge call asks for; None without a status filter."""
    if text := parameters.get("effective_status"):
        statuses = {str(status) for status in orjson.loads(text)}
        if "DELETED" in statuses:
            raise invalid_parameter("Param effective_status: DELETED objects cannot be listed, read them by their id")
        return statuses
    asked: set[str] | None = None
    for condition in orjson.loads(parameters.get("filtering") or "[]"):
        field, values = str(condition.get("field", "")), condition.get("value")
        if field == f"{scope}.delivery_info":
            statuses = {status for word in values for status in _DELIVERY.get(str(word), ())}
        elif field in (f"{scope}.effective_status", "effective_status"):
            statuses = {str(status) for status in values}
        elif field == f"{scope}.updated_time":
            continue
        else:
            raise invalid_parameter(f"Filtering field {field} is not supported here")
        asked = statuses if asked is None else asked & statuses
    return asked


def _updated_after(parameters: Mapping[str, str], scope: str) -> float | None:
    """The epoch second of a filter on ``updated_time``: connectors ask only for what has changed since."""
    for condition in orjson.loads(parameters.get("filtering") or "[]"):
        if condition.get("field") == f"{scope}.updated_time":
            if condition.get("operator") != "GREATER_THAN":
                raise invalid_parameter("updated_time is served with the operator GREATER_THAN alone")
            return float(condition["value"])
    return None


def listed(things: tuple[Campaign, ...] | tuple[AdGroup, ...] | tuple[Ad, ...], view: View, scope: str,
           parameters: Mapping[str, str]) -> list[Campaign | AdGroup | Ad]:  # fmt: skip
    """The objects that an edge shows: without a status filter neither archived nor deleted ones."""
    asked, after = _statuses_asked(parameters, scope), _updated_after(parameters, scope)
    shown: list[Campaign | AdGroup | Ad] = []
    for thing in things:
        if not exists(thing.lifetime, view.today):
            continue
        if after is not None and _epoch(thing.lifetime.created, view.account.timezone) <= after:
            continue
        status = meta_effective_status(thing, view.today)
        if (status in asked) if asked is not None else (status not in _HIDDEN):
            shown.append(thing)
    return shown
