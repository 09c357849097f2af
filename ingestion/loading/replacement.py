"""Replaces changed account-days and entities in raw; what was replaced moves to history in the same transaction."""

from datetime import date
from typing import Any, NamedTuple

from foundation.database import Connection, Cursor, transaction
from ingestion.loading.account_load import AccountLoad
from ingestion.loading.batches import UNKNOWN
from ingestion.loading.tables import ENTITY_READS, column_names, key_names, typed_columns
from ingestion.reports import Entity, PlatformDefinition, Report

_CONTROL_SECOND_READING = "and _reading = 2"


def _equal(left: str, right: str, names: list[str]) -> str:
    return " and ".join(f"{left}.{name} = {right}.{name}" for name in names)


def _row(alias: str, names: list[str]) -> str:
    return f"row({', '.join(f'{alias}.{name}' for name in names)})"


def _parameters(load: AccountLoad) -> dict[str, Any]:
    return {"account": load.account.account_id, "run": load.run_id, "now": load.now}


def replace_report_days(cursor: Cursor, load: AccountLoad, report: Report, changed: dict[date, int]) -> None:
    """Make raw equal to landing for the changed days (day -> new version); rows that stay the same are not touched.

    A new version is current from now on, but never from before the version that it replaces: clocks jump back.
    Of a snapshot, an object that an earlier look of the same day saw and this one does not keeps its row: it vanished
    meanwhile, as stories do.
    """
    if not changed:
        return
    raw = f"{load.definition.raw_schema}.{report.table}"
    names, keys = column_names(report), key_names(report)
    kept = ", ".join([*names, "_version", "_valid_from", "_run_id", "_replaced_by", "_valid_to"])
    reading = _CONTROL_SECOND_READING if report is load.definition.control else ""
    changed_day = """(
        select given.date_day, given.version, greatest(%(now)s::timestamptz, ledger.fetched_at) as valid_from
        from unnest(%(days)s::date[], %(versions)s::int[]) as given (date_day, version)
        left join ops.load_ledger as ledger
            on ledger.platform = %(platform)s and ledger.account_id = %(account)s and ledger.report = %(report)s
                and ledger.date_day = given.date_day and ledger.complete
    ) as changed_day"""
    landed = f"{load.landing}.{report.table}"
    incoming = f"(select {typed_columns(report)} from {landed} where _account = %(account)s {reading})"
    parameters = {
        **_parameters(load),
        "platform": load.definition.name,
        "report": report.name,
        "since": min(changed),
        "until": max(changed),
        "days": list(changed),
        "versions": list(changed.values()),
    }
    known = "known.account_id = %(account)s and known.date_day between %(since)s and %(until)s"
    cursor.execute(f"select exists (select from {raw} as known where {known})", parameters)
    row = cursor.fetchone()
    if row and row[0]:
        seen_again = (
            f"and exists (select from {incoming} as incoming where {_equal('incoming', 'known', keys)})"
            if report.snapshot_hours
            else ""
        )
        cursor.execute(
            f"""with outdated as (
                delete from {raw} as known
                using {changed_day}
                where {known} and known.date_day = changed_day.date_day and not exists (
                    select from {incoming} as incoming
                    where {_equal("incoming", "known", keys)}
                        and {_row("incoming", names)} is not distinct from {_row("known", names)}
                ) {seen_again}
                returning known.*, changed_day.version as _replaced_by,
                    greatest(changed_day.valid_from, known._valid_from) as _valid_to
            )
            insert into {raw}_history ({kept}) select {kept} from outdated""",
            parameters,
        )
    unknown, landed_unknown = (f", {UNKNOWN}", f", {UNKNOWN}::jsonb as {UNKNOWN}") if report.keeps_unknown else ("", "")
    cursor.execute(
        f"""insert into {raw} ({", ".join(names)}{unknown}, _version, _valid_from, _run_id)
        select {", ".join(f"incoming.{name}" for name in names)}{unknown and f", incoming.{UNKNOWN}"},
            changed_day.version, changed_day.valid_from, %(run)s
        from (
            select {typed_columns(report)}{landed_unknown} from {landed} where _account = %(account)s {reading}
        ) as incoming inner join {changed_day} using (date_day)
        on conflict ({", ".join(keys)}) do nothing""",
        parameters,
    )


def upsert_entities(cursor: Cursor, load: AccountLoad) -> None:
    """Bring entities up to date; former attributes go to history, objects the platform no longer lists stay, marked."""
    cursor.execute(f"select entity from {load.landing}.{ENTITY_READS} where _account = %s", (load.account.account_id,))
    whole = {row[0] for row in cursor.fetchall()}
    landed = ", ".join(
        f"exists (select from {load.landing}.{entity.table} where _account = %(account)s)"
        for entity in load.definition.entities
    )
    cursor.execute(f"select {landed}", _parameters(load))
    for entity, has_rows in zip(load.definition.entities, cursor.fetchone() or (), strict=True):
        if has_rows:
            _upsert_entity(cursor, load, entity)
        if entity.name in whole:
            _mark_unlisted(cursor, load, entity)


def _mark_unlisted(cursor: Cursor, load: AccountLoad, entity: Entity) -> None:
    """After a whole list: since when an object is no longer on it, null for those that are."""
    raw, keys = f"{load.definition.raw_schema}.{entity.table}", key_names(entity)
    cursor.execute(
        f"""update {raw} as known set _unlisted_since = case when _unlisted_since is null then %(now)s::timestamptz end
        where account_id = %(account)s and (_unlisted_since is null) <> exists (
            select from (
                select {typed_columns(entity)} from {load.landing}.{entity.table}
                where _account = %(account)s and _listed = 1
            ) as listed
            where {_equal("listed", "known", keys)}
        )""",
        _parameters(load),
    )


class KnownObjects(NamedTuple):
    """Ids of one kind of object of an account: those of its last whole list, and all that were ever read."""

    listed: frozenset[str]
    everything: frozenset[str]


NOTHING_SEEN = KnownObjects(frozenset(), frozenset())


def known_objects(connection: Connection, definition: PlatformDefinition) -> dict[tuple[str, str], KnownObjects]:
    """(account, entity) -> what earlier lists and look-ups showed."""
    known: dict[tuple[str, str], KnownObjects] = {}
    # Ended at once: the platform is read for minutes after this, and an open transaction holds locks all the while.
    with transaction(connection) as cursor:
        for entity in definition.entities:
            if entity.id_column is None or not entity.listed_whole:
                continue
            cursor.execute(
                f"""select account_id, array_agg({entity.id_column}) filter (where _unlisted_since is null),
                    array_agg({entity.id_column})
                from {definition.raw_schema}.{entity.table} group by account_id"""
            )
            known |= {
                (account_id, entity.name): KnownObjects(frozenset(listed or ()), frozenset(everything))
                for account_id, listed, everything in cursor.fetchall()
            }
    return known


def _upsert_entity(cursor: Cursor, load: AccountLoad, entity: Entity) -> None:
    raw = f"{load.definition.raw_schema}.{entity.table}"
    names, keys = column_names(entity), key_names(entity)
    attributes = [name for name in names if name not in keys]
    incoming = f"""(select distinct on ({", ".join(keys)}) * from (
        select {typed_columns(entity)} from {load.landing}.{entity.table} where _account = %(account)s) as t)"""
    parameters = _parameters(load)
    differs = f"{_row('incoming', attributes)} is distinct from {_row('known', attributes)}"
    cursor.execute(
        f"""insert into {raw}_history ({", ".join(names)}, _version, _valid_from, _run_id, _valid_to)
        select {", ".join(f"known.{name}" for name in names)}, known._version, known._valid_from, known._run_id,
            greatest(%(now)s::timestamptz, known._valid_from)
        from {raw} as known inner join {incoming} as incoming on {_equal("incoming", "known", keys)}
        where {differs}""",
        parameters,
    )
    assignments = ", ".join(f"{name} = excluded.{name}" for name in attributes)
    cursor.execute(
        f"""insert into {raw} as known ({", ".join(names)}, _version, _valid_from, _run_id)
        select {", ".join(names)}, 1, %(now)s, %(run)s from {incoming} as incoming
        on conflict ({", ".join(keys)}) do update set {assignments}, _version = known._version + 1,
            _valid_from = greatest(excluded._valid_from, known._valid_from), _run_id = excluded._run_id
        where {_row("excluded", attributes)} is distinct from {_row("known", attributes)}""",
        parameters,
    )
