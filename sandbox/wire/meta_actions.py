"""What people did, by Meta's action names and attribution windows. One conversion stands under several names."""

from collections.abc import Mapping

from sandbox.world.model import MICROS, Account, FigureRow, major_units, micros_per_minor

ATTRIBUTION_WINDOWS = frozenset(
    {"1d_click", "7d_click", "28d_click", "1d_view", "7d_view", "28d_view", "1d_ev", "dda", "default", "incrementality",
     "custom", "skan_click", "skan_view"}
)  # fmt: skip
ACTION_BREAKDOWNS = frozenset(
    {"action_type", "action_device", "action_destination", "action_target_id", "action_reaction",
     "action_carousel_card_id", "action_carousel_card_name", "action_canvas_component_name", "action_video_sound",
     "action_video_type"}
)  # fmt: skip
# Breakdowns of actions under which what happened outside Meta comes without the breakdown's value.
_ON_META_TARGETS = ("action_destination", "action_target_id")
_PURCHASE_NAMES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase", "web_in_store_purchase")
_LEAD_NAMES = ("lead", "offsite_conversion.fb_pixel_lead")
_CART_NAMES = ("omni_add_to_cart", "add_to_cart", "offsite_conversion.fb_pixel_add_to_cart")
_CARTS_PER_PURCHASE = 3
_CLICKS, _VIEWS = ("1d_click", "7d_click", "28d_click"), ("1d_view",)

# Counts in millionths, by window; "value" is what the ad set's own setting counts.
Windows = Mapping[str, int]


def actions_of(account: Account, row: FigureRow, *, off_meta: bool) -> dict[str, Windows]:
    """Counts by action name; ``off_meta``: also what happened on the advertiser's own site."""
    if account.recorded:
        return {name: {"value": count} for name, count in row.actions.items()}
    links, watched = row.link_clicks or 0, row.video_2s
    post = links + watched + row.comments + row.likes + row.shares + row.saves
    on_meta = {
        "page_engagement": post + row.follows, "post_engagement": post, "link_click": links,
        "landing_page_view": links * 4 // 5, "comment": row.comments, "post_reaction": row.likes, "post": row.shares,
        "onsite_conversion.post_save": row.saves, "like": row.follows,
    }  # fmt: skip
    counts: dict[str, Windows] = {
        name: dict.fromkeys(("value", *_CLICKS), count * MICROS) for name, count in on_meta.items() if count
    }
    if watched:
        counts["video_view"] = dict.fromkeys(("value", *_VIEWS), watched * MICROS)
    if off_meta and row.conversions:
        bought = account.goal == "purchase"
        windows = _by_window(row)
        counts |= dict.fromkeys(_PURCHASE_NAMES if bought else _LEAD_NAMES, windows)
        if bought:
            carts = {window: count * _CARTS_PER_PURCHASE for window, count in windows.items()}
            counts |= dict.fromkeys(_CART_NAMES, carts)
    return counts


def values_of(account: Account, row: FigureRow, *, off_meta: bool) -> dict[str, Windows]:
    """Values by action name in micros of the account currency; a window's value goes by its share of conversions."""
    if account.recorded:
        return {name: {"value": amount} for name, amount in row.action_values.items()}
    if not (off_meta and row.value and row.conversions):
        return {}
    minor = micros_per_minor(account.currency)
    values = {
        window: row.value * count // row.conversions // minor * minor for window, count in _by_window(row).items()
    }
    return dict.fromkeys(_PURCHASE_NAMES, values)


def _by_window(row: FigureRow) -> Windows:
    """Clicks within a day are seven tenths of those within a week; nothing comes later than that.

    Half of the conversions after a view followed an engaged view.
    """
    viewed = min(row.view_conversions, row.conversions)
    clicked = row.conversions - viewed
    return {
        "value": row.conversions, "1d_click": clicked * 7 // 10 // MICROS * MICROS, "7d_click": clicked,
        "28d_click": clicked, "1d_view": viewed, "1d_ev": viewed // 2 // MICROS * MICROS,
    }  # fmt: skip


def stats(
    amounts: Mapping[str, Windows], windows: tuple[str, ...], breakdowns: tuple[str, ...]
) -> list[dict[str, str]]:
    """A list of actions on the wire: the value, and of the windows asked for those that have any."""
    entries = []
    for name, by_window in amounts.items():
        entry = {"action_type": name, "value": major_units(by_window["value"])}
        entry |= {window: major_units(count) for window in windows if (count := by_window.get(window, 0))}
        if name in ("link_click", "landing_page_view", "post_engagement", "page_engagement"):
            entry |= {breakdown: "104000000000001" for breakdown in breakdowns if breakdown in _ON_META_TARGETS}
        entries.append(entry)
    return entries
