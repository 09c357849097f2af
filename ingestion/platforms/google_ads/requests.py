"""GAQL from the definitions: a column's place in the answer tells its field's name, and the other way round."""

import re
from datetime import date

from ingestion.reports import Column, Entity, Report

# First parts of paths that rows.py computes from the field that follows: whole currency units; the id in a name.
MAJOR_UNITS = "majorUnits"
ID_OF = "idOf"
_COMPUTED = frozenset({MAJOR_UNITS, ID_OF})
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")


def wire_path(field: str) -> tuple[str, ...]:
    """Where proto3 JSON puts a field: "ad_group_ad.ad.id" -> ("adGroupAd", "ad", "id")."""
    return tuple(
        first + "".join(word.capitalize() for word in rest)
        for first, *rest in (part.split("_") for part in field.split("."))
    )


def field_name(path: tuple[str, ...]) -> str:
    """GAQL's name of what stands at a path; the field behind it, where the value is computed."""
    parts = path[1:] if path[0] in _COMPUTED else path
    return ".".join(_CAPITAL.sub("_", part).lower() for part in parts)


def field(gaql: str, name: str | None = None, sql_type: str = "text") -> Column:
    """An attribute, by its GAQL name; the column is called like its last part."""
    return Column(name or gaql.rpartition(".")[2], wire_path(gaql), sql_type)


def fields(*gaql: str, sql_type: str = "text") -> tuple[Column, ...]:
    """Attributes of one SQL type."""
    return tuple(field(name, sql_type=sql_type) for name in gaql)


def money(gaql: str, name: str) -> Column:
    """A field in micros as an amount in major units of the account's currency."""
    return Column(name, (MAJOR_UNITS, *wire_path(gaql)), "numeric")


def id_in(gaql: str, name: str) -> Column:
    """The id in a field that holds a resource name."""
    return Column(name, (ID_OF, *wire_path(gaql)))


def report_query(report: Report, since: date, until: date) -> str:
    """One query for the days since..until, both inclusive and local to the account.

    No status is ever filtered: removed objects keep their figures.
    """
    days = f"segments.date BETWEEN '{since}' AND '{until}'"
    return _query(report, " AND ".join([*_conditions(report), days]))


def entity_query(entity: Entity) -> str:
    """One query for every object of a kind, removed ones included."""
    return _query(entity, " AND ".join(_conditions(entity)))


def _conditions(table: Report | Entity) -> list[str]:
    return [str(table.request["where"])] if "where" in table.request else []


def _query(table: Report | Entity, where: str) -> str:
    fields = dict.fromkeys(field_name(column.path) for column in table.columns if not _is_made_here(column))
    fields |= dict.fromkeys(table.request.get("also", ()))
    return f"SELECT {', '.join(fields)} FROM {table.request['resource']}" + (f" WHERE {where}" if where else "")


def _is_made_here(column: Column) -> bool:
    """Whether a value has no field of its own: rows.py makes it of fields that ``also`` names."""
    return len(column.path) == 1


# What a manager account sees below itself; for a client account only itself.
ACCOUNT_TREE_QUERY = (
    "SELECT customer_client.id, customer_client.descriptive_name, customer_client.currency_code, "
    "customer_client.time_zone, customer_client.manager, customer_client.status, customer_client.level "
    "FROM customer_client"
)
