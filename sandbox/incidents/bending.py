"""What each kind of incident does to the rows of one answer. Pure: rows in, rows out, the same for the same rows."""

import copy
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sandbox.incidents.rows import FIGURES, Row, Writing, at, set_at


@dataclass(frozen=True)
class Bend:
    """Everything that a change needs to know: the platform's writing, the poisoned days, the seed."""

    writing: Writing
    days: frozenset[date]
    seed: int

    def hit(self, row: Row) -> bool:
        return self.writing.day(row) in self.days


Change = Callable[[Bend, list[Row]], list[Row]]


def times(factor: str, figures: Sequence[str] = FIGURES) -> Change:
    """These figures multiplied on the poisoned days."""

    def change(bend: Bend, rows: list[Row]) -> list[Row]:
        for row in filter(bend.hit, rows):
            for figure in figures:
                bend.writing.put(row, figure, bend.writing.get(row, figure) * Decimal(factor))
        return rows

    return change


def gone(bend: Bend, rows: list[Row]) -> list[Row]:
    """No row of the poisoned days."""
    return [row for row in rows if not bend.hit(row)]


def nothing(bend: Bend, rows: list[Row]) -> list[Row]:
    """No row at all."""
    return []


def without_largest_campaign(bend: Bend, rows: list[Row]) -> list[Row]:
    """The campaign of the row with most impressions is missing, on each poisoned day."""
    missing: set[tuple[date, str]] = set()
    for day in bend.days:
        own = [row for row in rows if bend.writing.day(row) == day]
        if own:
            largest = max(own, key=lambda row: bend.writing.get(row, "impressions"))
            missing.add((day, str(at(largest, bend.writing.campaign))))
    return [row for row in rows if (bend.writing.day(row), str(at(row, bend.writing.campaign))) not in missing]


def a_tenth_lost(bend: Bend, rows: list[Row]) -> list[Row]:
    """A tenth of the delivering rows of each poisoned day, one at the least."""
    lost: set[int] = set()
    for day in sorted(bend.days):
        own = [row for row in rows if bend.writing.day(row) == day and bend.writing.get(row, "impressions")]
        chosen = random.Random(f"{bend.seed}/{day}").sample(own, min(len(own), max(1, len(own) // 10)))
        lost |= {id(row) for row in chosen}
    return [row for row in rows if id(row) not in lost]


def five_hours_later(bend: Bend, rows: list[Row]) -> list[Row]:
    """Five of the day's 24 hours are booked elsewhere, as in a zone further west."""
    for row in filter(bend.hit, rows):
        for figure in FIGURES:
            cents = bend.writing.get(row, figure) * 100 * 19 // 24
            bend.writing.put(row, figure, cents / 100)
    return rows


def as_the_day_before(bend: Bend, rows: list[Row]) -> list[Row]:
    """The rows of the poisoned days are those of the days before them."""
    kept = [row for row in rows if not bend.hit(row)]
    for row in rows:
        following = bend.writing.day(row) + timedelta(days=1)
        if following in bend.days and bend.writing.day(row) not in bend.days:
            copied = copy.deepcopy(row)
            bend.writing.set_day(copied, following)
            kept.append(copied)
    return kept


def served_twice(bend: Bend, rows: list[Row]) -> list[Row]:
    """A page comes again: its rows of the poisoned days stand twice."""
    return [*rows, *(copy.deepcopy(row) for row in rows if bend.hit(row))]


def renamed(figure: str) -> Change:
    """The figure has another name from now on."""

    def change(bend: Bend, rows: list[Row]) -> list[Row]:
        for row in filter(bend.hit, rows):
            holder, key = bend.writing.place(row, figure)
            if key in holder:
                holder[f"{key}_v2"] = holder.pop(key)
        return rows

    return change


def with_decimal_comma(bend: Bend, rows: list[Row]) -> list[Row]:
    """Spend as people in Brazil write it: 1.234,56."""
    for row in filter(bend.hit, rows):
        holder, key = bend.writing.place(row, "spend")
        text = f"{bend.writing.get(row, 'spend') + 1000:,.2f}"
        if key in holder:
            holder[key] = text.replace(",", " ").replace(".", ",").replace(" ", ".")
    return rows


def emptied(figure: str, share: float = 1.0) -> Change:
    """The figure is null in this share of the rows."""

    def change(bend: Bend, rows: list[Row]) -> list[Row]:
        for day in bend.days:
            hit = [row for row in rows if bend.writing.day(row) == day and bend.writing.get(row, figure)]
            for row in hit[: max(1, round(len(hit) * share))] if hit else ():
                holder, key = bend.writing.place(row, figure)
                holder[key] = None
        return rows

    return change


def swapped(bend: Bend, rows: list[Row]) -> list[Row]:
    """Impressions and clicks have changed places."""
    for row in filter(bend.hit, rows):
        impressions, clicks = bend.writing.get(row, "impressions"), bend.writing.get(row, "clicks")
        bend.writing.put(row, "impressions", clicks)
        bend.writing.put(row, "clicks", impressions)
    return rows


def in_the_future(bend: Bend, rows: list[Row]) -> list[Row]:
    """The rows of the poisoned days are dated ten days later."""
    for row in filter(bend.hit, rows):
        bend.writing.set_day(row, bend.writing.day(row) + timedelta(days=10))
    return rows


def with_ghosts(bend: Bend, rows: list[Row]) -> list[Row]:
    """One more row a day of an object that nobody has, with figures of its own."""
    ghosts: list[Row] = []
    for day in sorted(bend.days):
        own = [row for row in rows if bend.writing.day(row) == day]
        if own:
            ghost = copy.deepcopy(own[0])
            ghosts.append(_of_nobody(bend.writing, ghost))
    return [*rows, *ghosts]


def _of_nobody(writing: Writing, ghost: Row) -> Row:
    dimensions = ghost.get("dimensions", ghost)
    for name in ("campaign_id", "ad_id"):
        if name in dimensions:
            dimensions[name] = "999" + str(dimensions[name])[3:]
    for name in ("campaign", "adGroupAd"):
        if name in ghost:
            thing = ghost[name].get("ad", ghost[name])
            thing["id"] = "999" + str(thing.get("id", "0"))[3:]
    if "pivotValues" in ghost:
        urn, _, number = ghost["pivotValues"][0].rpartition(":")
        ghost["pivotValues"] = [f"{urn}:999{number[3:]}"]
    for figure in FIGURES:
        writing.put(ghost, figure, writing.get(ghost, figure) + 7)
    return ghost


def of_another_account(bend: Bend, rows: list[Row]) -> list[Row]:
    """The rows say that they are another client's."""
    for row in filter(bend.hit, rows):
        row["account_id"] = "1" + str(row["account_id"])[::-1]
    return rows


def in_other_currency(bend: Bend, rows: list[Row]) -> list[Row]:
    """The report's rows name another currency than the account has."""
    path = bend.writing.currency_of_rows
    for row in filter(bend.hit, rows):
        if path is not None and at(row, path) is not None:
            set_at(row, path, other_currency(at(row, path)))
    return rows


def other_currency(currency: str) -> str:
    return "USD" if currency != "USD" else "EUR"


def no_conversions(bend: Bend, rows: list[Row]) -> list[Row]:
    """Conversions are lost, as when a pixel is; everything else is as it was."""
    for row in filter(bend.hit, rows):
        holder, key = bend.writing.place(row, "conversions")
        if key in holder:
            holder[key] = [] if isinstance(holder[key], list) else type(holder[key])(0)
    return rows


def with_tax(bend: Bend, rows: list[Row]) -> list[Row]:
    """A field that nobody asked for tells what the invoice will say: media plus 12.15 % tax within the price."""
    for row in filter(bend.hit, rows):
        gross = bend.writing.get(row, "spend") / (1 - Decimal("0.1215"))
        row["invoiced_amount"] = f"{gross:.2f}"
    return rows


def in_other_order(bend: Bend, rows: list[Row]) -> list[Row]:
    """The same rows, last first."""
    return rows[::-1]
