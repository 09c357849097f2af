"""The Marketing API as the sandbox speaks it."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.clock import WorldClock
from sandbox.process import start
from sandbox.world.model import Account
from tests.contract.sandbox.conftest import NOON, Served

CLIENT = "harbor-outdoor"
COST = "costInLocalCurrency"
ROW = "dateRange,pivotValues"
STATUSES = "ACTIVE,PAUSED,ARCHIVED,CANCELED,DRAFT,PENDING_DELETION,REMOVED"
EVERY = f"search=(status:(values:List({STATUSES})))"


class LinkedIn:
    """A caller of one account, by default as the API wants to be called today."""

    def __init__(self, served: Served, client: str = CLIENT) -> None:
        self.http, self.handle = served.http, served.handle
        self.account: Account = served.account("linkedin_ads", client)
        self.secrets = {
            part: served.environment[f"MDP_CREDENTIAL_{self.account.credential.upper()}_{part.upper()}"]
            for part in ("client_id", "client_secret", "refresh_token")
        }
        self._token = ""

    @property
    def urn(self) -> str:
        return f"urn%3Ali%3AsponsoredAccount%3A{self.account.account_id}"

    def token(self, **changes: str) -> httpx.Response:
        form = {"grant_type": "refresh_token", **self.secrets, **changes}
        return self.http.post("/linkedin/oauth/v2/accessToken", data=form)

    def headers(self, **changes: str | None) -> dict[str, str]:
        if not self._token:
            self._token = str(self.token().json()["access_token"])
        usual = {
            "Authorization": f"Bearer {self._token}",
            "LinkedIn-Version": "202608",
            "X-Restli-Protocol-Version": "2.0.0",
        }
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def get(self, path: str, query: str = "", **headers: str | None) -> httpx.Response:
        return self.http.get(f"/linkedin/rest/{path}?{query}", headers=self.headers(**headers))

    def own(self, resource: str, query: str = "") -> httpx.Response:
        return self.get(f"adAccounts/{self.account.account_id}/{resource}", query)

    def query(self, fields: str = "", *, pivot: str = "ACCOUNT", since: date | None = None, until: date | None = None,
              granularity: str = "DAILY", facet: str = "") -> str:  # fmt: skip
        since, until = since or date(2026, 8, 3), until or date(2026, 10, 31)
        finder = f"q=statistics&pivots=List({pivot})" if "," in pivot else f"q=analytics&pivot={pivot}"
        days = ",".join(
            f"{name}:(year:{d.year},month:{d.month},day:{d.day})" for name, d in (("start", since), ("end", until))
        )
        asked = f"&fields={fields}" if fields else ""
        return (
            f"{finder}&timeGranularity={granularity}&dateRange=({days})&{facet or f'accounts=List({self.urn})'}{asked}"
        )

    def analytics(self, fields: str = "", **more: Any) -> httpx.Response:
        return self.get("adAnalytics", self.query(fields, **more))

    def elements(self, fields: str = "", **more: Any) -> list[dict[str, Any]]:
        answer = self.analytics(fields, **more)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["elements"]
        return found

    def truth(self, level: str) -> list[dict[str, Any]]:
        query = {"level": level, "until": "2026-10-31"}
        rows: list[dict[str, Any]] = self.http.get("/_sandbox/truth", params=query).json()
        return [row for row in rows if row["account_id"] == self.account.account_id]


@pytest.fixture
def linkedin(served: Served) -> LinkedIn:
    return LinkedIn(served)


@pytest.fixture(scope="module")
def long_lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A lenient sandbox whose accounts are large and older than the platform's memory."""
    folder = tmp_path_factory.mktemp("linkedin")
    WorldClock(folder / "clock").ensure(NOON)
    handle = start(folder / "state", folder / "clock", clients=3, ads=150, days=230, lenient=True)
    served = Served(handle, folder / "state")
    yield served
    served.http.close()
    handle.stop()


def day_of(element: dict[str, Any]) -> str:
    start = element["dateRange"]["start"]
    return date(start["year"], start["month"], start["day"]).isoformat()


def code_of(answer: httpx.Response) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


def rounded(elements: list[dict[str, Any]]) -> Decimal:
    return sum((round(Decimal(element[COST]), 2) for element in elements), Decimal(0))


def test_there_is_no_default_version_and_a_sunset_one_is_gone(linkedin: LinkedIn) -> None:
    def answer(version: str | None) -> tuple[int, str | None]:
        return code_of(linkedin.get("adAccounts", "q=search", **{"LinkedIn-Version": version}))

    assert answer(None) == (400, "VERSION_MISSING")
    assert answer("2026-08") == (400, "INVALID_VERSION")
    assert answer("202502") == (426, "NONEXISTENT_VERSION")
    assert answer("202512") == (426, "NONEXISTENT_VERSION"), "there never was one"
    assert answer("202511") == answer("202608") == (200, None), "the older one lives until 16 November"


def test_each_protocol_takes_its_own_notation_only(linkedin: LinkedIn) -> None:
    plain = f"urn:li:sponsoredAccount:{linkedin.account.account_id}"
    legacy = (
        "q=analytics&pivot=ACCOUNT&timeGranularity=DAILY&dateRange.start.year=2026&dateRange.start.month=10"
        f"&dateRange.start.day=30&dateRange.end.year=2026&dateRange.end.month=10&dateRange.end.day=31&accounts[0]={plain}"
    )
    modern = linkedin.query(since=date(2026, 10, 30))
    old = {"X-Restli-Protocol-Version": None}
    expected = linkedin.get("adAnalytics", modern).json()["elements"]
    assert len(expected) == 2
    assert linkedin.get("adAnalytics", legacy, **old).json()["elements"] == expected
    assert linkedin.get("adAnalytics", modern, **old).status_code == 400
    assert code_of(linkedin.get("adAnalytics", legacy))[0] == 400
    assert linkedin.get("adAnalytics", modern.replace("%3A", ":")).status_code == 400
    assert linkedin.get("adAnalytics", modern.replace("List(", "List((")).status_code == 400
    wrapped = modern.replace("pivot=ACCOUNT", "pivot=(value:ACCOUNT)").replace("=DAILY", "=(value:DAILY)")
    assert linkedin.get("adAnalytics", wrapped).json()["elements"] == expected


def test_a_query_may_travel_in_the_body_of_a_post_and_must_when_it_is_long(linkedin: LinkedIn) -> None:
    query = linkedin.query(f"impressions,{ROW}")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    override = {"X-HTTP-Method-Override": "GET"}

    def post(headers: dict[str, str], content: str = query) -> httpx.Response:
        return linkedin.http.post(
            "/linkedin/rest/adAnalytics", content=content, headers={**linkedin.headers(), **headers}
        )

    expected = linkedin.get("adAnalytics", query).json()
    assert len(expected["elements"]) > 80
    assert post({**form, **override}).json() == expected
    assert post(form).status_code == 405
    campaigns = ",".join(f"urn%3Ali%3AsponsoredCampaign%3A{999_000_000 + n}" for n in range(300))
    long = linkedin.query(facet=f"campaigns=List({campaigns})")
    assert linkedin.get("adAnalytics", long).status_code == 414
    assert post({**form, **override}, long).json()["elements"] == []


@pytest.mark.parametrize(
    ("level", "pivot", "key"),
    [("account", "ACCOUNT", ()), ("campaign", "CAMPAIGN_GROUP", ("campaign_id",)),
     ("ad", "CREATIVE,CAMPAIGN,CAMPAIGN_GROUP", ("ad_id", "ad_group_id", "campaign_id"))],
)  # fmt: skip
def test_figures_equal_the_truth_at_every_level(
    linkedin: LinkedIn, level: str, pivot: str, key: tuple[str, ...]
) -> None:
    rows = linkedin.elements(f"impressions,clicks,{COST},landingPageClicks,{ROW}", pivot=pivot)
    seen = {
        (day_of(row), *((value.rpartition(":")[2] for value in row["pivotValues"]) if key else ())): (
            round(Decimal(row[COST]), 2), row["impressions"], row["clicks"], row["landingPageClicks"])
        for row in rows
    }  # fmt: skip
    truth = {
        (row["date_day"], *(row[name] for name in key)): (
            Decimal(row["spend"]), row["impressions"], row["clicks"], row["link_clicks"])
        for row in linkedin.truth(level)
    }  # fmt: skip
    quiet = (Decimal(0), 0, 0, 0)
    assert seen == {place: figures for place, figures in truth.items() if figures != quiet}
    assert len(seen) == len(rows) > 80
    assert all(row["dateRange"]["start"] == row["dateRange"]["end"] for row in rows)


def test_money_is_decimal_text_with_noise_and_counts_are_integers(linkedin: LinkedIn) -> None:
    rows = linkedin.elements(f"impressions,{COST},costInUsd,conversionValueInLocalCurrency,{ROW}", pivot="CREATIVE")
    texts = [row[name] for row in rows for name in (COST, "costInUsd", "conversionValueInLocalCurrency")]
    assert all(isinstance(text, str) for text in texts)
    assert "-2E-18" in texts
    assert any(re.fullmatch(r"\d+\.\d{17,18}", text) for text in texts), "real amounts carry noise too"
    assert all(isinstance(row["impressions"], int) for row in rows)
    assert rounded(rows) == sum((Decimal(row["spend"]) for row in linkedin.truth("account")), Decimal(0))


def test_only_impressions_and_clicks_come_unasked_and_at_most_twenty_fields_may_be_asked_for(
    linkedin: LinkedIn,
) -> None:
    assert {frozenset(row) for row in linkedin.elements()} == {frozenset({"impressions", "clicks"})}
    twenty = ["impressions", "clicks", COST, "costInUsd", "likes", "shares", "comments", "follows", "reactions",
              "videoViews", "videoStarts", "videoCompletions", "oneClickLeads", "sends", "opens", "cardClicks",
              "viralClicks", "textUrlClicks", "dateRange", "pivotValues"]  # fmt: skip
    assert set(linkedin.elements(",".join(twenty))[0]) == set(twenty)
    assert linkedin.analytics(",".join([*twenty, "adUnitClicks"])).status_code == 400
    for unknown in ("reach", "conversions", "clickThroughRate", "videoStarted", "approximateUniqueImpressions"):
        assert linkedin.analytics(unknown).status_code == 400


def test_a_row_whose_metrics_are_all_zero_is_left_out(linkedin: LinkedIn) -> None:
    days = {day_of(row) for row in linkedin.elements(f"impressions,{ROW}")}
    bought = {day_of(row) for row in linkedin.elements(f"externalWebsiteConversions,{ROW}")}
    assert bought < days
    assert linkedin.elements(f"sends,{ROW}") == []


@pytest.mark.parametrize(
    "change",
    [
        ("timeGranularity=DAILY", "timeGranularity=HOURLY"), ("timeGranularity=DAILY", "x=1"),
        ("pivot=ACCOUNT", "pivot=MEMBER_COUNTRY"), ("pivot=ACCOUNT", "pivot=List(ACCOUNT,CAMPAIGN)"),
        ("q=analytics&pivot=ACCOUNT", "q=statistics&pivots=List(ACCOUNT,CAMPAIGN,CREATIVE,SHARE)"),
        ("q=analytics", "q=report"), ("accounts=List(", "campaigns=List("), ("accounts=", "people="),
        ("month:8", "month:13"), ("year:2026,month:8", "year:2027,month:8"),
    ],
)  # fmt: skip
def test_reports_that_the_api_cannot_give_are_refused(linkedin: LinkedIn, change: tuple[str, str]) -> None:
    query = linkedin.query()
    assert change[0] in query
    answer = linkedin.get("adAnalytics", query.replace(*change))
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


def test_a_report_needs_a_facet(linkedin: LinkedIn) -> None:
    query = linkedin.query().replace(f"&accounts=List({linkedin.urn})", "")
    assert linkedin.get("adAnalytics", query).status_code == 400


def test_an_account_without_permission_is_empty_in_reports_and_an_error_elsewhere(linkedin: LinkedIn) -> None:
    answer = linkedin.analytics(facet="accounts=List(urn%3Ali%3AsponsoredAccount%3A999999999)")
    assert (answer.status_code, answer.json()["elements"]) == (200, [])
    assert code_of(linkedin.get("adAccounts/999999999")) == (404, "NOT_FOUND")
    assert code_of(linkedin.get("adAccounts/999999999/adCampaigns", "q=search")) == (404, "NOT_FOUND")


def test_splits_add_up_and_members_are_only_a_picture(linkedin: LinkedIn) -> None:
    fields = f"impressions,clicks,{COST},approximateMemberReach,conversionValueInLocalCurrency,{ROW}"
    whole = linkedin.elements(fields, pivot="CAMPAIGN")
    devices = linkedin.elements(fields, pivot="CAMPAIGN,CAMPAIGN_GROUP,IMPRESSION_DEVICE_TYPE")
    members = linkedin.elements(fields, pivot="CAMPAIGN,CAMPAIGN_GROUP,MEMBER_COMPANY_SIZE")
    assert {row["pivotValues"][2] for row in devices} == {"MOBILE_APP", "DESKTOP_WEB", "MOBILE_WEB"}
    assert sum(row["impressions"] for row in devices) == sum(row["impressions"] for row in whole)
    assert rounded(devices) == rounded(whole)
    assert sum(row["impressions"] for row in members) < sum(row["impressions"] for row in whole)
    assert rounded(members) > rounded(whole)
    assert all(row["impressions"] >= 3 for row in members)
    assert all(row["pivotValues"][2].startswith("SIZE_") for row in members)
    assert not any({"approximateMemberReach", "conversionValueInLocalCurrency"} & set(row) for row in members)


def test_conversions_come_by_rule_and_window_and_add_up(linkedin: LinkedIn) -> None:
    post = "externalWebsitePostClickConversions,externalWebsitePostViewConversions"
    rows = linkedin.elements(f"externalWebsiteConversions,{post},{ROW}", pivot="CAMPAIGN,CONVERSION")
    rules = {
        f"urn:lla:llaPartnerConversion:{c['id']}"
        for c in linkedin.get("conversions", f"q=account&account={linkedin.urn}").json()["elements"]
    }
    assert rows
    assert {row["pivotValues"][1] for row in rows} <= rules
    for row in rows:
        windows = [row[name] for name in post.split(",")]
        assert row["externalWebsiteConversions"] == sum(windows)
    total = sum(row["conversions"] for row in linkedin.truth("account"))
    assert sum(row["externalWebsiteConversions"] for row in rows) == total


def test_reach_is_less_than_the_sum_of_its_days_and_not_given_for_long_spans(linkedin: LinkedIn) -> None:
    month = {"since": date(2026, 10, 1), "until": date(2026, 10, 31)}
    fields = f"approximateMemberReach,impressions,{ROW}"
    days = [row["approximateMemberReach"] for row in linkedin.elements(fields, **month)]
    (whole,) = linkedin.elements(fields, granularity="ALL", **month)
    assert max(days) < whole["approximateMemberReach"] < sum(days)
    (long,) = linkedin.elements(fields, granularity="ALL", since=date(2026, 7, 1))
    assert "approximateMemberReach" not in long
    monthly = linkedin.elements(f"impressions,{ROW}", granularity="MONTHLY")
    assert [day_of(row) for row in monthly] == ["2026-08-03", "2026-09-01", "2026-10-01"]


def test_lists_with_tokens_are_full_pages_and_the_last_one_has_no_token(linkedin: LinkedIn) -> None:
    whole = linkedin.own("creatives", f"q=criteria&intendedStatuses=List({STATUSES})&pageSize=100").json()
    assert whole["metadata"] == {}
    query, seen, token = f"q=criteria&intendedStatuses=List({STATUSES})&pageSize=7", [], ""
    while True:
        page = linkedin.own("creatives", query + (f"&pageToken={token}" if token else "")).json()
        seen += page["elements"]
        token = str(page["metadata"].get("nextPageToken", "")).replace("=", "%3D")
        if not token:
            break
        assert len(page["elements"]) == 7
        other = linkedin.own("adCampaigns", f"q=search&pageToken={token}")
        assert other.status_code == 400, "a token belongs to its own query"
    assert seen == whole["elements"]
    assert linkedin.own("creatives", "q=criteria&pageSize=101").status_code == 400
    assert linkedin.own("adCampaigns", "q=search&pageSize=1001").status_code == 400
    assert code_of(linkedin.own("adCampaigns", "q=search&start=0&count=10")) == (400, "QUERY_PARAM_NOT_ALLOWED")


def test_lists_with_offsets_link_to_their_next_page(linkedin: LinkedIn) -> None:
    first = linkedin.get("conversions", f"q=account&account={linkedin.urn}&start=0&count=3").json()
    assert first["paging"]["count"] == 3
    (link,) = first["paging"]["links"]
    assert link["rel"] == "next"
    second = linkedin.http.get(f"/linkedin{link['href']}", headers=linkedin.headers()).json()
    assert second["paging"]["links"] == []
    names = [rule["name"] for page in (first, second) for rule in page["elements"]]
    assert len(names) == len(set(names)) == 4
    users = linkedin.get("adAccountUsers", f"q=accounts&accounts=List({linkedin.urn})").json()
    assert [user["role"] for user in users["elements"]] == ["VIEWER"]


def test_ids_are_numbers_but_for_creatives_and_times_are_milliseconds(linkedin: LinkedIn) -> None:
    account = linkedin.get(f"adAccounts/{linkedin.account.account_id}").json()
    assert (account["id"], account["currency"]) == (int(linkedin.account.account_id), "USD")
    group = linkedin.own("adCampaignGroups", f"q=search&{EVERY}").json()["elements"][0]
    campaign = linkedin.own("adCampaigns", f"q=search&{EVERY}").json()["elements"][0]
    creative = linkedin.own("creatives", "q=criteria").json()["elements"][0]
    assert isinstance(group["id"], int)
    assert isinstance(campaign["id"], int)
    assert campaign["campaignGroup"] == f"urn:li:sponsoredCampaignGroup:{group['id']}"
    assert campaign["dailyBudget"]["currencyCode"] == "USD"
    assert Decimal(campaign["dailyBudget"]["amount"]) > 0
    assert campaign["changeAuditStamps"]["created"]["time"] == 1_785_542_400_000, "1 August 2026, midnight UTC"
    assert re.fullmatch(r"urn:li:sponsoredCreative:\d+", creative["id"])
    assert creative["campaign"] == f"urn:li:sponsoredCampaign:{campaign['id']}"
    assert "status" not in creative
    assert creative["intendedStatus"] in STATUSES
    encoded = creative["id"].replace(":", "%3A")
    assert linkedin.own(f"creatives/{encoded}").json() == creative


def test_removed_objects_are_listed_when_asked_for_and_keep_their_figures(linkedin: LinkedIn) -> None:
    plain = {group["id"] for group in linkedin.own("adCampaignGroups", "q=search").json()["elements"]}
    every = {g["id"]: g["status"] for g in linkedin.own("adCampaignGroups", f"q=search&{EVERY}").json()["elements"]}
    removed = {group for group, status in every.items() if status == "REMOVED"}
    assert removed
    assert plain == set(every) - removed
    rows = linkedin.elements(f"{COST},{ROW}", pivot="CAMPAIGN_GROUP")
    spent = {int(row["pivotValues"][0].rpartition(":")[2]) for row in rows if round(Decimal(row[COST]), 2) > 0}
    assert removed & spent
    assert linkedin.own("adCampaignGroups", f"q=search&{EVERY}".replace("DRAFT", "COMPLETED")).status_code == 400


def test_an_ads_landing_page_stands_in_its_post_or_in_itself(linkedin: LinkedIn) -> None:
    creatives = linkedin.own("creatives", f"q=criteria&intendedStatuses=List({STATUSES})&pageSize=100").json()[
        "elements"
    ]
    posts = linkedin.get("posts", f"q=dscAdAccount&dscAdAccount={linkedin.urn}&count=100").json()["elements"]
    pages = {post["id"]: post["contentLandingPage"] for post in posts}
    for creative in creatives:
        content = creative["content"]
        page = content["textAd"]["landingPage"] if "textAd" in content else pages[content["reference"]]
        assert page.startswith("https://")


def test_tokens_are_handed_out_for_the_right_secrets_only(linkedin: LinkedIn) -> None:
    issued = linkedin.token().json()
    assert issued["expires_in"] == 5_183_999
    assert issued["refresh_token"] == linkedin.secrets["refresh_token"]
    assert 0 < issued["refresh_token_expires_in"] < 365 * 86_400
    assert linkedin.token(refresh_token="AQnobody").json()["error"] == "invalid_grant"
    assert linkedin.token(client_secret="wrong").status_code == 401
    assert linkedin.token(grant_type="password").status_code == 400
    assert code_of(linkedin.get("adAccounts", "q=search", Authorization=None)) == (401, "EMPTY_ACCESS_TOKEN")
    wrong = {"Authorization": f"Bearer {linkedin.secrets['refresh_token']}"}
    assert code_of(linkedin.get("adAccounts", "q=search", **wrong)) == (401, "INVALID_ACCESS_TOKEN")


def test_introspection_tells_when_an_issued_token_ends_and_nothing_of_other_texts(linkedin: LinkedIn) -> None:
    def told(token: str, **changes: str) -> httpx.Response:
        form = {**linkedin.secrets, "token": token, **changes}
        return linkedin.http.post("/linkedin/oauth/v2/introspectToken", data=form)

    token = str(linkedin.token().json()["access_token"])
    known = told(token).json()
    assert (known["active"], known["status"], known["auth_type"]) == (True, "active", "3L")
    assert known["expires_at"] - known["created_at"] == 5_183_999
    assert told("AQXnobody").json() == {"active": False}
    assert told(token, client_secret="wrong").status_code == 401


def test_a_throttled_call_names_no_wait_and_a_long_one_is_the_days_limit(served: Served, linkedin: LinkedIn) -> None:
    served.fault(linkedin.account, "throttle", times=1)
    served.fault(linkedin.account, "throttle", times=1, seconds=3600)
    short, long = linkedin.analytics(), linkedin.analytics()
    assert short.status_code == long.status_code == 429
    assert "retry-after" not in short.headers
    assert "45 million metric values" in short.json()["message"]
    assert "Resource level throttle limit" in long.json()["message"]
    assert linkedin.analytics().status_code == 200


def test_faults_bend_what_they_are_told_to(served: Served, linkedin: LinkedIn) -> None:
    fields = f"{COST},{ROW}"
    whole = linkedin.elements(fields, pivot="CREATIVE")
    total = rounded(linkedin.elements(fields))
    served.fault(linkedin.account, "half", level="ad", times=1)
    assert len(linkedin.elements(fields, pivot="CREATIVE")) < len(whole)
    served.fault(linkedin.account, "control_mismatch", amount="2.50", since="2026-10-01", until="2026-10-01", times=1)
    assert rounded(linkedin.elements(fields)) == total + Decimal("2.50")
    served.fault(linkedin.account, "truncate", level="account", times=1)
    with pytest.raises(ValueError, match=r"(?i)unterminated|expecting|delimiter"):
        linkedin.analytics(fields).json()
    served.fault(linkedin.account, "error", level="entities", status=403, times=1)
    refused = linkedin.own("adCampaigns", "q=search")
    assert (refused.status_code, refused.json()["serviceErrorCode"]) == (403, 100)
    served.fault(linkedin.account, "error", status=503, times=1)
    assert code_of(linkedin.analytics()) == (503, "UNDER_MAINTENANCE")
    assert len(linkedin.elements(fields, pivot="CREATIVE")) == len(whole)


def test_more_than_fifteen_thousand_elements_are_cut_without_a_word(long_lived: Served) -> None:
    linkedin = LinkedIn(long_lived)
    pivot = "CREATIVE,CAMPAIGN,MEMBER_COMPANY_SIZE"
    answer = linkedin.analytics(f"impressions,{ROW}", pivot=pivot, since=date(2026, 5, 10)).json()
    assert len(answer["elements"]) == 15_000
    assert answer["paging"] == {"start": 0, "count": 10, "links": []}
    last = date.fromisoformat(day_of(answer["elements"][-1]))
    rest = linkedin.elements(f"impressions,{ROW}", pivot=pivot, since=last + timedelta(days=1))
    assert rest, "days after the cut have rows too"


def test_days_older_than_six_months_are_gone_and_whole_spans_grow_to_whole_months(long_lived: Served) -> None:
    linkedin = LinkedIn(long_lived)
    first_day = NOON.date() - timedelta(days=230)
    days = sorted(day_of(row) for row in linkedin.elements(f"impressions,{ROW}", since=first_day))
    assert days[0] == "2026-05-01"
    (whole,) = linkedin.elements(
        f"impressions,{ROW}", since=date(2026, 4, 20), until=date(2026, 9, 10), granularity="ALL"
    )
    assert (whole["dateRange"]["start"]["day"], whole["dateRange"]["end"]["day"]) == (1, 30)
    truth = [row for row in linkedin.truth("account") if "2026-04-01" <= row["date_day"] <= "2026-09-30"]
    assert whole["impressions"] == sum(row["impressions"] for row in truth)


def test_leniency_serves_what_old_clients_send(long_lived: Served) -> None:
    linkedin = LinkedIn(long_lived)
    old = {"LinkedIn-Version": "202502"}
    mixed = linkedin.query("approximateUniqueImpressions").replace("%3A", ":")
    assert linkedin.get("adAnalytics", mixed, **old).status_code == 200
    assert linkedin.own("adCampaigns", "q=search&start=0&count=10").status_code == 200
    assert linkedin.own("creatives", "q=criteria&pageSize=1000").status_code == 200
    assert linkedin.get("adAccounts", "q=search", **{"LinkedIn-Version": None}).status_code == 400


def test_access_tokens_end_after_sixty_days_and_versions_on_their_day(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("linkedin-later")
    WorldClock(folder / "clock").ensure(datetime(2026, 9, 7, 12, tzinfo=UTC))
    handle = start(folder / "state", folder / "clock", clients=3, ads=6, days=20, start_at="2026-09-07T12:00:00+00:00")
    try:
        linkedin = LinkedIn(Served(handle, folder / "state"))
        left = linkedin.token().json()["refresh_token_expires_in"]

        def answer(version: str) -> tuple[int, str | None]:
            return code_of(linkedin.get("adAccounts", "q=search", **{"LinkedIn-Version": version}))

        assert answer("202511") == (200, None)
        linkedin.http.post("/_sandbox/clock", json={"advance_days": 61})
        assert answer("202608") == (401, "EXPIRED_ACCESS_TOKEN")
        assert left - linkedin.token().json()["refresh_token_expires_in"] == 61 * 86_400, "refreshing renews nothing"
        linkedin._token = ""
        linkedin.http.post("/_sandbox/clock", json={"set": "2026-11-16T00:00:00+00:00"})
        assert answer("202511") == (426, "NONEXISTENT_VERSION")
        assert answer("202608") == (200, None)
    finally:
        handle.stop()
