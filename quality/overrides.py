"""Overrides of the gate: which account-days a named person publishes although checks failed, why and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from foundation.database import Connection, Cursor, transaction

LONGEST = timedelta(days=30)
FEWEST_WORDS = 3
# Checks of whether figures are right. All others say whether rows are figures of this account-day at all (grain, keys,
# currency, version, dates): no person can vouch for those.
_BY_NAME = frozenset(
    {
        "reconciliation",
        "account_days_are_plausible",
        "ads_add_up_to_their_campaign",
        "ad_day_conversions_are_told",
        "campaign_day_conversions_are_told",
        "ad_day_figures_are_not_negative",
        "campaign_day_figures_are_not_negative",
        "engagement_is_not_negative",
        "instagram_day_figures_are_not_negative",
    }
)
_BY_RULE = frozenset(
    {"clicks_within_impressions", "metrics_not_negative", "conversions_not_negative", "fx_rate_recent"}
)


@dataclass(frozen=True, slots=True)
class Override:
    """An override as it is recorded in ops.gate_override."""

    override_id: int
    client_id: str
    platform: str
    account_id: str
    first_day: date
    last_day: date
    named_by: str
    reason: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None

    @property
    def told(self) -> str:
        """The first reason of each day that is published under it, which Slack and `mdp status` show."""
        return (
            f"published under override {self.override_id} by {self.named_by} until "
            f"{self.expires_at:%Y-%m-%d %H:%M} UTC: {self.reason}"
        )

    def state(self, now: datetime) -> str:
        """active, revoked or expired."""
        if self.revoked_at is not None:
            return "revoked"
        return "active" if self.created_at <= now < self.expires_at else "expired"


def may_be_overridden(check: str) -> bool:
    """Whether a person may vouch for days that this check names; an expectation is named ``<table>.<rule>``."""
    return check in _BY_NAME or check.partition(".")[2] in _BY_RULE


def covering(overrides: Sequence[Override], day: tuple[str, str, str, date]) -> Override | None:
    """The override that covers an account-day; of several, the one that lasts longest."""
    found = [
        override
        for override in overrides
        if (override.client_id, override.platform, override.account_id) == day[:3]
        and override.first_day <= day[3] <= override.last_day
    ]
    return max(found, key=lambda override: (override.expires_at, override.override_id), default=None)


def refusal(*, reason: str, named_by: str, since: date, until: date, lasts: timedelta) -> str | None:
    """Why an override is not accepted, or None."""
    if len(reason.split()) < FEWEST_WORDS:
        return f"--reason: say in at least {FEWEST_WORDS} words why these figures are right; it is kept for good"
    if len(named_by.strip()) < 2:
        return "--by: name the person who answers for these figures"
    if since > until:
        return f"--from {since} is after --to {until}"
    if not timedelta(0) < lasts <= LONGEST:
        return f"--expires: longer than nothing and at most {LONGEST.days} days, for instance 7d or 12h"
    return None


_COLUMNS = (
    "override_id, client_id, platform, account_id, first_day, last_day, named_by, reason, created_at, expires_at, "
    "revoked_at, revoked_by"
)


def active_overrides(cursor: Cursor, now: datetime) -> list[Override]:
    """The overrides in force."""
    cursor.execute(
        f"select {_COLUMNS} from ops.gate_override where revoked_at is null and created_at <= %s and expires_at > %s",
        (now, now),
    )
    return [Override(*row) for row in cursor.fetchall()]


def all_overrides(connection: Connection) -> list[Override]:
    """Every override that was ever recorded, newest first."""
    with transaction(connection) as cursor:
        cursor.execute(f"select {_COLUMNS} from ops.gate_override order by override_id desc")
        return [Override(*row) for row in cursor.fetchall()]


def record_override(
    connection: Connection, *, client_id: str, platform: str, account_id: str, since: date, until: date, reason: str,
    named_by: str, lasts: timedelta, now: datetime,
) -> Override:  # fmt: skip
    """Record an override; the next publication obeys it. Raises ValueError where it is not accepted."""
    if problem := refusal(reason=reason, named_by=named_by, since=since, until=until, lasts=lasts):
        raise ValueError(problem)
    with transaction(connection) as cursor:
        cursor.execute(
            "select 1 from raw_registry.account where client_id = %s and platform = %s and account_id = %s",
            (client_id, platform, account_id),
        )
        if cursor.fetchone() is None:
            raise ValueError(f"the registry knows no {platform} account {account_id} of client {client_id}")
        cursor.execute(
            "insert into ops.gate_override (client_id, platform, account_id, first_day, last_day, named_by, reason, "
            f"created_at, expires_at) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning {_COLUMNS}",
            (client_id, platform, account_id, since, until, named_by.strip(), reason.strip(), now, now + lasts),
        )
        row = cursor.fetchone()
    if row is None:
        raise RuntimeError("PostgreSQL returned no override")
    return Override(*row)


def revoke_override(connection: Connection, override_id: int, *, revoked_by: str, now: datetime) -> None:
    """End an override early; the next publication takes its figures back. Raises ValueError where it cannot."""
    if len(revoked_by.strip()) < 2:
        raise ValueError("--by: name the person who revokes the override")
    with transaction(connection) as cursor:
        cursor.execute(
            "update ops.gate_override set revoked_at = %s, revoked_by = %s "
            "where override_id = %s and revoked_at is null",
            (now, revoked_by.strip(), override_id),
        )
        if cursor.rowcount != 1:
            raise ValueError(f"no override {override_id} is in force; `mdp override list` shows all")
