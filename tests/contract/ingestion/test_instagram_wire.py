"""The Instagram client against bodies as they stand on the wire: days, absent figures, media, stories, errors."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from ingestion.errors import AccountReadError, Action
from ingestion.platforms.instagram.client import InstagramClient
from ingestion.platforms.instagram.reports import (
    ACCOUNT_BREAKDOWN_DAILY,
    ACCOUNT_DAILY,
    ACCOUNTS,
    FOLLOWER_DEMOGRAPHICS,
    MEDIA,
    MEDIA_INSIGHTS,
    PROFILE_DAILY,
    REACH_DAILY,
    STORIES,
    STORY_INSIGHTS,
)
from ingestion.reports import Report
from tests.contract.ingestion.conftest import account_of
from tests.contract.ingestion.scripted_platform import Answer, Asked, ScriptedPlatform

ACCOUNT = account_of("instagram")
NOV_1, NOV_2 = date(2026, 11, 1), date(2026, 11, 2)


def total(name: str, value: int) -> dict[str, Any]:
    return {
        "name": name, "period": "day", "title": name, "description": "…", "total_value": {"value": value},
        "id": f"4242/insights/{name}/day",
    }  # fmt: skip


def split(name: str, dimension: str, results: dict[str, int]) -> dict[str, Any]:
    parts = [{"dimension_values": words.split("|"), "value": value} for words, value in results.items()]
    breakdowns = [{"dimension_keys": dimension.split(","), "results": parts}]
    return {"name": name, "period": "day", "total_value": {"breakdowns": breakdowns}, "id": f"4242/insights/{name}/day"}


def lifetime(name: str, value: float) -> dict[str, Any]:
    return {"name": name, "period": "lifetime", "values": [{"value": value}], "id": f"1/insights/{name}/lifetime"}


def failure(code: int, message: str, subcode: int | None = None, status: int = 400) -> Answer:
    error = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "Ahandwritten"}
    return Answer({"error": {**error, **({"error_subcode": subcode} if subcode else {})}}, status)


def media(number: int, product: str = "FEED", kind: str = "IMAGE", at: str = "2026-11-20T17:39:18+0000") -> Any:
    return {"id": str(number), "media_type": kind, "media_product_type": product, "timestamp": at, "ig_id": "9"}


def rows(client: InstagramClient, report: Report, since: date, until: date) -> list[dict[str, Any]]:
    return [row for page in client.report_pages(ACCOUNT, report, since, until) for row in page]


def asked_metrics(asked: Asked) -> list[str]:
    return asked.parameters["metric"].split(",")


def test_an_account_day_is_one_call_with_the_ends_of_the_pacific_day(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"data": [total("views", 500), total("total_interactions", 40), total("reach", 310)]}))
    found = rows(instagram, ACCOUNT_DAILY, date(2026, 10, 31), NOV_2)
    assert [row["date_day"] for row in found] == ["2026-10-31", "2026-11-01", "2026-11-02"]
    assert (found[0]["views"], found[0]["total_interactions"], found[0]["reach"]) == (500, 40, 310)
    ends = [(int(a.parameters["since"]), int(a.parameters["until"])) for a in platform.asked]
    # Clocks go back on 1 November: that day has 25 hours, and midnight moves from 07:00 to 08:00 UTC.
    assert ends == [
        (1793430000, 1793516399),
        (1793516400, 1793606399),
        (1793606400, 1793692799),
    ]
    assert datetime.fromtimestamp(1793606400, UTC) == datetime(2026, 11, 2, 8, tzinfo=UTC)
    (asked, *_) = platform.asked
    assert (asked.path, asked.parameters["metric_type"], asked.parameters["period"]) == (
        "/v26.0/4242/insights", "total_value", "day",
    )  # fmt: skip
    assert {"views", "reach", "total_interactions", "follows_and_unfollows", "profile_links_taps"} <= set(
        asked_metrics(asked)
    )
    assert asked.headers["Authorization"] == "Bearer token-of-agency"
    assert "token" not in json.dumps(asked.parameters)


def test_a_metric_without_data_is_named_as_absent_and_is_not_zero(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    platform.answers(Answer({"data": [total("views", 0), total("likes", 3)]}))
    (row,) = rows(instagram, ACCOUNT_DAILY, NOV_1, NOV_1)
    assert row["views"] == 0
    assert "reach" not in row
    assert {"reach", "total_interactions"} <= set(row["absent_metrics"])
    assert "likes" not in row["absent_metrics"]


def test_a_day_without_any_answer_is_no_row(instagram: InstagramClient, platform: ScriptedPlatform) -> None:
    platform.answers(Answer({"data": []}))
    assert rows(instagram, ACCOUNT_DAILY, NOV_1, NOV_2) == []
    assert len(platform.asked) == 2


def test_a_metric_that_an_account_is_refused_costs_the_others_nothing_and_is_asked_for_once(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    def script(asked: Asked) -> Answer:
        if "follows_and_unfollows" in asked_metrics(asked):
            return failure(100, "(#100) metric[10] is not available for this account")
        return Answer({"data": [total(name, 7) for name in asked_metrics(asked)]})

    platform.script = script
    found = rows(instagram, ACCOUNT_DAILY, NOV_1, date(2026, 11, 4))
    assert [row["views"] for row in found] == [7, 7, 7, 7]
    assert {tuple(row["absent_metrics"]) for row in found} == {("follows_and_unfollows",)}
    # All twelve at once, each one alone, and from the second day on the eleven that are left.
    assert len(platform.asked) == 1 + 12 + 3


def test_an_account_that_is_refused_everything_is_an_error_and_no_empty_day(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    platform.answers(failure(100, "(#100) since must not lie more than 90 days back"))
    with pytest.raises(AccountReadError, match="90 days back"):
        rows(instagram, ACCOUNT_DAILY, NOV_1, NOV_1)


def test_breakdowns_are_rows_in_the_words_of_the_reference(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    results = {
        "media_product_type": {"REEL": 3, "POST": 12, "STORY": 1},
        "follow_type": {"FOLLOWER": 8, "NON_FOLLOWER": 2},
        "contact_button_type": {},
    }

    def script(asked: Asked) -> Answer:
        dimension = asked.parameters["breakdown"]
        return Answer({"data": [split(name, dimension, results[dimension]) for name in asked_metrics(asked)]})

    platform.script = script
    found = rows(instagram, ACCOUNT_BREAKDOWN_DAILY, NOV_1, NOV_1)
    values = {(row["metric"], row["dimension"], row["dimension_value"]): row["value"] for row in found}
    assert values["views", "media_product_type", "REELS"] == 3
    assert values["follows_and_unfollows", "follow_type", "NON_FOLLOWER"] == 2
    assert {word for _, dimension, word in values if dimension == "media_product_type"} == {"REELS", "POST", "STORY"}
    assert len(platform.asked) == 3
    assert len(found) == 7 * 3 + 3 * 2


def test_a_value_belongs_to_the_pacific_day_that_ends_with_its_time(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    def script(asked: Asked) -> Answer:
        ends = ["2026-11-01T07:00:00+0000", "2026-11-02T08:00:00+0000", "2026-11-03T08:00:00+0000"]
        values = [{"value": 100 + place, "end_time": end} for place, end in enumerate(ends)]
        return Answer({"data": [{"name": "reach", "period": asked.parameters["period"], "values": values}]})

    platform.script = script
    found = rows(instagram, REACH_DAILY, NOV_1, NOV_2)
    by_period = {(row["period"], row["date_day"]): row["reach"] for row in found}
    assert by_period["day", "2026-11-01"] == 101
    assert by_period["days_28", "2026-11-02"] == 102
    assert len(found) == 6
    assert [asked.parameters["period"] for asked in platform.asked] == ["day", "week", "days_28"]
    assert (platform.asked[0].parameters["since"], platform.asked[0].parameters["until"]) == (
        "1793516400", "1793692800",
    )  # fmt: skip


def test_demographics_are_rows_by_dimension_and_small_accounts_have_none(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    results = {
        "age,gender": {"25-34|F": 40, "25-34|U": 2},
        "country": {"BR": 60},
        "city": {"São Paulo, São Paulo (state)": 31},
    }

    def script(asked: Asked) -> Answer:
        dimension = asked.parameters["breakdown"]
        return Answer({"data": [split("follower_demographics", dimension, results[dimension])]})

    platform.script = script
    found = rows(instagram, FOLLOWER_DEMOGRAPHICS, NOV_1, NOV_1)
    assert [(row["dimension"], row["dimension_value"], row["value"]) for row in found] == [
        ("age,gender", "25-34|F", 40),
        ("age,gender", "25-34|U", 2),
        ("country", "BR", 60),
        ("city", "São Paulo, São Paulo (state)", 31),
    ]
    assert {row["date_day"] for row in found} == {"2026-11-01"}
    assert all(asked.parameters["period"] == "lifetime" for asked in platform.asked)
    platform.answers(Answer({"data": []}))
    assert rows(instagram, FOLLOWER_DEMOGRAPHICS, NOV_1, NOV_1) == []


def test_the_profiles_counts_are_a_snapshot_of_the_day(instagram: InstagramClient, platform: ScriptedPlatform) -> None:
    platform.answers(Answer({"followers_count": 1230, "follows_count": 15, "media_count": 260, "id": "4242"}))
    (row,) = rows(instagram, PROFILE_DAILY, NOV_1, NOV_1)
    assert (row["date_day"], row["followers_count"], row["media_count"]) == ("2026-11-01", 1230, 260)
    assert platform.asked[0].path == "/v26.0/4242"
    assert platform.asked[0].parameters["fields"] == "followers_count,follows_count,media_count"


def media_platform(listed: list[dict[str, Any]], answer: Any) -> Any:
    """A platform that lists these media on any edge and gives each one's insights by ``answer``."""

    def script(asked: Asked) -> Answer:
        if asked.path.endswith(("/media", "/stories")):
            return Answer({"data": listed, "paging": {"cursors": {"before": "QVFI", "after": "QVFJ"}}})
        given = answer(asked.path.split("/")[2], asked)
        return given if isinstance(given, Answer) else Answer({"data": given})

    return script


def test_each_kind_of_media_is_asked_for_the_metrics_that_it_knows(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    platform.script = media_platform(
        [media(1), media(2, "REELS", "VIDEO"), media(3, "FEED", "VIDEO")],
        lambda media_id, asked: [lifetime(name, 5) for name in asked_metrics(asked)],
    )
    found = {row["id"]: row for row in rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)}
    asked = [(a.path.split("/")[2], set(asked_metrics(a))) for a in platform.asked if a.path.endswith("/insights")]
    assert {"profile_visits", "follows"} <= dict(asked)["1"]
    reel = [metrics for media_id, metrics in asked if media_id == "2"]
    assert "ig_reels_avg_watch_time" in reel[0]
    assert "profile_visits" not in reel[0]
    assert reel[1] == {"reels_skip_rate"}
    assert dict(asked)["3"] == {"reach", "saved"}
    assert all("impressions" not in metrics and "plays" not in metrics for _, metrics in asked)
    assert (found["2"]["ig_reels_avg_watch_time"], found["2"]["reels_skip_rate"]) == (5, 5)
    assert (found["1"]["views"], found["1"]["date_day"]) == (5, "2026-11-01")


def test_a_metric_that_does_not_suit_a_media_object_leads_to_the_shorter_list(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    def answer(media_id: str, asked: Asked) -> Any:
        if {"views", "reels_skip_rate"} & set(asked_metrics(asked)):
            return failure(100, "(#100) The Media Insights API does not support these metrics for this media")
        return [lifetime(name, 9) for name in asked_metrics(asked)]

    platform.script = media_platform([media(2, "REELS", "VIDEO")], answer)
    (row,) = rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)
    assert (row["reach"], row["saved"]) == (9, 9)
    assert "views" not in row
    assert asked_metrics(platform.asked[3]) == ["reach", "likes", "comments", "saved", "shares"]


@pytest.mark.parametrize(
    "given",
    [
        failure(10, "(#10) Not enough viewers for the media to show insights"),
        failure(100, "Invalid parameter", 2108006),
        Answer({"data": []}),
    ],
)
def test_media_without_insights_are_left_out_and_the_others_stay(
    instagram: InstagramClient, platform: ScriptedPlatform, given: Answer
) -> None:
    platform.script = media_platform(
        [media(1), media(2), media(3)],
        lambda media_id, asked: given if media_id == "2" else [lifetime("reach", 4)],
    )
    assert [row["id"] for row in rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)] == ["1", "3"]


def test_a_missing_permission_ends_the_report_and_is_no_media_without_insights(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    denied = failure(10, "(#10) Application does not have permission for this action", status=403)
    platform.script = media_platform([media(1)], lambda media_id, asked: denied)
    with pytest.raises(AccountReadError) as caught:
        rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)
    assert caught.value.problem.error_class == "permission"
    assert "instagram_manage_insights" in caught.value.problem.next_step


def test_an_unsupported_get_request_that_passes_was_a_throttle(
    instagram: InstagramClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    busy = failure(100, "Unsupported get request", 33)
    answers = [busy, busy]
    platform.script = media_platform(
        [media(1)], lambda media_id, asked: answers.pop() if answers else [lifetime("reach", 4)]
    )
    assert [row["reach"] for row in rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)] == [4]
    assert len(waits) == 2


def test_media_that_are_deleted_between_list_and_insights_are_left_out(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    gone = failure(100, "Unsupported get request. Object with ID '1' does not exist", 33)
    platform.script = media_platform(
        [media(1), media(2)], lambda media_id, asked: gone if media_id == "1" else [lifetime("reach", 4)]
    )
    assert [row["id"] for row in rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)] == ["2"]


def test_a_throttle_in_that_disguise_that_does_not_pass_ends_the_report(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    busy = failure(100, "Unsupported get request", 33)
    platform.script = media_platform(
        [media(1)], lambda media_id, asked: busy if asked.path.endswith("/insights") else Answer({"id": "1"})
    )
    with pytest.raises(AccountReadError) as caught:
        rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)
    assert caught.value.problem.code == "100/33"


def test_media_older_than_90_days_are_neither_asked_for_nor_listed_further(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    # The platform may ignore `since`: the list goes on until a page holds only what is too old.
    ages = ["2026-10-31T12:00:00+0000", "2026-08-02T12:00:00+0000", "2026-07-20T12:00:00+0000"]

    def script(asked: Asked) -> Answer:
        if asked.path.endswith("/insights"):
            return Answer({"data": [lifetime("reach", 4)]})
        place = int(asked.parameters.get("after", 0))
        paging = {"cursors": {"after": str(place + 1)}, "next": "https://graph.facebook.com/next"}
        return Answer({"data": [media(place, at=ages[place])], "paging": paging})

    platform.script = script
    assert [row["id"] for row in rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)] == ["0"]
    assert sum(asked.path.endswith("/media") for asked in platform.asked) == 2
    assert platform.asked[0].parameters["since"] == str(int(datetime(2026, 8, 3, 7, tzinfo=UTC).timestamp()))


def test_a_post_on_the_very_edge_of_90_days_still_counts(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    listed = [media(1, at="2026-08-03T07:00:00+0000"), media(2, at="2026-08-03T06:59:59+0000")]
    platform.script = media_platform(listed, lambda media_id, asked: [lifetime("reach", 4)])
    assert [row["id"] for row in rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)] == ["1"]


def test_a_media_object_that_slips_to_the_next_page_comes_once(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    pages = {
        "": {"data": [media(3), media(2)], "paging": {"cursors": {"after": "QVFI"}, "next": "https://x/next"}},
        "QVFI": {"data": [media(2), media(1)], "paging": {"cursors": {"after": "QVFJ"}}},
    }

    def script(asked: Asked) -> Answer:
        if asked.path.endswith("/insights"):
            return Answer({"data": [lifetime("reach", 4)]})
        return Answer(pages[asked.parameters.get("after", "")])

    platform.script = script
    assert [row["id"] for row in rows(instagram, MEDIA_INSIGHTS, NOV_1, NOV_1)] == ["3", "2", "1"]


def test_story_taps_are_figures_of_their_own(instagram: InstagramClient, platform: ScriptedPlatform) -> None:
    def answer(media_id: str, asked: Asked) -> Any:
        if asked.parameters.get("breakdown") == "story_navigation_action_type":
            return [split("navigation", "story_navigation_action_type", {"TAP_FORWARD": 60, "tap_exit": 4})]
        return [lifetime("reach", 100), lifetime("replies", 2)]

    platform.script = media_platform([media(8, "STORY", "VIDEO")], answer)
    (row,) = rows(instagram, STORY_INSIGHTS, NOV_1, NOV_1)
    columns = {column.name: column.path for column in STORY_INSIGHTS.metrics}
    assert row["navigation"] == {"tap_forward": 60, "tap_exit": 4}
    assert columns["taps_forward"] == ("navigation", "tap_forward")
    assert (row["reach"], row["replies"]) == (100, 2)
    assert platform.asked[0].path == "/v26.0/4242/stories"


def test_lists_are_read_to_the_page_that_names_no_next_one(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    def script(asked: Asked) -> Answer:
        start = int(asked.parameters.get("after", 0))
        page = [media(number) for number in range(start, min(start + 100, 230))]
        paging: dict[str, Any] = {"cursors": {"before": "QVFI", "after": str(start + 100)}}
        return Answer({"data": page, "paging": paging | ({"next": "https://x/n"} if start + 100 < 230 else {})})

    platform.script = script
    assert sum(len(page) for page in instagram.entity_pages(ACCOUNT, MEDIA)) == 230
    assert len(platform.asked) == 3
    assert {"caption", "permalink", "timestamp"} <= set(platform.asked[0].parameters["fields"].split(","))
    assert "since" not in platform.asked[0].parameters


def test_a_page_that_is_too_heavy_is_asked_for_in_half(instagram: InstagramClient, platform: ScriptedPlatform) -> None:
    reduce = failure(1, "Please reduce the amount of data you're asking for, then retry your request", status=500)
    platform.script = lambda asked: (
        reduce if int(asked.parameters["limit"]) > 30 else Answer({"data": [media(1)]})
    )  # fmt: skip
    assert [len(page) for page in instagram.entity_pages(ACCOUNT, MEDIA)] == [1]
    assert [asked.parameters["limit"] for asked in platform.asked] == ["100", "50", "25"]


def test_a_cursor_that_comes_twice_ends_the_list(instagram: InstagramClient, platform: ScriptedPlatform) -> None:
    paging = {"cursors": {"after": "QVFI"}, "next": "https://x/n"}
    platform.answers(Answer({"data": [media(1)], "paging": paging}))
    with pytest.raises(AccountReadError, match="'QVFI' twice"):
        list(instagram.entity_pages(ACCOUNT, STORIES))


def test_the_profile_is_one_row(instagram: InstagramClient, platform: ScriptedPlatform) -> None:
    platform.answers(Answer({"id": "4242", "ig_id": 32847564, "username": "olivar", "name": "Olivar & Söhne"}))
    assert list(instagram.entity_pages(ACCOUNT, ACCOUNTS)) == [
        [{"id": "4242", "ig_id": 32847564, "username": "olivar", "name": "Olivar & Söhne"}]
    ]
    assert platform.asked[0].path == "/v26.0/4242"


def test_accounts_are_found_through_pages_and_pages_without_one_are_left_out(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    pages = {
        "": [
            {"id": "1", "name": "Olivar", "instagram_business_account": {"id": "178411"}},
            {"id": "2", "name": "Bare"},
        ],
        "QVFI": [{"id": "3", "name": "Café", "instagram_business_account": {"id": "178413"}}],
    }

    def script(asked: Asked) -> Answer:
        after = asked.parameters.get("after", "")
        paging = {"cursors": {"after": "QVFI"}, "next": "https://x/n"} if not after else {"cursors": {"after": "QVFJ"}}
        return Answer({"data": pages[after], "paging": paging})

    platform.script = script
    found = instagram.visible_accounts("agency")
    assert [(one.account_id, one.name, one.currency, one.timezone) for one in found] == [
        ("178411", "Olivar", None, None),
        ("178413", "Café", None, None),
    ]
    assert platform.asked[0].path == "/v26.0/me/accounts"


def test_an_account_that_nobody_shows_to_the_credential_is_a_matter_of_permission(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    platform.answers(failure(100, "Unsupported get request. Object with ID '4242' does not exist", 33))
    with pytest.raises(AccountReadError) as caught:
        list(instagram.entity_pages(ACCOUNT, ACCOUNTS))
    assert (caught.value.problem.action, caught.value.problem.error_class) == (Action.GIVE_UP_ACCOUNT, "permission")
    assert "account id" in caught.value.problem.next_step


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"expires_at": 1798761600, "data_access_expires_at": 1801440000}, datetime(2027, 1, 1, tzinfo=UTC)),
        ({"expires_at": 0, "data_access_expires_at": 1798761600}, datetime(2027, 1, 1, tzinfo=UTC)),
        ({"expires_at": 0, "data_access_expires_at": 0}, None),
    ],
)
def test_the_platform_tells_when_a_token_ends(
    instagram: InstagramClient, platform: ScriptedPlatform, data: dict[str, int], expected: datetime | None
) -> None:
    platform.answers(Answer({"data": {"app_id": "1", "is_valid": True, **data}}))
    assert instagram.credential_expires_at(ACCOUNT) == expected
    assert (platform.asked[0].path, platform.asked[0].parameters) == (
        "/v26.0/debug_token", {"input_token": "token-of-agency"},
    )  # fmt: skip


def test_a_dead_token_stops_every_account_of_the_credential_without_another_call(
    instagram: InstagramClient, platform: ScriptedPlatform
) -> None:
    platform.answers(failure(190, "Error validating access token: Session has expired", 463))
    with pytest.raises(AccountReadError) as caught:
        rows(instagram, ACCOUNT_DAILY, NOV_1, NOV_1)
    assert (caught.value.problem.action, caught.value.problem.error_class) == (Action.FATAL, "credential")
    with pytest.raises(AccountReadError):
        rows(instagram, PROFILE_DAILY, NOV_1, NOV_1)
    assert len(platform.asked) == 1


def test_a_throttle_waits_for_the_minutes_that_its_header_names(
    instagram: InstagramClient, platform: ScriptedPlatform, waits: list[float]
) -> None:
    usage = {"4242": [{"type": "instagram", "call_count": 100, "estimated_time_to_regain_access": 3}]}
    throttled = failure(80002, "(#80002) There have been too many calls to this Instagram account.")
    throttled.headers["x-business-use-case-usage"] = json.dumps(usage)
    platform.answers(throttled, Answer({"data": [total("views", 1)]}))
    assert rows(instagram, ACCOUNT_DAILY, NOV_1, NOV_1)[0]["views"] == 1
    assert sum(waits) >= 180
