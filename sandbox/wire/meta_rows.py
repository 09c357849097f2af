"""Rows of insights in wire form. Every number is a string; what has no value is absent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from sandbox.wire import meta_valueless
from sandbox.wire.meta_actions import Windows, actions_of, stats, values_of
from sandbox.wire.meta_breakdowns import Values, add, tells_off_meta
from sandbox.wire.meta_errors import unknown_insights_fields
from sandbox.wire.meta_insights import LEVELS, InsightsQuery
from sandbox.world.model import MICROS, Account, Ad, AdGroup, Campaign, FigureRow, major_units


@dataclass(frozen=True)
class Period:
    """A row's figures with the last day that they cover and the values of its breakdowns."""

    row: FigureRow
    stop: date
    values: Values = ()


def periods(query: InsightsQuery, rows: Iterable[FigureRow]) -> list[Period]:
    """Daily rows summed into the increment that was asked for."""
    return summed(query, (((), row) for row in rows))


def summed(query: InsightsQuery, parts: Iterable[tuple[Values, FigureRow]]) -> list[Period]:
    """Parts of daily rows summed into the increment that was asked for, each value by itself."""
    if query.increment == 1:
        return [Period(row, row.day, values) for values, row in parts]
    sums: dict[tuple[date, str, str, str, Values], FigureRow] = {}
    for values, row in parts:
        start = _bucket_start(query, row.day)
        place = (start, row.campaign_id, row.ad_group_id, row.ad_id, values)
        if place in sums:
            add(sums[place], row)
        else:
            sums[place] = replace(row, day=start, actions=dict(row.actions), action_values=dict(row.action_values))
    return [Period(sums[place], _bucket_stop(query, place[0]), place[-1]) for place in sorted(sums)]


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


def require_known_fields(query: InsightsQuery) -> None:
    """Raises MetaError for a field that insights do not have."""
    if unknown := [name for name in query.fields if name not in FIELDS and name not in meta_valueless.INSIGHTS]:
        raise unknown_insights_fields(unknown)


class Renderer:
    """Turns rows into wire objects for one request."""

    def __init__(self, account: Account, query: InsightsQuery) -> None:
        self.account, self.query = account, query
        self.campaigns = {campaign.campaign_id: campaign for campaign in account.campaigns}
        self.groups = {group.ad_group_id: group for group in account.ad_groups}
        self.ads = {ad.ad_id: ad for ad in account.ads}
        self._makers = [
            (name, FIELDS[name]) for name in query.fields if name not in meta_valueless.INSIGHTS | query.withheld
        ]
        # Conversions of mixed attribution settings are withheld above the ad set, unless windows are named.
        mixed = account.mixed_attribution and query.level in ("account", "campaign") and not query.names_windows
        self._off_meta = not mixed and tells_off_meta(query.breakdowns)

    def render(self, period: Period) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for name, make in self._makers:
            value = make(self, period.row)
            if value and name not in period.row.missing:
                answer[name] = value
        answer |= period.values
        answer["date_start"] = period.row.day.isoformat()
        answer["date_stop"] = period.stop.isoformat()
        return answer

    def actions(self, row: FigureRow) -> dict[str, Windows]:
        return actions_of(self.account, row, off_meta=self._off_meta)

    def values(self, row: FigureRow) -> dict[str, Windows]:
        return values_of(self.account, row, off_meta=self._off_meta)

    def stats(self, amounts: dict[str, Windows]) -> list[dict[str, str]]:
        return stats(amounts, self.query.windows, self.query.action_breakdowns)


def _ratio(top: float, bottom: float) -> str | None:
    return f"{top / bottom:.6f}".rstrip("0").rstrip(".") if bottom else None


def _cost_per_action(renderer: Renderer, row: FigureRow) -> list[dict[str, str]]:
    return [
        {"action_type": name, "value": _ratio(row.spend, windows["value"]) or "0"}
        for name, windows in renderer.actions(row).items()
        if windows["value"]
    ]


def _roas(renderer: Renderer, row: FigureRow, name: str) -> list[dict[str, str]] | None:
    windows = renderer.values(row).get(name)
    ratio = _ratio(windows["value"], row.spend) if windows else None
    return [{"action_type": name, "value": ratio}] if ratio else None


def _text(number: int | None) -> str | None:
    return str(number) if number else None


Maker = Callable[[Renderer, FigureRow], Any]


def _own(level: str, maker: Maker) -> Maker:
    """A field that exists from ``level`` downwards and is absent above it."""
    order = list(LEVELS)
    return lambda r, row: maker(r, row) if order.index(r.query.level) >= order.index(level) else None


def _video(column: str) -> Maker:
    """A list with the one action of video metrics."""

    def make(renderer: Renderer, row: FigureRow) -> list[dict[str, str]] | None:
        watched = getattr(row, column)
        return [{"action_type": "video_view", "value": str(watched)}] if watched else None

    return make


def _seconds_a_play(row: FigureRow) -> list[dict[str, str]] | None:
    seconds = row.video_seconds // row.video_plays if row.video_plays else 0
    return [{"action_type": "video_view", "value": str(seconds)}] if seconds else None


def _post_engagement(renderer: Renderer, row: FigureRow) -> str | None:
    windows = renderer.actions(row).get("post_engagement")
    return major_units(windows["value"]) if windows else None


def _name(things: dict[str, Any], key: str) -> str | None:
    thing: Campaign | AdGroup | Ad | None = things.get(key)
    return thing.name if thing else None


FIELDS: dict[str, Maker] = {
    "account_id": lambda r, row: r.account.account_id,
    "account_name": lambda r, row: r.account.name,
    "account_currency": lambda r, row: r.account.currency,
    "campaign_id": _own("campaign", lambda r, row: row.campaign_id),
    "campaign_name": _own("campaign", lambda r, row: _name(r.campaigns, row.campaign_id)),
    "objective": _own("campaign", lambda r, row: c.kind if (c := r.campaigns.get(row.campaign_id)) else None),
    "buying_type": _own("campaign", lambda r, row: "AUCTION"),
    "adset_id": _own("adset", lambda r, row: row.ad_group_id),
    "adset_name": _own("adset", lambda r, row: _name(r.groups, row.ad_group_id)),
    "optimization_goal": _own("adset", lambda r, row: g.kind if (g := r.groups.get(row.ad_group_id)) else None),
    "attribution_setting": _own("adset", lambda r, row: None if r.account.recorded else "7d_click_1d_view"),
    "ad_id": _own("ad", lambda r, row: row.ad_id),
    "ad_name": _own("ad", lambda r, row: _name(r.ads, row.ad_id)),
    "impressions": lambda r, row: str(row.impressions),
    "clicks": lambda r, row: str(row.clicks),
    "spend": lambda r, row: major_units(row.spend),
    "reach": lambda r, row: _text(row.reach),
    "frequency": lambda r, row: _ratio(row.impressions, row.reach),
    "ctr": lambda r, row: _ratio(100 * row.clicks, row.impressions),
    "cpc": lambda r, row: _ratio(row.spend / MICROS, row.clicks),
    "cpm": lambda r, row: _ratio(row.spend / 1000, row.impressions),
    "cpp": lambda r, row: _ratio(row.spend / 1000, row.reach),
    "unique_clicks": lambda r, row: _text(min(row.clicks, row.reach)),
    "inline_link_clicks": lambda r, row: _text(row.link_clicks),
    "inline_link_click_ctr": lambda r, row: (
        _ratio(100 * (row.link_clicks or 0), row.impressions) if row.link_clicks else None
    ),
    "inline_post_engagement": _post_engagement,
    "instagram_profile_visits": lambda r, row: _text(row.profile_visits),
    "outbound_clicks": lambda r, row: (
        [{"action_type": "outbound_click", "value": str(row.link_clicks)}] if row.link_clicks else None
    ),
    "actions": lambda r, row: r.stats(r.actions(row)),
    "action_values": lambda r, row: r.stats(r.values(row)),
    "cost_per_action_type": _cost_per_action,
    "purchase_roas": lambda r, row: _roas(r, row, "omni_purchase"),
    "website_purchase_roas": lambda r, row: _roas(r, row, "offsite_conversion.fb_pixel_purchase"),
    "quality_ranking": _own("ad", lambda r, row: "UNKNOWN"),
    "engagement_rate_ranking": _own("ad", lambda r, row: "UNKNOWN"),
    "conversion_rate_ranking": _own("ad", lambda r, row: "UNKNOWN"),
    "video_play_actions": _video("video_plays"),
    "video_thruplay_watched_actions": _video("video_15s"),
    "video_15_sec_watched_actions": _video("video_15s"),
    "video_30_sec_watched_actions": _video("video_30s"),
    "video_p25_watched_actions": _video("video_p25"),
    "video_p50_watched_actions": _video("video_p50"),
    "video_p75_watched_actions": _video("video_p75"),
    "video_p95_watched_actions": _video("video_p95"),
    "video_p100_watched_actions": _video("video_p100"),
    "video_avg_time_watched_actions": lambda r, row: _seconds_a_play(row),
    "date_start": lambda r, row: row.day.isoformat(),
    "date_stop": lambda r, row: row.day.isoformat(),
}
