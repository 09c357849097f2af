"""Instagram's definition: what is asked for is what is kept."""

from datetime import date

import pytest

from ingestion.platforms.instagram.reports import (
    ACCOUNT_BREAKDOWN_DAILY,
    ACCOUNT_DAILY,
    DEFINITION,
    MEDIA_INSIGHTS,
    STORY_INSIGHTS,
)
from ingestion.platforms.instagram.requests import day_questions, media_questions
from ingestion.platforms.instagram.rows import account_day, day_ending_at, media_row, totals
from ingestion.reports import Report


@pytest.mark.parametrize("report", [MEDIA_INSIGHTS, STORY_INSIGHTS])
def test_every_metric_of_media_that_is_asked_for_has_a_column_and_the_other_way_round(report: Report) -> None:
    questions = [question for asked in report.request["questions"].values() for question in asked]
    metrics = {metric for question in questions for metric in question.metrics}
    assert metrics == {column.path[0] for column in report.metrics}
    assert all(set(fallback) < set(question.metrics) for question in questions for fallback in question.fallbacks)


def test_no_metric_that_the_platform_took_away_is_asked_for() -> None:
    questions = [*day_questions(ACCOUNT_DAILY), *day_questions(ACCOUNT_BREAKDOWN_DAILY)]
    questions += [question for asked in MEDIA_INSIGHTS.request["questions"].values() for question in asked]
    asked = {metric for question in questions for metric in question.metrics}
    assert not asked & {"impressions", "plays", "video_views", "clips_replays_count", "profile_views", "website_clicks"}


def test_only_the_account_day_is_waited_for() -> None:
    assert DEFINITION.required_details == ()
    assert DEFINITION.proved_level is ACCOUNT_DAILY
    assert DEFINITION.certified_metrics == ("views", "total_interactions")
    assert {report.name for report in DEFINITION.reports if report.snapshot_hours} == {
        "profile_daily", "media_insights", "story_insights", "follower_demographics", "engaged_audience_demographics",
    }  # fmt: skip


def test_people_are_never_part_of_a_sum() -> None:
    people = {"reach", "accounts_engaged"}
    assert not people & {name for report in DEFINITION.reports for name in report.measures}


@pytest.mark.parametrize(
    ("end_time", "day"),
    [
        ("2026-06-02T07:00:00+0000", date(2026, 6, 1)),
        ("2026-01-15T08:00:00+0000", date(2026, 1, 14)),
        ("2026-11-02T08:00:00+0000", date(2026, 11, 1)),
        ("2026-03-09T07:00:00+0000", date(2026, 3, 8)),
        # Seen in the winter as well, an hour before midnight.
        ("2024-01-15T07:00:00+0000", date(2024, 1, 14)),
    ],
)
def test_a_day_ends_at_midnight_pacific(end_time: str, day: date) -> None:
    assert day_ending_at(end_time) == day


def test_an_ads_picture_is_read_like_a_post_and_a_story_like_a_story() -> None:
    (advertised,) = media_questions(MEDIA_INSIGHTS, {"media_product_type": "AD", "media_type": "IMAGE"})
    assert "profile_visits" in advertised.metrics
    (old_video,) = media_questions(MEDIA_INSIGHTS, {"media_product_type": "FEED", "media_type": "VIDEO"})
    assert old_video.metrics == ("reach", "saved")
    # Old answers name no product type.
    assert "replies" in media_questions(STORY_INSIGHTS, {"media_type": "VIDEO"})[0].metrics


def test_zero_is_told_and_nothing_is_nothing() -> None:
    answer = {"data": [{"name": "views", "total_value": {"value": 0}}, {"name": "likes", "values": []}]}
    assert totals(answer) == {"views": 0}
    assert account_day(date(2026, 11, 1), {}, ["views"]) == []
    assert account_day(date(2026, 11, 1), {"views": 0}, ["views"])[0]["absent_metrics"] is None
    assert media_row(date(2026, 11, 1), {"id": "1"}, [{"data": []}]) == []
