"""Meta insights: a report request and its rows in wire form. Every number is a string; what has no value is absent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from sandbox.wire.lifecycle import META_STATUSES, meta_effective_status
from sandbox.wire.meta_errors import invalid_parameter, too_old, unknown_insights_fields
from sandbox.wire.meta_objects import split_fields
from sandbox.world.figures import FigureTable, Level, object_id
from sandbox.world.model import MICROS, Account, Ad, AdGroup, Campaign, FigureRow, major_units

LEVELS: dict[str, Level] = {"account": "account", "campaign": "campaign", "adset": "ad_group", "ad": "ad"}
_SCOPES = {"campaign": "campaign", "adset": "ad_group", "ad": "ad"}
_DEFAULT_FIELDS = "account_id,campaign_id,impressions,spend"
_PURCHASE_NAMES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase", "web_in_store_purchase")
_LEAD_NAMES = ("lead", "offsite_conversion.fb_pixel_lead")
_CART_NAMES = ("omni_add_to_cart", "add_to_cart", "offsite_conversion.fb_pixel_add_to_cart")
_CARTS_PER_PURCHASE = 3


@dataclass(frozen=True)
class InsightsQuery:
    """A checked report request. ``parent`` narrows to one campaign, ad set or ad; ``increment`` 0 = whole range."""

    level: str
    since: date
    until: date
    fields: tuple[str, ...]
    increment: int | str = 0
    parent: tuple[str, str] | None = None
    filtering: tuple[dict[str, Any], ...] = ()
    windows: tuple[str, ...] = ()

    @property
    def world_level(self) -> Level:
        return LEVELS[self.level]


def parse_query(
    parameters: Mapping[str, str],
    today: date,
    default_level: str,
    parent: tuple[str, str] | None,
    *,
    enforces_retention: bool = True,
) -> InsightsQuery:
    """Check a request's parameters. Raises MetaError as the Graph API answers."""
    level = parameters.get("level") or default_level
    if level not in LEVELS:
        raise invalid_parameter(f"level must be one of the following values: {', '.join(LEVELS)}")
    since, until = _range(parameters, today)
    if since > until:
        raise invalid_parameter("time_range: since must not be after until")
    if enforces_retention and since < date(today.year - 3, today.month, 1) - timedelta(days=31):
        raise too_old()
    if parameters.get("breakdowns") not in (None, "", "[]"):
        raise invalid_parameter("Breakdowns are not available here: " + parameters["breakdowns"])
    fields = split_fields(parameters.get("fields") or _DEFAULT_FIELDS)
    if unknown := [name for name in fields if name not in _FIELDS]:
        raise unknown_insights_fields(unknown)
    increment = _increment(parameters.get("time_increment") or "all_days")
    filtering = tuple(orjson.loads(parameters.get("filtering") or "[]"))
    windows = tuple(orjson.loads(parameters.get("action_attribution_windows") or "[]"))
    return InsightsQuery(level, since, until, tuple(fields), increment, parent, filtering, windows)


def _increment(text: str) -> int | str:
    if text in ("all_days", "monthly"):
        return 0 if text == "all_days" else text
    if text.isdigit() and 1 <= int(text) <= 90:
        return int(text)
    raise invalid_parameter("time_increment must be all_days, monthly or a number from 1 to 90")


def _range(parameters: Mapping[str, str], today: date) -> tuple[date, date]:
    yesterday = today - timedelta(days=1)
    if text := parameters.get("time_ranges"):
        return _one_range(text)
    if text := parameters.get("time_range"):
        try:
            asked = orjson.loads(text)
            return date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"])
        except (ValueError, KeyError, TypeError) as error:
            raise invalid_parameter("time_range must be an object with since and until as YYYY-MM-DD") from error
    preset = parameters.get("date_preset") or "last_30d"
    spans = {"last_3d": 3, "last_7d": 7, "last_14d": 14, "last_28d": 28, "last_30d": 30, "last_90d": 90}
    if preset in spans:
        return yesterday - timedelta(days=spans[preset] - 1), yesterday
    single = {"today": (today, today), "yesterday": (yesterday, yesterday), "this_month": (today.replace(day=1), today),
              "maximum": (date(today.year - 3, today.month, 1), today)}  # fmt: skip
    if preset not in single:
        raise invalid_parameter(f"date_preset {preset} is not a valid value")
    return single[preset]


def _one_range(text: str) -> tuple[date, date]:
    """``time_ranges`` with one member, as singer's tap sends it; several are not served here."""
    try:
        (asked,) = orjson.loads(text)
        return date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"])
    except (ValueError, KeyError, TypeError) as error:
        raise invalid_parameter("time_ranges must be a list of one object with since and until") from error


def narrowing(query: InsightsQuery, account: Account, today: date) -> Callable[[FigureTable], FigureTable]:
    """What of the account's rows the request wants: its parent's, and the statuses it names.

    Reading the account at a lower level leaves out deleted objects unless a status filter names them; reading a
    campaign or ad set shows all of its children.
    """
    steps: list[Callable[[FigureTable], FigureTable]] = []
    level = query.world_level
    status_asked = False
    for condition in query.filtering:
        scope, _, attribute = str(condition.get("field", "")).partition(".")
        if scope not in _SCOPES or (attribute == "effective_status" and scope != query.level):
            raise invalid_parameter(f"Filtering field {condition.get('field')} is not supported at level {query.level}")
        values = condition.get("value")
        wanted = {str(value) for value in values} if isinstance(values, list) else {str(values)}
        if attribute == "effective_status":
            status_asked = True
            if unknown := wanted - set(META_STATUSES):
                raise invalid_parameter(f"effective_status has no value {', '.join(sorted(unknown))}")
            hidden = [i for i, thing in _things(account, level) if meta_effective_status(thing, today) not in wanted]
            steps.append(lambda table, hidden=frozenset(hidden): table.without(hidden))  # type: ignore[misc]
        elif attribute == "id":
            steps.append(_only(_SCOPES[scope], wanted))
        else:
            raise invalid_parameter(f"Filtering field {condition.get('field')} is not supported")
    if query.parent:
        steps.append(_only(_SCOPES[query.parent[0]], {query.parent[1]}))
    elif not status_asked and level != "account":
        deleted = frozenset(
            i for i, thing in _things(account, level) if meta_effective_status(thing, today) == "DELETED"
        )
        steps.append(lambda table: table.without(deleted))

    def narrow(table: FigureTable) -> FigureTable:
        for step in steps:
            table = step(table)
        return table

    return narrow


def _only(level: str, wanted: set[str]) -> Callable[[FigureTable], FigureTable]:
    return lambda table: table.where(lambda row: object_id(level, row) in wanted)  # type: ignore[arg-type]


def _things(account: Account, level: Level) -> list[tuple[str, Campaign | AdGroup | Ad]]:
    if level == "campaign":
        return [(campaign.campaign_id, campaign) for campaign in account.campaigns]
    if level == "ad_group":
        return [(group.ad_group_id, group) for group in account.ad_groups]
    return [(ad.ad_id, ad) for ad in account.ads]


@dataclass(frozen=True)
class Period:
    """A row's figures with the days that they cover."""

    row: FigureRow
    stop: date


def periods(query: InsightsQuery, rows: list[FigureRow]) -> list[Period]:
    """Daily rows summed into the increment that was asked for."""
    if query.increment == 1:
        return [Period(row, row.day) for row in rows]
    sums: dict[tuple[date, str, str, str], FigureRow] = {}
    for row in rows:
        start = _bucket_start(query, row.day)
        place = (start, row.campaign_id, row.ad_group_id, row.ad_id)
        if place in sums:
            _add(sums[place], row)
        else:
            sums[place] = FigureRow(start, row.campaign_id, row.ad_group_id, row.ad_id)
            _add(sums[place], row)
    ordered = [sums[place] for place in sorted(sums)]
    return [Period(row, _bucket_stop(query, row.day)) for row in ordered]


def _bucket_start(query: InsightsQuery, day: date) -> date:
    if query.increment == "monthly":
        return max(day.replace(day=1), query.since)
    if not query.increment:
        return query.since
    step = int(query.increment)
    return query.since + timedelta(days=(day - query.since).days // step * step)


def _bucket_stop(query: InsightsQuery, start: date) -> date:
    if query.increment == "monthly":
        next_month = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
        return min(next_month - timedelta(days=1), query.until)
    return min(start + timedelta(days=int(query.increment) - 1), query.until) if query.increment else query.until


def _add(total: FigureRow, row: FigureRow) -> None:
    for name in ("spend", "impressions", "clicks", "conversions", "value"):
        setattr(total, name, getattr(total, name) + getattr(row, name))
    total.link_clicks = (total.link_clicks or 0) + (row.link_clicks or 0)
    for mine, theirs in ((total.actions, row.actions), (total.action_values, row.action_values)):
        for action, amount in theirs.items():
            mine[action] = mine.get(action, 0) + amount


class Renderer:
    """Turns rows into wire objects for one request."""

    def __init__(self, account: Account, query: InsightsQuery) -> None:
        self.account, self.query = account, query
        self._campaigns = {campaign.campaign_id: campaign for campaign in account.campaigns}
        self._groups = {group.ad_group_id: group for group in account.ad_groups}
        self._ads = {ad.ad_id: ad for ad in account.ads}
        self._makers = [(name, _FIELDS[name]) for name in query.fields]
        # Off-site conversions of mixed attribution settings are withheld above the ad set.
        self.off_meta = not (account.mixed_attribution and query.level in ("account", "campaign"))

    def campaign(self, row: FigureRow) -> Campaign | None:
        return self._campaigns.get(row.campaign_id)

    def group(self, row: FigureRow) -> AdGroup | None:
        return self._groups.get(row.ad_group_id)

    def ad(self, row: FigureRow) -> Ad | None:
        return self._ads.get(row.ad_id)

    def render(self, period: Period) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for name, make in self._makers:
            value = make(self, period.row)
            if value and name not in period.row.missing:
                answer[name] = value
        answer["date_start"] = period.row.day.isoformat()
        answer["date_stop"] = period.stop.isoformat()
        return answer


def actions_of(renderer: Renderer, row: FigureRow) -> dict[str, int]:
    """Action counts by name, in millionths. One conversion stands under several names."""
    if renderer.account.recorded:
        return row.actions
    counts: dict[str, int] = {}
    links = (row.link_clicks or 0) * MICROS
    if row.clicks:
        counts["page_engagement"] = counts["post_engagement"] = row.clicks * MICROS
    if links:
        counts["link_click"] = links
        counts["landing_page_view"] = links * 4 // 5 // MICROS * MICROS
    if renderer.off_meta and row.conversions:
        names = _PURCHASE_NAMES if renderer.account.goal == "purchase" else _LEAD_NAMES
        counts |= dict.fromkeys(names, row.conversions)
        if renderer.account.goal == "purchase":
            counts |= dict.fromkeys(_CART_NAMES, row.conversions * _CARTS_PER_PURCHASE)
    return {name: count for name, count in counts.items() if count}


def values_of(renderer: Renderer, row: FigureRow) -> dict[str, int]:
    """Action values by name, in micros of the account currency."""
    if renderer.account.recorded:
        return row.action_values
    if not (renderer.off_meta and row.value):
        return {}
    return dict.fromkeys(_PURCHASE_NAMES, row.value)


def _stats(renderer: Renderer, amounts: Mapping[str, int]) -> list[dict[str, str]]:
    """AdsActionStats: the value and, where windows were asked for, their share of it."""
    stats = []
    for name, amount in amounts.items():
        entry = {"action_type": name, "value": major_units(amount)}
        for window in renderer.query.windows:
            if window in ("7d_click", "28d_click"):
                entry[window] = major_units(amount)
            elif window == "1d_click":
                entry[window] = major_units(amount * 7 // 10 // MICROS * MICROS or amount)
        stats.append(entry)
    return stats


def _ratio(top: float, bottom: float) -> str | None:
    return f"{top / bottom:.6f}".rstrip("0").rstrip(".") if bottom else None


def _cost_per_action(renderer: Renderer, row: FigureRow) -> list[dict[str, str]]:
    return [
        {"action_type": name, "value": _ratio(row.spend, count) or "0"}
        for name, count in actions_of(renderer, row).items()
    ]


def _roas(renderer: Renderer, row: FigureRow, name: str) -> list[dict[str, str]] | None:
    value = values_of(renderer, row).get(name)
    ratio = _ratio(value, row.spend) if value else None
    return [{"action_type": name, "value": ratio}] if ratio else None


def _reach(row: FigureRow) -> int:
    return max(1, round(row.impressions / 1.18)) if row.impressions else 0


Maker = Callable[[Renderer, FigureRow], Any]


def _own(level: str, maker: Maker) -> Maker:
    """A field that exists from ``level`` downwards and is absent above it."""
    order = list(LEVELS)
    return lambda r, row: maker(r, row) if order.index(r.query.level) >= order.index(level) else None


_FIELDS: dict[str, Maker] = {
    "account_id": lambda r, row: r.account.account_id,
    "account_name": lambda r, row: r.account.name,
    "account_currency": lambda r, row: r.account.currency,
    "campaign_id": _own("campaign", lambda r, row: row.campaign_id),
    "campaign_name": _own("campaign", lambda r, row: c.name if (c := r.campaign(row)) else None),
    "objective": _own("campaign", lambda r, row: c.kind if (c := r.campaign(row)) else None),
    "buying_type": _own("campaign", lambda r, row: "AUCTION"),
    "adset_id": _own("adset", lambda r, row: row.ad_group_id),
    "adset_name": _own("adset", lambda r, row: g.name if (g := r.group(row)) else None),
    "optimization_goal": _own("adset", lambda r, row: g.kind if (g := r.group(row)) else None),
    "attribution_setting": _own("adset", lambda r, row: None if r.account.recorded else "7d_click_1d_view"),
    "ad_id": _own("ad", lambda r, row: row.ad_id),
    "ad_name": _own("ad", lambda r, row: a.name if (a := r.ad(row)) else None),
    "impressions": lambda r, row: str(row.impressions),
    "clicks": lambda r, row: str(row.clicks),
    "spend": lambda r, row: major_units(row.spend),
    "reach": lambda r, row: str(_reach(row)) if row.impressions and not r.account.recorded else None,
    "frequency": lambda r, row: _ratio(row.impressions, _reach(row)),
    "ctr": lambda r, row: _ratio(100 * row.clicks, row.impressions),
    "cpc": lambda r, row: _ratio(row.spend / MICROS, row.clicks),
    "cpm": lambda r, row: _ratio(row.spend / 1000, row.impressions),
    "cpp": lambda r, row: _ratio(row.spend / 1000, _reach(row)),
    "unique_clicks": lambda r, row: str(row.clicks) if row.clicks else None,
    "inline_link_clicks": lambda r, row: str(row.link_clicks) if row.link_clicks else None,
    "inline_link_click_ctr": lambda r, row: (
        _ratio(100 * (row.link_clicks or 0), row.impressions) if row.link_clicks else None
    ),
    "inline_post_engagement": lambda r, row: str(row.clicks) if row.clicks else None,
    "outbound_clicks": lambda r, row: (
        [{"action_type": "outbound_click", "value": str(row.link_clicks)}] if row.link_clicks else None
    ),
    "actions": lambda r, row: _stats(r, actions_of(r, row)),
    "action_values": lambda r, row: _stats(r, values_of(r, row)),
    "cost_per_action_type": _cost_per_action,
    "conversions": lambda r, row: None,
    "conversion_values": lambda r, row: None,
    "purchase_roas": lambda r, row: _roas(r, row, "omni_purchase"),
    "website_purchase_roas": lambda r, row: _roas(r, row, "offsite_conversion.fb_pixel_purchase"),
    "results": lambda r, row: None,
    "cost_per_result": lambda r, row: None,
    "quality_ranking": _own("ad", lambda r, row: "UNKNOWN"),
    "engagement_rate_ranking": _own("ad", lambda r, row: "UNKNOWN"),
    "conversion_rate_ranking": _own("ad", lambda r, row: "UNKNOWN"),
    "video_play_actions": lambda r, row: None,
    "video_thruplay_watched_actions": lambda r, row: None,
    "date_start": lambda r, row: row.day.isoformat(),
    "date_stop": lambda r, row: row.day.isoformat(),
}
