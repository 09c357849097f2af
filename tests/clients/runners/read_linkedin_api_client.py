"""LinkedIn's own client: token refresh, finders with cursors, analytics by four pivots, one of them tunnelled."""

from datetime import date
from decimal import Decimal
from typing import Any

from linkedin_api.clients.auth.client import AuthClient
from linkedin_api.clients.restli.client import RestliClient
from linkedin_api.common import constants
from plan import Account, Answer, Plan, day_spans, read_plan

_VERSION = "202608"
_FIELDS = "impressions,clicks,costInLocalCurrency,dateRange,pivotValues"
_PIVOTS = {"account": "ACCOUNT", "campaign": "CAMPAIGN_GROUP", "ad_group": "CAMPAIGN", "ad": "CREATIVE"}
_OWN_ID = {"account": None, "campaign": "campaign_id", "ad_group": "ad_group_id", "ad": "ad_id"}
_EVERY_STATUS = ["ACTIVE", "PAUSED", "ARCHIVED", "COMPLETED", "CANCELED", "DRAFT", "PENDING_DELETION", "REMOVED"]
_GROUP_STATUSES = [status for status in _EVERY_STATUS if status != "COMPLETED"]
_CREATIVE_STATUSES = [status for status in _GROUP_STATUSES if status != "PENDING_DELETION"]
_PAGE = 10
_MICRO = Decimal("0.000001")


def _number(urn: Any) -> str:
    return str(urn).rpartition(":")[2]


def _iso(day: dict[str, int]) -> str:
    return date(day["year"], day["month"], day["day"]).isoformat()


def _parts(day: str) -> dict[str, int]:
    parsed = date.fromisoformat(day)
    return {"year": parsed.year, "month": parsed.month, "day": parsed.day}


class _Reader:
    """Calls of one account with a fresh access token."""

    def __init__(self, entry: Account, token: str) -> None:
        self.account, self.token, self.client = entry["account_id"], token, RestliClient()

    def found(self, path: str, finder: str, parameters: dict[str, Any]) -> Any:
        """Elements of all pages; this client hands out no metadata, so the cursor is taken from its raw response."""
        cursor: dict[str, Any] = {}
        while True:
            answer = self.client.finder(
                resource_path=path, finder_name=finder, access_token=self.token, version_string=_VERSION,
                query_params={**parameters, "pageSize": _PAGE, **cursor},
            )  # fmt: skip
            if answer.status_code != 200:
                raise RuntimeError(f"{path}: {answer.status_code} {answer.response.text[:300]}")
            yield from answer.elements
            token = (answer.response.json().get("metadata") or {}).get("nextPageToken")
            if not token:
                return
            cursor = {"pageToken": token}

    def analytics(self, level: str, facet: dict[str, Any], since: str, until: str) -> Any:
        answer = self.client.finder(
            resource_path="/adAnalytics", finder_name="analytics", access_token=self.token, version_string=_VERSION,
            query_params={
                "pivot": _PIVOTS[level], "timeGranularity": "DAILY", **facet, "fields": _FIELDS,
                "dateRange": {"start": _parts(since), "end": _parts(until)},
            },
        )  # fmt: skip
        if answer.status_code != 200:
            raise RuntimeError(f"adAnalytics {level}: {answer.status_code} {answer.response.text[:300]}")
        return answer


def _read_figures(plan: Plan, reader: _Reader, campaigns: list[str], answer: Answer) -> None:
    tunnelled = False
    facets: dict[str, dict[str, Any]] = {
        level: {"accounts": [f"urn:li:sponsoredAccount:{reader.account}"]} for level in ("account", "campaign", "ad")
    }
    # Named one by one, and often enough to outgrow an address: the client then tunnels the query by itself.
    urns = [f"urn:li:sponsoredCampaign:{campaign}" for campaign in campaigns]
    facets["ad_group"] = {"campaigns": urns * max(1, -(-200 // len(urns)))}
    for level, facet in facets.items():
        for since, until in day_spans(plan["since"], plan["until"], 30):
            reply = reader.analytics(level, facet, since, until)
            tunnelled |= reply.response.request.method == "POST"
            for row in reply.elements:
                own = _OWN_ID[level]
                ids = {own: _number(row["pivotValues"][0])} if own else {}
                spend = Decimal(row.get("costInLocalCurrency", "0")).quantize(_MICRO)
                answer.row(
                    level, reader.account, _iso(row["dateRange"]["start"]), f"{spend:f}", row.get("impressions"),
                    row.get("clicks"), **ids,
                )  # fmt: skip
    answer.check("a long query goes through the tunnel", tunnelled, "the client never tunnelled")


def _read_lists(reader: _Reader, answer: Answer) -> list[str]:
    base, campaigns = f"/adAccounts/{reader.account}", []
    for group in reader.found(
        f"{base}/adCampaignGroups", "search", {"search": {"status": {"values": _GROUP_STATUSES}}}
    ):
        answer.entity(reader.account, "campaign", group["id"], group["status"])
    for campaign in reader.found(f"{base}/adCampaigns", "search", {"search": {"status": {"values": _EVERY_STATUS}}}):
        campaigns.append(str(campaign["id"]))
        answer.entity(reader.account, "ad_group", campaign["id"], campaign["status"])
    for creative in reader.found(f"{base}/creatives", "criteria", {"intendedStatuses": _CREATIVE_STATUSES}):
        answer.entity(reader.account, "ad", _number(creative["id"]), creative["intendedStatus"])
    return campaigns


def _tokens(plan: Plan, answer: Answer) -> dict[str, str]:
    """A fresh access token by account, each refresh token used once."""
    found, tokens = {}, {}
    for entry in plan["accounts"]:
        parts = entry["credential"]
        if "refresh_token" not in parts:
            tokens[entry["account_id"]] = parts["access_token"]
            continue
        if parts["refresh_token"] not in found:
            auth = AuthClient(
                client_id=parts["client_id"], client_secret=parts["client_secret"], redirect_url="http://x"
            )
            found[parts["refresh_token"]] = fresh = auth.exchange_refresh_token_for_access_token(parts["refresh_token"])
            told = auth.introspect_access_token(fresh.access_token)
            answer.check(
                "introspection tells an active token", told.active and told.status == "active", str(vars(told))
            )
        tokens[entry["account_id"]] = found[parts["refresh_token"]].access_token
    return tokens


def main() -> None:
    plan, answer = read_plan(), Answer()
    constants.VERSIONED_BASE_URL = f"{plan['sandbox']}/linkedin/rest"
    constants.OAUTH_BASE_URL = f"{plan['sandbox']}/linkedin/oauth/v2"
    tokens = _tokens(plan, answer)
    for token in sorted(set(tokens.values())):
        reader = _Reader(plan["accounts"][0], token)
        seen = {str(a["id"]) for a in reader.found("/adAccounts", "search", {"search": {"test": False}})}
        own = {account for account, theirs in tokens.items() if theirs == token}
        answer.check("the token sees its accounts", seen == own, f"seen {sorted(seen)}, own {sorted(own)}")
    for entry in plan["accounts"]:
        reader = _Reader(entry, tokens[entry["account_id"]])
        campaigns = _read_lists(reader, answer)
        _read_figures(plan, reader, campaigns, answer)
    for version, status in (("202401", 426), (None, 400)):
        reply = RestliClient().finder(
            resource_path="/adAccounts", finder_name="search", access_token=next(iter(tokens.values())),
            version_string=version or _VERSION, query_params={"pageSize": 1},
        ) if version else _without_version(plan, next(iter(tokens.values())))  # fmt: skip
        answer.check(f"version {version} is answered with {status}", reply.status_code == status, reply.response.text)
    answer.write()


def _without_version(plan: Plan, token: str) -> Any:
    constants.NON_VERSIONED_BASE_URL = f"{plan['sandbox']}/linkedin/rest"
    return RestliClient().finder(resource_path="/adAccounts", finder_name="search", access_token=token)


if __name__ == "__main__":
    main()
