"""LinkedIn's finders: what each list may be asked, what it shows, and its two ways of paging."""

import base64
import binascii
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.wire.linkedin_errors import invalid_parameter, missing_parameter, unknown_parameter
from sandbox.wire.linkedin_restli import Value, word, words

Wire = dict[str, Any]

DEFAULT_PAGE = 100
BIGGEST_PAGE, BIGGEST_CREATIVE_PAGE = 1000, 100
DEFAULT_COUNT = 10
STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "COMPLETED", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED")
# Lists leave these out unless they are asked for by name.
HIDDEN = frozenset({"REMOVED", "PENDING_DELETION"})
_PAGING = frozenset({"q", "fields", "sortOrder", "pageSize", "pageToken"})
_SEARCHED = {
    "adAccounts": frozenset({"id", "status", "type", "test", "reference", "name"}),
    "adCampaignGroups": frozenset({"id", "status", "name", "test"}),
    "adCampaigns": frozenset({"id", "status", "name", "type", "campaignGroup", "test", "associatedEntity"}),
}
_STATUSES_OF = {
    "adAccounts": frozenset({"ACTIVE", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED"}),
    "adCampaignGroups": frozenset(STATUSES) - {"COMPLETED"},
    "adCampaigns": frozenset(STATUSES),
    "creatives": frozenset(STATUSES) - {"COMPLETED"},
}


@dataclass(frozen=True)
class Question:
    """A request for a list: its resource, its parameters, and an address without a query."""

    resource: str
    parameters: Mapping[str, Value]
    path: str
    lenient: bool = False

    def finder(self, *names: str) -> str:
        """The finder asked for. Raises LinkedInError where it is none of ``names``."""
        name = word(self.parameters.get("q", ""))
        if name not in names:
            raise missing_parameter("q") if not name else invalid_parameter(f"{self.resource} has no finder {name}")
        return name

    def permit(self, names: Collection[str]) -> None:
        """Refuse parameters that the finder does not know."""
        unknown = sorted(set(self.parameters) - set(names) - {"fields"})
        if unknown and not self.lenient:
            raise unknown_parameter(unknown[0])

    def number(self, name: str, default: int, least: int, most: int) -> int:
        text = word(self.parameters.get(name, str(default)))
        if not text.isdigit() or not least <= int(text) <= most:
            raise invalid_parameter(f"Invalid value for param; wrong type or range. Parameter '{name}': {text}")
        return int(text)


def searched(question: Question, things: Sequence[Wire]) -> list[Wire]:
    """What q=search of accounts, campaign groups or campaigns finds."""
    question.finder("search")
    # Old clients still count pages by start; tokens replaced that.
    question.permit(_PAGING | {"search"})
    search = question.parameters.get("search", {})
    if not isinstance(search, dict):
        raise invalid_parameter("Invalid param. Parameter 'search'")
    tests: list[Callable[[Wire], bool]] = []
    for name, condition in search.items():
        if name not in _SEARCHED[question.resource]:
            raise invalid_parameter(f"search has no field {name}")
        values = condition.get("values") if isinstance(condition, dict) else condition
        wanted = set(words(values)) if isinstance(values, list) else {word(values or "")}
        if name == "status" and (strange := sorted(wanted - _STATUSES_OF[question.resource])):
            raise invalid_parameter(f"status has no value {strange[0]}")
        tests.append(_test(name, wanted))
    if "status" not in search:
        tests.append(lambda thing: thing["status"] not in HIDDEN)
    return [thing for thing in things if all(test(thing) for test in tests)]


def _test(name: str, wanted: set[str]) -> Callable[[Wire], bool]:
    if name == "id":
        ids = {value.rpartition(":")[2] for value in wanted}
        return lambda thing: str(thing["id"]) in ids
    if name == "test":
        return lambda thing: str(thing["test"]).lower() in wanted
    return lambda thing: str(thing.get(name)) in wanted


def by_criteria(question: Question, creatives: Sequence[Wire]) -> list[Wire]:
    """What q=criteria of creatives finds."""
    question.finder("criteria")
    question.permit(_PAGING | {"campaigns", "creatives", "intendedStatuses", "contentReferences", "isTestAccount"})
    kept = list(creatives)
    for name, field in (("campaigns", "campaign"), ("creatives", "id"), ("intendedStatuses", "intendedStatus")):
        if name not in question.parameters:
            continue
        wanted = set(words(question.parameters[name]))
        if field == "intendedStatus" and (strange := sorted(wanted - _STATUSES_OF["creatives"])):
            raise invalid_parameter(f"intendedStatuses has no value {strange[0]}")
        kept = [creative for creative in kept if creative[field] in wanted]
    if "intendedStatuses" not in question.parameters:
        kept = [creative for creative in kept if creative["intendedStatus"] not in HIDDEN]
    return kept


def token_page(question: Question, things: Sequence[Wire]) -> Wire:
    """A page by token: full as long as there is more, and without a token at the end."""
    most = BIGGEST_CREATIVE_PAGE if question.resource == "creatives" and not question.lenient else BIGGEST_PAGE
    size = question.number("pageSize", DEFAULT_PAGE, 1, most)
    start = _start_of(question)
    page: Wire = {"elements": [_projected(question, thing) for thing in things[start : start + size]], "metadata": {}}
    if start + size < len(things):
        page["metadata"] = {"nextPageToken": _token(question, start + size)}
    return page


def _mark(question: Question) -> str:
    asked = sorted(
        (name, repr(value)) for name, value in question.parameters.items() if name not in ("pageToken", "pageSize")
    )
    return f"{binascii.crc32(repr((question.path, asked)).encode()):08x}"


def _token(question: Question, start: int) -> str:
    return base64.b64encode(f"{_mark(question)}/{start}".encode()).decode()


def _start_of(question: Question) -> int:
    """Place of a page token; one of another query is refused."""
    token = word(question.parameters.get("pageToken", ""))
    if not token:
        return 0
    try:
        mark, _, start = base64.b64decode(token, validate=True).decode().partition("/")
    except (binascii.Error, UnicodeDecodeError):
        mark, start = "", ""
    if mark != _mark(question) or not start.isdigit():
        raise invalid_parameter("Invalid value for param 'pageToken'")
    return int(start)


def offset_page(question: Question, things: Sequence[Wire], query: str) -> Wire:
    """A page by start and count, with the address of the next one where there is one."""
    start = question.number("start", 0, 0, 10**9)
    count = question.number("count", DEFAULT_COUNT, 1, BIGGEST_PAGE)
    links = []
    if start + count < len(things):
        others = [part for part in query.split("&") if part.partition("=")[0] not in ("start", "count")]
        rest = "&".join([*others, f"start={start + count}", f"count={count}"])
        links.append({"type": "application/json", "rel": "next", "href": f"{question.path}?{rest}"})
    return {
        "paging": {"start": start, "count": count, "links": links, "total": len(things)},
        "elements": [_projected(question, thing) for thing in things[start : start + count]],
    }


def _projected(question: Question, thing: Wire) -> Wire:
    """The top-level fields that were asked for; all where none were."""
    fields = question.parameters.get("fields")
    if not isinstance(fields, str) or not fields:
        return thing
    wanted = {name.partition(":")[0] for name in fields.split(",")}
    return {name: value for name, value in thing.items() if name in wanted}


def required_word(question: Question, name: str) -> str:
    """A plain parameter that must be there. Raises LinkedInError."""
    value = question.parameters.get(name)
    if value is None:
        raise missing_parameter(name)
    return word(value)
