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
