"""What stands behind ads and ad groups: creatives with destination URLs, keywords, targeting, conversion actions.

All of it follows from the object's key. Ids have the platform's shape.
"""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode

from sandbox.world.history import creative_version
from sandbox.world.model import Account, Ad, AdGroup, Platform
from sandbox.world.randomness import entity_key

T = TypeVar("T")

_SITES = ("https://www.example.com/oferta", "https://shop.example.com/p/tenis-run?cor=azul", "https://example.com/")
_TITLES = ("Frete grátis hoje", "Ends Sunday", "Escápate ya", 'O "clássico" voltou', "50% OFF & mais", "")
_BODIES = ("Compre agora e receba amanhã.", "Made for the trail.\nFree returns.", "Reserva sin gastos 🌍", "Conheça já")
_CALLS = ("SHOP_NOW", "LEARN_MORE", "SIGN_UP", "BOOK_NOW")
# How each platform writes its placeholders in URL parameters.
_URL_TEMPLATES: dict[Platform, str] = {
    "meta_ads": "utm_source=facebook&utm_medium=paid_social&utm_campaign={{campaign.name}}&utm_content={{ad.name}}",
    "google_ads": "utm_source=google&utm_medium=cpc&utm_campaign={campaignid}&utm_content={creative}",
    "tiktok_ads": "utm_source=tiktok&utm_medium=paid_social&utm_campaign=__CAMPAIGN_NAME__&utm_content=__CID__",
    "linkedin_ads": "utm_source=linkedin&utm_medium=paid_social&utm_campaign={{CAMPAIGN_NAME}}",
}
_SOURCES = {"meta_ads": "facebook", "google_ads": "google", "tiktok_ads": "tiktok", "linkedin_ads": "linkedin"}
_WITHOUT_UTM_SHARE = 0.12
_KEYWORDS = (
    "comprar tênis", "running shoes", "vuelos baratos", "clínica de estética", "trail backpack", "hotel canarias",
    "vestido midi", "botox preço", "hiking boots", "escapada fin de semana", "black friday", "dentista perto de mim",
)  # fmt: skip
_TERM_ENDINGS = ("", " online", " barato", " near me", " 2026", " opiniões", ' "oficial"', " é bom?")
_MATCH_TYPES = ("EXACT", "PHRASE", "BROAD")
_INTERESTS = ("Running", "Moda", "Viajes", "Outdoor", "Beleza", "Small business")


@dataclass(frozen=True)
class Creative:
    """What an ad shows. ``url``: destination with its UTM parameters; ``url_template``: the parameters with the
    platform's own placeholders, empty where nobody set any. One of image_id and video_id is empty."""

    creative_id: str
    name: str
    title: str
    body: str
    url: str
    url_template: str
    call_to_action: str
    image_id: str
    video_id: str

    @property
    def base_url(self) -> str:
        """The destination without UTM parameters."""
        return self.url.partition("utm_source=")[0].rstrip("?&")


@dataclass(frozen=True)
class Keyword:
    """A keyword of a search ad group; ``search_terms``: what people typed."""

    criterion_id: str
    text: str
    match_type: str
    status: str
    search_terms: tuple[str, ...]


@dataclass(frozen=True)
class Targeting:
    """Whom an ad group addresses. ``countries`` ISO alpha-2, ``genders`` empty for all."""

    countries: tuple[str, ...]
    age_min: int
    age_max: int
    genders: tuple[str, ...]
    languages: tuple[str, ...]
    interests: tuple[str, ...]


@dataclass(frozen=True)
class ConversionAction:
    """An event that an account counts. Only ``primary`` ones are in ``conversions``. Windows in days.

    ``category``: Google's word; ``event``: the name of the event at Meta, TikTok and LinkedIn.
    """

    action_id: str
    name: str
    category: str
    event: str
    primary: bool
    share: float
    click_window_days: int
    view_window_days: int


def _pick(options: tuple[T, ...], *place: object) -> T:
    return options[entity_key(*place) % len(options)]


def _chance(*place: object) -> float:
    return float(entity_key(*place) % 10**9) / 1e9


def creative_of(ad: Ad, day: date | None = None) -> Creative:
    """The ad's creative, on a day where it matters: some ads get another one in mid-life. A recorded ad has none."""
    platform = ad.campaign.platform
    if not ad.key:
        return Creative("", "", "", "", "", "", "", "", "")
    key = entity_key(ad.key, "creative", creative_version(ad, day))
    template = "" if _chance(key, "utm") < _WITHOUT_UTM_SHARE else _URL_TEMPLATES[platform]
    url = _pick(_SITES, key, "site")
    if template:
        medium = "cpc" if platform == "google_ads" else "paid_social"
        names = {"utm_source": _SOURCES[platform], "utm_medium": medium, "utm_campaign": ad.campaign.name}
        url += ("&" if "?" in url else "?") + urlencode(names | {"utm_content": ad.name})
    video = platform == "tiktok_ads" or _chance(key, "video") < 0.45
    return Creative(
        creative_id=_creative_id(platform, key),
        name=f"{ad.name} - creative",
        title=_pick(_TITLES, key, "title"),
        body=_pick(_BODIES, key, "body"),
        url=url,
        url_template=template,
        call_to_action=_pick(_CALLS, key, "call"),
        image_id="" if video else f"{entity_key(key, 'image'):016x}" * 2,
        video_id=_video_id(platform, key) if video else "",
    )


def _creative_id(platform: Platform, key: int) -> str:
    low = {"meta_ads": 1_203_000_000_000_000_00, "tiktok_ads": 1_700_000_000_000_000}.get(platform, 700_000_000)
    return str(low + key % (low // 100 or 1))


def _video_id(platform: Platform, key: int) -> str:
    if platform == "tiktok_ads":
        return f"v10033g50000c{entity_key(key, 'video'):016x}"
    return str(700_000_000_000_000 + entity_key(key, "video") % 99_000_000_000_000)


def keywords_of(ad_group: AdGroup) -> tuple[Keyword, ...]:
    """Keywords of a Google search ad group; others have none. Criterion ids are unique within the group only."""
    if ad_group.campaign.platform != "google_ads" or ad_group.campaign.kind != "SEARCH" or not ad_group.key:
        return ()
    count = 3 + entity_key(ad_group.key, "keywords") % 4
    first = entity_key(ad_group.key, "keyword") % len(_KEYWORDS)
    return tuple(_keyword(ad_group, number, _KEYWORDS[(first + number) % len(_KEYWORDS)]) for number in range(count))


def _keyword(ad_group: AdGroup, number: int, text: str) -> Keyword:
    endings = [_TERM_ENDINGS[(entity_key(ad_group.key, number) + place) % len(_TERM_ENDINGS)] for place in range(3)]
    status = "REMOVED" if _chance(ad_group.key, number, "status") < 0.08 else "ENABLED"
    match_type = _pick(_MATCH_TYPES, ad_group.key, number, "match")
    # The same keyword has the same criterion id in every ad group.
    criterion = 10_000_000_000 + entity_key("criterion", text, match_type) % 10**11
    return Keyword(str(criterion), text, match_type, status, tuple(dict.fromkeys(text + end for end in endings)))


def targeting_of(ad_group: AdGroup) -> Targeting:
    """Whom the ad group addresses: its own country mostly. Nobody is known of a recorded one."""
    key, home = ad_group.key, ad_group.campaign.country
    if not key:
        return Targeting((), 18, 65, (), (), ())
    genders: tuple[str, ...] = _pick(((), (), (), ("female",), ("male",)), key, "genders")
    return Targeting(
        countries=(home, "US") if _chance(key, "abroad") < 0.1 and home != "US" else (home,),
        age_min=_pick((18, 18, 25, 35), key, "youngest"),
        age_max=_pick((45, 54, 65, 65), key, "oldest"),
        genders=genders,
        languages=(LANGUAGES.get(home, "en"),),
        interests=tuple(sorted({_pick(_INTERESTS, key, "interest", number) for number in range(2)})),
    )


LANGUAGES = {"BR": "pt", "US": "en", "GB": "en", "ES": "es", "CL": "es", "JP": "ja"}
_PURCHASES = (
    ("Purchase", "PURCHASE", "complete_payment", True, 0.85),
    ("Compra por telefone", "PHONE_CALL_LEAD", "phone_purchase", True, 0.15),
    ("Add to cart", "ADD_TO_CART", "add_to_cart", False, 0.7),
    ("Begin checkout", "BEGIN_CHECKOUT", "initiate_checkout", False, 0.3),
)
_LEADS = (
    ("Lead form", "SUBMIT_LEAD_FORM", "form", True, 0.8),
    ("WhatsApp \u201ccontato\u201d", "CONTACT", "contact", True, 0.2),
    ("Page view: prices", "PAGE_VIEW", "page_view", False, 1.0),
)
_WINDOWS = {"meta_ads": (7, 1), "google_ads": (30, 1), "tiktok_ads": (7, 1), "linkedin_ads": (30, 7)}


def conversion_actions_of(account: Account) -> tuple[ConversionAction, ...]:
    """The events of the account; shares add up to 1 among the primary and among the other ones. None are recorded."""
    if account.recorded:
        return ()
    rows = _LEADS if account.goal == "lead" else _PURCHASES
    click, view = _WINDOWS.get(account.platform, (7, 1))
    low = 10**7 if account.platform == "linkedin_ads" else 10**9
    return tuple(
        ConversionAction(
            str(low + entity_key(account.key, "action", name) % low), name, category, event, primary, share, click, view
        )
        for name, category, event, primary, share in rows
    )
