"""What a platform's error means for the run: the vocabulary that every platform's error table maps to."""

from dataclasses import dataclass
from enum import StrEnum


class Action(StrEnum):
    """What to do about an answer that is not data."""

    RETRY = "retry"
    REFRESH_TOKEN = "refresh_token"
    SHRINK = "shrink"
    GIVE_UP_ACCOUNT = "give_up_account"
    # Nothing more can be read with this credential in this run: revoked, version gone, day's quota used up.
    FATAL = "fatal"


@dataclass(frozen=True)
class Problem:
    """An error answer, classified. ``code`` is the platform's own, such as 190/460 or quotaError.RESOURCE_EXHAUSTED.

    wait_seconds: how long the platform asks us to stay away from the credential, where it says so.
    account_only: the limit is the account's own; others under the credential may go on.
    """

    action: Action
    error_class: str
    code: str
    message: str
    next_step: str
    wait_seconds: float | None = None
    account_only: bool = False


class AccountReadError(Exception):
    """Reading one account failed for good in this run; the other accounts go on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.error_class} ({problem.code}): {problem.message}")
        self.problem = problem


class ShrinkRequest(Exception):
    """The platform wants a smaller question; the platform's client halves its page or span."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class TokenRefused(Exception):
    """The access token is no longer accepted; the client fetches another one once."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
