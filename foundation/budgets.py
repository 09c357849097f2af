"""Planned budgets of a client, as its file writes them: how much a month, for which platform or campaigns."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Self
from unicodedata import normalize

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from foundation.money import known_currencies
from foundation.naming import AdPlatform, PartName

_Text = Annotated[str, Field(min_length=1)]


def _first_day(value: Any) -> date:
    """The first day of a month written as 2026-11."""
    try:
        year, month = str(value).split("-")
        if len(year) == 4 and len(month) == 2:
            return date(int(year), int(month), 1)
    except ValueError:
        pass
    raise ValueError(f"{str(value)!r} is no month; write it as year and month, such as 2026-11")


Month = Annotated[date, BeforeValidator(_first_day)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CampaignGroup(_Section):
    """Campaigns that share a budget: by id, by name (``*`` stands for any text), or by a part of their name."""

    name: _Text
    campaign_ids: tuple[_Text, ...] = ()
    campaign_names: tuple[_Text, ...] = ()
    part: PartName | None = None
    values: tuple[_Text, ...] = ()

    @model_validator(mode="after")
    def _is_defined_once(self) -> Self:
        ways = [bool(self.campaign_ids), bool(self.campaign_names), bool(self.part)]
        if sum(ways) != 1:
            raise ValueError("define the group in one way: campaign_ids, campaign_names, or part with values")
        if bool(self.part) != bool(self.values):
            raise ValueError("part and values go together, such as `part: theme` with `values: [Black Friday]`")
        return self


class Budget(_Section):
    """An amount for each month from ``first_month`` to ``last_month`` (included, None = open).

    Without ``currency`` it is in the client's reporting currency; without ``platform`` and ``campaign_group`` it is
    for all advertising of the client.
    """

    amount: Decimal = Field(gt=0)
    currency: str | None = None
    first_month: Month
    last_month: Month | None = None
    platform: AdPlatform | None = None
    campaign_group: CampaignGroup | None = None

    @field_validator("currency")
    @classmethod
    def _currency_is_known(cls, value: str | None) -> str | None:
        if value is not None and value not in known_currencies():
            raise ValueError(f"{value!r} is no ISO 4217 currency; write the code in capitals, such as BRL, USD or EUR")
        return value

    @model_validator(mode="after")
    def _months_are_ordered(self) -> Self:
        if self.last_month and self.last_month < self.first_month:
            raise ValueError(f"last_month {self.last_month:%Y-%m} lies before first_month {self.first_month:%Y-%m}")
        return self

    @property
    def scope(self) -> tuple[str | None, str | None]:
        """What the money is for: platform and name of the campaign group, None for all."""
        return self.platform, self.campaign_group.name if self.campaign_group else None


def refuse_overlaps(budgets: Iterable[Budget]) -> None:
    """Raises ValueError where two budgets of one scope have a month in common, or one group has two definitions."""
    seen: dict[tuple[str | None, str | None], list[tuple[int, Budget]]] = {}
    groups: dict[str, CampaignGroup] = {}
    for number, budget in enumerate(budgets):
        platform, group = budget.scope
        told = f"{platform or 'all platforms'}, {f'group {group}' if group else 'all campaigns'}"
        for earlier, other in seen.setdefault(budget.scope, []):
            first = max(budget.first_month, other.first_month)
            if first <= min(budget.last_month or date.max, other.last_month or date.max):
                raise ValueError(
                    f"budgets.{earlier} and budgets.{number} both hold {first:%Y-%m} for {told}; "
                    "end one with last_month before the other's first_month"
                )
        seen[budget.scope].append((number, budget))
        if budget.campaign_group and groups.setdefault(budget.campaign_group.name, budget.campaign_group) != (
            budget.campaign_group
        ):
            raise ValueError(f"budgets.{number}: campaign_group {group!r} was defined in another way above")


def like_pattern(name: str) -> str:
    """A campaign name with ``*`` for any text, as SQL's LIKE writes it, its accents composed."""
    name = normalize("NFC", name)
    for sign in ("\\", "%", "_"):
        name = name.replace(sign, f"\\{sign}")
    return name.replace("*", "%")
