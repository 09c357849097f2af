"""Which objects exist and in what state, in each platform's words; told from the world's lifetimes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sandbox.wire.tiktok_objects import Advertiser
from sandbox.world.model import Account, Ad, AdGroup, Campaign, Lifetime

Thing = Campaign | AdGroup | Ad
TOP_VIEW, SMART_PLUS_AD = "TOP_VIEW", "SMART_PLUS_AD"
REMOVED_CREATIVE, OF_REMOVED_CAMPAIGN = "REMOVED_CREATIVE", "OF_REMOVED_CAMPAIGN"


@dataclass(frozen=True)
class Entity:
    """An object's status in the platform's words and what else decides whether a list or a report shows it."""

    status: str
    traits: frozenset[str]


def _own_state(thing: Thing, today: date) -> str:
    life: Lifetime = thing.lifetime
    if life.removed is not None and today >= life.removed:
        return life.removal
    if isinstance(thing, Ad) and _ended(thing, today):
        return "PAUSED"
    if isinstance(thing, Campaign) and any(first <= today <= last for first, last in life.pauses):
        return "PAUSED"
    return "ACTIVE"


def _ended(thing: Thing, today: date) -> bool:
    return thing.lifetime.end is not None and today > thing.lifetime.end


def _at_meta(thing: Thing, today: date) -> str:
    own = _own_state(thing, today)
    above = own if isinstance(thing, Campaign) else _own_state(thing.campaign, today)
    if own in ("DELETED", "ARCHIVED"):
        return own
    if above in ("DELETED", "ARCHIVED"):
        return above
    return "CAMPAIGN_PAUSED" if own == "ACTIVE" and above == "PAUSED" else own


def _at_google(thing: Thing, today: date) -> str:
    return {"ACTIVE": "ENABLED", "PAUSED": "PAUSED"}.get(_own_state(thing, today), "REMOVED")


def _at_tiktok(thing: Thing, today: date) -> str:
    """``secondary_status``: the campaign's reason before the object's own."""
    words = {"DELETED": "DELETE", "ARCHIVED": "DELETE", "PAUSED": "DISABLE"}
    own, prefix = words.get(_own_state(thing, today)), {Campaign: "CAMPAIGN", AdGroup: "ADGROUP", Ad: "AD"}[type(thing)]
    if isinstance(thing, Campaign):
        return f"CAMPAIGN_STATUS_{own or 'ENABLE'}"
    above = words.get(_own_state(thing.campaign, today))
    for reason in ("DELETE", "DISABLE"):
        if above == reason:
            return f"{prefix}_STATUS_CAMPAIGN_{reason}"
        if own == reason:
            return f"{prefix}_STATUS_{reason}"
    return f"{prefix}_STATUS_DELIVERY_OK"


def _at_linkedin(thing: Thing, today: date) -> str:
    own = _own_state(thing, today)
    if isinstance(thing, AdGroup) and own == "ACTIVE" and _ended(thing, today):
        return "COMPLETED"
    return "REMOVED" if own == "DELETED" else own


_STATUS: dict[str, Callable[[Thing, date], str]] = {
    "meta_ads": _at_meta, "google_ads": _at_google, "tiktok_ads": _at_tiktok, "linkedin_ads": _at_linkedin,
}  # fmt: skip


def entities_of(account: Account, kind: str, today: date) -> dict[str, Entity]:
    """By id everything that has been set up by ``today``. A Google ad's id is ``ad_group~ad``.

    Performance Max has no ads: what carries its figures in the world is none.
    """
    kinds: dict[str, tuple[Thing, ...]] = {
        "campaign": account.campaigns,
        "ad_group": account.ad_groups,
        "ad": tuple(ad for ad in account.ads if ad.ad_group is not None),
    }
    found = {}
    for thing in kinds[kind]:
        if thing.lifetime.created <= today:
            status = _STATUS[account.platform](thing, today)
            found[_id(account, thing)] = Entity(status, _traits(account, thing, status, today))
    return found


def _traits(account: Account, thing: Thing, status: str, today: date) -> frozenset[str]:
    """The status, and what the ordinary lists of TikTok and LinkedIn leave out."""
    traits = {status}
    if account.platform == "tiktok_ads":
        own = (thing if isinstance(thing, Campaign) else thing.campaign).campaign_id
        advertiser = Advertiser(account, today)
        traits |= {TOP_VIEW} if own in advertiser.top_view else set()
        traits |= {SMART_PLUS_AD} if isinstance(thing, Ad) and own in advertiser.smart_plus else set()
    if account.platform == "linkedin_ads":
        campaign = thing.ad_group if isinstance(thing, Ad) else thing
        gone = isinstance(campaign, AdGroup) and _at_linkedin(campaign, today) == "REMOVED"
        traits |= {OF_REMOVED_CAMPAIGN} if gone else set()
        traits |= {REMOVED_CREATIVE} if isinstance(thing, Ad) and status == "REMOVED" else set()
    return frozenset(traits)


def _id(account: Account, thing: Thing) -> str:
    if isinstance(thing, Campaign):
        return thing.campaign_id
    if isinstance(thing, AdGroup):
        return thing.ad_group_id
    if account.platform == "google_ads" and thing.ad_group is not None:
        return f"{thing.ad_group.ad_group_id}~{thing.ad_id}"
    return thing.ad_id
