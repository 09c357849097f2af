"""What the platforms knew when they were read, and what every published account-day shares."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import cached_property
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sandbox.world.figures import Level
from sandbox.world.model import MICROS, Account, Client, FigureRow
from tests.marts_truth.expected import rules
from tests.marts_truth.worlds import JoinedWorlds

EXACT = Context(prec=50, rounding=ROUND_HALF_UP)
_SIX = Decimal("0.000001")


def units(micros: int) -> Decimal:
    """Money in major units, or events out of their millionths."""
    return Decimal(micros) / MICROS


def ratio(top: Decimal | int | None, bottom: Decimal | int | None) -> Decimal | None:
    if top is None or not bottom:
        return None
    return EXACT.divide(Decimal(top), Decimal(bottom))


def converted(amount: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """In the reporting currency, to six decimals."""
    if amount is None or rate is None:
        return None
    return EXACT.multiply(amount, rate).quantize(_SIX, rounding=ROUND_HALF_UP, context=EXACT)


@dataclass
class Truth:
    """``readings``: instants at which every platform was read, oldest first; what is published is of the last one.

    files: the client files by client id, as they were written for the product.
    """

    worlds: JoinedWorlds
    files: Mapping[str, Mapping[str, Any]]
    readings: tuple[datetime, ...]
    _rows: dict[tuple[str, str, Level, datetime], list[FigureRow]] = field(default_factory=dict)
    _days: dict[tuple[str, str, date], dict[str, Any]] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return self.readings[-1]

    def before(self) -> "Truth":
        """The same one reading earlier."""
        return Truth(self.worlds, self.files, self.readings[:-1])

    def is_held(self, account: Account) -> bool:
        """An account whose credential does not work was never read: it has no published day at all."""
        return account.credential in self.worlds.revoked

    @cached_property
    def accounts(self) -> tuple[Account, ...]:
        """The published ones."""
        return tuple(account for account in self.worlds.accounts if not self.is_held(account))

    def of(self, *platforms: str) -> tuple[Account, ...]:
        return tuple(account for account in self.accounts if account.platform in platforms)

    @cached_property
    def clients(self) -> dict[str, Client]:
        return {client.client_id: client for client in self.worlds.clients}

    def today(self, account: Account, instant: datetime | None = None) -> date:
        return (instant or self.now).astimezone(ZoneInfo(account.day_zone)).date()

    def last_day(self, account: Account, instant: datetime | None = None) -> date:
        """The newest day that ended long enough before the reading."""
        day = self.today(account, instant) - timedelta(days=1)
        if self.due_at(account, day) > (instant or self.now):
            day -= timedelta(days=1)
        return min(day, account.active_to or date.max)

    @staticmethod
    def due_at(account: Account, day: date) -> datetime:
        """When the day has settled enough to be read."""
        ended = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(account.day_zone)).astimezone(UTC)
        return ended + timedelta(hours=rules.DUE_AFTER_HOURS[account.platform])

    def days(self, account: Account, instant: datetime | None = None) -> list[date]:
        """Published days, oldest first."""
        first, last = self.clients[account.client_id].active_from, self.last_day(account, instant)
        return [first + timedelta(days=number) for number in range((last - first).days + 1)]

    def figures(self, account: Account, level: Level) -> list[FigureRow]:
        """Rows of the published days as they were read last."""
        return self._at(account, level, self.now, self.days(account)[-1])

    def figures_of_report(self, account: Account, level: Level, report: str) -> Iterator[tuple[FigureRow, datetime]]:
        """The same of a report that is read again for fewer days: each row with the instant of its reading."""
        read_at = self.reading_by_day(account, report)
        last = self.days(account)[-1]
        for instant in self.readings:
            for row in self._at(account, level, instant, last):
                if read_at.get(row.day) == instant:
                    yield row, instant

    def reading_by_day(self, account: Account, report: str) -> dict[date, datetime]:
        """When each day was read last. A day is read until its window has passed, and at the next reading after it."""
        window, kept = rules.SHORTER_WINDOWS.get((account.platform, report), (None, None))
        read_at: dict[date, datetime] = {}
        for number, instant in enumerate(self.readings):
            last = self.last_day(account, instant)
            for day in self.days(account, instant):
                if kept is not None and day <= last - timedelta(days=kept):
                    continue
                first = number == 0 or day not in read_at
                open_since = self.last_day(account, self.readings[number - 1]) - timedelta(days=(window or 10**4) - 2)
                if first or day >= open_since:
                    read_at[day] = instant
        return read_at

    def _at(self, account: Account, level: Level, instant: datetime, last: date) -> list[FigureRow]:
        place = (account.platform, account.account_id, level, instant)
        if place not in self._rows:
            table = self.worlds.table(account, level, instant)
            first = self.clients[account.client_id].active_from
            self._rows[place] = [row for row in table.page(0, len(table)) if first <= row.day <= last]
        return self._rows[place]

    def account_day(self, account: Account, day: date) -> dict[str, Any]:
        """Columns that all facts of an account-day share, keys included."""
        place = (account.platform, account.account_id, day)
        if place not in self._days:
            self._days[place] = {
                **self.keys(account),
                "date_day": day,
                "account_timezone": account.timezone,
                "date_basis": rules.DATE_BASIS[account.platform],
                "account_currency": account.currency,
                "reporting_currency": self.clients[account.client_id].reporting_currency,
                "finalizes_on": day + timedelta(days=rules.FINAL_AFTER_DAYS[account.platform]),
                **self.exchange(account, day),
            }
        return self._days[place]

    BOOKKEEPING: ClassVar = {
        "version": "a hash of the account-day's content",
        "published_at": "when the account-day moved last, which fct_campaign_restatement tells",
    }

    @staticmethod
    def keys(account: Account) -> dict[str, Any]:
        return {"client_id": account.client_id, "platform": account.platform, "account_id": account.account_id}

    def exchange(self, account: Account, day: date) -> dict[str, Any]:
        """Rate from account to reporting currency: of the newest bank day with both, at most five days old."""
        own, other = account.currency, self.clients[account.client_id].reporting_currency
        if own == other:
            return {"fx_rate": Decimal(1), "fx_rate_date": None, "fx_source": "identity", "fx_reason": None}
        rate, rate_day = self.rate(own, other, day)
        if rate is not None:
            return {"fx_rate": rate, "fx_rate_date": rate_day, "fx_source": rules.RATE_SOURCE, "fx_reason": None}
        lacking = [code for code in sorted((own, other)) if self.rate("EUR", code, day)[0] is None]
        reason = (
            f"no ECB rate for {' and '.join(lacking)} within {rules.RATE_DAYS} days before {day}"
            if lacking
            else f"no ECB day with both {own} and {other} within {rules.RATE_DAYS} days before {day}"
        )
        return {"fx_rate": None, "fx_rate_date": None, "fx_source": None, "fx_reason": reason}

    def rate(self, own: str, other: str, day: date) -> tuple[Decimal | None, date | None]:
        for back in range(rules.RATE_DAYS + 1):
            bank_day = day - timedelta(days=back)
            if bank_day not in self._bank_days:
                continue
            quotes = [self._quote(code, bank_day) for code in (own, other)]
            if quotes[0] is not None and quotes[1] is not None:
                return EXACT.divide(quotes[1], quotes[0]), bank_day
        return None, None

    def _quote(self, currency: str, bank_day: date) -> Decimal | None:
        return Decimal(1) if currency == "EUR" else self.worlds.rates.rate(currency, bank_day)

    @cached_property
    def _bank_days(self) -> frozenset[date]:
        return frozenset(self.worlds.rates.published_days(self.now))

    def is_final(self, account: Account, day: date) -> bool:
        """Whether the platform no longer restates the day, at the present."""
        finalizes_on = day + timedelta(days=rules.FINAL_AFTER_DAYS[account.platform])
        return finalizes_on <= self.now.astimezone(ZoneInfo(account.timezone)).date()
