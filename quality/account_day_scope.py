"""Which account-days of the build are judged: the same for expectations, certificates and the gate."""

from foundation.database import Cursor

BUILD_SCHEMA = "analytics_build"

# A built version that ops.account_day no longer names is not judged: a newer one exists and the next build takes it.
SCOPE_SQL = f"""
    select
        built.client_id, built.platform, built.account_id, built.date_day, built.version,
        day.account_currency, day.read_at,
        case rule.day_zone when 'utc' then 'UTC' when 'pacific' then 'America/Los_Angeles' else day.account_timezone end
            as day_timezone,
        greatest(registry.active_from, client.active_from) as registered_from
    from {BUILD_SCHEMA}.account_day_built as built
    inner join ops.account_day as day
        on built.client_id = day.client_id and built.platform = day.platform
            and built.account_id = day.account_id and built.date_day = day.date_day
            and built.version = day.version
    left join ops.published_day as published
        on built.client_id = published.client_id and built.platform = published.platform
            and built.account_id = published.account_id and built.date_day = published.date_day
            and published.superseded_at is null
    left join ops.held_day as held
        on built.client_id = held.client_id and built.platform = held.platform
            and built.account_id = held.account_id and built.date_day = held.date_day
    left join ops.pending_account_day as pending
        on built.client_id = pending.client_id and built.platform = pending.platform
            and built.account_id = pending.account_id and built.date_day = pending.date_day
    left join raw_registry.account as registry
        on built.client_id = registry.client_id and built.platform = registry.platform
            and built.account_id = registry.account_id
            and built.date_day between registry.active_from and coalesce(registry.active_to, 'infinity'::date)
    left join raw_registry.client as client
        on registry.client_id = client.client_id
    left join ops.platform_rule as rule
        on built.platform = rule.platform
    where published.version is distinct from built.version
        or held.date_day is not null
        or pending.date_day is not null
"""


def build_exists(cursor: Cursor) -> bool:
    """Whether a build has ever been finished; without one there is nothing to judge."""
    cursor.execute("select to_regclass(%s) is not null", (f"{BUILD_SCHEMA}.account_day_built",))
    row = cursor.fetchone()
    return bool(row and row[0])


def create_scope_table(cursor: Cursor, name: str) -> int:
    """Put the scope into temporary table ``name`` for the rest of the transaction; returns its account-days.

    ``day_number`` stands for the key in other temporary tables. ``read_again``: a load has read the platform again
    since the version was made, so that the control totals in the ledger may be those of newer rows than the build's.
    """
    cursor.execute(f"""
        create temporary table {name} on commit drop as
        select scope.*, row_number() over () as day_number,
            coalesce(reading.read_at > scope.read_at, false) as read_again
        from ({SCOPE_SQL}) as scope
        left join lateral (
            select min(ledger.read_at) as read_at
            from ops.load_ledger as ledger
            inner join ops.report_definition as definition
                on ledger.platform = definition.platform and ledger.report = definition.report and definition.required
            where ledger.platform = scope.platform and ledger.account_id = scope.account_id
                and ledger.date_day = scope.date_day
        ) as reading on true
    """)
    account_days = cursor.rowcount
    cursor.execute(f"alter table {name} add primary key (client_id, platform, account_id, date_day)")
    cursor.execute(f"analyze {name}")
    return account_days


def accounts_in_scope(
    cursor: Cursor, client_id: str | None, platform: str | None, account_id: str | None
) -> list[tuple[str, str, str]]:
    """The accounts that a row with parts of its key missing may belong to; all of them when nothing matches."""
    cursor.execute(
        f"""
        select distinct client_id, platform, account_id from ({SCOPE_SQL}) as scope
        order by client_id, platform, account_id
        """
    )
    accounts = [(client, of_platform, account) for client, of_platform, account in cursor.fetchall()]
    wanted = (client_id, platform, account_id)
    return [
        account
        for account in accounts
        if all(part in (None, known) for part, known in zip(wanted, account, strict=True))
    ] or accounts
