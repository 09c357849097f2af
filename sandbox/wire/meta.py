"""The Graph API surface: authorisation, nodes, edges, insights, report runs, batches."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faults
from sandbox.faults import Fault
from sandbox.state import Reading, Sandbox
from sandbox.wire import meta_errors
from sandbox.wire.forms import form_of
from sandbox.wire.meta_errors import MetaError
from sandbox.wire.meta_insights import InsightsQuery, Renderer, narrowing, parse_query, periods
from sandbox.wire.meta_objects import Thing, View, listed, render
from sandbox.wire.meta_paging import envelope, page_bounds
from sandbox.world.figures import local_day
from sandbox.world.model import Account, Ad, AdGroup, Campaign
from sandbox.world.world import accounts_of

# A page of more than this many cells is "too much data": rows on the page times fields asked for.
HEAVIEST_PAGE_CELLS = 60_000
BIGGEST_BATCH = 50
_EDGES = {"campaigns": ("campaign", "campaigns"), "adsets": ("adset", "ad_groups"), "ads": ("ad", "ads"),
          "adcreatives": ("ad", "ads")}  # fmt: skip
_SCOPE_OF: dict[type, str] = {Campaign: "campaign", AdGroup: "adset", Ad: "ad"}
_CALLS_PER_PERCENT = 600
_READINGS_KEPT = 16
# Marks a body that is to be cut off in the middle.
_TRUNCATE = "__truncate__"


@dataclass
class _ReportRun:
    """An asynchronous report: computed for the instant at which it was asked for."""

    run_id: str
    account: Account
    query: InsightsQuery
    as_of: datetime
    polls: int = 0
    slow_fetches: int = 0
    fault: Fault | None = None


class MetaApi:
    """Routes under /meta. One instance holds the report runs of its process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._runs: dict[str, _ReportRun] = {}
        self._calls = 0
        self._readings: dict[str, Reading] = {}
        self._places: dict[str, tuple[Account, Thing]] = {}
        for account in accounts_of(sandbox.source):
            if account.platform == "meta_ads":
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
        broken = isinstance(body, dict) and body.pop(_TRUNCATE, False)
        content = orjson.dumps(body)
        if broken:
            content = content[: len(content) * 2 // 3]
        return Response(content, status, self._usage(account, status, body), "application/json; charset=UTF-8")

    async def _answer(
        self, method: str, path: str, parameters: dict[str, str], url: str
    ) -> tuple[int, Any, Account | None]:  # fmt: skip
        account: Account | None = None
        try:
            parts = [part for part in path.split("/") if part][1:]
            if parts and parts[0].startswith("v") and parts[0][1:2].isdigit():
                parts = parts[1:]
            credential = self._authorise(parameters)
            if "batch" in parameters and not parts:
                return 200, await self._batch(parameters, url), None
            account = self._account_of(parts, credential)
            return 200, await self._dispatch(method, parts, parameters, url, credential), account
        except MetaError as error:
            return error.http_status, error.body, account

    def _authorise(self, parameters: Mapping[str, str]) -> str:
        token = parameters.get("access_token")
        if not token:
            raise meta_errors.no_token()
        credential = self._sandbox.credentials.named_by(token)
        if credential is None:
            raise meta_errors.unknown_token()
        if self._sandbox.credentials.is_revoked(credential):
            raise meta_errors.revoked_token()
        return credential

    def _account_of(self, parts: list[str], credential: str) -> Account | None:
        """The account that a call is about; error 200 where the credential does not reach it."""
        if not parts or parts[0] == "me":
            return None
        if run := self._runs.get(parts[0]):
            account = run.account
        elif place := self._places.get(parts[0]):
            account = place[0]
        else:
            raise meta_errors.unknown_object(parts[0])
        if account.credential != credential:
            raise meta_errors.not_permitted(account.account_id)
        return account

    async def _dispatch(
        self, method: str, parts: list[str], parameters: dict[str, str], url: str, credential: str
    ) -> dict[str, Any]:
        if parts[:1] == ["me"]:
            return self._me(parts[1:], parameters, url, credential)
        run = self._runs.get(parts[0])
        if run is not None:
            return await (self._run_rows(run, parameters, url) if parts[1:] == ["insights"] else self._run_state(run))
        account, thing = self._places[parts[0]]
        edge = parts[1] if len(parts) > 1 else None
        if edge == "insights":
            if method == "POST":
                return self._start_run(account, thing, parameters)
            return await self._insights(account, thing, parameters, url)
        fault = self._sandbox.faults.take("meta_ads", account.account_id, faults.ENTITIES)
        await self._suffer(fault)
        if edge is None:
            body = render(thing, self._view(account), parameters.get("fields", ""))
        elif edge in _EDGES:
            body = self._edge(account, thing, edge, parameters, url)
        else:
            raise meta_errors.unknown_object(edge)
        return body | ({_TRUNCATE: True} if fault and fault.kind == "truncate" else {})

    async def _suffer(self, fault: Fault | None) -> None:
        """Faults that concern the whole answer."""
        if fault is None:
            return
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds or faults.HANG_SECONDS)
            raise meta_errors.unknown_failure()
        if fault.kind == "throttle":
            raise meta_errors.throttled()
        if fault.kind == "error":
            raise meta_errors.of_status(fault.status)

    def _view(self, account: Account) -> View:
        return View(account, local_day(account, self._sandbox.clock.now()))

    def _me(self, rest: list[str], parameters: dict[str, str], url: str, credential: str) -> dict[str, Any]:
        if not rest:
            return {"id": str(int(hashlib.blake2b(credential.encode(), digest_size=6).hexdigest(), 16))}
        if rest != ["adaccounts"]:
            raise meta_errors.unknown_object(rest[0])
        accounts = [
            account for account in self._sandbox.credentials.accounts(credential) if account.platform == "meta_ads"
        ]
        start, limit = page_bounds(parameters)
        data = [
            render(a, self._view(a), parameters.get("fields", "account_id")) for a in accounts[start : start + limit]
        ]
        return envelope(data, start, len(accounts), url, parameters)

    def _edge(self, account: Account, thing: Thing, edge: str, parameters: dict[str, str], url: str) -> dict[str, Any]:
        scope, attribute = _EDGES[edge]
        view = self._view(account)
        things = listed(getattr(account, attribute), view, scope, parameters)
        if isinstance(thing, Campaign):
            things = [child for child in things if not isinstance(child, Campaign) and child.campaign is thing]
        elif isinstance(thing, AdGroup):
            things = [child for child in things if isinstance(child, Ad) and child.ad_group is thing]
        start, limit = page_bounds(parameters)
        if limit * 20 > HEAVIEST_PAGE_CELLS:
            raise meta_errors.reduce_data()
        page = things[start : start + limit]
        data = [render(child, view, parameters.get("fields", ""), creative=edge == "adcreatives") for child in page]
        return envelope(data, start, len(things), url, parameters)

    def _query(self, account: Account, thing: Thing, parameters: dict[str, str]) -> InsightsQuery:
        today = local_day(account, self._sandbox.clock.now())
        keeps = self._sandbox.source.enforces_retention
        if isinstance(thing, Account):
            return parse_query(parameters, today, "account", None, enforces_retention=keeps)
        scope = _SCOPE_OF[type(thing)]
        parent = (scope, str(render(thing, self._view(account), "")["id"]))
        return parse_query(parameters, today, scope, parent, enforces_retention=keeps)

    def _reading(self, account: Account, query: InsightsQuery, fault: Fault | None, as_of: datetime | None) -> Reading:
        today = local_day(account, as_of or self._sandbox.clock.now())
        narrow = narrowing(query, account, today)
        return self._sandbox.read(
            account, query.world_level, query.since, min(query.until, today), narrow, as_of, fault
        )

    async def _insights(self, account: Account, thing: Thing, parameters: dict[str, str], url: str) -> dict[str, Any]:
        query = self._query(account, thing, parameters)
        fault = self._sandbox.faults.take("meta_ads", account.account_id, query.level, query.since, query.until)
        await self._suffer(fault)
        reading = (
            self._reading(account, query, fault, None)
            if fault
            else self._kept_reading(thing, account, query, parameters)
        )
        return self._rows(reading, query, parameters, url, sync=True)

    def _kept_reading(
        self, thing: Thing, account: Account, query: InsightsQuery, parameters: dict[str, str]
    ) -> Reading:
        """The reading that the pages of one report share, so that later pages cost no more than the first."""
        question = sorted(item for item in parameters.items() if item[0] not in ("after", "limit", "access_token"))
        key = repr((account.account_id, type(thing).__name__, query.parent, self._sandbox.clock.now(), question))
        if key not in self._readings:
            self._readings[key] = self._reading(account, query, None, None)
            while len(self._readings) > _READINGS_KEPT:
                self._readings.pop(next(iter(self._readings)))
        return self._readings[key]

    def _rows(
        self, reading: Reading, query: InsightsQuery, parameters: dict[str, str], url: str, *, sync: bool
    ) -> dict[str, Any]:
        start, limit = page_bounds(parameters)
        renderer = Renderer(reading.account, query)
        if query.increment == 1:
            total = len(reading.table)
            served = reading.table.page(start, start + limit)
            page = periods(query, served)
        else:
            served = reading.table.page(0, len(reading.table))
            everything = periods(query, served)
            total, page = len(everything), everything[start : start + limit]
        if sync and len(page) * len(query.fields) > HEAVIEST_PAGE_CELLS:
            raise meta_errors.reduce_data()
        spend = sum(row.spend for row in served)
        self._sandbox.log(reading, rows=len(served), spend=spend, first_row=start)
        body = envelope([renderer.render(period) for period in page], start, total, url, parameters)
        return body | ({_TRUNCATE: True} if reading.fault and reading.fault.kind == "truncate" else {})

    def _start_run(self, account: Account, thing: Thing, parameters: dict[str, str]) -> dict[str, Any]:
        query = self._query(account, thing, parameters)
        run_id = str(6_023_920_000_000 + len(self._runs) + 1)
        run = _ReportRun(run_id, account, query, self._sandbox.clock.now())
        # Every third finished run is not readable at once; old clients give up on that.
        run.slow_fetches = 1 if len(self._runs) % 3 == 0 and not self._sandbox.lenient else 0
        self._runs[run_id] = run
        return {"report_run_id": run_id}

    async def _run_state(self, run: _ReportRun) -> dict[str, Any]:
        run.polls += 1
        if run.polls == 1:
            run.fault = self._sandbox.faults.take(
                "meta_ads", run.account.account_id, run.query.level, run.query.since, run.query.until
            )
        failed = run.fault is not None and run.fault.kind in ("error", "throttle")
        status, percent = ("Job Running", 60) if run.polls == 1 else ("Job Completed", 100)
        if failed and run.polls > 1:
            status, percent = "Job Failed", 60
        body: dict[str, Any] = {
            "id": run.run_id, "account_id": run.account.account_id, "time_ref": int(run.as_of.timestamp()),
            "async_status": status, "async_percent_completion": percent, "is_running": run.polls == 1,
            "date_start": str(run.query.since), "date_stop": str(run.query.until),
        }  # fmt: skip
        if status == "Job Failed":
            body |= {"error_code": -2, "error_subcode": 2490547, "error_message": "Internal server error"}
        return body

    async def _run_rows(self, run: _ReportRun, parameters: dict[str, str], url: str) -> dict[str, Any]:
        if run.polls < 2 or run.slow_fetches > 0:
            run.slow_fetches -= 1 if run.polls >= 2 else 0
            raise meta_errors.report_not_ready()
        return self._rows(
            self._reading(run.account, run.query, run.fault, run.as_of), run.query, parameters, url, sync=False
        )

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
            answers.append({"code": status, "headers": [{"name": "Content-Type", "value": "application/json"}],
                            "body": orjson.dumps(body).decode()})  # fmt: skip
        return answers

    def _usage(self, account: Account | None, status: int, body: Any) -> dict[str, str]:
        """The usage headers that come with every answer; a throttled one names its waiting time."""
        self._calls += 1
        throttled = status == 400 and isinstance(body, dict) and body.get("error", {}).get("code") == 80000
        used = 100 if throttled else min(90, self._calls // _CALLS_PER_PERCENT)
        headers = {"x-app-usage": f'{{"call_count":{used},"total_time":{used},"total_cputime":{used}}}'}
        if account is not None:
            entry = {"type": "ads_insights", "call_count": used, "total_cputime": used, "total_time": used,
                     "estimated_time_to_regain_access": 1 if throttled else 0,
                     "ads_api_access_tier": "standard_access"}  # fmt: skip
            headers["x-business-use-case-usage"] = orjson.dumps({account.account_id: [entry]}).decode()
            headers["x-fb-ads-insights-throttle"] = orjson.dumps(
                {"app_id_util_pct": used, "acc_id_util_pct": used, "ads_api_access_tier": "standard_access"}
            ).decode()
        return headers
