"""When an incident opens, speaks again and closes."""

from datetime import UTC, date, datetime, timedelta

import pytest

from alerting.facts import HeldFacts
from alerting.held_units import HeldUnit
from alerting.incidents import Change, Open, OpenIncident, Resolve, decide, worth_telling
from alerting.outbox import OPS_CHANNEL

SINCE = datetime(2026, 11, 18, 6, tzinfo=UTC)
NOW = SINCE + timedelta(hours=7)


def cause(account: str = "1", code: str = "gate", days: int = 1, **changes: object) -> HeldFacts:
    first = date(2026, 11, 17)
    values: dict[str, object] = {
        "client_id": "acme",
        "client_name": "Acme",
        "platform": "meta_ads",
        "account_id": account,
        "account_name": None,
        "cause": code,
        "reason": "reason",
        "next_step": "step",
        "held_since": SINCE,
        "first_day": first,
        "last_day": first + timedelta(days=days - 1),
        "days": days,
        "days_with_last_good": 0,
        "last_good_day": None,
    }
    return HeldFacts.model_validate({**values, **changes})


def opened(facts: HeldFacts, severity: str = "ticket") -> OpenIncident:
    return OpenIncident(7, facts.fingerprint, "C1", facts.as_json(), severity)


def test_a_new_cause_opens_an_incident_in_the_clients_channel() -> None:
    assert decide([], [HeldUnit(cause(), "C1")], NOW) == [Open(cause(), "C1")]


def test_a_client_without_channel_is_told_of_in_the_operators_channel() -> None:
    assert decide([], [HeldUnit(cause(), None)], NOW) == [Open(cause(), OPS_CHANNEL)]


def test_the_same_window_is_not_told_again_even_if_the_numbers_in_its_reason_moved() -> None:
    (step,) = decide([opened(cause())], [HeldUnit(cause(reason="other numbers"), "C1")], NOW)
    assert isinstance(step, Change)
    assert not step.tell
    assert step.facts.reason == "other numbers"


def test_another_window_is_told() -> None:
    (step,) = decide([opened(cause(days=1))], [HeldUnit(cause(days=3), "C1")], NOW)
    assert isinstance(step, Change)
    assert step.tell
    assert (step.before.days, step.facts.days) == (1, 3)


def test_a_cause_that_is_gone_is_resolved() -> None:
    incident = opened(cause())
    assert decide([incident], [], NOW) == [Resolve(incident, cause())]


def test_two_causes_on_one_account_are_two_incidents() -> None:
    incident = opened(cause(code="gate"))
    steps = decide([incident], [HeldUnit(cause(code="account:auth"), "C1")], NOW)
    assert [type(step) for step in steps] == [Open, Resolve]


def test_the_start_of_a_cause_never_moves_forward() -> None:
    later = cause(held_since=SINCE + timedelta(days=1))
    (step,) = decide([opened(cause())], [HeldUnit(later, "C1")], NOW)
    assert isinstance(step, Change)
    assert step.facts.held_since == SINCE


def test_nobody_is_told_while_readings_that_may_mend_it_are_still_to_come() -> None:
    assert decide([], [HeldUnit(cause(), "C1", waits=True)], NOW) == []


def test_an_open_incident_stays_open_while_its_new_days_wait_for_their_readings() -> None:
    (step,) = decide([opened(cause())], [HeldUnit(cause(), "C1", waits=True)], NOW)
    assert isinstance(step, Change)


@pytest.mark.parametrize(
    ("hours", "severity", "escalates"),
    [(23, "ticket", False), (24, "ticket", True), (24, "page", False), (90, "page", False)],
)
def test_a_cause_that_nobody_mends_for_a_day_goes_to_the_operators_once(
    hours: int, severity: str, escalates: bool
) -> None:
    (step,) = decide([opened(cause(), severity)], [HeldUnit(cause(), "C1")], SINCE + timedelta(hours=hours))
    assert isinstance(step, Change)
    assert step.escalate is escalates


@pytest.mark.parametrize(("failures", "tells"), [(1, True), (2, True), (3, False), (4, True), (7, False), (8, True)])
def test_a_job_that_keeps_failing_speaks_ever_more_rarely(failures: int, tells: bool) -> None:
    assert worth_telling(failures) is tells
