"""Which objects an edge shows: those that its filters ask for, without any neither archived nor deleted ones."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import orjson

from sandbox.wire.lifecycle import exists, meta_effective_status
from sandbox.wire.meta_errors import invalid_parameter
from sandbox.wire.meta_objects import View
from sandbox.world.history import modified_at
from sandbox.world.model import Ad, AdGroup, Campaign

Child = TypeVar("Child", Campaign, AdGroup, Ad)

_HIDDEN = ("ARCHIVED", "DELETED")
# The words of the delivery filter that stand for a state of this world; the others match nothing.
_DELIVERY = {
    "active": ("ACTIVE",), "inactive": ("PAUSED", "CAMPAIGN_PAUSED", "ADSET_PAUSED"), "archived": ("ARCHIVED",),
    "deleted": ("DELETED",), "permanently_deleted": ("DELETED",),
}  # fmt: skip


def listed(things: Sequence[Child], view: View, scope: str, parameters: Mapping[str, str]) -> list[Child]:
    """The objects that exist by now and fit the filters."""
    asked, after = _statuses_asked(parameters, scope), _updated_after(parameters, scope)
    shown: list[Child] = []
    for thing in things:
        if not exists(thing.lifetime, view.today):
            continue
        if after is not None and modified_at(view.account, thing, view.today).timestamp() <= after:
            continue
        status = meta_effective_status(thing, view.today)
        if (status in asked) if asked is not None else (status not in _HIDDEN):
            shown.append(thing)
    return shown


def _statuses_asked(parameters: Mapping[str, str], scope: str) -> set[str] | None:
    """Statuses that an edge call asks for; None without a status filter."""
    if text := parameters.get("effective_status"):
        statuses = {str(status) for status in orjson.loads(text)}
        if "DELETED" in statuses:
            raise invalid_parameter("Param effective_status: DELETED objects cannot be listed, read them by their id")
        return statuses
    asked: set[str] | None = None
    for condition in orjson.loads(parameters.get("filtering") or "[]"):
        field, values = str(condition.get("field", "")), condition.get("value")
        if field == f"{scope}.delivery_info":
            statuses = {status for word in values for status in _DELIVERY.get(str(word), ())}
        elif field in (f"{scope}.effective_status", "effective_status"):
            statuses = {str(status) for status in values}
        elif field == f"{scope}.updated_time":
            continue
        else:
            raise invalid_parameter(f"Filtering field {field} is not supported here")
        asked = statuses if asked is None else asked & statuses
    return asked


def _updated_after(parameters: Mapping[str, str], scope: str) -> float | None:
    """The epoch second of a filter on ``updated_time``: connectors ask only for what has changed since."""
    for condition in orjson.loads(parameters.get("filtering") or "[]"):
        if condition.get("field") == f"{scope}.updated_time":
            if condition.get("operator") != "GREATER_THAN":
                raise invalid_parameter("updated_time is served with the operator GREATER_THAN alone")
            return float(condition["value"])
    return None
