"""What must hold of every row of a fact table, made from the rules of its contract in quality/contracts/analytics."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quality.account_day_scope import BUILD_SCHEMA, SCOPE_SQL
from quality.check_results import Severity
from quality.contracts import Contract, QualityRule, contracts
from quality.population_stability import Mix, shifted_accounts

ACCOUNT_KEY = ("client_id", "platform", "account_id")
DAY_KEY = (*ACCOUNT_KEY, "date_day")
# Rules of this engine are about the mix of an account's rows, not about single ones.
STABILITY_ENGINE = "population_stability"
# What a row in scope has beside its own columns.
SCOPE_COLUMNS = ("built_version", "registry_currency", "day_timezone", "registered_from")
# Texts that the platform's definitions or the registry write; any other text may be somebody's own words.
CODES = frozenset({
    "platform", "version", "built_version", "account_currency", "reporting_currency", "registry_currency",
    "account_timezone", "day_timezone", "date_basis", "registered_from", "fx_source", "fx_reason", "breakdown",
    "value_1", "value_2", "country_code", "match_type", "level", "period", "media_type", "product_type",
    "conversion_family", "attribution_window", "attribution_setting", "conversion_date_basis",
})  # fmt: skip
_PLAIN_TYPES = frozenset({"date", "timestamp", "number", "integer", "boolean"})
_SEVERITIES: dict[str, Severity] = {"block": "hold", "warn": "warn"}


@dataclass(frozen=True, slots=True)
class FactTable:
    """A fact table of the build.

    grain identifies a row; ids name the thing that it measures, none where that is the account. of_days: whether its
    rows belong to account-days; else they are about the account as it is and hold all of it.
    """

    name: str
    grain: tuple[str, ...]
    ids: tuple[str, ...]
    of_days: bool

    @property
    def row_name(self) -> str:
        """SQL that names a row of ``fact`` for people."""
        return f"concat_ws('/', {', '.join(f'fact.{column}' for column in self.ids or ('date_day',))})"

    @property
    def scoped_rows(self) -> str:
        """The rows of account-days in scope, each with what the books know of its account-day."""
        if not self.of_days:
            return f"""
                select fact.*, {self.row_name} as row_name, null::date as date_day
                from {BUILD_SCHEMA}.{self.name} as fact
                where (fact.client_id, fact.platform, fact.account_id) in (
                    select scope.client_id, scope.platform, scope.account_id from ({SCOPE_SQL}) as scope)
            """
        return f"""
            select
                fact.*, {self.row_name} as row_name,
                scope.version as built_version, scope.account_currency as registry_currency, scope.day_timezone,
                scope.registered_from
            from {BUILD_SCHEMA}.{self.name} as fact
            inner join ({SCOPE_SQL}) as scope
                on fact.client_id = scope.client_id and fact.platform = scope.platform
                    and fact.account_id = scope.account_id and fact.date_day = scope.date_day
        """


@dataclass(frozen=True, slots=True)
class Expectation:
    """Rows that must not exist.

    ``failing_rows``: SQL that selects them from ``{batch}`` (the scoped rows) with client_id, platform, account_id,
    date_day and an ``example``; ``{now}`` is the instant of the check. ``meaning`` completes "3 rows ...".
    ``failing_sample``: SQL that selects of such rows what people may see.
    """

    check: str
    table: FactTable
    severity: Severity
    meaning: str
    failing_rows: str
    failing_sample: str

    @property
    def name(self) -> str:
        """Name in ops.check_run."""
        return f"{self.table.name}.{self.check}"


def fact_table(contract: Contract) -> FactTable:
    """The table of a contract; its rows are named by what keys_not_null names beside the account-day.

    Names of rows reach people far away, in Slack for one, so that no text that somebody typed is part of them.
    """
    named = next(rule.columns for rule in contract.table.quality if rule.name == "keys_not_null")
    return FactTable(
        contract.name,
        contract.table.key,
        tuple(column for column in named if column not in DAY_KEY and _is_shown(contract, column)),
        contract.table.custom("publishedBy") == "account_day",
    )


def expectations(contract: Contract) -> Iterator[Expectation]:
    """The rules of a contract that are about rows."""
    table = fact_table(contract)
    for rule in contract.table.quality:
        if rule.type != "custom" or rule.engine == STABILITY_ENGINE:
            yield Expectation(
                rule.name, table, _SEVERITIES[rule.severity], rule.meaning, *_queries(contract, table, rule)
            )


def _queries(contract: Contract, table: FactTable, rule: QualityRule) -> tuple[str, str]:
    """SQL of the failing rows and of what is shown of them."""
    if rule.engine == STABILITY_ENGINE:
        # Its examples are an index and a category of the rule's own, nothing that anybody typed.
        shifted = shifted_accounts(table.name, Mix.of(rule.implementation))
        return shifted, f"select * from ({shifted}) as shifted order by 1, 2, 3, 4"
    shown = [name for name in _columns_of(contract, table, rule) if _is_shown(contract, name)]
    listed, source = ", ".join(shown), "from {batch} as batch"
    if rule.metric == "duplicateValues":
        grain = ", ".join(_grain(table))
        repeated = f"group by {grain} having count(*) > 1 order by {listed}"
        return _repeated_rows(table), f"select {listed}, count(*) as rows {source} {repeated}"
    if rule.metric == "nullValues":
        return _rows_without(table, rule), f"select {listed} {source} where {_is_null(table, rule)} order by {listed}"
    condition = _on_platforms(rule)
    failing = _rows_where(condition, rule.custom("example", "row_name"))
    return failing, f"select {listed} {source} where {condition} order by {listed}"


def _columns_of(contract: Contract, table: FactTable, rule: QualityRule) -> list[str]:
    """The key of a row and what the rule looks at; of repeated rows the key alone."""
    key = dict.fromkeys((*(DAY_KEY if table.of_days else ACCOUNT_KEY), *_grain(table)))
    if rule.metric == "duplicateValues":
        return list(key)
    known = (*(column.name for column in contract.table.properties), *SCOPE_COLUMNS)
    named = [name for name in known if name in rule.columns or re.search(rf"\b{name}\b", rule.condition)]
    return list(dict.fromkeys((*key, *named)))


def _is_shown(contract: Contract, column: str) -> bool:
    """Ids, numbers, days and codes are; texts that somebody typed, such as names and search terms, are not."""
    if column in CODES or column.endswith("_id"):
        return True
    logical_type = next((each.logical_type for each in contract.table.properties if each.name == column), "string")
    return logical_type in _PLAIN_TYPES


def _rows_where(condition: str, example: str = "row_name") -> str:
    return f"select {', '.join(DAY_KEY)}, {example} as example from {{batch}} as batch where {condition}"


def _on_platforms(rule: QualityRule) -> str:
    """The rule's condition on the platforms where it is so defined."""
    condition = f"({rule.condition})"
    for name, operator in (("exceptPlatforms", "not in"), ("onlyPlatforms", "in")):
        if platforms := rule.custom(name):
            condition += f" and platform {operator} ({', '.join(repr(platform) for platform in platforms)})"
    return condition


def _rows_without(table: FactTable, rule: QualityRule) -> str:
    """Rows without one of the columns; also those that no scope can contain, since the scope's own key is null."""
    scope_key = DAY_KEY if table.of_days else ACCOUNT_KEY
    query = _rows_where(_is_null(table, rule))
    keyless = [f"{column} is null" for column in rule.columns if column in scope_key]
    if not keyless:
        return query
    day = ", ".join(DAY_KEY if table.of_days else (*ACCOUNT_KEY, "null::date"))
    source = f"{BUILD_SCHEMA}.{table.name} as fact where {' or '.join(keyless)}"
    return f"{query} union all select {day}, {table.row_name} from {source}"


def _is_null(table: FactTable, rule: QualityRule) -> str:
    scope_key = DAY_KEY if table.of_days else ACCOUNT_KEY
    return " or ".join(f"{column} is null" for column in rule.columns if column not in scope_key) or "false"


def _grain(table: FactTable) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*DAY_KEY, *table.grain)))


def _repeated_rows(table: FactTable) -> str:
    # Columns may be null here; group by treats nulls as equal, which is what a repeated row means.
    return f"""select {", ".join(DAY_KEY)}, min(row_name) as example from {{batch}} as batch
        group by {", ".join(_grain(table))} having count(*) > 1"""


_FACTS = [contract for contract in contracts("analytics", prefix="fct_") if contract.table.quality]
FACT_TABLES = tuple(fact_table(contract) for contract in _FACTS)
EXPECTATIONS = tuple(expectation for contract in _FACTS for expectation in expectations(contract))
REQUIRED_EXPECTATIONS = tuple(expectation.name for expectation in EXPECTATIONS if expectation.severity == "hold")
