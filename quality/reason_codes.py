"""Why a total differs from the platform's: a closed list of codes, and the decision for one of them."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

ReasonCode = Literal[
    "restated_between_calls",
    "attribution_setting",
    "deleted_entity",
    "time_zone",
    "no_ad_level",
    "currency",
    "incomplete_page",
    "unexplained",
]

# What ingestion calls a day that it could not prove, or an account that it could not read (error_class).
_OF_PROBLEM: dict[str, ReasonCode] = {
    "moving_total": "restated_between_calls",
    "missing_rows": "incomplete_page",
    "duplicate_rows": "incomplete_page",
    "control_missing": "incomplete_page",
    "unexpectedly_empty": "incomplete_page",
    "unanswered": "incomplete_page",
    "incomplete": "incomplete_page",
    "differs_from_total": "unexplained",
    "ads_differ_from_campaign": "unexplained",
    "currency": "currency",
    "timezone": "time_zone",
}
# Metrics that follow an attribution setting; delivery does not.
_ATTRIBUTED = frozenset({"conversions", "conversions_value", "purchases", "purchases_value", "leads"})


@dataclass(frozen=True, slots=True)
class DifferenceEvidence:
    """What is known about one metric of an account-day. difference: None where the platform gave no total.

    complete: the ledger holds the reading to its last page and all built rows belong to it. total_moved: the account
    total changed while the detail was read. not_at_ad_level: what visible remainder rows carry. unlisted_objects:
    campaigns or ads of the account that the platform's lists no longer show. mixed_attribution: matters to conversions
    alone. problem: ingestion's code for the newest attempt, if it failed.
    """

    metric: str
    difference: Decimal | None
    tolerance: Decimal
    complete: bool = True
    total_moved: bool = False
    not_at_ad_level: Decimal = Decimal(0)
    unlisted_objects: int = 0
    mixed_attribution: bool = False
    built_currency: str | None = None
    registry_currency: str | None = None
    problem: str | None = None

    @property
    def differs(self) -> bool:
        return self.difference is None or not self.complete or abs(self.difference) > self.tolerance


def code_of_problem(problem: str | None) -> ReasonCode | None:
    """The code of a failed proof or reading; None where no figures were compared (a revoked token, say)."""
    return _OF_PROBLEM.get(problem) if problem else None


def reason_code(evidence: DifferenceEvidence) -> ReasonCode | None:
    """The cause of a difference, the surest first; None where nothing differs and nothing is set apart."""
    if evidence.differs:
        return _cause(evidence)
    if evidence.metric.startswith("ad_") and evidence.not_at_ad_level:
        return "no_ad_level"
    # Proved, but against a total that was moving: the sum lies between its two readings.
    return "restated_between_calls" if evidence.total_moved else None


def _cause(evidence: DifferenceEvidence) -> ReasonCode:
    if evidence.built_currency is not None and evidence.built_currency != evidence.registry_currency:
        return "currency"
    # What stopped the newest reading explains what is missing, unless it only says again that something differs.
    if (code := code_of_problem(evidence.problem)) and code != "unexplained":
        return code
    if evidence.difference is None or not evidence.complete:
        return "incomplete_page"
    if evidence.metric in _ATTRIBUTED and evidence.mixed_attribution:
        return "attribution_setting"
    if evidence.total_moved:
        return "restated_between_calls"
    if evidence.difference < 0:
        if evidence.metric.startswith("ad_") and _explains(evidence.not_at_ad_level, evidence):
            return "no_ad_level"
        if evidence.unlisted_objects:
            return "deleted_entity"
    return "unexplained"


def _explains(amount: Decimal, evidence: DifferenceEvidence) -> bool:
    assert evidence.difference is not None
    return bool(amount) and abs(abs(evidence.difference) - abs(amount)) <= evidence.tolerance
