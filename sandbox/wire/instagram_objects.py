"""Instagram's nodes: pages, users, media and the children of carousels, with their fields.

Counts are whole numbers here, unlike in marketing insights; ``ig_id`` is a number on a user and text on media.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

from sandbox.wire.meta_errors import unknown_field
from sandbox.wire.meta_objects import split_fields
from sandbox.world.instagram import AccountDay, account_day, day_starts, follower_count
from sandbox.world.media import Media
from sandbox.world.media_insights import media_figures, visible_media
from sandbox.world.model import Account

_CDN = "https://scontent.cdninstagram.example"


@dataclass(frozen=True)
class Page:
    """A Facebook Page; ``account`` is the Instagram account that is linked to it, if one is."""

    page_id: str
    name: str
    account: Account | None


@dataclass(frozen=True)
class Child:
    """One picture of a carousel. It has a node of its own and no insights."""

    child_id: str
    parent: Media


@dataclass(frozen=True)
class View:
    """An account as seen at an instant; ``days``: its account-days that were computed for this instant already."""

    account: Account
    now: datetime
    days: dict[date, AccountDay | None] = field(default_factory=dict)

    def day(self, day: date) -> AccountDay | None:
        """The account's day as it is shown; None where there is nothing to show."""
        if day not in self.days:
            self.days[day] = account_day(self.account, day, self.now) or self._quiet_day(day)
        return self.days[day]

    def _quiet_day(self, day: date) -> AccountDay | None:
        """A day of an account that nobody follows and that shows nothing: told, and zero."""
        if self.account.followers or day_starts(day) > self.now:
            return None
        counted = dict.fromkeys((one.name for one in fields(AccountDay) if one.type is int), 0)
        nothing: Mapping[str, Mapping[str, int]] = defaultdict(dict)
        return AccountDay(day=day, by_product=nothing, by_follow_type=nothing, by_contact_button={}, **counted)


def page_of(account: Account) -> Page:
    """The Page through which an account is found."""
    return Page(str(100_000_000_000_000 + int(account.account_id) % 10_000_000_000_000), account.name, account)


def children_of(media: Media) -> list[Child]:
    return [Child(f"{media.media_id}{number:02d}", media) for number in range(1, media.children + 1)]


def wire_time(instant: datetime) -> str:
    """2026-06-17T19:39:18+0000, always UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


_PAGE: dict[str, Callable[[Page], Any]] = {
    "id": lambda page: page.page_id,
    "name": lambda page: page.name,
    "instagram_business_account": lambda page: {"id": page.account.account_id} if page.account else None,
    "access_token": lambda page: None,
}
_USER: dict[str, Callable[[View], Any]] = {
    "id": lambda view: view.account.account_id,
    "ig_id": lambda view: int(view.account.account_id) % 10_000_000_000,
    "username": lambda view: view.account.username,
    "name": lambda view: view.account.name,
    "biography": lambda view: f"{view.account.name} ✨",
    "website": lambda view: f"https://{view.account.username.replace('_', '-')}.example/",
    "followers_count": lambda view: follower_count(view.account, view.now),
    "follows_count": lambda view: 40 + view.account.key % 900,
    "media_count": lambda view: len(visible_media(view.account, view.now)),
    "profile_picture_url": lambda view: f"{_CDN}/profile/{view.account.account_id}.jpg",
}
_MEDIA: dict[str, Callable[[View, Media], Any]] = {
    "id": lambda view, media: media.media_id,
    "ig_id": lambda view, media: str(media.key % 10**19),
    "caption": lambda view, media: media.caption or None,
    "media_type": lambda view, media: media.media_type,
    "media_product_type": lambda view, media: media.product_type,
    "timestamp": lambda view, media: wire_time(media.published_at),
    "permalink": lambda view, media: media.permalink,
    "shortcode": lambda view, media: media.shortcode,
    "username": lambda view, media: view.account.username,
    "owner": lambda view, media: {"id": view.account.account_id},
    "is_comment_enabled": lambda view, media: True,
    "is_shared_to_feed": lambda view, media: True if media.product_type == "REELS" else None,
    "like_count": lambda view, media: None if media.hides_likes else media_figures(view.account, media, view.now).likes,
    "comments_count": lambda view, media: media_figures(view.account, media, view.now).comments,
    "media_url": lambda view, media: f"{_CDN}/media/{media.media_id}?oe={int(view.now.timestamp()) // 86_400:X}",
    "thumbnail_url": lambda view, media: f"{_CDN}/thumb/{media.media_id}.jpg" if media.media_type == "VIDEO" else None,
    "children": lambda view, media: (
        {"data": [{"id": child.child_id} for child in children_of(media)]} if media.children else None
    ),
}
_CHILD: dict[str, Callable[[View, Child], Any]] = {
    "id": lambda view, child: child.child_id,
    "ig_id": lambda view, child: str((child.parent.key + int(child.child_id[-2:])) % 10**19),
    "media_type": lambda view, child: "IMAGE",
    "media_url": lambda view, child: f"{_CDN}/media/{child.child_id}.jpg",
    "thumbnail_url": lambda view, child: None,
    "owner": lambda view, child: {"id": view.account.account_id},
    "permalink": lambda view, child: child.parent.permalink,
    "shortcode": lambda view, child: child.parent.shortcode,
    "timestamp": lambda view, child: wire_time(child.parent.published_at),
    "username": lambda view, child: view.account.username,
}


def render_page(page: Page, fields: str) -> dict[str, Any]:
    return _rendered(_PAGE, fields, "Page", page)


def render_user(view: View, fields: str) -> dict[str, Any]:
    return _rendered(_USER, fields, "IGUser", view)


def render_media(view: View, thing: Media | Child, fields: str) -> dict[str, Any]:
    if isinstance(thing, Child):
        return _rendered(_CHILD, fields, "IGMedia", view, thing)
    return _rendered(_MEDIA, fields, "IGMedia", view, thing)


def _rendered(table: Mapping[str, Callable[..., Any]], fields: str, node: str, *seen: Any) -> dict[str, Any]:
    """The fields asked for; ``id`` always comes, what has no value does not."""
    answer: dict[str, Any] = {}
    for name in split_fields(fields):
        plain = name.partition("{")[0].strip()
        if plain not in table:
            raise unknown_field(plain, node)
        value = table[plain](*seen)
        if value is not None:
            answer[plain] = value
    return answer | {"id": table["id"](*seen)}
