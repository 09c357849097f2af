"""The account as ingestion knows it: what to read, in whose name, in which zone and currency."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class AccountRef:
    """One account of one client. active_from / active_to are inclusive account-local days.

    restatement_days: the client file's own window; None = the platform's.
    """

    client_id: str
    platform: str
    account_id: str
    currency: str
    timezone: str
    credential: str
    login_customer_id: str | None
    active_from: date
    active_to: date | None
    restatement_days: int | None = None

    def __str__(self) -> str:
        return f"{self.client_id} {self.platform} {self.account_id}"


@dataclass(frozen=True)
class VisibleAccount:
    """An account that a credential can see. currency and timezone are None where the platform has none of them."""

    account_id: str
    name: str
    currency: str | None
    timezone: str | None
    status: str
    login_customer_id: str | None = None


def credential_only(platform: str, credential: str) -> AccountRef:
    """Stands for a call that is about a credential and no account of its own."""
    return AccountRef("", platform, "", "", "UTC", credential, None, date.min, None)
