"""What a client read against what is true. Pure: lists of rows in, differences out."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

FIGURES = ("spend", "impressions", "clicks")
# Figures that a level has instead, and those that only some of its objects have.
_FIGURES_OF = {"instagram_account": ("reach", "follows"), "instagram_media": ("reach", "saves")}
_ALSO_OF = {"instagram_media": ("likes", "comments", "shares", "follows", "profile_visits")}
_IDS = {
    "account": (),
    "campaign": ("campaign_id",),
    "ad_group": ("ad_group_id",),
    "ad": ("ad_id",),
    "instagram_account": (),
    "instagram_media": ("media_id",),
}
# Levels whose objects' days add up to account-days; an account's own rows are account-days already.
ADDING_UP = ("campaign", "ad_group", "ad")
# The world counts money in millionths; LinkedIn writes noise far below that (-2E-18).
_MICRO = Decimal("0.000001")

Key = tuple[str, ...]
Figures = dict[Key, dict[str, Decimal]]


@dataclass(frozen=True)
class Comparison:
    """``compared`` counts single figures (or statuses); ``differences`` are sentences; ``explained`` counts rows that
    the platform hides from this kind of request by its own rule, each proved to be such a row; ``misread`` counts
    figures that the client spoils by a known fault of its own."""

    compared: int
    differences: tuple[str, ...]
    explained: int = 0
    misread: int = 0


def ids_of(platform: str, level: str) -> tuple[str, ...]:
    """The ids that name an object of a level beside its account. A Google ad may stand in several ad groups."""
    return ("ad_group_id", "ad_id") if (platform, level) == ("google_ads", "ad") else _IDS[level]


def figures_of(rows: Iterable[Mapping[str, Any]], level: str, ids: Collection[str]) -> Figures:
    """Figures by (account, day, ids); rows of the same key are added up, rows without any figure left out.

    A row with nothing but conversions is no row to a client that did not ask for them.
    """
    found: Figures = {}
    for row in rows:
        if row.get("level", level) != level:
            continue
        names = [*_FIGURES_OF.get(level, FIGURES), *(name for name in _ALSO_OF.get(level, ()) if name in row)]
        figures = {name: Decimal(str(row[name])).quantize(_MICRO) for name in names}
        if not any(figures.values()):
            continue
        _add(found, (row["account_id"], row["date_day"], *(str(row[name]) for name in ids)), figures)
    return found


def _add(sums: Figures, key: Key, figures: Mapping[str, Decimal]) -> None:
    so_far = sums.setdefault(key, dict.fromkeys(figures, Decimal(0)))
    for name, value in figures.items():
        so_far[name] += value


def account_days(figures: Figures) -> Figures:
    """The same figures added up per account and day."""
    sums: Figures = {}
    for key, row in figures.items():
        _add(sums, key[:2], row)
    return sums


def compare_figures(read: Figures, true: Figures, hidden: Collection[str] = ()) -> Comparison:
    """Every figure of every key on either side. ``hidden``: ids of objects that the request may not show; a row of one
    may be missing, yet when it is there it must be right."""
    differences, compared, explained = [], 0, 0
    for key in sorted(read.keys() | true.keys()):
        mine, theirs = read.get(key), true.get(key)
        if mine is None and not set(key[2:]).isdisjoint(hidden):
            explained += 1
            continue
        for name in mine or theirs or ():
            compared += 1
            left = mine[name] if mine else None
            right = theirs[name] if theirs else None
            if left != right:
                differences.append(f"{'/'.join(key)} {name}: read {_said(left)}, true {_said(right)}")
    return Comparison(compared, tuple(differences), explained)


def without_misreadings(read: Figures, true: Figures, misread: Mapping[str, tuple[str, str]]) -> tuple[Figures, int]:
    """What a client with a known fault of its own read, with the fault taken back; and how many figures it spoiled.

    misread: figure -> (what the client makes of it, what it truly is). Nothing but that very pair is taken back.
    """
    mended, count = {key: dict(row) for key, row in read.items()}, 0
    for name, (wrong, right) in misread.items():
        for key, row in mended.items():
            truly = true[key][name] if key in true else Decimal(0)
            if row[name] == Decimal(wrong) and truly == Decimal(right):
                row[name], count = truly, count + 1
    return {key: row for key, row in mended.items() if any(row.values())}, count


def compare_entities(read: Mapping[Key, str], true: Mapping[Key, str]) -> Comparison:
    """Statuses by (account, kind, id), both ways: nothing missing, nothing invented, each in its true state."""
    differences = [
        f"{'/'.join(key)}: listed as {read.get(key, 'nothing')}, true {true.get(key, 'nothing')}"
        for key in sorted(read.keys() | true.keys())
        if read.get(key) != true.get(key)
    ]
    return Comparison(len(read.keys() | true.keys()), tuple(differences))


def _said(value: Decimal | None) -> str:
    return "no row" if value is None else f"{value.normalize():f}"
