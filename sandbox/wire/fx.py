"""Reference rates in the form of the Frankfurter API v1."""

import asyncio
import hashlib
import re
from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.faults import HANG_SECONDS
from sandbox.state import Sandbox
from sandbox.world.fx import CURRENCIES, FIRST_DAY

CARRY_FORWARD_DAYS = 14
_RANGE = re.compile(r"^(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})?$")
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")


class FxError(Exception):
    """An error answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def round_cross(rate: Decimal) -> Decimal:
    """The service's rounding of any rate that is not the central bank's own: fewer decimals for bigger numbers."""
    for bound, decimals in ((5000, 0), (80, 2), (20, 3), (1, 4), (Decimal("0.0001"), 5)):
        if rate > bound:
            return round(rate, decimals)
    return round(rate, 6)


class FxApi:
    """Routes under /fx/v1."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        return [Route("/fx/v1", self._root), Route("/fx/v1/{what:path}", self._serve)]

    async def _root(self, request: Request) -> Response:
        return _json({"version": "v1", "status": "frozen", "openapi": "/v1/openapi.json"})

    async def _serve(self, request: Request) -> Response:
        what = str(request.path_params["what"]).strip("/")
        fault = self._sandbox.faults.take("fx", "*", what)
        if fault is not None and fault.kind == "hang":
            await asyncio.sleep(fault.seconds or HANG_SECONDS)
        if fault is not None and fault.kind in ("error", "hang"):
            return _json({"status": 503, "message": "service unavailable"}, 503)
        try:
            return self._answer(what, request.query_params)
        except FxError as error:
            body: dict[str, Any] = {"message": error.message}
            if error.status == 404 and not _known_path(what):
                body = {"status": 404, "message": "not found"}
            return _json(body, error.status)

    def _answer(self, what: str, parameters: Mapping[str, str]) -> Response:
        days = self._sandbox.source.rates.published_days(self._sandbox.clock.now())
        if what == "currencies":
            names = {code: traits.name for code, traits in CURRENCIES.items() if self._single(code, days[-1], days)}
            return _json(dict(sorted({**names, "EUR": "Euro"}.items())))
        base, symbols, amount = _parameters(parameters)
        if what in ("latest", "current"):
            return self._day(days[-1], days, base, symbols, amount)
        if _DAY.match(what):
            return self._day(_date(what), days, base, symbols, amount)
        if match := _RANGE.match(what):
            until = _date(match[2]) if match[2] else days[-1]
            return self._range(_date(match[1]), until, days, base, symbols, amount)
        raise FxError(404, "not found")

    def _single(self, code: str, day: date, days: list[date]) -> tuple[date, Decimal] | None:
        """A currency's last rate on or before ``day``, at most two weeks old."""
        place = bisect_right(days, day) - 1
        while place >= 0 and (day - days[place]).days <= CARRY_FORWARD_DAYS:
            rate = self._sandbox.source.rates.rate(code, days[place])
            if rate is not None:
                return days[place], rate
            place -= 1
        return None

    def _day(self, asked: date, days: list[date], base: str, symbols: list[str] | None, amount: Decimal) -> Response:
        if asked < FIRST_DAY:
            raise FxError(404, "not found")
        day = min(asked, days[-1])
        found = {code: hit for code in CURRENCIES if (hit := self._single(code, day, days))}
        if not found:
            raise FxError(404, "not found")
        # The answer keeps only the currencies whose last rate is of one and the same day.
        used = max(hit_day for hit_day, _ in found.values())
        rates = {code: rate for code, (hit_day, rate) in found.items() if hit_day == used}
        table = _rebased(rates, base, symbols, amount)
        if not table:
            raise FxError(404, "not found")
        return _json({"amount": float(amount), "base": base, "date": str(used), "rates": table}, tag=str(used))

    def _range(
        self, since: date, until: date, days: list[date], base: str, symbols: list[str] | None, amount: Decimal
    ) -> Response:
        if until < FIRST_DAY:
            raise FxError(404, "not found")
        tables: dict[str, dict[str, float]] = {}
        for day in (day for day in days if since <= day <= until):
            rates = {
                code: rate for code in CURRENCIES if (rate := self._sandbox.source.rates.rate(code, day)) is not None
            }
            if table := _rebased(rates, base, symbols, amount):
                tables[str(day)] = table
        if not tables:
            raise FxError(404, "not found")
        first, last = min(tables), max(tables)
        body = {"amount": float(amount), "base": base, "start_date": first, "end_date": last, "rates": tables}
        return _json(body, tag=last)


def _parameters(parameters: Mapping[str, str]) -> tuple[str, list[str] | None, Decimal]:
    """Base, wanted currencies, amount; from/to win over base/symbols."""
    base = (parameters.get("from") or parameters.get("base") or "EUR").upper()
    wanted = parameters.get("to") or parameters.get("symbols")
    symbols = [symbol.strip().upper() for symbol in wanted.split(",") if symbol.strip()] if wanted else None
    try:
        amount = Decimal(parameters.get("amount") or "1.0")
    except InvalidOperation as error:
        raise FxError(422, "invalid amount") from error
    if not amount.is_finite() or amount <= 0:
        raise FxError(422, "invalid amount")
    if base != "EUR" and base not in CURRENCIES:
        raise FxError(404, "not found")
    if symbols == [base]:
        raise FxError(422, "bad currency pair")
    return base, symbols, amount


def _rebased(rates: Mapping[str, Decimal], base: str, symbols: list[str] | None, amount: Decimal) -> dict[str, float]:
    """Rates in another base, in code order. The euro's own are given through, others are divided and rounded."""
    if base != "EUR" and base not in rates:
        return {}
    everything: dict[str, Decimal] = dict(rates)
    if base != "EUR":
        everything["EUR"] = Decimal(1)
    table: dict[str, float] = {}
    for code in sorted(everything):
        if code == base or (symbols is not None and code not in symbols):
            continue
        if base == "EUR" and amount == 1:
            table[code] = float(everything[code])
        else:
            divisor = Decimal(1) if base == "EUR" else rates[base]
            table[code] = float(round_cross(amount * everything[code] / divisor))
    return table


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise FxError(422, "invalid date") from error


def _known_path(what: str) -> bool:
    return bool(_DAY.match(what) or _RANGE.match(what)) or what in ("latest", "current", "currencies")


def _json(body: Any, status: int = 200, tag: str | None = None) -> Response:
    headers = {"access-control-allow-origin": "*"}
    if tag is not None:
        headers |= {"cache-control": "public, max-age=86400", "etag": f'"{hashlib.md5(tag.encode()).hexdigest()}"'}
    return Response(orjson.dumps(body), status, headers, "application/json")
