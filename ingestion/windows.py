"""Which days of an account are due: pure rules over the registry, the ledger and the clock."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from ingestion.reports import DayZone

ONE_DAY = timedelta(days=1)
_PACIFIC = ZoneInfo("America/Los_Angeles")
# A trailing window is read as one span unless it is longer than any month.
LONGEST_TRAILING_DAYS = 31
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


def _zone(day_zone: DayZone, timezone: str) -> ZoneInfo:
    return {"utc": ZoneInfo("UTC"), "pacific": _PACIFIC}.get(day_zone) or ZoneInfo(timezone)


def end_of_day(day: date, day_zone: DayZone, timezone: str) -> datetime:
    """Instant at which the day ends in the zone that the platform counts days in."""
    return datetime.combine(day + ONE_DAY, time(), _zone(day_zone, timezone)).astimezone(UTC)


def today_in(day_zone: DayZone, timezone: str, now: datetime) -> date:
    """The calendar day at ``now`` in the zone that the platform counts days in."""
    return now.astimezone(_zone(day_zone, timezone)).date()


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


def parts(span: Span, longest_days: int | None) -> list[Span]:
    """The span in pieces of at most so many days, newest first."""
    if longest_days is None:
        return [span]
    pieces, until = [], span.until
    while until >= span.since:
        since = max(span.since, until - timedelta(days=longest_days - 1))
        pieces.append(Span(since, until))
        until = since - ONE_DAY
    return pieces


@dataclass(frozen=True)
class Window:
    """How far back days are read, counted from the newest due day: again every day, again every month, at all."""

    restatement_days: int
    deep_pass_days: int | None = None
    retention_days: int | None = None

    def reachable(self, active: Span, newest_due: date) -> Span | None:
        """Days of the account that the platform still answers for; None where there is none."""
        since, until = active.since, min(active.until, newest_due)
        if self.retention_days is not None:
            since = max(since, newest_due - timedelta(days=self.retention_days - 1))
        return Span(since, until) if since <= until else None


def due_spans(
    active: Span, ledger: LedgerDays, *, window: Window, newest_due: date, newest_due_at: datetime
) -> list[Span]:
    """Spans to read now, newest first: the trailing window whole, older days in account-months; empty = nothing due.

    The trailing window is due when a day of it was last verified before ``newest_due`` became due; an older month is
    due as long as a day of it is not complete, was last verified before its own last window became due (the account
    could not be read since), or waits for the month's deep pass. Days that wait for their retry count for neither.
    """
    reachable = window.reachable(active, newest_due)
    if reachable is None:
        return []
    trailing = Span(max(reachable.since, newest_due - timedelta(days=window.restatement_days - 1)), reachable.until)
    deep_since = newest_due - timedelta(days=(window.deep_pass_days or 0) - 1)
    deep_at = newest_due_at - timedelta(days=newest_due.day - 1)
    waiting = set(ledger.retry_later)

    def is_old(day: date) -> bool:
        verified_at = ledger.verified.get(day)
        if verified_at is None:
            return True
        if day >= trailing.since:
            return False
        if window.deep_pass_days and day >= deep_since and verified_at < deep_at - _CLOCK_CHANGE:
            return True
        return verified_at < newest_due_at - (trailing.since - day) - _CLOCK_CHANGE

    holes = {day for day in reachable.days() if day not in waiting and is_old(day)}
    stale = any(
        ledger.verified[day] < newest_due_at for day in trailing.days() if day in ledger.verified and day not in waiting
    )
    spans: list[Span] = []
    if trailing.since <= trailing.until and (stale or not holes.isdisjoint(trailing.days())):
        spans += parts(trailing, LONGEST_TRAILING_DAYS)
    older = {day for day in holes if day < trailing.since}
    if older:
        until = min(trailing.since - ONE_DAY, reachable.until)
        spans += [span for span in months(Span(min(older), until)) if not older.isdisjoint(span.days())]
    return spans
