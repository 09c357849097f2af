"""What a field of Google Ads is: its type and how its value is made from what a result row is about."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sandbox.world.model import Account, Ad, AdGroup, Campaign, FigureRow

# int64 is text in proto3 JSON; enum constants are names.
DataType = str


@dataclass(frozen=True, slots=True)
class Line:
    """What one result row is about; ``row`` None where no metrics were asked for.

    thing: the subject of resources that are no campaign, ad group or ad (a keyword, a conversion action, a change).
    splits: the part of the row's day that the line stands for, by the world's dimension ("device", "country").
    """

    account: Account
    today: date
    campaign: Campaign | None = None
    group: AdGroup | None = None
    ad: Ad | None = None
    row: FigureRow | None = None
    thing: Any = None
    splits: Mapping[str, str] = field(default_factory=dict)

    @property
    def customer(self) -> str:
        """The account's resource name, with which all its other ones begin."""
        return f"customers/{self.account.account_id}"

    @property
    def campaign_id(self) -> str:
        return self.campaign.campaign_id if self.campaign else ""

    @property
    def group_id(self) -> str:
        return self.group.ad_group_id if self.group else ""

    @property
    def day(self) -> date:
        """The day of the figures; today where there are none."""
        return self.row.day if self.row else self.today


Maker = Callable[[Line], Any]


@dataclass(frozen=True)
class Field:
    """``make`` gives the value in wire form, None for one that is absent. ``versions``: of the API that know it."""

    data_type: DataType
    make: Maker
    repeated: bool = False
    versions: range = range(23, 27)


Fields = dict[str, Field]


def camel(name: str) -> str:
    """snake_case to lowerCamelCase, part by part: ad_group_ad.ad.id -> adGroupAd.ad.id."""
    return ".".join(
        words[0] + "".join(word.capitalize() for word in words[1:])
        for words in (part.split("_") for part in name.split("."))
    )


def about(
    pick: Callable[[Line], Any], prefix: str, table: Mapping[str, tuple[DataType, Callable[[Any, Line], Any]]]
) -> Fields:
    """Fields of the object that ``pick`` finds on a line; absent where there is none. "STRING*" is a repeated one."""

    def maker(make: Callable[[Any, Line], Any]) -> Maker:
        return lambda line: None if pick(line) is None else make(pick(line), line)

    return {
        f"{prefix}.{name}": Field(data_type.rstrip("*"), maker(make), data_type.endswith("*"))
        for name, (data_type, make) in table.items()
    }


def unset(prefix: str, names: Mapping[DataType, str]) -> Fields:
    """Fields that exist and that nobody in this world has set, by type."""
    return {
        f"{prefix}.{name}": Field(data_type.rstrip("*"), lambda line: None, data_type.endswith("*"))
        for data_type, words in names.items()
        for name in words.split()
    }
