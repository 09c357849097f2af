"""The state of campaigns, ad groups and ads on a day, in each platform's words."""

from datetime import date

from sandbox.world.model import Ad, AdGroup, Campaign, Lifetime

META_STATUSES = (
    "ACTIVE", "PAUSED", "DELETED", "PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO",
    "CAMPAIGN_PAUSED", "ARCHIVED", "ADSET_PAUSED", "IN_PROCESS", "WITH_ISSUES",
)  # fmt: skip


def exists(lifetime: Lifetime, today: date) -> bool:
    """Whether the object has been set up by now."""
    return lifetime.created <= today


def meta_status(thing: Campaign | AdGroup | Ad, today: date) -> str:
    """``status`` (what its owner set) at Meta. A campaign past its end still says ACTIVE, an ad is switched off."""
    life = thing.lifetime
    if life.removed_by(today):
        return life.removal
    if isinstance(thing, Ad) and life.ended_before(today):
        return "PAUSED"
    if isinstance(thing, Campaign) and life.paused_on(today):
        return "PAUSED"
    return "ACTIVE"


def meta_effective_status(thing: Campaign | AdGroup | Ad, today: date) -> str:
    """``effective_status`` at Meta: a removed campaign's children inherit its end, a paused one's say so."""
    own = meta_status(thing, today)
    if isinstance(thing, Campaign) or own in ("DELETED", "ARCHIVED"):
        return own
    parent = meta_status(thing.campaign, today)
    if parent in ("DELETED", "ARCHIVED"):
        return parent
    if own == "ACTIVE" and parent == "PAUSED":
        return "CAMPAIGN_PAUSED"
    return own


def google_status(thing: Campaign | AdGroup | Ad, today: date) -> str:
    """``status`` at Google Ads; everything that was taken away is REMOVED."""
    return {"DELETED": "REMOVED", "ARCHIVED": "REMOVED", "PAUSED": "PAUSED"}.get(meta_status(thing, today), "ENABLED")
