"""What an Instagram account publishes: posts, reels and stories, each with a key of its own day and number."""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from sandbox.world.randomness import entity_key

ProductType = Literal["FEED", "REELS", "STORY"]
MediaType = Literal["IMAGE", "VIDEO", "CAROUSEL_ALBUM"]
STORY_LIFE = timedelta(hours=24)

# Mean numbers a day: three to five posts, two to four reels a week, stories on about half of the days.
_POSTS_BY_WEEKDAY = (0.6, 0.7, 0.65, 0.7, 0.6, 0.35, 0.3)
_REELS_A_DAY = 0.35
_STORY_FRAMES = (0, 0, 0, 0, 1, 1, 1, 2, 3, 7)
_DELETED_SHARE = 0.05
_HIDDEN_LIKES_SHARE = 0.03
_CAPTIONS: dict[str, tuple[str, ...]] = {
    "pt": ("Nova coleção no ar 💛", "Bastidores do ensaio", "Salva pra depois ✨", "Última chance: até 40% OFF"),
    "en": ("Weekend plans sorted.", "Field notes from the trail 🥾", "New in: the wool edit", "Save this for later"),
    "es": ("Escapadas de otoño 🍂", "Tu próximo viaje empieza aquí", "Guárdalo para luego", "Marca a tu compañero"),
}
# Captions that have broken somebody's report.
_NASTY_CAPTIONS = (
    "",
    'Linha 1\nLinha 2\n\n#moda #"aspas" \\N',
    "👩‍👩‍👧‍👦🏳️‍🌈 &amp; <b>negrito</b>",
    "عرض خاص ‏50% خصم",
    "=1+1;'; drop table posts;--\t|",
)
_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@dataclass(frozen=True)
class Media:
    """An Instagram post, reel or story. Stories live for 24 hours; ``deleted_at``: the owner took it away, UTC.

    ``hides_likes``: the owner does not show the number of likes. ``children``: pictures of a carousel, else 0.
    ``before_business``: from before the account became a business account, so that it has no insights.
    """

    media_id: str
    product_type: ProductType
    media_type: MediaType
    published_at: datetime
    caption: str
    shortcode: str
    key: int
    deleted_at: datetime | None = None
    hides_likes: bool = False
    children: int = 0
    before_business: bool = False

    @property
    def permalink(self) -> str:
        kind = {"REELS": "reel", "STORY": "stories"}.get(self.product_type, "p")
        return f"https://www.instagram.com/{kind}/{self.shortcode}/"

    @property
    def expires_at(self) -> datetime | None:
        """When a story vanishes from the API; None for what stays."""
        return self.published_at + STORY_LIFE if self.product_type == "STORY" else None


@dataclass(frozen=True)
class Publishing:
    """An account's first and last UTC day with something published, and the day on which it became a business."""

    language: str
    first: date
    last: date
    business_from: date


def build_media(account_key: int, plan: Publishing) -> tuple[Media, ...]:
    """Everything published, oldest first; what one day brings does not depend on the other days."""
    days = (plan.first + timedelta(days=number) for number in range((plan.last - plan.first).days + 1))
    return tuple(media for day in days for media in _published_on(account_key, plan, day))


def _published_on(account_key: int, plan: Publishing, day: date) -> list[Media]:
    chance = random.Random(entity_key(account_key, "media", day.toordinal()))
    kinds: list[tuple[ProductType, MediaType]] = []
    if chance.random() < _POSTS_BY_WEEKDAY[day.weekday()]:
        style = chance.random()
        kinds.append(("FEED", "IMAGE" if style < 0.5 else "CAROUSEL_ALBUM" if style < 0.92 else "VIDEO"))
    if chance.random() < _REELS_A_DAY:
        kinds.append(("REELS", "VIDEO"))
    frames = _STORY_FRAMES[int(chance.random() * len(_STORY_FRAMES))]
    kinds += [("STORY", "VIDEO" if chance.random() < 0.6 else "IMAGE") for _ in range(frames)]
    found = [_media(account_key, plan, day, number, *kind) for number, kind in enumerate(kinds)]
    return sorted(found, key=lambda media: media.published_at)


def _media(account_key: int, plan: Publishing, day: date, number: int, product: ProductType, kind: MediaType) -> Media:
    key = entity_key(account_key, "media", day.toordinal(), number)
    chance = random.Random(key)
    hour = 11 + 2 * chance.random() if chance.random() < 0.45 else 21 + 2.5 * chance.random()
    published = datetime.combine(day, time(), UTC) + timedelta(seconds=int(hour * 3600))
    deleted = published + timedelta(hours=1 + int(24 * 20 * chance.random()))
    caption = chance.choice(_CAPTIONS[plan.language])
    if chance.random() < 0.12:
        caption = chance.choice(_NASTY_CAPTIONS)
    return Media(
        media_id=str((18_000_000_000_000_000 if key % 3 else 17_900_000_000_000_000) + key % 99_000_000_000_000),
        product_type=product,
        media_type=kind,
        published_at=published,
        caption="" if product == "STORY" else caption,
        shortcode="".join(_ALPHABET[(key >> (6 * place)) % 64] for place in range(10)) + "A",
        key=key,
        deleted_at=deleted if product != "STORY" and chance.random() < _DELETED_SHARE else None,
        hides_likes=chance.random() < _HIDDEN_LIKES_SHARE,
        children=2 + int(chance.random() * 8) if kind == "CAROUSEL_ALBUM" else 0,
        before_business=day < plan.business_from,
    )
