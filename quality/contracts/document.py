"""A contract file as typed objects: ODCS 3.1 as far as we use it, and what we add in its custom properties."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

Tier = Literal["block", "warn"]
LogicalType = Literal["string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean"]

# Every type of a column that a contract may name, and what ODCS calls it.
LOGICAL_TYPES: Mapping[str, LogicalType] = {
    "text": "string",
    "date": "date",
    "timestamptz": "timestamp",
    "boolean": "boolean",
    "bigint": "integer",
    "int": "integer",
    "integer": "integer",
    "numeric": "number",
    "numeric(20,6)": "number",
    "jsonb": "object",
    "text[]": "array",
    "public.distinct_people": "integer",
}
_CURRENCIES = ("account_currency", "reporting_currency", "usd")
UNITS = frozenset({"count", *_CURRENCIES, "ratio", "score", "milliseconds", "seconds", "hours", "days"})
# partial: adds up among rows that agree in the columns of addsUpWithin.
ADDITIVITIES = frozenset({"sum", "partial", "none"})
# What a rule's query looks like: an engine that knows ODCS runs it as it stands, ours selects the rows behind it.
COUNTED = "select count(*) from {object} as batch where "
_FORBIDDEN = "No rows "


class ContractError(ValueError):
    """A contract file that cannot be used; the message names the file, the key and what is allowed."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel, populate_by_name=True)


class CustomProperty(_Strict):
    """ODCS's way to say more."""

    property: str
    value: Any
    description: str | None = None


class _WithCustomProperties(_Strict):
    custom_properties: tuple[CustomProperty, ...] = ()

    def custom(self, name: str, default: Any = None) -> Any:
        """Value of a custom property."""
        return next((each.value for each in self.custom_properties if each.property == name), default)


def _require_known(element: _WithCustomProperties, allowed: frozenset[str]) -> None:
    names = [each.property for each in element.custom_properties]
    if unknown := sorted(set(names) - allowed):
        raise ValueError(f"customProperties: unknown {', '.join(unknown)}; allowed are {', '.join(sorted(allowed))}")
    if len(names) != len(set(names)):
        raise ValueError("customProperties: a property stands twice")


class QualityRule(_WithCustomProperties):
    """A check. ``severity`` is its tier: block holds the account-days that it names, warn tells people.

    A rule about rows is ``sql``, which counts the rows that must not exist, or ``library``; ``custom`` is done by the
    engine that it names. exceptPlatforms and onlyPlatforms: platform -> why its definition differs.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str
    type: Literal["library", "sql", "custom"]
    dimension: Literal["accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness", "uniqueness"]
    severity: Tier
    metric: Literal["nullValues", "duplicateValues"] | None = None
    arguments: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    query: str | None = None
    must_be: int | None = None
    method: Literal["reconciliation"] | None = None
    engine: str | None = None
    implementation: Mapping[str, Any] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _is_whole(self) -> "QualityRule":
        _require_known(self, frozenset({"exceptPlatforms", "onlyPlatforms", "example", "whatToDo"}))
        given = {
            name
            for name, value in (
                ("metric", self.metric), ("arguments", self.arguments), ("query", self.query),
                ("mustBe", self.must_be), ("engine", self.engine), ("implementation", self.implementation),
            )
            if value is not None and value != {}
        }  # fmt: skip
        wanted = {
            "library": {"metric", "arguments", "mustBe"},
            "sql": {"query", "mustBe"},
            "custom": {"engine", "implementation"},
        }[self.type]
        if given != wanted:
            raise ValueError(f"a {self.type} rule has {', '.join(sorted(wanted))}, not {', '.join(sorted(given))}")
        if not self.custom("whatToDo"):
            raise ValueError("customProperties: whatToDo is missing: what somebody does who sees the check fail")
        if self.type != "custom" and self.must_be != 0:
            raise ValueError("mustBe: a rule counts rows that must not exist, so that only 0 is allowed")
        if self.engine != "ingestion" and not (
            self.description.startswith(_FORBIDDEN) and self.description.endswith(".")
        ):
            raise ValueError(f"description: must begin with {_FORBIDDEN!r} and end with a full stop")
        if self.query is not None and not self.query.startswith(COUNTED):
            raise ValueError(f"query: must begin with {COUNTED!r}")
        if self.metric is not None and set(self.arguments) != {"properties"}:
            raise ValueError("arguments: must be properties alone, the columns")
        return self

    @property
    def meaning(self) -> str:
        """Completes "3 rows ..."."""
        return self.description.removeprefix(_FORBIDDEN).removesuffix(".")

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a library rule is about."""
        return self.arguments.get("properties", ())

    @property
    def condition(self) -> str:
        """What is true of the rows that must not exist."""
        return (self.query or "").removeprefix(COUNTED).strip()


class SchemaProperty(_WithCustomProperties):
    """A column. unit, additivity: of figures. Raw reports: wirePath is where the value stands in the answer, sent
    whether every row has it, absent what stands for a value that a row leaves out.
    """

    name: str = Field(pattern=r"^[a-z_][a-z0-9_]*$")
    logical_type: LogicalType
    physical_type: str
    description: str | None = None
    required: bool = False
    primary_key: bool = False
    primary_key_position: int = -1

    @model_validator(mode="after")
    def _is_whole(self) -> "SchemaProperty":
        _require_known(self, frozenset({"unit", "additivity", "addsUpWithin", "wirePath", "sent", "absent"}))
        if LOGICAL_TYPES.get(self.physical_type) != self.logical_type:
            raise ValueError(
                f"physicalType: {self.physical_type} is not a {self.logical_type}; allowed are "
                + ", ".join(f"{physical} ({logical})" for physical, logical in LOGICAL_TYPES.items())
            )
        if self.primary_key != (self.primary_key_position > 0):
            raise ValueError("primaryKeyPosition: belongs to columns of the primary key, from 1")
        if self.primary_key and not self.required:
            raise ValueError("required: must be true of a column of the primary key")
        if (self.custom("additivity") == "partial") != (self.custom("addsUpWithin") is not None):
            raise ValueError("addsUpWithin: belongs to figures whose additivity is partial")
        for name, allowed in (
            ("unit", UNITS),
            ("additivity", ADDITIVITIES),
            ("sent", {"always", "usually", "sometimes"}),
        ):
            if self.custom(name) is not None and self.custom(name) not in allowed:
                raise ValueError(f"{name}: {self.custom(name)} is not one of {', '.join(sorted(allowed))}")
        return self


class SchemaObject(_WithCustomProperties):
    """The table of a contract. Raw reports: proof says how sums are proved, holds whether a day waits for them."""

    name: str
    logical_type: Literal["object"]
    physical_name: str
    physical_type: Literal["table", "view"]
    description: str
    data_granularity_description: str
    properties: tuple[SchemaProperty, ...]
    quality: tuple[QualityRule, ...] = ()

    @model_validator(mode="after")
    def _is_whole(self) -> "SchemaObject":
        _require_known(self, frozenset({"proof", "holds", "publishedBy"}))
        names = [column.name for column in self.properties]
        if len(names) != len(set(names)):
            raise ValueError("properties: a column stands twice")
        checks = [rule.name for rule in self.quality]
        if len(checks) != len(set(checks)):
            raise ValueError("quality: a rule stands twice")
        positions = sorted(column.primary_key_position for column in self.properties if column.primary_key)
        if positions != list(range(1, len(positions) + 1)):
            raise ValueError("properties: primaryKeyPosition must count from 1 without gaps")
        for rule in self.quality:
            if unknown := set(rule.columns) - set(names):
                raise ValueError(f"quality.{rule.name}: {', '.join(sorted(unknown))} is no column of the table")
            if rule.metric == "duplicateValues" and set(rule.columns) != set(self.key):
                raise ValueError(f"quality.{rule.name}: must name the primary key, {', '.join(self.key)}")
        return self

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of the primary key in its order."""
        keyed = (column for column in self.properties if column.primary_key)
        return tuple(column.name for column in sorted(keyed, key=lambda column: column.primary_key_position))


class Description(_Strict):
    """What the data is for."""

    purpose: str
    limitations: str | None = None


class SlaProperty(_Strict):
    """A promise about time: how old the newest day may be, how long it may still change."""

    property: Literal["latency", "frequency", "retention", "restatement"]
    value: float
    unit: Literal["h", "d"]
    element: str | None = None
    driver: Literal["analytics", "operational", "regulatory"] = "operational"
    description: str | None = None


class Contract(_Strict):
    """A contract file: exactly one table."""

    api_version: Literal["v3.1.0"]
    kind: Literal["DataContract"]
    id: str
    name: str
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    status: Literal["active", "deprecated"]
    domain: str
    description: Description
    schema_: tuple[SchemaObject] = Field(alias="schema")
    sla_properties: tuple[SlaProperty, ...] = ()

    @property
    def table(self) -> SchemaObject:
        return self.schema_[0]
