"""What was changed in an account: change_event (each change) and change_status (the latest of every object)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.wire.gaql import Query
from sandbox.wire.google_errors import GoogleError
from sandbox.wire.google_fields import Field, Fields, Line, about
from sandbox.wire.google_objects import budget_id
from sandbox.wire.lifecycle import exists
from sandbox.world.history import budget_changes, modified_at
from sandbox.world.model import Account, Ad, AdGroup, Campaign
from sandbox.world.randomness import entity_key

# Resource -> the field that must be limited to a range, the days that it reaches back, the family of its errors.
CHANGE_RULES = {
    "change_event": ("change_event.change_date_time", 30, "changeEventError"),
    "change_status": ("change_status.last_change_date_time", 90, "changeStatusError"),
}
_MOST_ROWS = 10_000


@dataclass(frozen=True)
class Change:
    """One change of an object, by its platform type; ``operation`` ADDED, CHANGED or REMOVED."""

    at: datetime
    kind: str
    place: str
    operation: str


def check_changes(query: Query, today: date) -> None:
    """A finite, recent range and a LIMIT are required. Raises GoogleError."""
    field, days, family = CHANGE_RULES[query.resource]
    if query.limit is None:
        raise GoogleError(400, family, "LIMIT_NOT_SPECIFIED", "A limit must be specified in the query.")
    if query.limit > _MOST_ROWS:
        raise GoogleError(400, family, "INVALID_LIMIT_CLAUSE", f"The limit must not be above {_MOST_ROWS}.")
    lows, highs = [], []
    for condition in query.conditions:
        if condition.field == field and condition.operator == "BETWEEN":
            lows.append(condition.values[0])
            highs.append(condition.values[1])
        elif condition.field == field and condition.operator in (">", ">="):
            lows.append(condition.values[0])
        elif condition.field == field and condition.operator in ("<", "<="):
            highs.append(condition.values[0])
    if not lows or not highs:
        raise GoogleError(400, family, "CHANGE_DATE_RANGE_INFINITE", f"A finite range of {field} is required.")
    if max(lows) > min(highs):
        raise GoogleError(400, family, "CHANGE_DATE_RANGE_NEGATIVE", "The range ends before it begins.")
    if max(lows) < str(today - timedelta(days=days)):
        raise GoogleError(400, family, "START_DATE_TOO_OLD", f"The range must begin within the last {days} days.")


def changes(account: Account, as_of: datetime, *, each: bool) -> Iterator[Change]:
    """The latest change of every object, or ``each`` creation, removal and new budget; only such as have happened."""
    zone = ZoneInfo(account.timezone)
    today = as_of.astimezone(zone).date()

    def morning(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, 10, tzinfo=zone)

    things: list[tuple[str, str, Campaign | AdGroup | Ad]] = [
        *(("CAMPAIGN", f"campaigns/{c.campaign_id}", c) for c in account.campaigns),
        *(("AD_GROUP", f"adGroups/{g.ad_group_id}", g) for g in account.ad_groups),
        *(
            ("AD_GROUP_AD", f"adGroupAds/{a.ad_group.ad_group_id}~{a.ad_id}", a)
            for a in account.ads
            if a.ad_group is not None
        ),
    ]
    found: list[Change] = []
    for kind, place, thing in things:
        life = thing.lifetime
        if not exists(life, today):
            continue
        removed = morning(life.removed) if life.removed and life.removed_by(today) else None
        if not each:
            at = modified_at(account, thing, today)
            operation = "REMOVED" if removed else "ADDED" if at.date() == life.created else "CHANGED"
            found.append(Change(removed or at, kind, place, operation))
            continue
        found.append(Change(morning(life.created), kind, place, "ADDED"))
        if removed:
            found.append(Change(removed, kind, place, "REMOVED"))
        if kind == "CAMPAIGN":
            campaign = account.campaign_by_id[place.rpartition("/")[2]]
            budget = f"campaignBudgets/{budget_id(campaign)}"
            found += [
                Change(morning(day), "CAMPAIGN_BUDGET", budget, "CHANGED") for day, _ in budget_changes(campaign, today)
            ]
    yield from sorted((change for change in found if change.at <= as_of), key=lambda change: (change.at, change.place))


def _local_time(change: Change) -> str:
    return change.at.strftime("%Y-%m-%d %H:%M:%S.%f")


def _of_object(kind: str) -> Field:
    def make(line: Line) -> str | None:
        change = line.thing
        return f"{line.customer}/{change.place}" if isinstance(change, Change) and change.kind == kind else None

    return Field("RESOURCE_NAME", make)


_OPERATIONS = {"ADDED": "CREATE", "CHANGED": "UPDATE", "REMOVED": "REMOVE"}
CHANGE_STATUS: Fields = about(lambda line: line.thing, "change_status", {
    "resource_name": (
        "RESOURCE_NAME",
        lambda c, line: f"{line.customer}/changeStatus/{int(c.at.timestamp())}-{c.kind}-{c.place.rpartition('/')[2]}",
    ),
    "last_change_date_time": ("STRING", lambda c, line: _local_time(c)),
    "resource_type": ("ENUM", lambda c, line: c.kind),
    "resource_status": ("ENUM", lambda c, line: c.operation),
}) | {
    "change_status.campaign": _of_object("CAMPAIGN"),
    "change_status.ad_group": _of_object("AD_GROUP"),
    "change_status.ad_group_ad": _of_object("AD_GROUP_AD"),
    "change_status.ad_group_criterion": _of_object("AD_GROUP_CRITERION"),
    "change_status.campaign_criterion": _of_object("CAMPAIGN_CRITERION"),
    "change_status.campaign_budget": _of_object("CAMPAIGN_BUDGET"),
}  # fmt: skip
CHANGE_EVENT: Fields = about(lambda line: line.thing, "change_event", {
    "resource_name": (
        "RESOURCE_NAME",
        lambda c, line: f"{line.customer}/changeEvents/{int(c.at.timestamp() * 10**6)}~1~{entity_key(c.place) % 1000}",
    ),
    "change_date_time": ("STRING", lambda c, line: _local_time(c)),
    "change_resource_type": ("ENUM", lambda c, line: c.kind),
    "change_resource_name": ("STRING", lambda c, line: f"{line.customer}/{c.place}"),
    "client_type": ("ENUM", lambda c, line: "GOOGLE_ADS_WEB_CLIENT"),
    "user_email": ("STRING", lambda c, line: "media@agency.example"),
    "resource_change_operation": ("ENUM", lambda c, line: _OPERATIONS[c.operation]),
    "changed_fields": ("MESSAGE", lambda c, line: "amountMicros" if c.kind == "CAMPAIGN_BUDGET" else None),
}) | {
    "change_event.campaign": _of_object("CAMPAIGN"),
    "change_event.ad_group": _of_object("AD_GROUP"),
}  # fmt: skip
