"""What an incident or a digest says, as plain values: stored as JSON, turned into text by ``alerting.messages``."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict

HELD = "held"
RUN_FAILED = "run_failed"
DEADLINE = "deadline"
SETTLED_MONTH = "settled_month"
OVERRIDE = "override"
STANDSTILL = "standstill"


class _Facts(BaseModel):
    model_config = ConfigDict(frozen=True)

    def as_json(self) -> dict[str, Any]:
        """The value of a jsonb column."""
        return self.model_dump(mode="json")

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """The facts that ``as_json`` stored."""
        return cls.model_validate(value)


class HeldFacts(_Facts):
    """One cause that holds days of one account of one client.

    first_day, last_day and days are None, None, 0 while the cause (a dead credential) holds no due day yet;
    days_with_last_good: how many of the days keep an older certified version in front of the reader.
    """

    client_id: str
    client_name: str
    platform: str
    account_id: str
    account_name: str | None
    cause: str
    reason: str
    other_reasons: int = 0
    next_step: str
    held_since: datetime
    first_day: date | None
    last_day: date | None
    days: int
    days_with_last_good: int
    last_good_day: date | None

    @property
    def fingerprint(self) -> str:
        """Equal for the same cause on the same account of the same client, whatever the days."""
        return "/".join((HELD, self.client_id, self.platform, self.account_id, self.cause))

    @property
    def window(self) -> tuple[date | None, date | None, int]:
        """What an update is told for: a reason whose numbers move each hour is no news."""
        return self.first_day, self.last_day, self.days


class RunFacts(_Facts):
    """A job that fails; ``failures`` counts the failed runs since the incident opened."""

    job: str
    step: str | None
    error: str
    run_id: str
    run_url: str | None
    failing_since: datetime
    failures: int = 1

    @property
    def fingerprint(self) -> str:
        """One incident a job: whichever step fails, the same people look at the same page."""
        return f"{RUN_FAILED}/{self.job}"


class StandstillFacts(_Facts):
    """A platform of which no load has come to its end since accounts began to lack days.

    first_day, last_day: of all that its accounts lack; last_read_at: None = never; noticed_at: when it was told.
    """

    platform: str
    last_read_at: datetime | None
    accounts: int
    clients: int
    first_day: date
    last_day: date
    noticed_at: datetime

    @property
    def fingerprint(self) -> str:
        """One incident a platform, however many accounts wait."""
        return f"{STANDSTILL}/{self.platform}"


class DeadlineFacts(_Facts):
    """Something that stops working on a known day: a credential, or the API version in use.

    days_left: which of the warning steps was told last; 0 = the day has come.
    """

    what: Literal["credential", "api_version"]
    platform: str
    name: str
    ends_at: datetime
    days_left: int

    @property
    def fingerprint(self) -> str:
        """A renewed credential or another version is another cause."""
        return "/".join((DEADLINE, self.what, self.platform, self.name))


class MonthFacts(_Facts):
    """A settled month of an account whose published days are not the platform's own total of it."""

    client_id: str
    client_name: str
    platform: str
    account_id: str
    account_name: str | None
    month: date
    first_day: date
    verdict: Literal["warned", "differs"]
    differences: dict[str, Decimal]
    reason: str
    since: datetime

    @property
    def fingerprint(self) -> str:
        """One incident a month of an account, however many of its metrics differ."""
        return "/".join((SETTLED_MONTH, self.client_id, self.platform, self.account_id, str(self.first_day)))


class OverrideFacts(_Facts):
    """Held days of an account that a named person publishes."""

    override_id: int
    client_id: str
    client_name: str
    platform: str
    account_id: str
    account_name: str | None
    first_day: date
    last_day: date
    named_by: str
    reason: str
    since: datetime
    expires_at: datetime

    @property
    def fingerprint(self) -> str:
        """Each override is told by itself."""
        return f"{OVERRIDE}/{self.override_id}"


class PlatformFigure(_Facts):
    """A platform's main figure: spend in the client's reporting currency, on Instagram views.

    None = no published account-day, which is not zero. accounts_expected: those whose day is due.
    """

    platform: str
    measure: Literal["spend", "views"] = "spend"
    yesterday: Decimal | None
    day_before: Decimal | None
    week_before: Decimal | None
    accounts_expected: int
    accounts_current: int
    # A comparison of one account with two is wrong by an account, so it is not shown.
    day_before_comparable: bool
    week_before_comparable: bool
    rows_without_rate: int = 0


class HeldAccount(_Facts):
    """An account with held days, as ``analytics.account_day_state`` tells it."""

    platform: str
    account_id: str
    account_name: str | None
    first_day: date
    last_day: date
    days: int
    reason: str


class RestatedAccount(_Facts):
    """Days of an account that the platform changed after the fact; difference in account currency."""

    platform: str
    account_id: str
    account_name: str | None
    currency: str
    days: int
    first_day: date
    last_day: date
    difference: Decimal


class DigestFacts(_Facts):
    """A client's morning digest. ``day`` is yesterday in the client's time zone."""

    client_id: str
    client_name: str
    day: date
    reporting_currency: str
    platforms: tuple[PlatformFigure, ...]
    held: tuple[HeldAccount, ...]
    restated: tuple[RestatedAccount, ...]
    restated_since: datetime
    warnings: tuple[str, ...] = ()
