"""Platforms of which nothing is read: one incident for the operators in place of one for each account."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alerting.blocks import Message, context, fields, header, message, safe, section
from alerting.facts import STANDSTILL, StandstillFacts
from alerting.held_units import MISSING, HeldUnit
from alerting.incident_store import OPENED, PAGE, RESOLVED, close, insert, open_incidents_of, see, tell
from alerting.messages import count, duration, instant, platform_name, window
from alerting.outbox import OPS_CHANNEL
from foundation.database import Cursor
from foundation.held_days import LONGEST_SILENCE

_LAST_READINGS = "select platform, max(started_at) from ops.load_run where finished_at is not null group by platform"


def last_readings(cursor: Cursor) -> dict[str, datetime]:
    """Platform -> start of the newest load that came to its end."""
    cursor.execute(_LAST_READINGS)
    return dict(cursor.fetchall())


def standing_still(
    units: Sequence[HeldUnit], last_readings: Mapping[str, datetime], now: datetime
) -> dict[str, tuple[StandstillFacts, list[HeldUnit]]]:
    """Platforms with accounts that lack days which became owed after the last reading, and those accounts' units.

    An account that lacked a day when its platform was read has a cause of its own.
    """
    lacking = defaultdict[str, list[HeldUnit]](list)
    for unit in units:
        facts, never = unit.facts, datetime.min.replace(tzinfo=now.tzinfo)
        if facts.cause == MISSING and facts.held_since > last_readings.get(facts.platform, never):
            lacking[facts.platform].append(unit)
    return {platform: (_facts(platform, last_readings, missing, now), missing) for platform, missing in lacking.items()}


def _facts(
    platform: str, last_readings: Mapping[str, datetime], missing: Sequence[HeldUnit], now: datetime
) -> StandstillFacts:
    days = [day for unit in missing for day in unit.facts.window[:2] if day is not None]
    return StandstillFacts(
        platform=platform,
        last_read_at=last_readings.get(platform),
        accounts=len({unit.facts.account_id for unit in missing}),
        clients=len({unit.facts.client_id for unit in missing}),
        first_day=min(days),
        last_day=max(days),
        noticed_at=now,
    )


def collect_standstills(cursor: Cursor, units: Sequence[HeldUnit], now: datetime) -> list[HeldUnit]:
    """Open, update and resolve the incidents of standstills, within the caller's turn and transaction.

    Returns the units; those that lack days for a standstill wait until people have had the time to mend it.
    """
    known = {incident.fingerprint: incident for incident in open_incidents_of(cursor, STANDSTILL)}
    waiting = set[str]()
    for facts, missing in standing_still(units, last_readings(cursor), now).values():
        incident = known.pop(facts.fingerprint, None)
        if incident is None:
            incident_id = insert(
                cursor, facts=facts, kind=STANDSTILL, severity=PAGE, title=standstill_title(facts),
                channel=OPS_CHANNEL, now=now,
            )  # fmt: skip
            tell(cursor, incident_id, OPS_CHANNEL, OPENED, standstill_opened(facts), now)
        else:
            noticed_at = StandstillFacts.from_json(dict(incident.facts)).noticed_at
            facts = facts.model_copy(update={"noticed_at": noticed_at})
            see(cursor, incident.incident_id, facts, now)
        if now - facts.noticed_at < LONGEST_SILENCE:
            waiting |= {unit.facts.fingerprint for unit in missing}
    for incident in known.values():
        gone = StandstillFacts.from_json(dict(incident.facts))
        close(cursor, incident.incident_id, now)
        tell(cursor, incident.incident_id, incident.channel, RESOLVED, standstill_resolved(gone, now), now)
    return [replace(unit, waits=True) if unit.facts.fingerprint in waiting else unit for unit in units]


def standstill_title(facts: StandstillFacts) -> str:
    """One line for lists of incidents."""
    return f"Nothing is read from {platform_name(facts.platform)}"


def standstill_opened(facts: StandstillFacts) -> Message:
    """The parent message, for the operators' channel."""
    lacking = f"{count(facts.accounts, 'account')} of {count(facts.clients, 'client')}"
    days = window(facts.first_day, facts.last_day, (facts.last_day - facts.first_day).days + 1)
    last = instant(facts.last_read_at) if facts.last_read_at else "never"
    step = (
        f"`mdp doctor` says whether the schedules run; a load that hangs stands in the UI under Runs. "
        f"`mdp sync {facts.platform}` reads what is due now."
    )
    tell_at = instant(facts.noticed_at + LONGEST_SILENCE)
    blocks = [
        header(standstill_title(facts)),
        *fields([("Last load that ended", last), ("Lacking", lacking), ("Window", days)]),
        section("*What readers see*\nThe last published figures; the days of the window are absent, not zero."),
        section(f"*Next step*\n{step}"),
        context(f"Clients are not told of each account before {tell_at}. The end of it comes into this thread."),
    ]
    since = f"since {last}" if facts.last_read_at else "and never was"
    return message(f"{standstill_title(facts)} {since}: {lacking} lack {days}. Next step: {step}", blocks)


def standstill_resolved(facts: StandstillFacts, now: datetime) -> Message:
    """Goes into the thread when the platform is read again."""
    text = f"Resolved after {duration(now - facts.noticed_at)}: {platform_name(facts.platform)} is read again."
    return message(text, [section(f":white_check_mark: {safe(text)}")])
