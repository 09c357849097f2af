"""Which metrics count which event, as data: TikTok has no list of actions, each event and channel is a metric."""

from typing import NamedTuple


class ConversionEvent(NamedTuple):
    """One row of ad_conversions_daily for each ad and day: the metrics of its count and of its value.

    attribution: 'all', or the kind of contact that a conversion is credited to ('click', 'view', 'engaged_view').
    """

    event: str
    channel: str
    count_metric: str
    value_metric: str | None = None
    attribution: str = "all"


# App metrics without `total_` count people, not events. `total_complete_payment_rate` is a value despite its name.
CONVERSION_EVENTS = (
    ConversionEvent("purchase", "website", "complete_payment", "total_complete_payment_rate"),
    ConversionEvent("purchase", "app", "total_purchase", "total_purchase_value"),
    ConversionEvent("purchase", "app", "cta_purchase", None, "click"),
    ConversionEvent("purchase", "app", "vta_purchase", None, "view"),
    ConversionEvent("purchase", "shop", "onsite_shopping", "total_onsite_shopping_value"),
    ConversionEvent("purchase", "tiktok", "onsite_total_purchase", "onsite_total_purchase_value"),
    ConversionEvent("purchase", "offline", "offline_shopping_events", "offline_shopping_events_value"),
    ConversionEvent("add_to_cart", "website", "web_event_add_to_cart", "total_web_event_add_to_cart_value"),
    ConversionEvent("add_to_cart", "app", "total_app_event_add_to_cart"),
    ConversionEvent("add_to_cart", "shop", "onsite_on_web_cart"),
    ConversionEvent("add_to_cart", "tiktok", "onsite_total_add_to_cart"),
    ConversionEvent("add_to_cart", "offline", "offline_add_to_cart_events"),
    ConversionEvent("checkout", "website", "initiate_checkout", "total_initiate_checkout_value"),
    ConversionEvent("checkout", "app", "total_checkout"),
    ConversionEvent("checkout", "shop", "onsite_initiate_checkout_count"),
    ConversionEvent("checkout", "tiktok", "onsite_total_checkout_initiation"),
    ConversionEvent("checkout", "offline", "offline_initiate_checkout_events"),
    ConversionEvent("view_content", "website", "page_content_view_events"),
    ConversionEvent("view_content", "app", "total_view_content"),
    ConversionEvent("view_content", "shop", "onsite_on_web_detail"),
    ConversionEvent("view_content", "tiktok", "onsite_total_product_details_page_view"),
    ConversionEvent("landing_page_view", "website", "total_landing_page_view"),
    ConversionEvent("registration", "website", "user_registration"),
    ConversionEvent("registration", "app", "total_registration"),
    ConversionEvent("registration", "tiktok", "onsite_total_registration"),
    ConversionEvent("registration", "offline", "offline_registration_events"),
    ConversionEvent("form", "website", "form"),
    ConversionEvent("form", "tiktok", "onsite_form"),
    ConversionEvent("form", "offline", "offline_form_events"),
    ConversionEvent("button_click", "website", "button_click"),
    ConversionEvent("consultation", "website", "online_consult"),
    ConversionEvent("sales_lead", "app", "total_sales_lead"),
    ConversionEvent("subscribe", "website", "on_web_subscribe"),
    ConversionEvent("subscribe", "app", "total_subscribe"),
    ConversionEvent("subscribe", "tiktok", "onsite_total_subscribe"),
    ConversionEvent("subscribe", "offline", "offline_subscribe_events"),
    ConversionEvent("order", "website", "on_web_order"),
    ConversionEvent("order", "offline", "offline_place_order_events"),
    ConversionEvent("install", "app", "app_install"),
    ConversionEvent("conversation", "messaging", "messaging_total_conversation_instant_messaging_app"),
    # What the ad group is optimised for: another event in each ad group, so it is no sum of the events above.
    ConversionEvent("optimization_event", "every", "conversion"),
    ConversionEvent("optimization_event", "every", "cta_conversion", None, "click"),
    ConversionEvent("optimization_event", "every", "vta_conversion", None, "view"),
    ConversionEvent("optimization_event", "every", "engaged_view_through_conversions", None, "engaged_view"),
)
EVENT_METRICS = tuple(
    dict.fromkeys(
        metric for each in CONVERSION_EVENTS for metric in (each.count_metric, each.value_metric) if metric is not None
    )
)


def _text(value: str | None) -> str:
    return f"'{value}'" if value is not None else "null"


_EVENT_ROWS = ",\n        ".join(
    f"({_text(each.event)}, {_text(each.channel)}, {_text(each.attribution)}, "
    f"{_text(each.count_metric)}, {_text(each.value_metric)})"
    for each in CONVERSION_EVENTS
)
# What counted nothing is not in ``events``, so that a day of an ad has a row for each event that happened.
CONVERSIONS_SQL = f"""
select
    account_id, date_day, ad_id, known.event, known.channel, known.attribution, campaign_id, adgroup_id, currency,
    coalesce((events ->> known.count_metric)::numeric, 0) as conversions,
    coalesce((events ->> known.value_metric)::numeric, 0) as conversion_value
from {{source}}
cross join (
    values
        {_EVENT_ROWS}
) as known (event, channel, attribution, count_metric, value_metric)
where events ? known.count_metric or events ? known.value_metric"""
