"""Naming conventions of a client as its file writes them: how names are put together, which values they may hold."""

from collections import Counter
from typing import Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

AdPlatform = Literal["meta_ads", "google_ads", "tiktok_ads", "linkedin_ads"]
Level = Literal["campaign", "ad_group", "ad"]
CaseRule = Literal["as_listed", "lower", "upper", "any"]
# Each part is a column part_<name> of analytics.object_naming: a new one is a new column there.
PartName = Literal[
    "client", "channel", "objective", "funnel", "audience", "country", "product", "theme", "date", "budget_type",
    "creative", "format", "match_type", "version", "free",
]  # fmt: skip
PART_NAMES: tuple[str, ...] = get_args(PartName)
# Values stand in brackets, and what is left of the name is a value too: [CONV][TOF] Black Friday.
BRACKETS = "[]"

_Value = Annotated[str, Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NamingPart(_Section):
    """One part of a name. In ``allowed`` each ``#`` stands for one digit; left out, every value will do."""

    part: PartName
    required: bool = True
    prefix: _Value | None = Field(
        None, description="Text before the value that is not part of it, such as f: in f:tof."
    )
    allowed: Annotated[tuple[_Value, ...], Field(min_length=1)] | None = None

    @field_validator("prefix", "allowed")
    @classmethod
    def _values_are_trimmed(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        for text in (value,) if isinstance(value, str) else value or ():
            if " ".join(text.split()) != text:
                raise ValueError(f"{text!r} begins or ends with a space or holds several in a row")
        return value


class NamingConvention(_Section):
    """How names of one level are put together, on one platform or on all that have no convention of their own.

    Several conventions of the same level and platform are alternatives: a name is read by the one that fits best.
    """

    level: Level
    platform: AdPlatform | None = None
    delimiter: str
    case: CaseRule = "as_listed"
    parts: Annotated[tuple[NamingPart, ...], Field(min_length=2)]

    @property
    def parts_required(self) -> int:
        """How many parts a name must have at least."""
        return sum(part.required for part in self.parts)

    @field_validator("delimiter")
    @classmethod
    def _delimiter_can_split(cls, value: str) -> str:
        core = value.strip()
        if not core or any(sign.isalnum() or sign.isspace() for sign in core) or value not in (core, f" {core} "):
            raise ValueError(
                f"{value!r} is no delimiter; write signs without letters, digits or inner spaces, such as '_' or '~', "
                f"with one space on both sides or none, such as ' | ', or {BRACKETS!r} for values in brackets"
            )
        return value

    @model_validator(mode="after")
    def _parts_can_be_told_apart(self) -> Self:
        twice = [name for name, times in Counter(part.part for part in self.parts).items() if times > 1]
        if twice:
            raise ValueError(f"part {twice[0]} stands twice; each part has one column, so it may stand once in a name")
        required = [part.required for part in self.parts]
        if sorted(required, reverse=True) != required:
            raise ValueError("parts that are not required come last: otherwise nobody can tell which one is missing")
        for part in self.parts:
            for value in part.allowed or ():
                self._check_value(part, value)
        return self

    def _check_value(self, part: NamingPart, value: str) -> None:
        marks = tuple(BRACKETS) if self.delimiter == BRACKETS else (self.delimiter.strip(),)
        # With spaces around it, the sign alone may stand in a value: " - " leaves trail-shoes whole.
        inside = f" {value} " if self.delimiter.startswith(" ") else value
        if any(mark in inside for mark in ((self.delimiter,) if self.delimiter.startswith(" ") else marks)):
            raise ValueError(
                f"part {part.part}: allowed value {value!r} contains the delimiter {self.delimiter!r}: "
                "a name with it would have one part too many"
            )
        if (self.case == "lower" and value != value.lower()) or (self.case == "upper" and value != value.upper()):
            raise ValueError(f"part {part.part}: allowed value {value!r} breaks the rule `case: {self.case}`")
