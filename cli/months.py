"""`mdp months`: settled months against the platforms' own totals of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg2.extras import RealDictCursor
from rich import box
from rich.markup import escape
from rich.table import Table

from cli.session import PlatformSession
from foundation.database import connect

_COLOURS = {"certified": "green", "differs": "red", "warned": "yellow", "incomplete": "yellow", "not_read": "yellow"}


@dataclass(frozen=True)
class MonthLine:
    """One metric of a settled month, as ops.month_certificate has it."""

    client_id: str
    platform: str
    account_id: str
    month: date
    metric: str
    verdict: str
    warehouse_total: Decimal | None
    platform_total: Decimal | None
    difference: Decimal | None
    tolerance: Decimal | None
    reason: str | None
    request_ids: list[str]
    read_at: datetime | None
    checked_at: datetime


def read_months(session: PlatformSession, client: str | None, month: date | None) -> list[MonthLine]:
    """Certificates of settled months, newest month first; calls no platform."""
    columns = ", ".join(MonthLine.__dataclass_fields__)
    with connect(session.warehouse_url) as connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(
            f"""select {columns} from ops.month_certificate
            where (%(client)s is null or client_id = %(client)s) and (%(month)s::date is null or month = %(month)s)
            order by month desc, client_id, platform, account_id, first_day,
                array_position(array['spend', 'impressions', 'clicks'], metric), metric""",
            {"client": client, "month": month},
        )
        return [MonthLine(**row) for row in cursor.fetchall()]


def months_json(lines: Sequence[MonthLine]) -> list[dict[str, Any]]:
    """The lines as a JSON document."""
    return [{**asdict(line), "month": f"{line.month:%Y-%m}"} for line in lines]


def _shown(amount: Decimal | None, sign: str = "") -> str:
    return "" if amount is None else f"{amount.normalize():{sign},f}"


def months_table(lines: Sequence[MonthLine]) -> Table:
    """The lines as a person reads them; a reason that all metrics of a month share is told once."""
    table = Table(box=box.SIMPLE_HEAD, title="Settled months", title_justify="left", title_style="bold")
    numbers = ("warehouse", "platform total", "difference")
    for heading in ("month", "client", "account", "metric", *numbers, "verdict", "why and what next"):
        table.add_column(heading, justify="right" if heading in numbers else "left", no_wrap=heading in numbers)
    told: set[str] = set()
    for line in lines:
        colour = _COLOURS.get(line.verdict, "dim")
        reason = "" if line.reason is None or line.reason in told else line.reason
        told.add(reason)
        table.add_row(
            f"{line.month:%Y-%m}", line.client_id, f"{line.platform} {line.account_id}", line.metric,
            _shown(line.warehouse_total), _shown(line.platform_total), _shown(line.difference, "+"),
            f"[{colour}]{line.verdict.replace('_', ' ')}[/]", escape(reason),
        )  # fmt: skip
    return table
