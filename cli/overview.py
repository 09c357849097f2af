"""What stands in the warehouse, per client and platform: the demo's last table and `mdp status`."""

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from textwrap import shorten
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from foundation.database import Connection, Cursor

# A day can fail several checks at once; the first ones tell the story on a screen.
REASON_CHARACTERS = 240


@dataclass(frozen=True)
class ClientPlatform:
    """Published figures of one client on one platform in one account currency, and what is held of them.

    Instagram has views and interactions, the ad platforms have ad-days and spend; what a platform has not is None.
    """

    client_id: str
    platform: str
    accounts: int
    ad_days: int | None
    account_currency: str
    spend: Decimal | None
    reporting_currency: str
    spend_reporting: Decimal | None
    views: int | None
    interactions: int | None
    certified_days: int
    held_days: int
    pending_days: int
    held_reason: str | None


@dataclass(frozen=True)
class RestatedDay:
    """One account-day of an ad platform that the platform changed, in account currency."""

    client_id: str
    platform: str
    account_id: str
    date_day: date
    account_currency: str
    old_spend: Decimal
    new_spend: Decimal
    metrics: tuple[str, ...]


_OVERVIEW = """
with registered as (
    select distinct on (account.platform, account.account_id)
        account.client_id, account.platform, account.account_id, account.currency, client.reporting_currency,
        account.platform <> 'instagram' as is_ad_platform
    from raw_registry.account inner join raw_registry.client using (client_id)
    order by account.platform, account.account_id, account.active_from desc
),
states as (
    select
        client_id, platform, account_id,
        count(*) filter (where state in ('provisional', 'final')) as certified_days,
        count(*) filter (where state in ('held', 'stale', 'missing')) as held_days,
        count(*) filter (where state = 'pending') as pending_days,
        max(held_reason) as held_reason
    from analytics.account_day_state group by 1, 2, 3
)
select
    registered.client_id, registered.platform, count(*),
    (sum(coalesce({ad_days}, 0)) filter (where is_ad_platform))::bigint,
    registered.currency, sum(coalesce({spend}, 0)) filter (where is_ad_platform),
    registered.reporting_currency, sum({spend_reporting}),
    (sum(coalesce({views}, 0)) filter (where not is_ad_platform))::bigint,
    (sum(coalesce({interactions}, 0)) filter (where not is_ad_platform))::bigint,
    coalesce(sum(states.certified_days), 0), coalesce(sum(states.held_days), 0),
    coalesce(sum(states.pending_days), 0), max(states.held_reason)
from registered
left join states using (client_id, platform, account_id)
{joins}
group by registered.client_id, registered.platform, registered.currency, registered.reporting_currency
order by 1, 2, 5
"""
# Sums over the published facts, per account: table -> alias and what it gives. Before its first publication a table
# is not there, and its figures are unknown.
_SUMS = {
    "fct_ad_performance_daily": ("ads", {"ad_days": "count(*)"}),
    "fct_campaign_performance_daily": (
        "campaigns", {"spend": "sum(spend)", "spend_reporting": "sum(spend_reporting)"},
    ),
    "fct_instagram_account_daily": (
        "organic", {"views": "sum(views)", "interactions": "sum(total_interactions)"},
    ),
}  # fmt: skip


def _overview_query(published: set[str]) -> str:
    columns: dict[str, str] = {}
    joins = []
    for table, (alias, sums) in _SUMS.items():
        columns |= {name: f"{alias}.{name}" if table in published else "null::numeric" for name in sums}
        if table in published:
            listed = ", ".join(f"{expression} as {name}" for name, expression in sums.items())
            joins.append(
                f"left join (select client_id, platform, account_id, {listed} from analytics.{table} group by 1, 2, 3) "
                f"as {alias} using (client_id, platform, account_id)"
            )
    return _OVERVIEW.format(**columns, joins="\n".join(joins))


def _published(cursor: Cursor) -> set[str]:
    cursor.execute(
        "select relname from pg_class where relnamespace = 'analytics'::regnamespace and relname = any(%s)",
        (list(_SUMS),),
    )
    return {name for (name,) in cursor.fetchall()}


def read_overview(connection: Connection) -> list[ClientPlatform]:
    """One row per client, platform and account currency."""
    with connection.cursor() as cursor:
        cursor.execute(_overview_query(_published(cursor)))
        return [ClientPlatform(*row) for row in cursor.fetchall()]


def read_restatements(connection: Connection, run_id: str | None) -> list[RestatedDay]:
    """Days of ad accounts that a run found changed (the last run that found any, without a run id), newest day first.

    Restatements are noted for each report; the one whose sums equal the account's total tells the day.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """with proving as (
                select platform, report from ops.report_definition where proved_by = 'account_total' and required
            ),
            chosen as (
                select coalesce(%s, (
                    select run_id from ops.restatement inner join proving using (platform, report)
                    order by restatement_id desc limit 1
                )) as run_id
            )
            select account.client_id, restatement.platform, restatement.account_id, restatement.date_day,
                account.currency,
                coalesce(max(old_value) filter (where metric = 'spend'), max((ledger.totals ->> 'spend')::numeric)),
                coalesce(max(new_value) filter (where metric = 'spend'), max((ledger.totals ->> 'spend')::numeric)),
                array_agg(metric order by metric)
            from ops.restatement
            inner join chosen using (run_id)
            inner join ops.load_ledger as ledger using (platform, account_id, report, date_day)
            inner join proving using (platform, report)
            inner join raw_registry.account using (platform, account_id)
            where restatement.date_day between account.active_from and coalesce(account.active_to, 'infinity')
            group by 1, 2, 3, 4, 5 order by 4 desc, 1, 2, 3""",
            (run_id,),
        )
        return [
            RestatedDay(client, platform, account, day, currency, old, new, tuple(metrics))
            for client, platform, account, day, currency, old, new, metrics in cursor.fetchall()
        ]


def _figures(row: ClientPlatform) -> tuple[str, str]:
    """The two main figures of a row with their units: spend in both currencies, or views and interactions."""
    if row.spend is None:
        return f"{row.views or 0:,} views", f"{row.interactions or 0:,} interactions"
    converted = "-" if row.spend_reporting is None else f"{row.spend_reporting:,.2f} {row.reporting_currency}"
    return f"{row.spend:,.2f} {row.account_currency}", converted


_HEADINGS = (
    "client", "platform", "accounts", "ad-days", "spend\nor views", "converted or\ninteractions", "certified\ndays",
    "held",
)  # fmt: skip


def overview_table(rows: list[ClientPlatform]) -> Table:
    """The overview as a person reads it; money with two decimals, never added across currencies."""
    table = Table(
        box=box.SIMPLE_HEAD, title="Published figures", title_justify="left", title_style="bold",
        collapse_padding=True, pad_edge=False,
    )  # fmt: skip
    lines = []
    for row in rows:
        waiting = f" [yellow]+{row.pending_days} pending[/]" if row.pending_days else ""
        lines.append((
            escape(row.client_id), row.platform, str(row.accounts),
            "-" if row.ad_days is None else f"{row.ad_days:,}", *_figures(row),
            f"[green]{row.certified_days}[/]{waiting}", f"[red]{row.held_days}[/]" if row.held_days else "-",
        ))  # fmt: skip
    for position, heading in enumerate(_HEADINGS):
        cells = [Text.from_markup(line[position]).plain for line in lines]
        # On a narrow screen only units go to a second line; names and figures stay whole.
        table.add_column(
            heading, justify="left" if position < 2 else "right", no_wrap=not any(" " in cell for cell in cells)
        )
    for line in lines:
        table.add_row(*line)
    return table


def held_lines(rows: list[ClientPlatform]) -> list[str]:
    """Why days are held, a line per client and platform, as rich markup."""
    return [
        f"[red]held[/] {escape(row.client_id)} {row.platform}, {row.held_days} days: "
        + escape(shorten(row.held_reason or "", REASON_CHARACTERS, placeholder=" ..."))
        for row in rows
        if row.held_days
    ]


def restatement_table(rows: list[RestatedDay], limit: int = 12) -> Table:
    """What the ad platforms changed since the last reading, largest change of spend first."""
    shown = sorted(rows, key=lambda row: (-abs(row.new_spend - row.old_spend), row.date_day))[:limit]
    title = f"Restated by the platforms: {len(rows)} account-days" + (
        f", the {limit} largest" if len(rows) > limit else ""
    )
    table = Table(box=box.SIMPLE_HEAD, title=title, title_justify="left", title_style="bold")
    for heading in ("day", "client", "platform", "spend before", "now", "change", "changed too"):
        table.add_column(
            heading,
            justify="right" if heading in ("spend before", "now", "change") else "left",
            no_wrap=heading != "changed too",
        )
    for row in shown:
        others = ", ".join(metric for metric in row.metrics if metric != "spend") or "-"
        table.add_row(
            row.date_day.isoformat(), escape(row.client_id), row.platform, f"{row.old_spend:,.2f}",
            f"{row.new_spend:,.2f} {row.account_currency}", f"{row.new_spend - row.old_spend:+,.2f}", others,
        )  # fmt: skip
    return table


def as_json(rows: list[Any]) -> list[dict[str, Any]]:
    """Dataclasses as JSON-ready dictionaries; money as strings, so that no reader rounds it."""
    return [
        {name: str(value) if isinstance(value, Decimal | date) else value for name, value in asdict(row).items()}
        for row in rows
    ]
