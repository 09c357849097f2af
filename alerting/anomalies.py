"""What is told of anomalies: lines in the digest, and one message a client and week at most for grave ones."""

from datetime import datetime
from typing import Any

from alerting.blocks import MESSAGE_CHARACTERS, context, header, line_sections, message, safe
from alerting.outbox import OPS_CHANNEL, enqueue
from alerting.redaction import known_secrets, redact_all
from foundation.database import Connection, Cursor, transaction

GRAVE = "anomaly"
_LINES = 10
_COLUMNS = (
    "scope, platform, account_id, campaign_id, metric, first_day, last_day, observed, expected, at_stake, "
    "reporting_currency, causes, next_steps"
)


def warning_lines(cursor: Cursor, client_id: str, since: datetime) -> tuple[str, ...]:
    """Anomalies of the client told since then, the dearest first; those of whole platforms concern every client."""
    cursor.execute(
        f"select {_COLUMNS} from ops.anomaly where client_id in (%s, '') and told_at > %s and resolved_at is null "
        "order by at_stake desc limit %s",
        (client_id, since, _LINES),
    )
    return tuple(_line(row) for row in cursor.fetchall())


def queue_grave_anomalies(connection: Connection, *, now: datetime) -> None:
    """One message a client and ISO week with its open grave anomalies; later ones of the week wait for the digest."""
    year, week, _ = now.isocalendar()
    secrets = known_secrets()
    with transaction(connection) as cursor:
        cursor.execute(
            "select client_id, name, coalesce(slack_channel, %s) from raw_registry.client where status = 'active' "
            "and client_id in (select client_id from ops.anomaly where severity = 'ticket' and told_at is not null "
            "and resolved_at is null) order by client_id",
            (OPS_CHANNEL,),
        )
        for client_id, name, channel in cursor.fetchall():
            cursor.execute(
                f"select {_COLUMNS} from ops.anomaly where client_id = %s and severity = 'ticket' "
                "and told_at is not null and resolved_at is null order by at_stake desc limit %s",
                (client_id, _LINES),
            )
            lines = redact_all([f"• {safe(_line(row), 400)}" for row in cursor.fetchall()], secrets)
            note = context("A warning: the figures are certified and published.")
            title = f"Worth a look today: {name}"
            enqueue(
                cursor,
                dedupe_key=f"{GRAVE}/{client_id}/{year}-W{week:02d}",
                kind=GRAVE,
                channel=channel,
                message=message(title, [header(title), *line_sections(lines, MESSAGE_CHARACTERS // 2), note]),
                now=now,
            )


def _line(row: tuple[Any, ...]) -> str:
    scope, platform, account, campaign, metric, first, last, observed, expected, stake, currency, causes, steps = row
    where = {"platform": platform, "client": "all platforms"}.get(scope) or f"{platform} {account}"
    where += f" campaign {campaign}" if campaign else ""
    span = f"{first}" if first == last else f"{first} .. {last}"
    cause, step = (causes or ["unknown"])[0], (steps or ["the account"])[0]
    return (
        f"{where}: {metric} {observed:,.4g} where {expected:,.4g} was expected, {span}, {stake:,.0f} {currency or ''} "
        f"at stake; perhaps {cause}; see {step}"
    )
