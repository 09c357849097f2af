"""Which objects exist and in what state, in each platform's words; told from the world's lifetimes alone."""

from collections.abc import Callable
from datetime import date

from sandbox.world.model import Account, Ad, AdGroup, Campaign, Lifetime

Thing = Campaign | AdGroup | Ad


def _own_state(thing: Thing, today: date) -> str:
    life: Lifetime = thing.lifetime
    if life.removed is not None and today >= life.removed:
        return life.removal
    if isinstance(thing, Ad) and life.end is not None and today > life.end:
        return "PAUSED"
    if isinstance(thing, Campaign) and any(first <= today <= last for first, last in life.pauses):
        return "PAUSED"
    return "ACTIVE"


def _at_meta(thing: Thing, today: date) -> str:
    own = _own_state(thing, today)
    above = own if isinstance(thing, Campaign) else _own_state(thing.campaign, today)
    if own in ("DELETED", "ARCHIVED"):
        return own
    if above in ("DELETED", "ARCHIVED"):
        return above
    return "CAMPAIGN_PAUSED" if own == "ACTIVE" and above == "PAUSED" else own


def _at_google(thing: Thing, today: date) -> str:
    own = _own_state(thing, today)
    return {"ACTIVE": "ENABLED", "PAUSED": "PAUSED"}.get(own, "REMOVED")


_STATE: dict[str, Callable[[Thing, date], str]] = {"meta_ads": _at_meta, "google_ads": _at_google}


def state_of(account: Account, thing: Thing, today: date) -> str:
    """The status that the platform shows of a thing on a day."""
    return _STATE[account.platform](thing, today)


def entities_of(account: Account, kind: str, today: date) -> dict[str, str]:
    """Status by id of everything that has been set up by ``today``. A Google ad's id is ``ad_group~ad``.

    Performance Max has no ads: what carries its figures in the world is none.
    """
    kinds: dict[str, tuple[Thing, ...]] = {
        "campaign": account.campaigns,
        "ad_group": account.ad_groups,
        "ad": tuple(ad for ad in account.ads if ad.ad_group is not None),
    }
    return {
        _id(account, thing): state_of(account, thing, today) for thing in kinds[kind] if thing.lifetime.created <= today
    }


def _id(account: Account, thing: Thing) -> str:
    if isinstance(thing, Campaign):
        return thing.campaign_id
    if isinstance(thing, AdGroup):
        return thing.ad_group_id
    if account.platform == "google_ads" and thing.ad_group is not None:
        return f"{thing.ad_group.ad_group_id}~{thing.ad_id}"
    return thing.ad_id
