"""Refuses the queries that the API refuses, with its codes."""

from datetime import date

from sandbox.wire.gaql import DATE_SEGMENTS, Query
from sandbox.wire.google_changes import CHANGE_RULES, check_changes
from sandbox.wire.google_errors import GoogleError, query_error
from sandbox.wire.google_metrics import DIMENSIONS, counts_conversions_only
from sandbox.wire.google_resources import FIELDS, RESOURCES, Resource, known_in

# Daily figures are kept for 37 months, the current one included.
_RETENTION_YEARS = 3


def check(query: Query, today: date, version: int, *, enforces_retention: bool = True) -> None:
    """Raises GoogleError for a query that this version of the API does not answer."""
    if not query.resource:
        raise query_error("EXPECTED_FROM", "Error in query: expected a FROM clause.")
    resource = RESOURCES.get(query.resource)
    if resource is None:
        raise query_error(
            "BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", f"Invalid resource type in FROM clause: '{query.resource}'."
        )
    for name in query.mentioned:
        if not known_in(name, version):
            raise query_error("UNRECOGNIZED_FIELD", f"Unrecognized field in the query: '{name}'.")
    _check_combinations(query, resource)
    _check_dates(query, today, enforces_retention=enforces_retention)
    if query.resource in CHANGE_RULES:
        check_changes(query, today)


def _check_combinations(query: Query, resource: Resource) -> None:
    for name in query.fields:
        if not resource.allows(name):
            raise query_error(
                "PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE",
                f"Cannot select fields of the following resources: '{name}', FROM '{query.resource}'.",
            )
    metrics = [name for name in query.mentioned if name.startswith("metrics.")]
    segments = [name for name in query.mentioned if name.startswith("segments.")]
    if bad := [name for name in metrics if resource.level is None or not resource.allows_metric(name)]:
        raise query_error(
            "PROHIBITED_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
            f"Cannot select or filter on the following metrics: '{bad[0]}', FROM '{query.resource}'.",
        )
    if bad := [name for name in segments if resource.level is None or name in resource.refused_segments]:
        raise query_error(
            "PROHIBITED_SEGMENT_IN_SELECT_OR_WHERE_CLAUSE",
            f"Cannot select or filter on the following segments: '{bad[0]}', FROM '{query.resource}'.",
        )
    by_action = [name for name in segments if DIMENSIONS.get(name) == "conversion"]
    if by_action and (bad := [name for name in metrics if not counts_conversions_only(name)]):
        unsupported = ", ".join(name.removeprefix("metrics.") for name in bad)
        raise query_error(
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
            "Cannot select the following segments because at least one unsupported metric is found in SELECT or WHERE "
            f"clause: '{by_action[0]}' (unsupported metrics: '{unsupported}')",
        )
    only_filtered = [name for name in (*segments, *(name for name, _ in query.order)) if name not in query.fields]
    if bad := [name for name in only_filtered if not _is_attribute(name)]:
        raise query_error(
            "EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE",
            f"The following field must be present in the SELECT clause: '{bad[0]}'.",
        )


def _is_attribute(name: str) -> bool:
    return not name.startswith(("segments.", "metrics."))


def _check_dates(query: Query, today: date, *, enforces_retention: bool) -> None:
    has_range = query.since is not None and query.until is not None
    if DATE_SEGMENTS & set(query.fields) and not has_range:
        raise query_error("EXPECTED_FILTERS_ON_DATE_RANGE", "A finite date range is required when segmenting by date.")
    if query.resource == "click_view" and (not has_range or query.since != query.until):
        raise query_error("DATE_RANGE_TOO_WIDE", "click_view must be filtered on a single day.")
    if enforces_retention and query.since and query.since < date(today.year - _RETENTION_YEARS, today.month, 1):
        raise GoogleError(
            400, "dateRangeError", "REQUESTED_DATE_GRANULARITY_NOT_SUPPORTED", "Daily data are kept for 37 months only."
        )


def describe(name: str, version: int) -> dict[str, object] | None:
    """What GoogleAdsFieldService says of a field or a resource; None for one that this version does not know."""
    if name in RESOURCES:
        found = RESOURCES[name]
        own = {
            "attributeResources": [top for top in found.tops if top != name],
            "metrics": _selectable("metrics.", found, version),
            "segments": _selectable("segments.", found, version),
        }
        return {
            "resourceName": f"googleAdsFields/{name}", "name": name, "category": "RESOURCE", "selectable": False,
            "filterable": False, "sortable": False, "isRepeated": False, "dataType": "MESSAGE",
            **{key: value for key, value in own.items() if value},
        }  # fmt: skip
    if not known_in(name, version):
        return None
    field = FIELDS[name]
    top = name.partition(".")[0]
    simple = field.data_type != "MESSAGE" and not field.repeated
    return {
        "resourceName": f"googleAdsFields/{name}", "name": name,
        "category": {"metrics": "METRIC", "segments": "SEGMENT"}.get(top, "ATTRIBUTE"),
        "selectable": True, "filterable": field.data_type != "MESSAGE", "sortable": simple,
        "selectableWith": [resource for resource, found in RESOURCES.items() if found.allows(name)],
        "dataType": field.data_type, "isRepeated": field.repeated,
    }  # fmt: skip


def _selectable(prefix: str, resource: Resource, version: int) -> list[str]:
    """Metrics or segments that a resource has."""
    names = [name for name in FIELDS if name.startswith(prefix) and known_in(name, version)]
    return names if resource.level is not None else []
