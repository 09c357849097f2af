"""Lifetime insights of one media object: which metrics suit it, and their answers."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.faults import Fault
from sandbox.wire import instagram_errors as errors
from sandbox.wire.instagram_objects import Child, View
from sandbox.wire.meta_errors import invalid_parameter
from sandbox.world.media import Media
from sandbox.world.media_insights import MediaFigures, media_figures

FEWEST_STORY_VIEWERS = 5
# Every seventh reel has no skip rate yet: the metric is in development.
_REELS_WITHOUT_SKIP_RATE = 7

_POST = (
    "views", "reach", "likes", "comments", "shares", "saved", "total_interactions", "follows", "profile_visits",
    "profile_activity", "reposts",
)  # fmt: skip
SUITABLE: dict[str, tuple[str, ...]] = {
    "FEED/IMAGE": _POST,
    "FEED/CAROUSEL_ALBUM": _POST,
    "FEED/VIDEO": ("reach", "saved"),
    "REELS/VIDEO": (
        "views", "reach", "likes", "comments", "shares", "saved", "total_interactions", "ig_reels_avg_watch_time",
        "ig_reels_video_view_total_time", "reels_skip_rate", "reposts",
    ),
    "STORY": (
        "views", "reach", "replies", "shares", "follows", "profile_visits", "profile_activity", "navigation",
        "total_interactions",
    ),
}  # fmt: skip
_BREAKDOWNS: dict[str, tuple[str, Callable[[MediaFigures], Mapping[str, int]]]] = {
    "navigation": ("story_navigation_action_type", lambda figures: figures.navigation),
    "profile_activity": ("action_type", lambda figures: figures.profile_actions),
}
_READ: dict[str, Callable[[MediaFigures], int | float]] = {
    "views": lambda figures: figures.views,
    "reach": lambda figures: figures.reach,
    "likes": lambda figures: figures.likes,
    "comments": lambda figures: figures.comments,
    "shares": lambda figures: figures.shares,
    "saved": lambda figures: figures.saves,
    "replies": lambda figures: figures.replies,
    "reposts": lambda figures: figures.reposts,
    "follows": lambda figures: figures.follows,
    "profile_visits": lambda figures: figures.profile_visits,
    "profile_activity": lambda figures: figures.profile_activity,
    "total_interactions": lambda figures: figures.total_interactions,
    "navigation": lambda figures: sum(figures.navigation.values()),
    "ig_reels_avg_watch_time": lambda figures: figures.average_watch_ms,
    "ig_reels_video_view_total_time": lambda figures: figures.total_watch_ms,
    "reels_skip_rate": lambda figures: figures.skip_rate,
}


def answer(
    parameters: Mapping[str, str], view: View, thing: Media | Child, fault: Fault | None
) -> list[dict[str, Any]]:
    """One entry a metric; nothing at all for what nobody has seen. Raises MetaError, for all metrics together."""
    metrics = [name for name in parameters.get("metric", "").split(",") if name]
    if not metrics:
        raise invalid_parameter("The parameter metric is required")
    if isinstance(thing, Child):
        raise invalid_parameter("Media of an album have no insights of their own")
    _check(metrics, parameters.get("breakdown", ""), thing)
    if thing.before_business:
        raise errors.posted_before_conversion()
    figures = media_figures(view.account, thing, view.now)
    if thing.product_type == "STORY" and figures.reach < FEWEST_STORY_VIEWERS:
        raise errors.too_few_viewers()
    if not figures.reach or (fault and fault.kind == "empty"):
        return []
    told = [name for name in metrics if name != "reels_skip_rate" or thing.key % _REELS_WITHOUT_SKIP_RATE]
    if fault and fault.kind == "half":
        told = told[::2]
    return [_entry(name, thing, figures, parameters.get("breakdown", "")) for name in told]


def _check(metrics: list[str], breakdown: str, media: Media) -> None:
    kind = media.product_type if media.product_type == "STORY" else f"{media.product_type}/{media.media_type}"
    for place, metric in enumerate(metrics):
        if metric not in _READ:
            raise errors.unknown_metric(place, _READ)
        if metric not in SUITABLE[kind]:
            raise errors.metric_unsuitable(metric, kind)
        if breakdown and _BREAKDOWNS.get(metric, ("",))[0] != breakdown:
            raise errors.breakdown_unsuitable(metric, breakdown)


def _entry(name: str, media: Media, figures: MediaFigures, breakdown: str) -> dict[str, Any]:
    value = _READ[name](figures)
    told: dict[str, Any] = {"values": [{"value": value}]}
    if breakdown:
        parts = _BREAKDOWNS[name][1](figures)
        results = [{"dimension_values": [word], "value": amount} for word, amount in parts.items() if amount]
        told = {"total_value": {"value": value, "breakdowns": [{"dimension_keys": [breakdown], "results": results}]}}
    title = name.replace("_", " ").capitalize()
    return {"name": name, "period": "lifetime", **told, "title": title, "description": f"{title} of the media object.",
            "id": f"{media.media_id}/insights/{name}/lifetime"}  # fmt: skip
