"""Google's own message types as judges of our REST bodies: every batch must parse with unknown fields refused, and
written back by protobuf it must be the very JSON that was served (int64 as text, enum names, absent defaults)."""

import json
import urllib.error
import urllib.parse
import urllib.request
from decimal import Decimal
from typing import Any

from google.ads.googleads.v26.errors.types.errors import GoogleAdsFailure
from google.ads.googleads.v26.services.types.customer_service import ListAccessibleCustomersResponse
from google.ads.googleads.v26.services.types.google_ads_service import (
    SearchGoogleAdsResponse,
    SearchGoogleAdsStreamResponse,
)
from google.protobuf import json_format
from plan import Account, Answer, Plan, read_plan

_DELIVERY = "metrics.impressions, metrics.clicks, metrics.cost_micros"
_MORE = (
    "metrics.interactions, metrics.conversions, metrics.conversions_value, metrics.all_conversions,"
    " metrics.all_conversions_value, metrics.view_through_conversions, metrics.conversions_by_conversion_date,"
    " metrics.conversions_value_by_conversion_date"
)
_CONVERSIONS = "metrics.conversions, metrics.conversions_value, metrics.all_conversions, metrics.all_conversions_value"
_ENTITIES = {
    "campaign": (
        "SELECT campaign.id, campaign.name, campaign.status, campaign.serving_status, campaign.primary_status,"
        " campaign.advertising_channel_type, campaign.advertising_channel_sub_type, campaign.bidding_strategy_type,"
        " campaign.start_date_time, campaign.end_date_time, campaign.campaign_budget, campaign_budget.amount_micros,"
        " campaign_budget.total_amount_micros, campaign_budget.period, campaign_budget.explicitly_shared FROM campaign"
    ),
    "ad_group": (
        "SELECT campaign.id, ad_group.id, ad_group.name, ad_group.status, ad_group.type, ad_group.cpc_bid_micros,"
        " ad_group.target_cpa_micros FROM ad_group"
    ),
    "ad": (
        "SELECT campaign.id, ad_group.id, ad_group_ad.ad.id, ad_group_ad.ad.name, ad_group_ad.ad.type,"
        " ad_group_ad.status, ad_group_ad.ad.final_urls, ad_group_ad.ad.tracking_url_template,"
        " ad_group_ad.ad.final_url_suffix, ad_group_ad.ad_strength, ad_group_ad.policy_summary.approval_status,"
        " ad_group_ad.ad.responsive_search_ad.headlines, ad_group_ad.ad.responsive_search_ad.descriptions"
        " FROM ad_group_ad"
    ),
    "": (
        "SELECT conversion_action.id, conversion_action.name, conversion_action.status, conversion_action.type,"
        " conversion_action.category, conversion_action.origin, conversion_action.primary_for_goal,"
        " conversion_action.include_in_conversions_metric, conversion_action.counting_type,"
        " conversion_action.click_through_lookback_window_days, conversion_action.view_through_lookback_window_days,"
        " conversion_action.attribution_model_settings.attribution_model FROM conversion_action"
    ),
}
_FIGURES = {
    "account": f"SELECT customer.id, customer.currency_code, customer.time_zone, segments.date, {_DELIVERY}, {_MORE}"
    " FROM customer",
    "campaign": f"SELECT campaign.id, segments.date, {_DELIVERY}, {_MORE} FROM campaign",
    "ad_group": f"SELECT campaign.id, ad_group.id, segments.date, {_DELIVERY}, {_MORE} FROM ad_group",
    "ad": f"SELECT campaign.id, ad_group.id, ad_group_ad.ad.id, segments.date, {_DELIVERY}, {_MORE} FROM ad_group_ad",
}
# Reports whose bodies are judged although their rows are no sum of anything that the truth tells.
_OTHERS = {
    "asset groups": "SELECT campaign.id, asset_group.id, asset_group.name, asset_group.status,"
    f" asset_group.primary_status, asset_group.ad_strength, segments.date, {_DELIVERY}, metrics.conversions,"
    " metrics.conversions_value FROM asset_group",
    "keywords": "SELECT campaign.id, ad_group.id, ad_group_criterion.criterion_id, ad_group_criterion.keyword.text,"
    " ad_group_criterion.keyword.match_type, ad_group_criterion.status, segments.date,"
    f" {_DELIVERY}, metrics.conversions FROM keyword_view",
    "search terms": "SELECT campaign.id, ad_group.id, search_term_view.search_term, search_term_view.status,"
    f" segments.search_term_match_type, segments.date, {_DELIVERY}, metrics.conversions FROM search_term_view",
    "conversions by action": "SELECT campaign.id, segments.date, segments.conversion_action,"
    f" segments.conversion_action_name, segments.conversion_action_category, {_CONVERSIONS} FROM campaign",
    "devices": f"SELECT campaign.id, segments.date, segments.device, {_DELIVERY} FROM campaign",
    "networks": f"SELECT campaign.id, segments.date, segments.ad_network_type, {_DELIVERY} FROM campaign",
    "hours": f"SELECT campaign.id, segments.date, segments.hour, {_DELIVERY} FROM campaign",
}


class _Reader:
    """Calls of one account over REST."""

    def __init__(self, plan: Plan, entry: Account, answer: Answer) -> None:
        self.base, self.entry, self.answer = f"{plan['sandbox']}/google", entry, answer
        form = urllib.parse.urlencode({"grant_type": "refresh_token", **entry["credential"]}).encode()
        with urllib.request.urlopen(f"{self.base}/oauth2/token", form) as response:
            self.token = json.load(response)["access_token"]

    def call(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if self.entry["login_customer_id"]:
            headers["login-customer-id"] = self.entry["login_customer_id"]
        data = json.dumps(body).encode() if body is not None else None
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{self.base}/v26/{path}", data, headers)) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def stream(self, name: str, query: str) -> list[Any]:
        """The rows of a query; a batch that is not to the letter fails a check."""
        path = f"customers/{self.entry['account_id']}/googleAds:searchStream"
        status, batches = self.call(path, {"query": query})
        rows: list[Any] = []
        faults = [] if status == 200 else [json.dumps(batches)]
        for batch in batches if status == 200 else []:
            message, fault = _judged(batch, SearchGoogleAdsStreamResponse)
            rows += list(message.results) if message is not None else []
            faults += [fault] if fault else []
        self.answer.check(f"searchStream {name}", not faults, "; ".join(faults[:2]))
        return rows


def _judged(body: dict[str, Any], kind: Any) -> tuple[Any, str]:
    """The parsed message and, if the body is not what protobuf itself would write, where it is not."""
    message = kind()
    try:
        json_format.ParseDict(body, kind.pb(message), ignore_unknown_fields=False)
    except json_format.ParseError as error:
        return None, str(error)
    return message, _difference(body, json_format.MessageToDict(kind.pb(message)), "")


def _difference(served: Any, written: Any, place: str) -> str:
    """The first place at which two JSON values differ; 1 and 1.0 are one number."""
    if isinstance(served, dict) and isinstance(written, dict):
        for name in sorted(served.keys() | written.keys()):
            if name not in served or name not in written:
                return f"{place}.{name} is only in what {'protobuf writes' if name in written else 'was served'}"
            if found := _difference(served[name], written[name], f"{place}.{name}"):
                return found
        return ""
    if isinstance(served, list) and isinstance(written, list) and len(served) == len(written):
        pairs = enumerate(zip(served, written, strict=True))
        return next((found for i, (a, b) in pairs if (found := _difference(a, b, f"{place}[{i}]"))), "")
    return "" if served == written else f"{place}: served {served!r}, protobuf writes {written!r}"


def _read_figures(plan: Plan, reader: _Reader, answer: Answer) -> None:
    window = f" WHERE segments.date BETWEEN '{plan['since']}' AND '{plan['until']}'"
    for level, query in _FIGURES.items():
        for row in reader.stream(level, query + window):
            ids = {"account": {}, "campaign": {"campaign_id": row.campaign.id},
                   "ad_group": {"campaign_id": row.campaign.id, "ad_group_id": row.ad_group.id},
                   "ad": {"campaign_id": row.campaign.id, "ad_group_id": row.ad_group.id,
                          "ad_id": row.ad_group_ad.ad.id}}[level]  # fmt: skip
            metrics = row.metrics
            answer.row(
                level, reader.entry["account_id"], row.segments.date, Decimal(metrics.cost_micros) / 1_000_000,
                metrics.impressions, metrics.clicks, **ids,
            )  # fmt: skip
    for name, query in _OTHERS.items():
        reader.stream(name, query + window)


def _read_entities(reader: _Reader, answer: Answer) -> None:
    account = reader.entry["account_id"]
    for kind, query in _ENTITIES.items():
        for row in reader.stream(f"entities {kind or 'conversion_action'}", query):
            if kind == "campaign":
                answer.entity(account, kind, row.campaign.id, row.campaign.status.name)
            elif kind == "ad_group":
                answer.entity(account, kind, row.ad_group.id, row.ad_group.status.name)
            elif kind == "ad":
                answer.entity(account, kind, f"{row.ad_group.id}~{row.ad_group_ad.ad.id}", row.ad_group_ad.status.name)


def _check_other_bodies(reader: _Reader, answer: Answer) -> None:
    account = reader.entry["account_id"]
    body = {"query": "SELECT campaign.id, campaign.name FROM campaign"}
    pages = [("googleAds:search", reader.call(f"customers/{account}/googleAds:search", body), SearchGoogleAdsResponse)]
    listing = reader.call("customers:listAccessibleCustomers")
    pages.append(("listAccessibleCustomers", listing, ListAccessibleCustomersResponse))
    for name, (status, page), kind in pages:
        fault = _judged(page, kind)[1] if status == 200 else json.dumps(page)
        answer.check(name, not fault, fault)
    for name, query in (
        ("an unknown field", "SELECT campaign.start_date FROM campaign"),
        ("cost by conversion action", "SELECT segments.conversion_action, metrics.cost_micros FROM campaign"
         " WHERE segments.date DURING LAST_7_DAYS"),
    ):  # fmt: skip
        status, body = reader.call(f"customers/{account}/googleAds:searchStream", {"query": query})
        fault = f"HTTP {status}" if status != 400 else _failure_fault(body)
        answer.check(f"{name} is refused with a GoogleAdsFailure", not fault, fault)


def _failure_fault(body: Any) -> str:
    if not isinstance(body, list) or len(body) != 1:
        return "searchStream's errors come in an array"
    details = [dict(detail) for detail in body[0]["error"]["details"]]
    for detail in details:
        if not str(detail.pop("@type", "")).endswith("v26.errors.GoogleAdsFailure"):
            return "another type of detail"
        if fault := _judged(detail, GoogleAdsFailure)[1]:
            return fault
    return "" if details else "no details"


def main() -> None:
    plan, answer = read_plan(), Answer()
    for entry in plan["accounts"]:
        reader = _Reader(plan, entry, answer)
        _read_figures(plan, reader, answer)
        _read_entities(reader, answer)
        _check_other_bodies(reader, answer)
    answer.write()


if __name__ == "__main__":
    main()
