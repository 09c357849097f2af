"""TikTok's own SDK: the advertiser list, lists with every status, reports at four levels in spans of 30 days."""

import json
from itertools import product
from typing import Any

import business_api_client as tiktok
from business_api_client.tiktok_business.tiktok_exceptions import TiktokSDKError
from plan import Account, Answer, Plan, day_spans, read_plan

_LONGEST_SPAN = 30
_PAGE = 200
_TOP_VIEW = "RESERVATION_TOP_VIEW"
# level -> (data level, id dimension, name of the status filter, parents that come as metrics)
_LEVELS = {
    "account": ("AUCTION_ADVERTISER", "advertiser_id", None, ()),
    "campaign": ("AUCTION_CAMPAIGN", "campaign_id", "campaign_status", ()),
    "ad_group": ("AUCTION_ADGROUP", "adgroup_id", "adgroup_status", ("campaign_id",)),
    "ad": ("AUCTION_AD", "ad_id", "ad_status", ("campaign_id", "adgroup_id")),
}
_OURS = {"campaign_id": "campaign_id", "adgroup_id": "ad_group_id", "ad_id": "ad_id"}


def _condition(field: str | None, value: str) -> dict[str, str]:
    return {"field_name": str(field), "filter_type": "IN", "filter_value": json.dumps([value])}


def _pages(call: Any) -> Any:
    """All entries of a paged answer; ``call`` takes the page number."""
    page = 1
    while True:
        data = call(page)["data"]
        yield from data["list"]
        if page >= data["page_info"]["total_page"]:
            return
        page += 1


def _read_level(api: Any, token: str, account: str, plan: Plan, level: str, answer: Answer) -> None:
    data_level, dimension, status_filter, parents = _LEVELS[level]
    everything = [_condition(status_filter, "STATUS_ALL")]
    # TopView comes only alone, and never below the advertiser unless it is asked for.
    asked = [everything, [*everything, _condition("buying_type", _TOP_VIEW)]] if status_filter else [None]
    spans = list(day_spans(plan["since"], plan["until"], _LONGEST_SPAN))
    for filtering, (since, until) in product(asked, spans):
        options = {"filtering": filtering} if filtering else {}
        rows = _pages(
            lambda page, since=since, until=until, options=options: api.report_integrated_get(
                "BASIC", token, advertiser_id=account, data_level=data_level, start_date=since, end_date=until,
                dimensions=[dimension, "stat_time_day"], metrics=["spend", "impressions", "clicks", *parents],
                page=page, page_size=_PAGE, **options,
            )
        )  # fmt: skip
        for row in rows:
            ids = {_OURS[name]: value for name, value in {**row["dimensions"], **row["metrics"]}.items()
                   if name in _OURS}  # fmt: skip
            figures = row["metrics"]
            answer.row(
                level, account, row["dimensions"]["stat_time_day"], figures["spend"], figures["impressions"],
                figures["clicks"], **ids,
            )  # fmt: skip


def _read_lists(client: Any, token: str, account: str, answer: Answer) -> None:
    asked = ({"primary_status": "STATUS_ALL"}, {"primary_status": "STATUS_ALL", "buying_types": [_TOP_VIEW]})
    lists = (
        ("campaign", "campaign_id", tiktok.CampaignCreationApi(client).campaign_get),
        ("ad_group", "adgroup_id", tiktok.AdgroupApi(client).adgroup_get),
        ("ad", "ad_id", tiktok.AdApi(client).ad_get),
    )
    for (kind, id_field, call), filtering in product(lists, asked):
        for thing in _pages(
            lambda page, call=call, filtering=filtering: call(
                account, token, filtering=filtering, page=page, page_size=_PAGE
            )
        ):
            answer.entity(account, kind, thing[id_field], thing["secondary_status"])


def _refused(call: Any) -> str:
    """What the SDK raised, or nothing if the call was answered."""
    try:
        call()
    except TiktokSDKError as error:
        return str(error) or type(error).__name__
    return ""


def _read_account(plan: Plan, entry: Account, client: Any, answer: Answer) -> None:
    account, token = entry["account_id"], entry["credential"]["access_token"]
    reporting = tiktok.ReportingApi(client)
    for level in _LEVELS:
        _read_level(reporting, token, account, plan, level, answer)
    _read_lists(client, token, account, answer)
    (told,) = tiktok.AccountManagementApi(client).advertiser_info([account], token)["data"]["list"]
    right = told["currency"] == entry["currency"] and told["name"] == entry["name"]
    answer.check("advertiser/info tells name and currency", right, str(told))
    words = _refused(
        lambda: reporting.report_integrated_get(
            "BASIC", token, advertiser_id=account, data_level="AUCTION_AD", dimensions=["ad_id", "stat_time_day"],
            metrics=["spend"], start_date="2026-01-01", end_date="2026-03-01",
        )
    )  # fmt: skip
    answer.check("60 days with stat_time_day are refused with 40002", "40002" in words, words or "it was answered")


def main() -> None:
    plan, answer = read_plan(), Answer()
    configuration = tiktok.Configuration()
    configuration.host = f"{plan['sandbox']}/tiktok"
    client = tiktok.ApiClient(configuration)
    for token in sorted({entry["credential"]["access_token"] for entry in plan["accounts"]}):
        app = plan["accounts"][0]["app"]
        authentication = tiktok.AuthenticationApi(client)
        seen = authentication.oauth2_advertiser_get(app["app_id"], app["secret"], token)["data"]["list"]
        own = {e["account_id"] for e in plan["accounts"] if e["credential"]["access_token"] == token}
        ids = {thing["advertiser_id"] for thing in seen}
        answer.check("the token sees its advertisers", ids == own, f"seen {sorted(ids)}, own {sorted(own)}")
    for entry in plan["accounts"]:
        _read_account(plan, entry, client, answer)
    words = _refused(lambda: tiktok.AccountManagementApi(client).advertiser_info(["1"], "wrong"))
    answer.check("a wrong token is refused with 40105", "40105" in words, words or "it was answered")
    answer.write()


if __name__ == "__main__":
    main()
