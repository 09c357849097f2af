"""What one account's part of a load is called by all who settle it."""

from dataclasses import dataclass
from datetime import datetime

from ingestion.accounts import AccountRef
from ingestion.reports import PlatformDefinition


@dataclass(frozen=True)
class AccountLoad:
    """One account in one landing. ``fence``: of two runs that meet on an account, the greater one wins."""

    landing: str
    definition: PlatformDefinition
    account: AccountRef
    run_id: str
    fence: int
    now: datetime

    @property
    def key(self) -> tuple[str, str]:
        """Platform and account id, as the ops tables are keyed."""
        return self.definition.name, self.account.account_id
