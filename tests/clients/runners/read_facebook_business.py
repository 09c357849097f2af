"""Meta's own SDK: insights at three levels (one as a report run), edges with statuses, a batch, the account list."""

import time
from typing import Any

from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession
from plan import Account, Answer, Plan, read_plan

_FIGURES = ["account_id", "date_start", "date_stop", "spend", "impressions", "clicks"]
_LISTED = ["ACTIVE", "PAUSED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES", "CAMPAIGN_PAUSED", "ADSET_PAUSED"]
_OF_CAMPAIGN = [status for status in _LISTED if status not in ("CAMPAIGN_PAUSED", "ADSET_PAUSED")]
_ALL = [*_LISTED, "DELETED", "PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO"]
_IDS = {"campaign_id": "campaign_id", "adset_id": "ad_group_id", "ad_id": "ad_id"}
_POLLS = 40


def _insights(account: AdAccount, plan: Plan, level: str, *, report_run: bool) -> list[Any]:
    wanted = {"account": [], "campaign": ["campaign_id"], "ad": ["campaign_id", "adset_id", "ad_id"]}[level]
    params: dict[str, Any] = {
        "level": level, "time_increment": 1, "limit": 200,
        "time_range": {"since": plan["since"], "until": plan["until"]},
    }  # fmt: skip
    if level != "account":
        params["filtering"] = [{"field": f"{level}.effective_status", "operator": "IN", "value": _ALL}]
    if not report_run:
        return list(account.get_insights(fields=_FIGURES + wanted, params=params))
    run = account.get_insights(fields=_FIGURES + wanted, params=params, is_async=True)
    for _ in range(_POLLS):
        run = run.api_get()
        if run["async_status"] == "Job Completed":
            break
        time.sleep(0.05)
    for _ in range(_POLLS):
        try:
            return list(run.get_result(params={"limit": 200}))
        except FacebookRequestError as error:
            if error.api_error_subcode() != 1815107 and not error.api_transient_error():
                raise
            time.sleep(0.05)
    raise TimeoutError(f"report run {run['id']} never became readable")


def _read_account(plan: Plan, entry: Account, answer: Answer) -> None:
    account = AdAccount(f"act_{entry['account_id']}")
    for level, report_run in (("account", False), ("campaign", False), ("ad", True)):
        for row in _insights(account, plan, level, report_run=report_run):
            ids = {ours: row[theirs] for theirs, ours in _IDS.items() if theirs in row}
            answer.row(
                level, row["account_id"], row["date_start"], row.get("spend"), row.get("impressions"),
                row.get("clicks"), **ids,
            )  # fmt: skip
    fields = ["id", "name", "effective_status"]
    lists = (
        ("campaign", account.get_campaigns(fields=fields, params={"effective_status": _OF_CAMPAIGN, "limit": 5})),
        ("ad_group", account.get_ad_sets(fields=fields, params={"effective_status": _LISTED, "limit": 50})),
        ("ad", account.get_ads(fields=fields, params={"effective_status": _LISTED, "limit": 50})),
    )
    campaigns: list[str] = []
    for kind, edge in lists:
        for thing in edge:
            answer.entity(entry["account_id"], kind, thing["id"], thing["effective_status"])
            campaigns += [thing["id"]] if kind == "campaign" else []
    _batch(entry, campaigns[:50], answer)


def _batch(entry: Account, campaigns: list[str], answer: Answer) -> None:
    api = FacebookAdsApi.get_default_api()
    batch, names, refusals = api.new_batch(), [], []
    for campaign in campaigns:
        Campaign(campaign).api_get(
            fields=["id", "name"], batch=batch,
            success=lambda response: names.append(response.json()["id"]),
            failure=lambda response: refusals.append(str(response.error())),
        )  # fmt: skip
    batch.execute()
    answer.check(f"batch of {len(campaigns)} nodes", sorted(names) == sorted(campaigns), "; ".join(refusals))


def main() -> None:
    plan, answer = read_plan(), Answer()
    FacebookSession.GRAPH = f"{plan['sandbox']}/meta"
    tokens = {entry["credential"]["access_token"] for entry in plan["accounts"]}
    for token in sorted(tokens):
        FacebookAdsApi.init(access_token=token)
        own = {e["account_id"] for e in plan["accounts"] if e["credential"]["access_token"] == token}
        seen = {thing["account_id"] for thing in User(fbid="me").get_ad_accounts(fields=["account_id", "name"])}
        answer.check("the token sees its accounts", seen == own, f"seen {sorted(seen)}, own {sorted(own)}")
        for entry in plan["accounts"]:
            if entry["account_id"] in own:
                _read_account(plan, entry, answer)
    FacebookAdsApi.init(access_token="EAAwrong")
    try:
        AdAccount(f"act_{plan['accounts'][0]['account_id']}").api_get(fields=["name"])
        answer.check("a wrong token is refused", False, "it was answered")
    except FacebookRequestError as error:
        answer.check("a wrong token is refused", error.api_error_code() == 190, str(error.body()))
    answer.write()


if __name__ == "__main__":
    main()
