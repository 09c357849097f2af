"""What must hold of every row of a fact table, made from the rules of its contract in quality/contracts/analytics."""

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
    """

    check: str
    table: FactTable
    severity: Severity
    meaning: str
    failing_rows: str

    @property
    def name(self) -> str:
        """Name in ops.check_run."""
        return f"{self.table.name}.{self.check}"


def fact_table(contract: Contract) -> FactTable:
    """The table of a contract; its rows are named by what keys_not_null names beside the account-day."""
    named = next(rule.columns for rule in contract.table.quality if rule.name == "keys_not_null")
    return FactTable(
        contract.name,
        contract.table.key,
        tuple(column for column in named if column not in DAY_KEY),
        contract.table.custom("publishedBy") == "account_day",
    )


def expectations(contract: Contract) -> Iterator[Expectation]:
    """The rules of a contract that are about rows."""
    table = fact_table(contract)
    for rule in contract.table.quality:
        if rule.type != "custom" or rule.engine == STABILITY_ENGINE:
            yield Expectation(rule.name, table, _SEVERITIES[rule.severity], rule.meaning, _failing_rows(table, rule))


def _failing_rows(table: FactTable, rule: QualityRule) -> str:
    if rule.engine == STABILITY_ENGINE:
        return shifted_accounts(table.name, Mix.of(rule.implementation))
    if rule.metric == "duplicateValues":
        return _repeated_rows(table)
    if rule.metric == "nullValues":
        return _rows_without(table, rule)
    return _rows_where(_on_platforms(rule), rule.custom("example", "row_name"))


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
    own = [f"{column} is null" for column in rule.columns if column not in scope_key]
    query = _rows_where(" or ".join(own) or "false")
    keyless = [f"{column} is null" for column in rule.columns if column in scope_key]
    if not keyless:
        return query
    day = ", ".join(DAY_KEY if table.of_days else (*ACCOUNT_KEY, "null::date"))
    source = f"{BUILD_SCHEMA}.{table.name} as fact where {' or '.join(keyless)}"
    return f"{query} union all select {day}, {table.row_name} from {source}"


def _repeated_rows(table: FactTable) -> str:
    # Columns may be null here; group by treats nulls as equal, which is what a repeated row means.
    grain = dict.fromkeys((*DAY_KEY, *table.grain))
    return f"""select {", ".join(DAY_KEY)}, min(row_name) as example from {{batch}} as batch
        group by {", ".join(grain)} having count(*) > 1"""


_FACTS = [contract for contract in contracts("analytics", prefix="fct_") if contract.table.quality]
FACT_TABLES = tuple(fact_table(contract) for contract in _FACTS)
EXPECTATIONS = tuple(expectation for contract in _FACTS for expectation in expectations(contract))
REQUIRED_EXPECTATIONS = tuple(expectation.name for expectation in EXPECTATIONS if expectation.severity == "hold")
