"""The Graph API surface: versions, authorisation, nodes, edges, batches and the usage that every answer tells."""

import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faults
from sandbox.state import Sandbox
from sandbox.wire import meta_errors, meta_tokens
from sandbox.wire.forms import form_of
from sandbox.wire.meta_creatives import AdCreative, creatives_of
from sandbox.wire.meta_errors import MetaError
from sandbox.wire.meta_listing import Child, listed
from sandbox.wire.meta_objects import Thing, View, render
from sandbox.wire.meta_paging import envelope, page_bounds
from sandbox.wire.meta_reports import HEAVIEST_PAGE_CELLS, TRUNCATE, MetaReports, suffer
from sandbox.wire.meta_versions import without_version
from sandbox.world.creatives import creative_of
from sandbox.world.figures import local_day
from sandbox.world.model import Account, Ad, AdGroup, Campaign
from sandbox.world.world import accounts_of

BIGGEST_BATCH = 50
_EDGES = ("campaigns", "adsets", "ads", "adcreatives")
# An object of an edge counts as so many cells, whatever fields are asked for.
_CELLS_AN_OBJECT = 20
_CALLS_PER_PERCENT = 600


class MetaApi:
    """Routes under /meta. One instance holds the report runs of its process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._reports = MetaReports(sandbox)
        self._calls = 0
        self._places: dict[str, tuple[Account, Thing]] = {}
        self._accounts = [account for account in accounts_of(sandbox.source) if account.platform == "meta_ads"]
        for account in self._accounts:
            self._places[f"act_{account.account_id}"] = (account, account)
            self._places |= {campaign.campaign_id: (account, campaign) for campaign in account.campaigns}
            self._places |= {group.ad_group_id: (account, group) for group in account.ad_groups}
            self._places |= {ad.ad_id: (account, ad) for ad in account.ads}

    def routes(self) -> list[Route]:
        return [
            Route("/meta", self._serve, methods=["POST"]),
            Route("/meta/{path:path}", self._serve, methods=["GET", "POST"]),
        ]

    async def _serve(self, request: Request) -> Response:
        parameters = dict(request.query_params)
        if request.method == "POST":
            parameters |= await form_of(request)
        if bearer := request.headers.get("authorization", "").removeprefix("Bearer ").strip():
            parameters["access_token"] = bearer
        url = str(request.url.replace(query=""))
        status, body, account = await self._answer(request.method, request.url.path, parameters, url)
        broken = isinstance(body, dict) and body.pop(TRUNCATE, False)
        content = orjson.dumps(body)
        if broken:
            content = content[: len(content) * 2 // 3]
        return Response(content, status, self._usage(account, status, body), "application/json; charset=UTF-8")

    async def _answer(
        self, method: str, path: str, parameters: dict[str, str], url: str
    ) -> tuple[int, Any, Account | None]:  # fmt: skip
        account: Account | None = None
        try:
            today = self._sandbox.clock.now().date()
            parts = [part for part in path.split("/") if part][1:]
            parts = without_version(parts, today, lenient=self._sandbox.lenient)
            if parts == ["oauth", "access_token"]:
                return 200, meta_tokens.exchanged(self._sandbox, parameters), None
            if parts == ["debug_token"]:
                self._named(parameters)
                return 200, meta_tokens.debug_token(self._sandbox, parameters), None
            credential = self._authorise(parameters)
            if not parts and "batch" in parameters:
                return 200, await self._batch(parameters, url), None
            account, thing = self._found(parts, credential)
            return 200, await self._dispatch(method, account, thing, parts, parameters, url, credential), account
        except MetaError as error:
            return error.http_status, error.body, account

    def _named(self, parameters: Mapping[str, str]) -> str:
        token = parameters.get("access_token")
        if not token:
            raise meta_errors.no_token()
        credential = self._sandbox.credentials.named_by(token)
        if credential is None:
            raise meta_errors.unknown_token()
        return credential

    def _authorise(self, parameters: Mapping[str, str]) -> str:
        credential = self._named(parameters)
        if self._sandbox.credentials.is_revoked(credential):
            raise meta_errors.revoked_token()
        return credential

    def _found(self, parts: list[str], credential: str) -> tuple[Account | None, Thing | None]:
        """What a path is about and whose it is; error 200 where the credential does not reach it."""
        if not parts:
            raise meta_errors.unknown_object("")
        if parts[0] == "me":
            return None, None
        thing: Thing | None = None
        if run := self._reports.runs.get(parts[0]):
            account = run.account
        elif place := self._places.get(parts[0]) or self._creative(parts[0], credential):
            account, thing = place
        else:
            raise meta_errors.unknown_object(parts[0])
        if account.credential != credential:
            raise meta_errors.not_permitted(account.account_id)
        return account, thing

    def _creative(self, creative_id: str, credential: str) -> tuple[Account, AdCreative] | None:
        for account in self._accounts:
            if account.credential == credential:
                found = creatives_of(account, self._view(account).today).get(creative_id)
                if found is not None:
                    return account, found
        return None

    async def _dispatch(
        self, method: str, account: Account | None, thing: Thing | None, parts: list[str], parameters: dict[str, str],
        url: str, credential: str,
    ) -> dict[str, Any]:  # fmt: skip
        if account is None:
            return self._me(parts[1:], parameters, url, credential)
        edge = parts[1] if len(parts) > 1 else None
        if thing is None:
            run = self._reports.runs[parts[0]]
            return self._reports.run_rows(run, parameters, url) if edge == "insights" else self._reports.state(run)
        if edge == "insights" and not isinstance(thing, AdCreative):
            query = self._reports.query(account, _parent(thing), parameters)
            if method == "POST":
                return self._reports.start(account, query)
            return await self._reports.insights(account, query, parameters, url)
        fault = self._sandbox.faults.take("meta_ads", account.account_id, faults.ENTITIES)
        await suffer(fault)
        if edge is None:
            body = render(thing, self._view(account), parameters.get("fields", ""))
        elif edge in _EDGES:
            body = self._edge(account, thing, edge, parameters, url)
        else:
            raise meta_errors.unknown_object(edge)
        return body | ({TRUNCATE: True} if fault and fault.kind == "truncate" else {})

    def _view(self, account: Account) -> View:
        now = self._sandbox.clock.now()
        return View(
            account, local_day(account, now), lambda: self._sandbox.source.table(account, "account", now).spend()
        )

    def _me(self, rest: list[str], parameters: dict[str, str], url: str, credential: str) -> dict[str, Any]:
        if not rest:
            return {"id": str(int(hashlib.blake2b(credential.encode(), digest_size=6).hexdigest(), 16))}
        if rest != ["adaccounts"]:
            raise meta_errors.unknown_object(rest[0])
        accounts = [account for account in self._accounts if account.credential == credential]
        start, limit = page_bounds(parameters)
        data = [
            render(a, self._view(a), parameters.get("fields", "account_id")) for a in accounts[start : start + limit]
        ]
        return envelope(data, start, len(accounts), url, parameters)

    def _edge(self, account: Account, thing: Thing, edge: str, parameters: dict[str, str], url: str) -> dict[str, Any]:
        view = self._view(account)
        things = self._children(account, thing, edge, view, parameters)
        start, limit = page_bounds(parameters)
        if limit * _CELLS_AN_OBJECT > HEAVIEST_PAGE_CELLS:
            raise meta_errors.reduce_data()
        data = [render(child, view, parameters.get("fields", "")) for child in things[start : start + limit]]
        body = envelope(data, start, len(things), url, parameters)
        return body | ({"summary": {"total_count": len(things)}} if parameters.get("summary") == "true" else {})

    def _children(
        self, account: Account, thing: Thing, edge: str, view: View, parameters: dict[str, str]
    ) -> list[Thing]:  # fmt: skip
        """What an edge lists of the account, or of the campaign, ad set or ad that it was asked of."""
        if edge == "adcreatives":
            shown = {creative_of(ad, view.today).creative_id for ad in _below(thing, account.ads)}
            known = creatives_of(account, view.today)
            everything = isinstance(thing, Account)
            return [known[i] for i in known if (everything or i in shown) and not known[i].deleted]
        if edge == "campaigns":
            return [*listed(_below(thing, account.campaigns), view, "campaign", parameters)]
        if edge == "adsets":
            return [*listed(_below(thing, account.ad_groups), view, "adset", parameters)]
        return [*listed(_below(thing, account.ads), view, "ad", parameters)]

    async def _batch(self, parameters: dict[str, str], url: str) -> list[dict[str, Any]]:
        calls = orjson.loads(parameters["batch"])
        if len(calls) > BIGGEST_BATCH:
            raise meta_errors.invalid_parameter("Too many requests in batch message. Maximum batch size is 50")
        answers = []
        for call in calls:
            target = urlsplit(str(call["relative_url"]))
            own = dict(parse_qsl(target.query)) | dict(parse_qsl(call.get("body", "")))
            own.setdefault("access_token", parameters["access_token"])
            path = "/meta/" + target.path.lstrip("/")
            base = url.split("/meta")[0] + path
            status, body, _ = await self._answer(call.get("method", "GET"), path, own, base)
            answer = {"code": status, "body": orjson.dumps(body).decode()}
            if parameters.get("include_headers") != "false":
                answer["headers"] = [{"name": "Content-Type", "value": "application/json"}]
            answers.append(answer)
        return answers

    def _usage(self, account: Account | None, status: int, body: Any) -> dict[str, str]:
        """The usage headers that come with every answer; a throttled one names its waiting time."""
        self._calls += 1
        throttled = status == 400 and isinstance(body, dict) and body.get("error", {}).get("code") == 80000
        used = 100 if throttled else min(90, self._calls // _CALLS_PER_PERCENT)
        headers = {
            "x-app-usage": f'{{"call_count":{used},"total_time":{used},"total_cputime":{used}}}',
            "x-fb-request-id": f"A{self._calls:020d}",
        }
        if account is not None:
            entry = {"type": "ads_insights", "call_count": used, "total_cputime": used, "total_time": used,
                     "estimated_time_to_regain_access": 1 if throttled else 0,
                     "ads_api_access_tier": "standard_access"}  # fmt: skip
            headers["x-business-use-case-usage"] = orjson.dumps({account.account_id: [entry]}).decode()
            headers["x-fb-ads-insights-throttle"] = orjson.dumps(
                {"app_id_util_pct": used, "acc_id_util_pct": used, "ads_api_access_tier": "standard_access"}
            ).decode()
        return headers


def _parent(thing: Account | Campaign | AdGroup | Ad) -> tuple[str, str] | None:
    """(scope, id) of what insights are asked of; None for the account itself."""
    match thing:
        case Account():
            return None
        case Campaign():
            return "campaign", thing.campaign_id
        case AdGroup():
            return "adset", thing.ad_group_id
        case Ad():
            return "ad", thing.ad_id


def _below(thing: Thing, things: tuple[Child, ...]) -> list[Child]:
    """Those of the account's objects that hang on this one."""
    match thing:
        case Campaign():
            return [child for child in things if not isinstance(child, Campaign) and child.campaign is thing]
        case AdGroup():
            return [child for child in things if isinstance(child, Ad) and child.ad_group is thing]
        case Ad():
            return [child for child in things if child is thing]
        case _:
            return list(things)
