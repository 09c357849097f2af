"""Meta's creatives: what an ad shows stands in flat fields, in a story spec or in an asset feed; one is unreadable."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sandbox.wire.lifecycle import exists, meta_effective_status
from sandbox.wire.meta_errors import unreadable_spec
from sandbox.world.creatives import Creative, creative_of
from sandbox.world.model import Account
from sandbox.world.randomness import entity_key

_PAGE_ID, _INSTAGRAM_USER_ID = "104000000000001", "17841400000000001"
_PLACES = ("flat", "link", "cards", "feed")


@dataclass(frozen=True)
class AdCreative:
    """A creative of an account. ``place``: where it keeps its texts; ``deleted``: no ad that shows it is left."""

    creative: Creative
    place: str
    deleted: bool
    unreadable: bool

    @property
    def creative_id(self) -> str:
        return self.creative.creative_id


def creatives_of(account: Account, today: date) -> dict[str, AdCreative]:
    """The account's creatives by id, those that an ad showed earlier included; a recording has none."""
    if account.recorded:
        return {}
    shown: dict[str, tuple[Creative, bool]] = {}
    for ad in account.ads:
        if exists(ad.lifetime, today):
            alive = meta_effective_status(ad, today) != "DELETED"
            for creative in (creative_of(ad), creative_of(ad, today)):
                known = shown.get(creative.creative_id, (creative, False))
                shown[creative.creative_id] = (creative, known[1] or alive)
    living = [creative_id for creative_id, (_, alive) in shown.items() if alive]
    # The first one of the account lost its story: reading its spec fails the whole page.
    broken = living[0] if living else None
    return {
        creative_id: AdCreative(creative, _place(creative), not alive, creative_id == broken)
        for creative_id, (creative, alive) in shown.items()
    }


def _place(creative: Creative) -> str:
    if creative.video_id:
        return "video"
    return _PLACES[entity_key(creative.creative_id, "place") % len(_PLACES)]


def _button(shown: AdCreative) -> dict[str, Any]:
    return {"type": shown.creative.call_to_action, "value": {"link": shown.creative.base_url}}


def _picture(shown: AdCreative, today: date) -> str:
    """An address that is signed anew every day."""
    signature = f"{entity_key(shown.creative_id, today.toordinal()):x}"
    return f"https://scontent.xx.fbcdn.net/v/{shown.creative_id}.jpg?oh={signature}&oe=6{signature[:7]}"


def _story_spec(shown: AdCreative, today: date) -> dict[str, Any] | None:
    if shown.unreadable:
        raise unreadable_spec()
    creative = shown.creative
    story: dict[str, Any]
    match shown.place:
        case "link":
            story = {"link_data": {"link": creative.base_url, "name": creative.title, "message": creative.body,
                                   "image_hash": creative.image_id, "picture": _picture(shown, today),
                                   "call_to_action": _button(shown)}}  # fmt: skip
        case "cards":
            cards = [{"link": creative.base_url, "name": f"{creative.title} {number}"} for number in (1, 2)]
            story = {"link_data": {"name": creative.title, "message": creative.body, "child_attachments": cards,
                                   "call_to_action": {"type": creative.call_to_action}}}  # fmt: skip
        case "video":
            story = {"video_data": {"video_id": creative.video_id, "title": creative.title, "message": creative.body,
                                    "image_url": _picture(shown, today), "call_to_action": _button(shown)}}  # fmt: skip
        case _:
            return None
    return {"page_id": _PAGE_ID, "instagram_user_id": _INSTAGRAM_USER_ID, **story}


def _feed_spec(shown: AdCreative, today: date) -> dict[str, Any] | None:
    if shown.place != "feed":
        return None
    creative = shown.creative
    return {
        "titles": [{"text": creative.title}, {"text": f"{creative.title} (2)"}] if creative.title else [],
        "bodies": [{"text": creative.body}],
        "link_urls": [{"website_url": creative.base_url}],
        "call_to_action_types": [creative.call_to_action],
        "images": [{"hash": creative.image_id}],
        "ad_formats": ["SINGLE_IMAGE"],
    }


def _flat(value: Callable[[Creative], str]) -> Callable[[str, AdCreative, date], str | None]:
    return lambda account_id, shown, today: (value(shown.creative) or None) if shown.place == "flat" else None


FIELDS: dict[str, Callable[[str, AdCreative, date], Any]] = {
    "id": lambda account_id, shown, today: shown.creative_id,
    "account_id": lambda account_id, shown, today: account_id,
    "name": lambda account_id, shown, today: shown.creative.name,
    "status": lambda account_id, shown, today: "DELETED" if shown.deleted else "ACTIVE",
    "object_type": lambda account_id, shown, today: "VIDEO" if shown.place == "video" else "SHARE",
    "title": _flat(lambda creative: creative.title),
    "body": _flat(lambda creative: creative.body),
    "link_url": _flat(lambda creative: creative.base_url),
    "call_to_action_type": _flat(lambda creative: creative.call_to_action),
    "url_tags": lambda account_id, shown, today: shown.creative.url_template or None,
    "image_hash": lambda account_id, shown, today: shown.creative.image_id or None,
    "image_url": lambda account_id, shown, today: _picture(shown, today) if shown.creative.image_id else None,
    "thumbnail_url": lambda account_id, shown, today: _picture(shown, today),
    "video_id": lambda account_id, shown, today: shown.creative.video_id or None,
    "effective_object_story_id": lambda account_id, shown, today: f"{_PAGE_ID}_{shown.creative_id}",
    "effective_instagram_media_id": lambda account_id, shown, today: f"1{shown.creative_id}",
    "instagram_user_id": lambda account_id, shown, today: _INSTAGRAM_USER_ID,
    "instagram_permalink_url": lambda account_id, shown, today: f"https://www.instagram.com/p/C{shown.creative_id}/",
    "object_story_spec": lambda account_id, shown, today: _story_spec(shown, today),
    "asset_feed_spec": lambda account_id, shown, today: _feed_spec(shown, today),
}
