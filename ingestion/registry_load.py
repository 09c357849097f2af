"""Brings the client files into raw_registry, effective-dated. Adding a client needs no deploy."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import md5

from psycopg2.extras import execute_values

from foundation.conversion_mapping import rule_rows
from foundation.database import Connection, Cursor, transaction
from foundation.registry import Client, RegistryError


def load_registry(connection: Connection, clients: Sequence[Client], now: datetime) -> None:
    """Make raw_registry equal to the client files, in one transaction.

    Raises RegistryError where a file or an account that the warehouse knows is gone: history is ended with
    ``status: archived`` or ``active_to``, never by deleting.
    """
    with transaction(connection) as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtext('ingestion.registry'))")
        _refuse_vanished(cursor, clients)
        execute_values(
            cursor,
            """insert into raw_registry.client as known (client_id, name, status, reporting_currency, timezone,
                slack_channel, active_from, active_to, content_hash, loaded_at) values %s
            on conflict (client_id) do update set name = excluded.name, status = excluded.status,
                reporting_currency = excluded.reporting_currency, timezone = excluded.timezone,
                slack_channel = excluded.slack_channel, active_from = excluded.active_from,
                active_to = excluded.active_to, content_hash = excluded.content_hash, loaded_at = excluded.loaded_at
            where known.content_hash <> excluded.content_hash""",
            [
                (c.client, c.name, c.status, c.reporting_currency, c.timezone, c.slack_channel, c.active_from,
                 c.active_to, _content_hash(c), now)
                for c in clients
            ],
        )  # fmt: skip
        cursor.execute("delete from raw_registry.account")
        execute_values(
            cursor,
            """insert into raw_registry.account (client_id, platform, account_id, name, currency, timezone, credential,
                login_customer_id, active_from, active_to, restatement_days, content_hash, loaded_at) values %s""",
            [
                (c.client, a.platform, a.account_id, a.name, a.currency, a.timezone, a.credential, a.login_customer_id,
                 *c.range_of(a), c.restatement_days.get(a.platform), c.account_hash(a), now)
                for c in clients
                for a in c.accounts
            ],
        )  # fmt: skip
        cursor.execute("delete from raw_registry.conversion_rule")
        execute_values(
            cursor,
            """insert into raw_registry.conversion_rule (client_id, platform, rule_no, family, tier, event,
                event_pattern, is_pattern, active_from, active_to, counts, sets_headline, loaded_at) values %s""",
            [(c.client, *row, now) for c in clients for row in rule_rows(c.conversions, c.active_from)],
        )


def _content_hash(client: Client) -> str:
    return md5(client.model_dump_json().encode(), usedforsecurity=False).hexdigest()


def _refuse_vanished(cursor: Cursor, clients: Sequence[Client]) -> None:
    cursor.execute("select client_id from raw_registry.client")
    gone = sorted({row[0] for row in cursor.fetchall()} - {client.client for client in clients})
    if gone:
        raise RegistryError(
            f"the client file of {', '.join(gone)} is gone: put it back; to stop loading set `status: archived` in it"
        )
    cursor.execute("select distinct client_id, platform, account_id from raw_registry.account")
    listed = {(c.client, a.platform, a.account_id) for c in clients for a in c.accounts}
    missing = sorted(set(cursor.fetchall()) - listed)
    if missing:
        client_id, platform, account_id = missing[0]
        raise RegistryError(
            f"{client_id}.yaml: accounts: {platform} account {account_id} is gone: put it back; "
            "to stop loading it set active_to to its last day"
        )
