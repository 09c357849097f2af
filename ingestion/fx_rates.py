"""ECB reference rates through the Frankfurter API (v1), as published: units that one euro buys, never crosses."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import orjson
import pyarrow as pa

from foundation.clock import Clock
from foundation.database import Connection, connect, session_lock, transaction
from foundation.settings import Settings
from ingestion.errors import Action, Problem
from ingestion.http import Connections, NamedCaller
from ingestion.http.answers import TRANSIENT_STATUS
from ingestion.loading.landing import drop_landing, drop_orphaned_landings, land, landing_schema

SOURCE = "ECB via Frankfurter v1"
# The longest normal gap between ECB days is four; a range that begins on a Saturday has no value for it.
LEAD_DAYS = 7
# A wrong publication is corrected within a day or two; re-reading a week costs one small call.
REREAD_DAYS = 7
# How the service says, with a 404, that it has no rate of any of the currencies on these days.
_NO_RATES = {"message": "not found"}
_WAIT = "nothing to do: a later run asks for the rates again"


class RatesUnavailable(RuntimeError):
    """The rates could not be fetched or are not complete; the message says what to do."""


@dataclass(frozen=True)
class RateRequest:
    """Rates of these currencies on the ECB days since..until."""

    since: date
    until: date
    currencies: tuple[str, ...]


@dataclass(frozen=True)
class FxReport:
    """Outcome of one fetch."""

    rates: int
    newest: date | None
    without_rate: tuple[str, ...]


def plan_request(
    needed: dict[str, date], newest_known: dict[str, date], oldest_known: dict[str, date], today: date
) -> RateRequest | None:
    """One range call that covers what is missing: currency -> first day needed, against what the table holds."""
    starts = []
    needed = {currency: first for currency, first in needed.items() if first - timedelta(days=LEAD_DAYS) <= today}
    for currency, first in needed.items():
        first_wanted = first - timedelta(days=LEAD_DAYS)
        covered = currency in oldest_known and oldest_known[currency] <= first
        starts.append(newest_known[currency] - timedelta(days=REREAD_DAYS) if covered else first_wanted)
    if not starts:
        return None
    return RateRequest(min(starts), today, tuple(sorted(needed)))


def _classify(response: httpx.Response) -> Problem | None:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        if response.is_success:
            message = "the answer is no complete JSON document"
            return Problem(Action.RETRY, "fx", f"http {response.status_code}", message, _WAIT)
        body = None
    if response.is_success or (response.status_code == 404 and body == _NO_RATES):
        return None
    action = Action.RETRY if response.status_code in TRANSIENT_STATUS else Action.GIVE_UP_ACCOUNT
    return Problem(action, "fx", f"http {response.status_code}", response.text[:200], _WAIT)


def parse_range(content: bytes, currencies: tuple[str, ...]) -> list[tuple[date, str, str]]:
    """(day, currency, units per euro as text) of a range answer; the digits stay as they stood in the JSON."""
    import json

    body = json.loads(content, parse_float=str, parse_int=str)
    if body == _NO_RATES:
        return []
    if not isinstance(body, dict) or body.get("base") != "EUR" or "rates" not in body:
        raise RatesUnavailable(f"the rate service answered in another form: {content[:200]!r}")
    return [
        (date.fromisoformat(day), currency, str(rates[currency]))
        for day, rates in sorted(body["rates"].items())
        for currency in currencies
        if currency in rates
    ]


def _needed(connection: Connection) -> dict[str, date]:
    """Every currency but the euro that an account or a client reports in -> its first day."""
    with transaction(connection) as cursor:
        cursor.execute(
            """select currency, min(active_from) from (
                select account.currency, account.active_from from raw_registry.account
                union all
                select client.reporting_currency, account.active_from
                from raw_registry.client inner join raw_registry.account using (client_id)
            ) as used where currency <> 'EUR' group by currency"""
        )
        return dict(cursor.fetchall())


def _known(connection: Connection) -> tuple[dict[str, date], dict[str, date]]:
    with transaction(connection) as cursor:
        cursor.execute("select currency, max(rate_date), min(rate_date) from raw_fx.rate group by currency")
        rows = cursor.fetchall()
    return {row[0]: row[1] for row in rows}, {row[0]: row[2] for row in rows}


def sync_rates(
    settings: Settings,
    warehouse_url: str,
    *,
    run_id: str,
    clock: Clock,
    sleeper: Callable[[float], None] = time.sleep,
    http: httpx.Client | None = None,
) -> FxReport:
    """Fetch the missing ECB days and the last week again. Rates are added or corrected, never removed.

    Raises RatesUnavailable when the service gives no answer; figures in account currency do not depend on it.
    """
    from ingestion.errors import AccountReadError

    with connect(warehouse_url, application="mdp load fx") as connection:
        drop_orphaned_landings(connection, "landing_fx_")
        now = clock.now()
        request = plan_request(_needed(connection), *_known(connection), today=now.date())
        if request is None:
            return FxReport(0, None, ())
        connections = Connections(http, sleeper=sleeper)
        url = f"{settings.fx_base_url.rstrip('/')}/v1/{request.since}..{request.until}"
        try:
            response = connections.transport(_classify).send(
                NamedCaller("fx"), "GET", url, params={"base": "EUR", "symbols": ",".join(request.currencies)}
            )
        except AccountReadError as error:
            raise RatesUnavailable(
                f"no ECB rates for {request.since}..{request.until}: {error}; converted figures of new days stay empty "
                "until a later run gets them"
            ) from error
        finally:
            connections.close()
        rates = parse_range(response.content, request.currencies)
        stored = _store(connection, settings, warehouse_url, rates, run_id, now)
        found = {currency for _, currency, _ in rates}
        return FxReport(stored, max((day for day, _, _ in rates), default=None), tuple(set(request.currencies) - found))


def _store(
    connection: Connection,
    settings: Settings,
    warehouse_url: str,
    rates: list[tuple[date, str, str]],
    run_id: str,
    now: datetime,
) -> int:
    import dlt

    landing = landing_schema("fx", run_id, 1)

    @dlt.resource(name="rates", write_disposition="replace")
    def landed_rates() -> Iterator[Any]:
        days, currencies, values = zip(*rates, strict=True) if rates else ((), (), ())
        yield pa.table(
            {
                "rate_date": pa.array([day.isoformat() for day in days], pa.string()),
                "currency": pa.array(currencies, pa.string()),
                "units_per_eur": pa.array(values, pa.string()),
            }
        )

    if not rates:
        return 0
    with session_lock(warehouse_url, "landing", landing):
        try:
            source = dlt.source(lambda: landed_rates(), name="fx_rates")()
            land(source, warehouse_url=warehouse_url, landing=landing, work_dir=settings.work_dir)
            with transaction(connection) as cursor:
                cursor.execute(
                    f"""insert into raw_fx.rate as known (rate_date, currency, units_per_eur, source, fetched_at)
                    select rate_date::date, currency, units_per_eur::numeric, %s, %s from {landing}.rates
                    on conflict (rate_date, currency) do update set units_per_eur = excluded.units_per_eur,
                        source = excluded.source, fetched_at = excluded.fetched_at
                    where known.units_per_eur <> excluded.units_per_eur""",
                    (SOURCE, now),
                )
                return cursor.rowcount
        finally:
            drop_landing(connection, landing)
