"""How often a held account-day is read again by itself, and when people hear of it."""

from datetime import datetime, timedelta

# A first difference is read again at once, then three times over six hours, then once a day.
RETRY_HOURS = (0, 1, 2, 3)
DAILY_RETRY_HOURS = 24
RETRIES_LAST = timedelta(hours=sum(RETRY_HOURS))
# An incident that waits for readings that never come would be silent for good.
LONGEST_SILENCE = RETRIES_LAST + timedelta(hours=2)
ESCALATES_AFTER = timedelta(hours=24)


def retry_after(attempts: int) -> timedelta:
    """How long a day that was held ``attempts`` times waits for its next reading."""
    hours = RETRY_HOURS[attempts - 1] if attempts <= len(RETRY_HOURS) else DAILY_RETRY_HOURS
    return timedelta(hours=hours)


def newest_retry(held_since: datetime, now: datetime) -> datetime:
    """The newest instant up to ``now`` at which a day that is held since then was to be read again."""
    at, attempts = held_since, 1
    while (following := at + retry_after(attempts)) <= now:
        at, attempts = following, attempts + 1
    return at
