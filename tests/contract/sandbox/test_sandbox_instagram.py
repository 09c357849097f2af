"""Instagram as the sandbox speaks it: days in California, media, stories, and what it refuses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sandbox.wire.instagram_insights import answer as insights_answer
from sandbox.wire.instagram_insights import parse_query
from sandbox.wire.instagram_objects import View
from sandbox.world.model import Account
from tests.contract.sandbox.conftest import NOON, Served

PACIFIC = ZoneInfo("America/Los_Angeles")
TOTALS = (
    "reach,views,accounts_engaged,total_interactions,likes,comments,shares,saves,replies,reposts,"
    "follows_and_unfollows,profile_links_taps"
)
POST_METRICS = (
    "views,reach,likes,comments,shares,saved,total_interactions,follows,profile_visits,profile_activity,reposts"
)


def midnight(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, tzinfo=PACIFIC).timestamp())


def of_day(month: int, day: int, **more: Any) -> dict[str, Any]:
    after = datetime(2026, month, day, tzinfo=PACIFIC) + timedelta(days=1)
    ends = {"since": midnight(2026, month, day), "until": int(after.timestamp()) - 1}
    return {"metric": TOTALS, "period": "day", "metric_type": "total_value", **ends, **more}


def insights(served: Served, account: Account, **parameters: Any) -> list[dict[str, Any]]:
    answer = served.instagram(account, f"{account.account_id}/insights", **parameters)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def totals(data: list[dict[str, Any]]) -> dict[str, int]:
    return {entry["name"]: entry["total_value"]["value"] for entry in data}


def parts(entry: dict[str, Any]) -> dict[str, int]:
    (breakdown,) = entry["total_value"]["breakdowns"]
    return {result["dimension_values"][0]: result["value"] for result in breakdown["results"]}


def error_of(answer: Any) -> tuple[int, int, int | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("error_subcode")


def listed(served: Served, account: Account, edge: str = "media", **more: Any) -> list[dict[str, Any]]:
    fields = "id,media_type,media_product_type,timestamp,caption,like_count,comments_count,ig_id,children,shortcode"
    answer = served.instagram(account, f"{account.account_id}/{edge}", fields=fields, limit="500", **more)
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def test_an_account_day_is_the_worlds_day_of_california(served: Served) -> None:
    account = served.account("instagram")
    (truth,) = served.truth("instagram_account", account, since="2026-10-20", until="2026-10-20")
    found = totals(insights(served, account, **of_day(10, 20)))
    assert found == {
        name: truth[name] for name in TOTALS.split(",") if name != "follows_and_unfollows"
    } | {"follows_and_unfollows": truth["follows"] + truth["unfollows"]}  # fmt: skip
    assert all(isinstance(value, int) for value in found.values())
    assert found["views"] > found["reach"] > 0


def test_a_range_is_one_number_and_people_are_not_added_up(served: Served) -> None:
    account = served.account("instagram")
    days = [totals(insights(served, account, **of_day(10, day))) for day in (5, 6, 7)]
    whole = totals(insights(served, account, **of_day(10, 5, until=midnight(2026, 10, 8) - 1)))
    assert whole["views"] == sum(day["views"] for day in days)
    assert max(day["reach"] for day in days) < whole["reach"] < sum(day["reach"] for day in days)


def test_without_ends_it_is_the_last_24_hours_and_today_is_not_over(served: Served) -> None:
    account = served.account("instagram")
    bare = totals(insights(served, account, metric="views", period="day", metric_type="total_value"))
    explicit = of_day(11, 1, metric="views", since=int((NOON - timedelta(days=1)).timestamp()),
                      until=int(NOON.timestamp()))  # fmt: skip
    assert bare == totals(insights(served, account, **explicit))
    today = totals(insights(served, account, **of_day(11, 1, metric="views")))
    (truth,) = served.truth("instagram_account", account, since="2026-11-01", until="2026-11-01")
    assert today == {"views": truth["views"]}


def test_a_day_to_come_has_no_data_and_no_zero(served: Served) -> None:
    account = served.account("instagram")
    assert insights(served, account, **of_day(11, 3, metric="views")) == []


def test_breakdowns_add_up_and_speak_of_reel(served: Served) -> None:
    account = served.account("instagram")
    data = insights(served, account, **of_day(10, 20, metric="views,likes", breakdown="media_product_type"))
    whole = totals(insights(served, account, **of_day(10, 20)))
    for entry in data:
        assert sum(parts(entry).values()) == whole[entry["name"]]
        assert entry["total_value"]["breakdowns"][0]["dimension_keys"] == ["media_product_type"]
    assert "REEL" in parts(data[0])
    followed = insights(served, account, **of_day(10, 20, metric="follows_and_unfollows", breakdown="follow_type"))
    (truth,) = served.truth("instagram_account", account, since="2026-10-20", until="2026-10-20")
    gained = {"FOLLOWER": truth["follows"], "NON_FOLLOWER": truth["unfollows"]}
    assert parts(followed[0]) == {word: people for word, people in gained.items() if people}


def test_a_series_dates_a_day_with_its_end_in_utc(served: Served) -> None:
    account = served.account("instagram")
    ends = {"since": midnight(2026, 10, 30), "until": midnight(2026, 11, 1)}
    (entry,) = insights(served, account, metric="reach", period="day", metric_type="time_series", **ends)
    assert [value["end_time"] for value in entry["values"]] == [
        "2026-10-31T07:00:00+0000", "2026-11-01T07:00:00+0000",
    ]  # fmt: skip
    truth = served.truth("instagram_account", account, since="2026-10-30", until="2026-10-31")
    assert [value["value"] for value in entry["values"]] == [row["reach"] for row in truth]
    (week,) = insights(served, account, metric="reach", period="week", **ends)
    assert all(
        longer["value"] > day["value"] for longer, day in zip(week["values"], entry["values"], strict=True)
    )  # fmt: skip


def test_insights_are_paged_by_time_for_ever_and_have_no_cursor(served: Served) -> None:
    account = served.account("instagram")
    answer = served.instagram(account, f"{account.account_id}/insights", **of_day(10, 20)).json()
    assert set(answer["paging"]) == {"previous", "next"}
    following = served.http.get(answer["paging"]["next"]).json()
    expected = totals(insights(served, account, **of_day(10, 21)))
    assert totals(following["data"])["views"] == expected["views"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"metric": ""}, "metric is required"),
        ({"metric": "impressions"}, "must be one of the following values"),
        ({"metric": "views,profile_views"}, r"metric[1] must be one of"),
        ({"period": ""}, "period is required"),
        ({"metric": "views", "metric_type": "time_series"}, "metric_type=total_value"),
        ({"metric": "follower_count"}, "time_series only"),
        ({"metric": "replies", "breakdown": "media_product_type"}, "no breakdown media_product_type"),
        ({"metric": "views", "breakdown": "follower_type"}, "no breakdown follower_type"),
        ({"since": midnight(2026, 9, 20)}, "more than 30 days"),
        ({"since": midnight(2026, 8, 2), "until": midnight(2026, 8, 3)}, "90 days back"),
        ({"since": midnight(2026, 10, 22)}, "before until"),
        ({"since": "yesterday-ish"}, "Unix time"),
    ],
)
def test_what_the_platform_refuses_is_refused_with_code_100(served: Served, change: dict[str, Any], told: str) -> None:
    account = served.account("instagram")
    answer = served.instagram(account, f"{account.account_id}/insights", **of_day(10, 20, **change))
    assert error_of(answer)[:2] == (400, 100)
    assert told in answer.json()["error"]["message"]


def test_thirty_days_and_ninety_days_back_are_still_answered(served: Served) -> None:
    account = served.account("instagram")
    ends = {"since": midnight(2026, 8, 3), "until": midnight(2026, 9, 2)}
    assert insights(served, account, **of_day(10, 20, metric="views", **ends))


def test_demographics_need_a_breakdown_and_name_45_values_at_the_most(served: Served) -> None:
    account = served.account("instagram")
    asked = {"metric": "follower_demographics", "period": "lifetime", "metric_type": "total_value"}
    (cities,) = insights(served, account, **asked, breakdown="city")
    results = cities["total_value"]["breakdowns"][0]["results"]
    assert len(results) == 45
    profile = served.instagram(account, account.account_id, fields="followers_count").json()
    assert sum(result["value"] for result in results) < profile["followers_count"]
    (joint,) = insights(served, account, **asked, breakdown="age,gender")
    assert {len(result["dimension_values"]) for result in joint["total_value"]["breakdowns"][0]["results"]} == {2}
    assert error_of(served.instagram(account, f"{account.account_id}/insights", **asked))[1] == 100


def test_pages_lead_to_accounts_and_one_leads_nowhere(served: Served) -> None:
    account = served.account("instagram")
    pages = served.instagram(account, "me/accounts", fields="id,name,instagram_business_account").json()["data"]
    linked = {page["instagram_business_account"]["id"] for page in pages if "instagram_business_account" in page}
    assert account.account_id in linked
    assert len(linked) == len(pages) - 1
    page = next(page for page in pages if page.get("instagram_business_account", {}).get("id") == account.account_id)
    # Clients ask with a slash at the end, and with the token in the query.
    answer = served.http.get(
        f"/instagram/v21.0/{page['id']}/",
        params={"fields": "instagram_business_account", "access_token": served.meta_token(account)},
    )
    assert answer.json() == {"id": page["id"], "instagram_business_account": {"id": account.account_id}}


def test_a_node_has_its_id_and_what_was_asked_for(served: Served) -> None:
    account = served.account("instagram")
    assert served.instagram(account, account.account_id).json() == {"id": account.account_id}
    profile = served.instagram(account, account.account_id, fields="ig_id,username,followers_count,media_count").json()
    assert [type(profile[name]) for name in ("ig_id", "username", "followers_count")] == [int, str, int]
    assert profile["media_count"] == len(listed(served, account))
    assert error_of(served.instagram(account, account.account_id, fields="shoe_size"))[1] == 100


def test_media_come_newest_first_without_stories_and_with_text_ids(served: Served) -> None:
    account = served.account("instagram")
    media = listed(served, account)
    assert [one["timestamp"] for one in media] == sorted((one["timestamp"] for one in media), reverse=True)
    assert {one["media_product_type"] for one in media} == {"FEED", "REELS"}
    assert all(isinstance(one["ig_id"], str) and one["timestamp"].endswith("+0000") for one in media)
    assert any("like_count" not in one for one in media)
    truth = served.truth("instagram_media", account)
    shown = {row["media_id"] for row in truth if row["visible"] and row["media_product_type"] != "STORY"}
    assert {one["id"] for one in media} >= shown
    assert any(not row["visible"] and row["media_product_type"] != "STORY" for row in truth)


def test_the_list_of_media_ends_without_a_cursor_and_can_be_cut_by_time(served: Served) -> None:
    account = served.account("instagram")
    whole, seen, answer = listed(served, account), [], None
    path = f"{account.account_id}/media"
    while answer is None or "next" in answer["paging"]:
        after: dict[str, str] = {"after": answer["paging"]["cursors"]["after"]} if answer else {}
        answer = served.instagram(account, path, fields="id", limit="20", **after).json()
        seen += [one["id"] for one in answer["data"]]
    assert seen == [one["id"] for one in whole]
    beyond = served.instagram(account, path, fields="id", after=answer["paging"]["cursors"]["after"]).json()
    assert beyond == {"data": []}
    recent = listed(served, account, since=str(midnight(2026, 10, 1)))
    assert recent == [one for one in whole if one["timestamp"] >= "2026-10-01T07:00:00+0000"]
    assert 0 < len(recent) < len(whole)
    assert error_of(served.instagram(account, path, limit="5000")) == (500, 1, None)


def first(media: list[dict[str, Any]], product: str, kind: str) -> str:
    """An object of the kind that is old enough to have been seen."""
    old = [one for one in media if one["timestamp"] < "2026-10-30"]
    return next(
        str(one["id"]) for one in old if (one["media_product_type"], one["media_type"]) == (product, kind)
    )  # fmt: skip


def lifetime(served: Served, account: Account, media_id: str, metric: str) -> dict[str, Any]:
    data = served.instagram(account, f"{media_id}/insights", metric=metric).json()["data"]
    return {entry["name"]: entry["values"][0]["value"] for entry in data}


def test_lifetime_figures_are_the_worlds(served: Served) -> None:
    account = served.account("instagram")
    media_id = first(listed(served, account), "FEED", "IMAGE")
    (truth,) = [row for row in served.truth("instagram_media", account) if row["media_id"] == media_id]
    found = lifetime(served, account, media_id, POST_METRICS)
    wanted = {name: truth["saves" if name == "saved" else name] for name in POST_METRICS.split(",")}
    assert found == wanted
    reel = first(listed(served, account), "REELS", "VIDEO")
    (truth,) = [row for row in served.truth("instagram_media", account) if row["media_id"] == reel]
    watched = lifetime(served, account, reel, "ig_reels_avg_watch_time,ig_reels_video_view_total_time")
    assert watched == {
        "ig_reels_avg_watch_time": truth["average_watch_ms"],
        "ig_reels_video_view_total_time": truth["total_watch_ms"],
    }


@pytest.mark.parametrize(
    ("product", "kind", "metric"),
    [
        ("FEED", "IMAGE", "reach,impressions"),
        ("FEED", "IMAGE", "reach,ig_reels_avg_watch_time"),
        ("FEED", "VIDEO", "reach,views"),
        ("REELS", "VIDEO", "reach,plays"),
        ("REELS", "VIDEO", "reach,profile_visits"),
        ("REELS", "VIDEO", "reach,crossposted_views"),
    ],
)
def test_one_metric_that_does_not_suit_fails_the_whole_call(
    served: Served, product: str, kind: str, metric: str
) -> None:
    account = served.account("instagram", "harbor-outdoor")
    media_id = first(listed(served, account), product, kind)
    answer = served.instagram(account, f"{media_id}/insights", metric=metric)
    assert error_of(answer) == (400, 100, None)


def test_stories_live_for_24_hours_and_small_ones_have_no_insights(served: Served) -> None:
    account = served.account("instagram")
    truth = [row for row in served.truth("instagram_media", account) if row["media_product_type"] == "STORY"]
    live = {one["id"] for one in listed(served, account, "stories")}
    day_before = (NOON - timedelta(days=1)).isoformat()
    assert live == {row["media_id"] for row in truth if row["published_at"] > day_before}
    expired = next(row["media_id"] for row in truth if row["published_at"] < day_before)
    assert error_of(served.instagram(account, f"{expired}/insights", metric="reach")) == (400, 100, 33)


def test_what_is_older_than_the_business_account_or_part_of_an_album_has_no_insights(served: Served) -> None:
    account = served.account("instagram")
    media = listed(served, account)
    old = media[-1]["id"]
    assert old in {one.media_id for one in account.media if one.before_business}
    assert error_of(served.instagram(account, f"{old}/insights", metric="reach,saved")) == (400, 100, 2108006)
    album = next(one for one in media if one["media_type"] == "CAROUSEL_ALBUM")
    child = album["children"]["data"][0]["id"]
    assert served.instagram(account, child, fields="media_type,owner").json()["owner"] == {"id": account.account_id}
    assert error_of(served.instagram(account, f"{child}/insights", metric="reach"))[1] == 100


def test_tokens_open_their_own_accounts_and_tell_their_end(served: Served) -> None:
    account = served.account("instagram")
    assert error_of(served.http.get(f"/instagram/v26.0/{account.account_id}"))[1] == 104
    strange = {"Authorization": "Bearer nonsense"}
    assert error_of(served.http.get(f"/instagram/v26.0/{account.account_id}", headers=strange))[1] == 190
    meta = served.account("meta_ads")
    assert error_of(served.instagram(meta, account.account_id)) == (403, 10, None)
    assert error_of(served.instagram(account, "17841499999999999")) == (400, 100, 33)
    told = served.instagram(account, "debug_token", input_token=served.meta_token(account)).json()["data"]
    assert (told["is_valid"], told["expires_at"]) == (True, 0)


def test_every_answer_carries_usage_and_a_throttle_its_minutes(served: Served) -> None:
    account = served.account("instagram")
    answer = served.instagram(account, account.account_id)
    assert '"type":"instagram"' in answer.headers["x-business-use-case-usage"]
    served.fault(account, "throttle", times=1)
    throttled = served.instagram(account, account.account_id)
    assert error_of(throttled) == (400, 80002, None)
    assert '"estimated_time_to_regain_access":1' in throttled.headers["x-business-use-case-usage"]
    assert served.instagram(account, account.account_id).status_code == 200


def test_faults_bend_the_days_that_they_name(served: Served) -> None:
    account = served.account("instagram")
    honest = totals(insights(served, account, **of_day(10, 20)))
    served.fault(account, "empty", level="account", since="2026-10-20", until="2026-10-20", times=1)
    assert insights(served, account, **of_day(10, 21))
    assert insights(served, account, **of_day(10, 20)) == []
    served.fault(account, "half", level="account", times=1)
    assert set(totals(insights(served, account, **of_day(10, 20)))) == set(TOTALS.split(",")[::2])
    served.fault(account, "control_mismatch", amount="5", times=1)
    assert totals(insights(served, account, **of_day(10, 20)))["views"] == honest["views"] + 5
    served.fault(account, "moving_totals", amount="3", times=2)
    moving = [totals(insights(served, account, **of_day(10, 20)))["views"] for _ in range(3)]
    assert moving == [honest["views"], honest["views"] + 3, honest["views"]]


def test_an_answer_can_be_cut_off_and_fail(served: Served) -> None:
    account = served.account("instagram")
    served.fault(account, "truncate", times=1)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        served.instagram(account, f"{account.account_id}/media", fields="id,permalink").json()
    served.fault(account, "error", status=403, times=1)
    assert error_of(served.instagram(account, f"{account.account_id}/insights", **of_day(10, 20))) == (403, 10, None)


def test_an_account_that_never_did_anything_tells_zeros_but_nothing_of_tomorrow(served: Served) -> None:
    quiet = View(replace(served.account("instagram"), followers=0), datetime(2026, 11, 1, 12, tzinfo=UTC))

    def asked(day: int) -> dict[str, str]:
        return {name: str(value) for name, value in of_day(11, day, metric="views,likes,reach").items()}

    (views, likes, reach) = insights_answer(parse_query(asked(1), quiet), quiet, None)
    assert totals([views, likes, reach]) == {"views": 0, "likes": 0, "reach": 0}
    assert insights_answer(parse_query(asked(3), quiet), quiet, None) == []


def test_an_account_without_100_followers_has_neither_demographics_nor_follows(served: Served) -> None:
    tiny = View(replace(served.account("instagram"), followers=60), datetime(2026, 11, 1, 12, tzinfo=UTC))
    day = {name: str(value) for name, value in of_day(10, 20, metric="views,follows_and_unfollows").items()}
    assert [entry["name"] for entry in insights_answer(parse_query(day, tiny), tiny, None)] == ["views"]
    asked = {"metric": "follower_demographics", "period": "lifetime", "metric_type": "total_value",
             "breakdown": "country"}  # fmt: skip
    assert insights_answer(parse_query(asked, tiny), tiny, None) == []
