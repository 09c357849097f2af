"""Meta insights: a report request, checked as the Graph API checks it, and the rows of an account that it concerns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson

from sandbox.wire.lifecycle import META_STATUSES, meta_effective_status
from sandbox.wire.meta_actions import ACTION_BREAKDOWNS, ATTRIBUTION_WINDOWS
from sandbox.wire.meta_breakdowns import allowed
from sandbox.wire.meta_errors import invalid_parameter, too_old
from sandbox.wire.meta_objects import split_fields
from sandbox.world.figures import FigureTable, Level, object_id
from sandbox.world.model import Account, Ad, AdGroup, Campaign

LEVELS: dict[str, Level] = {"account": "account", "campaign": "campaign", "adset": "ad_group", "ad": "ad"}
_SCOPES = {"campaign": "campaign", "adset": "ad_group", "ad": "ad"}
_DEFAULT_FIELDS = "account_id,campaign_id,impressions,spend"
_MONTHS_KEPT, _MONTHS_OF_UNIQUES_KEPT = 37, 13
# Figures about different people; with breakdowns they are left out of old answers without a word.
_UNIQUES = frozenset({"reach", "frequency", "cpp", "unique_clicks"})


@dataclass(frozen=True)
class InsightsQuery:
    """A checked report request. ``parent`` narrows to one campaign, ad set or ad; ``increment`` 0 = whole range.

    withheld: fields asked for that the platform leaves out without saying so.
    """

    level: str
    since: date
    until: date
    fields: tuple[str, ...]
    increment: int | str = 0
    parent: tuple[str, str] | None = None
    filtering: tuple[dict[str, Any], ...] = ()
    windows: tuple[str, ...] = ()
    breakdowns: tuple[str, ...] = ()
    action_breakdowns: tuple[str, ...] = ()
    withheld: frozenset[str] = frozenset()

    @property
    def world_level(self) -> Level:
        return LEVELS[self.level]

    @property
    def names_windows(self) -> bool:
        """Whether windows are named instead of each ad set's own setting."""
        return bool(self.windows) and "default" not in self.windows

    @property
    def report(self) -> str:
        """Level and breakdowns in one word, for faults and the serve log: campaign, campaign/age/gender."""
        return "/".join((self.level, *self.breakdowns))


def parse_query(
    parameters: Mapping[str, str],
    today: date,
    default_level: str,
    parent: tuple[str, str] | None,
    *,
    enforces_retention: bool = True,
) -> InsightsQuery:
    """Check a request's parameters. Raises MetaError as the Graph API answers."""
    level = parameters.get("level") or default_level
    if level not in LEVELS:
        raise invalid_parameter(f"level must be one of the following values: {', '.join(LEVELS)}")
    since, until = _range(parameters, today)
    if since > until:
        raise invalid_parameter("time_range: since must not be after until")
    if enforces_retention and since < months_before(today, _MONTHS_KEPT):
        raise too_old()
    breakdowns = _names(parameters, "breakdowns")
    if not allowed(breakdowns):
        raise invalid_parameter(f"Current combination of data breakdown columns ({', '.join(breakdowns)}) is invalid")
    fields = tuple(split_fields(parameters.get("fields") or _DEFAULT_FIELDS))
    old = enforces_retention and since < months_before(today, _MONTHS_OF_UNIQUES_KEPT)
    return InsightsQuery(
        level, since, until, fields, _increment(parameters.get("time_increment") or "all_days"), parent,
        tuple(orjson.loads(parameters.get("filtering") or "[]")),
        _known(parameters, "action_attribution_windows", ATTRIBUTION_WINDOWS), breakdowns,
        _known(parameters, "action_breakdowns", ACTION_BREAKDOWNS), _UNIQUES if breakdowns and old else frozenset(),
    )  # fmt: skip


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last day of that month."""
    count = day.year * 12 + day.month - 1 - months
    first = date(count // 12, count % 12 + 1, 1)
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def _names(parameters: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(split_fields(parameters.get(name) or ""))


def _known(parameters: Mapping[str, str], name: str, known: frozenset[str]) -> tuple[str, ...]:
    names = _names(parameters, name)
    if unknown := [each for each in names if each not in known]:
        raise invalid_parameter(f"{name}: {', '.join(unknown)} must be one of the following values: {sorted(known)}")
    return names


def _increment(text: str) -> int | str:
    if text in ("all_days", "monthly"):
        return 0 if text == "all_days" else text
    if text.isdigit() and 1 <= int(text) <= 90:
        return int(text)
    raise invalid_parameter("time_increment must be all_days, monthly or a number from 1 to 90")


def _range(parameters: Mapping[str, str], today: date) -> tuple[date, date]:
    yesterday = today - timedelta(days=1)
    if text := parameters.get("time_ranges"):
        return _one_range(text)
    if text := parameters.get("time_range"):
        try:
            asked = orjson.loads(text)
            return date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"])
        except (ValueError, KeyError, TypeError) as error:
            raise invalid_parameter("time_range must be an object with since and until as YYYY-MM-DD") from error
    preset = parameters.get("date_preset") or "last_30d"
    spans = {"last_3d": 3, "last_7d": 7, "last_14d": 14, "last_28d": 28, "last_30d": 30, "last_90d": 90}
    if preset in spans:
        return yesterday - timedelta(days=spans[preset] - 1), yesterday
    single = {"today": (today, today), "yesterday": (yesterday, yesterday), "this_month": (today.replace(day=1), today),
              "maximum": (months_before(today, _MONTHS_KEPT), today)}  # fmt: skip
    if preset not in single:
        raise invalid_parameter(f"date_preset {preset} is not a valid value")
    return single[preset]


def _one_range(text: str) -> tuple[date, date]:
    """``time_ranges`` with one member, as singer's tap sends it; several are not served here."""
    try:
        (asked,) = orjson.loads(text)
        return date.fromisoformat(asked["since"]), date.fromisoformat(asked["until"])
    except (ValueError, KeyError, TypeError) as error:
        raise invalid_parameter("time_ranges must be a list of one object with since and until") from error


def narrowing(query: InsightsQuery, account: Account, today: date) -> Callable[[FigureTable], FigureTable]:
    """What of the account's rows the request wants: its parent's, and the statuses it names.

    Reading the account at a lower level leaves out deleted objects unless a status filter names them; reading a
    campaign or ad set shows all of its children.
    """
    steps: list[Callable[[FigureTable], FigureTable]] = []
    level = query.world_level
    status_asked = False
    for condition in query.filtering:
        scope, _, attribute = str(condition.get("field", "")).partition(".")
        if scope not in _SCOPES or (attribute == "effective_status" and scope != query.level):
            raise invalid_parameter(f"Filtering field {condition.get('field')} is not supported at level {query.level}")
        values = condition.get("value")
        wanted = {str(value) for value in values} if isinstance(values, list) else {str(values)}
        if attribute == "effective_status":
            status_asked = True
            if unknown := wanted - set(META_STATUSES):
                raise invalid_parameter(f"effective_status has no value {', '.join(sorted(unknown))}")
            hidden = [i for i, thing in _things(account, level) if meta_effective_status(thing, today) not in wanted]
            steps.append(lambda table, hidden=frozenset(hidden): table.without(hidden))  # type: ignore[misc]
        elif attribute == "id":
            steps.append(_only(_SCOPES[scope], wanted))
        else:
            raise invalid_parameter(f"Filtering field {condition.get('field')} is not supported")
    if query.parent:
        steps.append(_only(_SCOPES[query.parent[0]], {query.parent[1]}))
    elif not status_asked and level != "account":
        deleted = frozenset(
            i for i, thing in _things(account, level) if meta_effective_status(thing, today) == "DELETED"
        )
        steps.append(lambda table: table.without(deleted))

    def narrow(table: FigureTable) -> FigureTable:
        for step in steps:
            table = step(table)
        return table

    return narrow


def _only(level: str, wanted: set[str]) -> Callable[[FigureTable], FigureTable]:
    return lambda table: table.where(lambda row: object_id(level, row) in wanted)  # type: ignore[arg-type]


def _things(account: Account, level: Level) -> list[tuple[str, Campaign | AdGroup | Ad]]:
    if level == "campaign":
        return [(campaign.campaign_id, campaign) for campaign in account.campaigns]
    if level == "ad_group":
        return [(group.ad_group_id, group) for group in account.ad_groups]
    return [(ad.ad_id, ad) for ad in account.ads]
