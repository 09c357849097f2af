"""Google's contract as far as a load needs it: a token, and searchStream with batches of 10,000 rows."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

import orjson

from benchmarks.row_server import Answers
from benchmarks.rows import CURRENCY, TIMEZONE, Files, RowPlan, ServedRow

_BATCH = 10_000
_FIELD_MASK = b',"fieldMask":"campaign.id,segments.date","requestId":"2026112000000000"}'
_FROM = re.compile(r" FROM (\w+)")
_DAYS = re.compile(r"segments\.date BETWEEN '(\S+)' AND '(\S+)'")
_LEVELS = {"customer": "account", "campaign": "campaign", "ad_group_ad": "ad"}
_METRICS = (
    '"metrics":{"impressions":"%d","clicks":"%d","costMicros":"%d","conversions":%d.0,"conversionsValue":%d.%02d,'
    '"interactions":"%d","viewThroughConversions":"%d","allConversions":%d.0,"allConversionsValue":%d.%02d},'
    '"segments":{"date":"%s"}}'
)
_ACCOUNT_ROW = '{"customer":{"resourceName":"customers/%s","currencyCode":"' + CURRENCY + '"},' + _METRICS
_CAMPAIGN_ROW = (
    '{"campaign":{"resourceName":"customers/%s/campaigns/%d","id":"%d","advertisingChannelType":"SEARCH"},' + _METRICS
)
_AD_ROW = (
    '{"campaign":{"resourceName":"customers/%s/campaigns/%d","id":"%d"},"adGroup":{"id":"%d"},'
    '"adGroupAd":{"ad":{"id":"%d"}},' + _METRICS
)


def google_row(plan: RowPlan, row: ServedRow) -> bytes:
    """One row as it stands in the results of a batch; metrics that were asked for and are zero are left out."""
    impressions, clicks, _, cents, purchases, _, _, _, views, _, value, _, _ = row.figures
    money = divmod(value, 100)
    figures = (
        impressions, clicks, cents * 10_000, purchases, *money, clicks, views, purchases, *money, row.day,
    )  # fmt: skip
    if row.level == "account":
        return (_ACCOUNT_ROW % (row.account_id, *figures)).encode()
    campaign = plan.campaign_of(row.ad)
    if row.level == "campaign":
        return (_CAMPAIGN_ROW % (row.account_id, campaign, campaign, *figures)).encode()
    ids = (row.account_id, campaign, campaign, plan.ad_set_of(row.ad), plan.ad_id(row.ad))
    return (_AD_ROW % (*ids, *figures)).encode()


class GoogleAnswers(Answers):
    """Streams of one plan."""

    def __init__(self, plan: RowPlan, files: Files) -> None:
        super().__init__(plan, files)
        self._entities = _entities(plan)

    def answer(self, path: str, parameters: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        if path == "/token":
            return 200, b'{"access_token":"bench","expires_in":3599,"token_type":"Bearer"}'
        account_id = path.split("/")[3]
        query: str = orjson.loads(body)["query"]
        resource = _FROM.search(query)
        name = resource.group(1) if resource else ""
        if days := _DAYS.search(query):
            file = self.files[account_id, _LEVELS[name]]
            first, last = file.bounds(date.fromisoformat(days.group(1)), date.fromisoformat(days.group(2)))
            batches = [file.slice(start, min(start + _BATCH, last)) for start in range(first, last, _BATCH)]
        elif name == "customer":
            batches = [orjson.dumps({"customer": _customer(account_id)})]
        else:
            batches = [b",".join(self._entities.get(name, []))]
        return 200, b"[" + b",".join(b'{"results":[' + rows + b"]" + _FIELD_MASK for rows in batches) + b"]"


ANSWERS = GoogleAnswers
WORDING = google_row


def _customer(account_id: str) -> dict[str, Any]:
    return {
        "resourceName": f"customers/{account_id}", "id": account_id, "descriptiveName": f"Customer {account_id}",
        "currencyCode": CURRENCY, "timeZone": TIMEZONE, "status": "ENABLED",
    }  # fmt: skip


def _entities(plan: RowPlan) -> dict[str, list[bytes]]:
    """Objects of each resource that has any; the same for every customer."""
    campaigns, ad_groups, ads = {}, {}, []
    for number in range(plan.ads):
        campaign = {"id": str(plan.campaign_of(number)), "advertisingChannelType": "SEARCH", "status": "ENABLED"}
        ad_group = {"id": str(plan.ad_set_of(number)), "status": "ENABLED"}
        campaigns[campaign["id"]] = {"campaign": campaign, "campaignBudget": {"amountMicros": "50000000"}}
        ad_groups[ad_group["id"]] = {"campaign": {"id": campaign["id"]}, "adGroup": ad_group}
        ad = {"ad": {"id": str(plan.ad_id(number)), "name": f"Ad {number}"}, "status": "ENABLED"}
        ads.append({"campaign": {"id": campaign["id"]}, "adGroup": {"id": ad_group["id"]}, "adGroupAd": ad})
    resources: dict[str, list[dict[str, Any]]] = {
        "campaign": [*campaigns.values()], "ad_group": [*ad_groups.values()], "ad_group_ad": ads,
    }  # fmt: skip
    return {name: [orjson.dumps(row) for row in rows] for name, rows in resources.items()}
