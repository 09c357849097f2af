"""Which days of an account are due: pure rules over the registry, the ledger and the clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingestion.reports import DayZone

ONE_DAY = timedelta(days=1)
_PACIFIC = ZoneInfo("America/Los_Angeles")
# Instants of other days are counted back from today's; between them clocks may have changed.
_CLOCK_CHANGE = timedelta(hours=1)


@dataclass(frozen=True, order=True)
class Span:
    """Days from since to until, both included."""

    since: date
    until: date

    def days(self) -> list[date]:
        return [self.since + timedelta(days=offset) for offset in range((self.until - self.since).days + 1)]


@dataclass(frozen=True)
class LedgerDays:
    """What the ledger and the quarantine know of an account.

    verified: day -> instant at which the platform was last seen to agree; retry_later: held days not to be read yet.
    """

    verified: dict[date, datetime]
    retry_later: Collection[date] = ()


def end_of_day(day: date, day_zone: DayZone, timezone: str) -> datetime:
    """Instant at which the day ends in the zone that the platform counts days in."""
    zone = {"utc": ZoneInfo("UTC"), "pacific": _PACIFIC}.get(day_zone) or ZoneInfo(timezone)
    return datetime.combine(day + ONE_DAY, time(), zone).astimezone(UTC)


def last_due_day(now: datetime, due_after_hours: int, day_zone: DayZone, timezone: str) -> date:
    """The newest day that ended at least so many hours ago."""
    day = now.date() + ONE_DAY
    while end_of_day(day, day_zone, timezone) + timedelta(hours=due_after_hours) > now:
        day -= ONE_DAY
    return day


def months(span: Span) -> list[Span]:
    """The span cut at the ends of months, newest first: the unit of first loads and backfills."""
    spans, until = [], span.until
    while until >= span.since:
        since = max(span.since, until.replace(day=1))
        spans.append(Span(since, until))
        until = since - ONE_DAY
    return spans


def due_spans(
    active: Span, ledger: LedgerDays, *, restatement_days: int, newest_due: date, newest_due_at: datetime
) -> list[Span]:
    """Account-month spans to read now, newest first; empty when nothing is due.

    The trailing window is due when a day of it was last verified before ``newest_due`` became due; an older month is
    due as long as a day of it is not complete, or was last verified before its own last window became due (the
    account could not be read since), and does not wait for its retry.
    """
    until = min(active.until, newest_due)
    if until < active.since:
        return []
    window = Span(max(active.since, newest_due - timedelta(days=restatement_days - 1)), until)
    waiting = set(ledger.retry_later)
    holes = {
        day
        for day in Span(active.since, until).days()
        if day not in waiting
        and (
            day not in ledger.verified
            or (day < window.since and ledger.verified[day] < newest_due_at - (window.since - day) - _CLOCK_CHANGE)
        )
    }
    stale = any(
        ledger.verified[day] < newest_due_at for day in window.days() if day in ledger.verified and day not in waiting
    )
    if not holes and not stale:
        return []
    oldest = min({*holes, window.since}) if window.since <= window.until else min(holes, default=until)
    spans = months(Span(oldest, until))
    return [span for span in spans if span.until >= window.since or not holes.isdisjoint(span.days())]
