"""When people are warned that a credential or an API version stops working."""

from datetime import UTC, datetime, timedelta

import pytest

from alerting.deadlines import WARNING_DAYS, deadline_message, next_step, warning_step
from alerting.facts import DeadlineFacts

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "step"),
    [(120, None), (91, None), (90, 90), (31, 90), (30, 30), (8, 30), (7, 7), (1, 7), (0, 0), (-3, 0)],
)
def test_a_version_is_warned_of_90_30_and_7_days_ahead_and_when_it_ends(days: int, step: int | None) -> None:
    assert warning_step(NOW + timedelta(days=days), NOW, WARNING_DAYS["api_version"]) == step


def test_hours_count_towards_the_day_that_they_begin() -> None:
    assert warning_step(NOW + timedelta(days=7, hours=1), NOW, (30, 7)) == 30
    assert warning_step(NOW + timedelta(days=6, hours=23), NOW, (30, 7)) == 7


def _facts(what: str, name: str) -> DeadlineFacts:
    return DeadlineFacts.model_validate(
        {"what": what, "platform": "meta_ads", "name": name, "ends_at": NOW + timedelta(days=5), "days_left": 7}
    )


def test_the_warning_names_platform_day_and_what_to_do() -> None:
    text = deadline_message(_facts("credential", "meta_agency"), NOW).text
    assert "Meta Ads: credential meta_agency ends 2026-11-27 (in 5 days)" in text
    assert "log in again" in text
    assert "MDP_META_ADS_API_VERSION" in next_step(_facts("api_version", "v25.0"))


def test_a_renewed_credential_is_another_cause_than_another_one() -> None:
    assert _facts("credential", "a").fingerprint != _facts("credential", "b").fingerprint
    assert _facts("credential", "a").fingerprint == _facts("credential", "a").fingerprint
