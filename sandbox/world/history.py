"""What people change about campaigns, ad groups and ads in their lifetime: names, budgets, creatives.

The objects of an account are as they were set up. ``on_day`` gives them as they are on a day.
"""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sandbox.world.model import MICROS, Account, Ad, AdGroup, Campaign
from sandbox.world.randomness import entity_key

Thing = TypeVar("Thing", Campaign, AdGroup, Ad)

# A budget is looked at every so many days, and changed then in one case of three.
_REVIEW_DAYS = 21
_BUDGET_STEPS = (0.8, 0.9, 1.1, 1.2, 1.25)
_RENAMED_SHARE = 0.25
_NEW_CREATIVE_SHARE = 0.2
_RENAMED_AFTER_DAYS, _NEW_CREATIVE_AFTER_DAYS = (5, 40), (6, 25)


def _day_of(key: int, what: str, share: float, start: date, after: tuple[int, int]) -> date | None:
    """The day on which something happens to an object once, if it does."""
    if not key or entity_key(key, what) % 1000 >= share * 1000:
        return None
    least, most = after
    return start + timedelta(days=least + entity_key(key, what, "day") % (most - least))


def renamed_on(thing: Campaign | AdGroup | Ad) -> date | None:
    """Day from which the object has another name; None for most."""
    return _day_of(thing.key, "renamed", _RENAMED_SHARE, thing.lifetime.start, _RENAMED_AFTER_DAYS)


def budget_changes(campaign: Campaign, day: date) -> list[tuple[date, int]]:
    """Days up to ``day`` on which the campaign's budget was changed, with the new one in micros, oldest first."""
    changes, budget = [], campaign.daily_budget_micros
    last = min(day, campaign.lifetime.end or day)
    reviews = max(0, (last - campaign.lifetime.start).days) // _REVIEW_DAYS
    for number in range(1, reviews + 1):
        draw = entity_key(campaign.key, "budget-review", number)
        if campaign.key and draw % 3 == 0:
            step = _BUDGET_STEPS[draw // 3 % len(_BUDGET_STEPS)]
            budget = max(1, round(budget * step / MICROS)) * MICROS
            changes.append((campaign.lifetime.start + timedelta(days=_REVIEW_DAYS * number), budget))
    return changes


def creative_version(ad: Ad, day: date | None) -> int:
    """0 for the first creative, 1 from the day on which the ad got another one."""
    changed = _creative_day(ad)
    return int(day is not None and changed is not None and day >= changed)


def _creative_day(ad: Ad) -> date | None:
    return _day_of(ad.key, "new-creative", _NEW_CREATIVE_SHARE, ad.lifetime.start, _NEW_CREATIVE_AFTER_DAYS)


def on_day(thing: Thing, day: date) -> Thing:
    """The object with the name (and the budget) that it has on a day. What hangs on it stays as it was set up."""
    changes: dict[str, Any] = {}
    renamed = renamed_on(thing)
    if renamed is not None and day >= renamed:
        changes["name"] = f"{thing.name} | v2"
    if isinstance(thing, Campaign) and (budgets := budget_changes(thing, day)):
        changes["daily_budget_micros"] = budgets[-1][1]
    return replace(thing, **changes)


def modified_day(thing: Campaign | AdGroup | Ad, day: date) -> date:
    """The latest day up to ``day`` on which anything about the object changed; at first the day it was set up."""
    life = thing.lifetime
    days = [life.created, renamed_on(thing), life.removed]
    days += [edge for first, last in life.pauses for edge in (first, last + timedelta(days=1))]
    if isinstance(thing, Campaign):
        days += [changed for changed, _ in budget_changes(thing, day)]
    if isinstance(thing, Ad):
        days.append(_creative_day(thing))
        days.append(life.end + timedelta(days=1) if life.end else None)
    return max(known for known in days if known is not None and (known <= day or known == life.created))


def modified_at(account: Account, thing: Campaign | AdGroup | Ad, day: date) -> datetime:
    """The change of ``modified_day`` as an instant: ten in the morning, in the account's zone."""
    return datetime.combine(modified_day(thing, day), time(10), ZoneInfo(account.timezone))
