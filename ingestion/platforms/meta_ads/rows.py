"""Wire answers -> rows in which the definitions' paths find their values. Pure."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from ingestion.platforms.meta_ads.entities import AMOUNTS, LIMITS, SHOWN
from ingestion.platforms.meta_ads.reports import BY_ACTION, HOURLY
from ingestion.reports import Entity, Report

Row = dict[str, Any]

# Meta's own table: amounts of these currencies are whole units, those of all others hundredths, also where ISO 4217
# says otherwise (BHD, JOD and KWD have three decimals there; COP, CRC, HUF, IDR and TWD two).
_WHOLE_UNITS = frozenset({"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"})
_HUNDREDTHS = 2
_PICTURE_HOST = "fbcdn.net/"
# In this order; a link or product ad has its texts in `message` and `name`, a video in `message` and `title`.
_STORIES = ("link_data", "video_data", "photo_data", "template_data")


def major_units(value: Any, currency: str) -> str | None:
    """An amount of Meta's entities in major units, exactly: "39125" US dollars -> "391.25". None stays None."""
    if value is None:
        return None
    decimals = 0 if currency in _WHOLE_UNITS else _HUNDREDTHS
    return f"{Decimal(str(value)).scaleb(-decimals):f}"


def report_shaper(report: Report) -> Callable[[list[Row]], list[Row]]:
    """How the pages of a report are shaped; what has to be done is found out once, not for each row."""
    lists = tuple(dict.fromkeys(column.path[1] for column in report.metrics if column.path[0] == BY_ACTION))
    hourly = any(column.path[0] == HOURLY for column in report.breakdowns)

    def shape(rows: list[Row]) -> list[Row]:
        for row in rows:
            if lists:
                row[BY_ACTION] = {name: _by_action(row[name]) for name in lists if name in row}
            if hourly and (text := row.get(HOURLY)):
                # The wire says from when to when, to the second.
                row[HOURLY] = {"hour": text[:2]}
        return rows

    return shape


def _by_action(entries: Iterable[Row]) -> dict[str, Any]:
    return {entry["action_type"]: entry.get("value") for entry in entries}


def entity_rows(entity: Entity, currency: str, objects: Iterable[Row]) -> list[Row]:
    """Objects of an entity with their money in major units of ``currency`` and, of creatives, what they show."""
    money = [column.path for column in entity.columns if column.path[0] in (AMOUNTS, LIMITS)]
    creatives = any(column.path[0] == SHOWN for column in entity.columns)
    rows = []
    for each in objects:
        row = {**each, AMOUNTS: {}, LIMITS: {}}
        for kind, name in money:
            row[kind][name] = _amount(kind, each.get(name), currency)
        rows.append(_creative_row(row) if creatives else row)
    return rows


def _amount(kind: str, value: Any, currency: str) -> str | None:
    """An empty text is no amount; a limit of zero is none."""
    if value in (None, "") or (kind == LIMITS and Decimal(str(value)) == 0):
        return None
    return major_units(value, currency)


def _creative_row(creative: Row) -> Row:
    """The creative with its texts and destination, wherever they stand, and without addresses that expire."""
    story, feed = creative.get("object_story_spec") or {}, creative.get("asset_feed_spec") or {}
    told: Row = next((story[name] for name in _STORIES if isinstance(story.get(name), dict)), {})
    child: Row = next(iter(told.get("child_attachments") or ()), {})
    button = told.get("call_to_action") or {}
    shown = {
        "title": (creative.get("title"), told.get("name"), told.get("title"), _first(feed, "titles", "text")),
        "body": (creative.get("body"), told.get("message"), told.get("caption"), _first(feed, "bodies", "text")),
        "link_url": (
            creative.get("link_url"), told.get("link"), (button.get("value") or {}).get("link"), child.get("link"),
            _first(feed, "link_urls", "website_url"), creative.get("template_url"),
        ),
        "call_to_action_type": (
            creative.get("call_to_action_type"), button.get("type"),
            next(iter(feed.get("call_to_action_types") or ()), None),
        ),
    }  # fmt: skip
    specs = {name: _lasting(creative[name]) for name in ("object_story_spec", "asset_feed_spec") if name in creative}
    return {**creative, **specs, SHOWN: {name: next(filter(None, found), None) for name, found in shown.items()}}


def _first(feed: Mapping[str, Any], assets: str, name: str) -> Any:
    return next((asset.get(name) for asset in feed.get(assets) or () if asset.get(name)), None)


def _lasting(spec: Any) -> Any:
    """A spec without addresses of pictures: they are signed anew at every reading and would look like changes."""
    if isinstance(spec, dict):
        return {name: _lasting(value) for name, value in spec.items() if not _expires(value)}
    if isinstance(spec, list):
        return [_lasting(value) for value in spec if not _expires(value)]
    return spec


def _expires(value: Any) -> bool:
    return isinstance(value, str) and _PICTURE_HOST in value
