"""TikTok's metrics: every one a string, with a dash where it does not apply, and the level from which it exists."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from sandbox.wire.tiktok_objects import Advertiser, campaign_of
from sandbox.world.creatives import creative_of
from sandbox.world.figures import Level
from sandbox.world.history import on_day
from sandbox.world.model import MICROS, Ad, AdGroup, Campaign, FigureRow

DASH = "-"
LEVELS: tuple[Level, ...] = ("account", "campaign", "ad_group", "ad")
Figure = Callable[[FigureRow], str]
Described = Callable[[Advertiser, FigureRow], str]
_CENT = MICROS // 100
# Steps on the way to a purchase, for each one that happens; page views for each hundred clicks.
_CARTS, _CHECKOUTS, _VIEWS_PERCENT = 3, 2, 80


def money(micros: int) -> str:
    """Two decimals in every currency: 20000000 -> "20.00"."""
    cents = (abs(micros) + _CENT // 2) // _CENT
    return f"{'-' if micros < 0 else ''}{cents // 100}.{cents % 100:02d}"


def _ratio(top: float, bottom: float) -> str:
    return f"{top / bottom:.2f}" if bottom else "0.00"


def _whole(millionths: int) -> int:
    return millionths // MICROS


def _count(column: str) -> Figure:
    return lambda row: str(getattr(row, column))


def _events(column: str, times: int = 1) -> Figure:
    return lambda row: str(_whole(getattr(row, column)) * times)


def _cost_per(column: str) -> Figure:
    return lambda row: _ratio(row.spend / MICROS, _whole(getattr(row, column)))


def _rate(column: str) -> Figure:
    return lambda row: _ratio(100 * _whole(getattr(row, column)), row.impressions)


# Valid at every level.
FIGURES: dict[str, Figure] = {
    "spend": lambda row: money(row.spend),
    "cash_spend": lambda row: money(row.spend),
    "billed_cost": lambda row: money(row.spend),
    "impressions": _count("impressions"),
    "gross_impressions": lambda row: str(row.impressions + row.impressions // 200),
    "clicks": _count("clicks"),
    "engagements": lambda row: str(row.clicks + row.likes + row.comments + row.shares + row.follows),
    "ctr": lambda row: _ratio(100 * row.clicks, row.impressions),
    "cpc": lambda row: _ratio(row.spend / MICROS, row.clicks),
    "cpm": lambda row: _ratio(row.spend / 1000, row.impressions),
    "reach": _count("reach"),
    "frequency": lambda row: _ratio(row.impressions, row.reach),
    "cost_per_1000_reached": lambda row: _ratio(row.spend / 1000, row.reach),
    **{name: _events("conversions") for name in ("conversion", "result")},
    **{name: _events("conversions_by_day") for name in ("real_time_conversion", "real_time_result")},
    **{name: _cost_per("conversions") for name in ("cost_per_conversion", "cost_per_result")},
    **{
        name: _cost_per("conversions_by_day") for name in ("real_time_cost_per_conversion", "real_time_cost_per_result")
    },
    **{name: _rate("conversions") for name in ("conversion_rate", "conversion_rate_v2", "result_rate")},
    **{
        name: _rate("conversions_by_day")
        for name in ("real_time_conversion_rate", "real_time_conversion_rate_v2", "real_time_result_rate")
    },
    "vta_conversion": _events("view_conversions"),
    "cta_conversion": lambda row: str(_whole(row.conversions - row.view_conversions)),
    "video_play_actions": _count("video_plays"),
    "video_watched_2s": _count("video_2s"),
    "video_watched_6s": _count("video_6s"),
    "video_views_p25": _count("video_p25"),
    "video_views_p50": _count("video_p50"),
    "video_views_p75": _count("video_p75"),
    "video_views_p100": _count("video_p100"),
    "engaged_view": _count("video_6s"),
    "average_video_play": lambda row: _ratio(row.video_seconds, row.video_plays),
    "average_video_play_per_user": lambda row: _ratio(row.video_seconds, row.reach),
    **{name: _count(name) for name in ("likes", "comments", "shares", "follows", "profile_visits")},
    "profile_visits_rate": lambda row: _ratio(100 * row.profile_visits, row.impressions),
}
# Website events: in an account that sells, and in one that collects leads. The others count none.
_PURCHASES: dict[str, Figure] = {
    "complete_payment": _events("conversions"),
    "total_complete_payment_rate": lambda row: money(row.value),
    "value_per_complete_payment": lambda row: _ratio(row.value / MICROS, _whole(row.conversions)),
    "complete_payment_roas": lambda row: _ratio(row.value, row.spend),
    "web_event_add_to_cart": _events("conversions", _CARTS),
    "initiate_checkout": _events("conversions", _CHECKOUTS),
}
_LEADS: dict[str, Figure] = {"form": _events("conversions")}
WEBSITE_AND_SHOP = frozenset(
    {
        *_PURCHASES, *_LEADS, "page_content_view_events", "total_landing_page_view", "total_pageview",
        "total_web_event_add_to_cart_value", "total_initiate_checkout_value", "user_registration", "button_click",
        "online_consult", "on_web_subscribe", "on_web_order", "onsite_shopping", "total_onsite_shopping_value",
        "onsite_on_web_cart", "onsite_initiate_checkout_count", "onsite_on_web_detail",
        "shop_total_purchase_by_order_submission", "shop_gross_revenue_by_order_submission",
    }
)  # fmt: skip
_NONE_COUNTED = frozenset(
    {
        "clicks_on_music_disc", "engaged_view_through_conversions", "real_time_app_install", "app_install",
        "purchase", "total_purchase", "cta_purchase", "vta_purchase", "vta_complete_payment", "registration",
        "total_registration", "sales_lead", "total_sales_lead", "total_app_event_add_to_cart", "total_checkout",
        "total_view_content", "total_subscribe", "onsite_total_purchase", "onsite_total_add_to_cart",
        "onsite_total_checkout_initiation", "onsite_total_product_details_page_view", "onsite_total_registration",
        "onsite_form", "onsite_total_subscribe", "offline_shopping_events", "offline_add_to_cart_events",
        "offline_initiate_checkout_events", "offline_registration_events", "offline_form_events",
        "offline_subscribe_events", "offline_place_order_events", "messaging_total_conversation_instant_messaging_app",
    }
)  # fmt: skip
_NONE_PAID = frozenset(
    {
        "voucher_spend", "real_time_app_install_cost", "cost_per_app_install", "cost_per_purchase", "purchase_rate",
        "cost_per_registration", "registration_rate", "cost_per_sales_lead", "sales_lead_rate",
        "cost_per_total_sales_lead", "cost_per_total_app_event_add_to_cart", "total_purchase_value",
        "total_onsite_shopping_value", "onsite_total_purchase_value", "offline_shopping_events_value",
        "total_web_event_add_to_cart_value", "total_initiate_checkout_value", "shop_gross_revenue_by_order_submission",
    }
)  # fmt: skip
_NOT_APPLICABLE = frozenset({"secondary_goal_result", "cost_per_secondary_goal_result", "secondary_goal_result_rate"})


def _of_campaign(make: Callable[[Advertiser, Campaign], Any]) -> Described:
    return lambda a, row: str(make(a, a.account.campaign_by_id[row.campaign_id]))


def _of_group(make: Callable[[Advertiser, AdGroup], Any]) -> Described:
    return lambda a, row: str(make(a, a.account.ad_group_by_id[row.ad_group_id]))


def _of_ad(make: Callable[[Advertiser, Ad], Any]) -> Described:
    return lambda a, row: str(make(a, a.account.ad_by_place[row.ad_group_id, row.ad_id]))


def _constants(**values: str) -> dict[str, Described]:
    return {name: (lambda a, row, value=value: value) for name, value in values.items()}  # type: ignore[misc]


# What describes the object of a row: valid at its own level and below.
DESCRIPTORS: dict[Level, dict[str, Described]] = {
    "account": {
        "currency": lambda a, row: a.account.currency,
        "timezone": lambda a, row: a.account.timezone,
        "advertiser_id": lambda a, row: a.account.account_id,
        "advertiser_name": lambda a, row: a.account.name,
    },
    "campaign": {
        "campaign_id": lambda a, row: row.campaign_id,
        "campaign_name": _of_campaign(lambda a, c: on_day(c, a.today).name),
        "objective_type": _of_campaign(lambda a, c: c.kind),
        "campaign_budget": _of_campaign(lambda a, c: money(on_day(c, a.today).daily_budget_micros)),
        "campaign_automation_type": _of_campaign(
            lambda a, c: "UPGRADED_SMART_PLUS" if c.campaign_id in a.smart_plus else "MANUAL"
        ),
        **_constants(
            rf_campaign_type="STANDARD", split_test=DASH, campaign_dedicate_type=DASH, app_promotion_type="UNSET"
        ),
    },
    "ad_group": {
        "adgroup_id": lambda a, row: row.ad_group_id,
        "adgroup_name": _of_group(lambda a, g: on_day(g, a.today).name),
        "opt_status": _of_group(lambda a, g: "Enabled" if a.is_enabled(g) else "Disabled"),
        **_constants(
            placement_type="Automatic Placement", promotion_type="Website", tt_app_id="0", tt_app_name="0",
            mobile_app_id="0", dpa_target_audience_type=DASH, budget="0.00", smart_target=DASH, bid_strategy=DASH,
            bid="0.00", billing_event="oCPM", is_smart_creative=DASH,
        ),
    },
    "ad": {
        "ad_name": _of_ad(lambda a, ad: on_day(ad, a.today).name),
        "ad_text": _of_ad(lambda a, ad: creative_of(ad, a.today).body),
        "call_to_action": _of_ad(lambda a, ad: creative_of(ad, a.today).call_to_action),
        "campaign_automation_type": _of_ad(
            lambda a, ad: "UPGRADED_SMART_PLUS_CREATIVE" if campaign_of(ad).campaign_id in a.smart_plus else "MANUAL"
        ),
        **_constants(image_mode=DASH),
    },
}  # fmt: skip
EVERY_FIGURE = frozenset({*FIGURES, *WEBSITE_AND_SHOP, *_NONE_COUNTED, *_NONE_PAID, *_NOT_APPLICABLE})


def descriptors(level: Level) -> dict[str, Described]:
    """Descriptors of a level: its own and those of what it hangs on."""
    known: dict[str, Described] = {}
    for each in LEVELS[: LEVELS.index(level) + 1]:
        known |= DESCRIPTORS[each]
    return known


def unknown_metrics(names: Iterable[str], level: Level, *, audience: bool) -> list[str]:
    """Names that a report of this kind does not have."""
    known = set(descriptors(level)) | EVERY_FIGURE
    return [name for name in names if name not in known or (audience and name in WEBSITE_AND_SHOP)]


@dataclass(frozen=True)
class MetricRenderer:
    """Turns rows into metrics for one request."""

    advertiser: Advertiser
    constants: Mapping[str, str]
    figures: tuple[tuple[str, Figure], ...]
    described: tuple[tuple[str, Described], ...]

    @staticmethod
    def of(advertiser: Advertiser, level: Level, names: Iterable[str]) -> "MetricRenderer":
        about = descriptors(level)
        events = _LEADS if advertiser.account.goal == "lead" else _PURCHASES
        counted = {**FIGURES, **events, "page_content_view_events": lambda row: str(row.clicks * _VIEWS_PERCENT // 100)}
        asked = tuple(dict.fromkeys(names))
        constants = {
            name: DASH if name in _NOT_APPLICABLE else "0.00" if name in _NONE_PAID else "0"
            for name in asked
            if name not in counted and name not in about
        }
        return MetricRenderer(
            advertiser,
            constants,
            tuple((name, counted[name]) for name in asked if name in counted),
            tuple((name, about[name]) for name in asked if name in about and name not in counted),
        )

    def render(self, row: FigureRow) -> dict[str, str]:
        metrics = dict(self.constants)
        for name, figure in self.figures:
            metrics[name] = figure(row)
        for name, describe in self.described:
            metrics[name] = describe(self.advertiser, row)
        return metrics


_ADDITIVE = tuple(
    each.name
    for each in fields(FigureRow)
    if each.name not in ("day", "campaign_id", "ad_group_id", "ad_id", "link_clicks", "reach", "actions",
                         "action_values", "missing")
)  # fmt: skip


def added(rows: Iterable[FigureRow]) -> FigureRow:
    """Rows of one object as one: everything adds up but reach, which is at least that of the greatest."""
    total: FigureRow | None = None
    for row in rows:
        if total is None:
            total = replace(row)
            continue
        for name in _ADDITIVE:
            setattr(total, name, getattr(total, name) + getattr(row, name))
        total.reach = max(total.reach, row.reach)
    assert total is not None
    return total
