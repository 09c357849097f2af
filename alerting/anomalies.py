"""What is told of anomalies: lines in the digest, and one message a client and week at most for grave ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from alerting.blocks import MESSAGE_CHARACTERS, Message, context, header, line_sections, message, safe
from alerting.outbox import OPS_CHANNEL, enqueue
from foundation.database import Connection, Cursor, transaction
from foundation.redaction import known_secrets, redact_all

GRAVE = "anomaly"
_LINES = 10
_LINE_CHARACTERS = 400
_COLUMNS = (
    "scope, platform, account_id, campaign_id, metric, first_day, last_day, observed, expected, at_stake, "
    "reporting_currency, causes, next_steps"
)


def warning_lines(cursor: Cursor, client_id: str, since: datetime) -> tuple[str, ...]:
    """Anomalies of the client told since then, the dearest first; those of a platform that it has accounts on, too."""
    cursor.execute(
        f"select {_COLUMNS} from ops.anomaly "
        "where told_at > %(since)s and resolved_at is null and (client_id = %(client)s or (scope = 'platform' "
        "and platform in (select platform from raw_registry.account where client_id = %(client)s))) "
        "order by at_stake desc limit %(most)s",
        {"client": client_id, "since": since, "most": _LINES},
    )
    return tuple(_line(row) for row in cursor.fetchall())


def queue_grave_anomalies(connection: Connection, *, now: datetime) -> None:
    """One message a client and ISO week with its open grave anomalies; later ones of the week wait for the digest.

    Those of a whole platform are one message to the operators.
    """
    year, week, _ = now.isocalendar()
    with transaction(connection) as cursor:
        cursor.execute(
            "select client_id, name, coalesce(slack_channel, %s) from raw_registry.client where status = 'active' "
            "and client_id in (select client_id from ops.anomaly where severity = 'ticket' and told_at is not null "
            "and resolved_at is null) order by client_id",
            (OPS_CHANNEL,),
        )
        readers = [*cursor.fetchall(), ("", "platforms", OPS_CHANNEL)]
        for client_id, name, channel in readers:
            cursor.execute(
                f"select {_COLUMNS} from ops.anomaly where client_id = %s and severity = 'ticket' "
                "and told_at is not null and resolved_at is null order by at_stake desc limit %s",
                (client_id, _LINES),
            )
            found = cursor.fetchall()
            if found:
                key = f"{GRAVE}/{client_id or 'platforms'}/{year}-W{week:02d}"
                enqueue(cursor, dedupe_key=key, kind=GRAVE, channel=channel, message=_message(name, found), now=now)


def _message(name: str, found: Sequence[tuple[Any, ...]]) -> Message:
    lines = redact_all([f"• {safe(_line(row), _LINE_CHARACTERS)}" for row in found], known_secrets())
    title = f"Worth a look today: {name}"
    note = context("A warning: the figures are certified and published.")
    return message(title, [header(title), *line_sections(lines, MESSAGE_CHARACTERS // 2), note])


def _line(row: tuple[Any, ...]) -> str:
    scope, platform, account, campaign, metric, first, last, observed, expected, stake, currency, causes, steps = row
    span = f"{first}" if first == last else f"{first} .. {last}"
    cause, step = (causes or ["unknown"])[0], (steps or ["the account"])[0]
    if scope == "platform":
        # Its figures are of other clients' accounts.
        return f"{platform}, many accounts at once: {metric} left its pattern, {span}; perhaps {cause}; see {step}"
    where = "all platforms" if scope == "client" else f"{platform} {account}"
    where += f" campaign {campaign}" if campaign else ""
    return (
        f"{where}: {metric} {_figure(observed)} where {_figure(expected)} was expected, {span}, {stake:,.0f} "
        f"{currency or ''} at stake; perhaps {cause}; see {step}"
    )


def _figure(value: float) -> str:
    """Whole numbers from a hundred on, three digits below."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
