"""The API for Business: authorisation, lists, reports; errors inside HTTP 200."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox import faults
from sandbox.credentials import secret_of, tiktok_app
from sandbox.faults import Fault
from sandbox.state import Reading, Sandbox
from sandbox.wire import tiktok_errors
from sandbox.wire.tiktok_errors import GatewayError, TikTokError, envelope
from sandbox.wire.tiktok_metrics import MetricRenderer, added
from sandbox.wire.tiktok_objects import ADVERTISER_FIELDS, LISTS, Advertiser, fields_asked, listed, smart_plus_ads
from sandbox.wire.tiktok_parameters import MOST_FILTER_IDS, page_info, page_of, string_list
from sandbox.wire.tiktok_report import ReportQuery, ReportRows, parse_query, report_rows
from sandbox.world.figures import local_day
from sandbox.world.model import Account, Platform
from sandbox.world.world import accounts_of

PLATFORM: Platform = "tiktok_ads"
VERSION = "v1.3"
_READINGS_KEPT = 16
_SMALL_PAGE = 100
# Lists that exist and hold nothing here, with the name of their list.
_EMPTY_LISTS = {
    "dmp/custom_audience/list": "list",
    "creative/portfolio/list": "creative_portfolios",
    "file/music/get": "musics",
    "file/image/ad/search": "list",
    "file/video/ad/search": "list",
    "smart_plus/campaign/get": "list",
    "smart_plus/adgroup/get": "list",
}
# Answered without the slash at its end too.
_SLASHLESS = frozenset({"user/info"})


@dataclass
class _Call:
    """One request on its way: whose token it carries, what it asks for, the account and the fault that it met."""

    path: str
    parameters: dict[str, str]
    credential: str
    account: Account | None = None
    fault: Fault | None = None


@dataclass(frozen=True)
class _Answer:
    """The rows of a report as of one instant, for all of its pages."""

    reading: Reading
    rows: ReportRows


class TikTokApi:
    """Routes under /tiktok."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._served = 0
        self._used_codes: set[str] = set()
        self._answers: dict[str, _Answer] = {}
        self._handlers: dict[str, Callable[[_Call], Any]] = {
            "oauth2/advertiser/get": self._advertisers_of_token,
            "user/info": self._user,
            "advertiser/info": self._advertisers,
            "smart_plus/ad/get": self._smart_plus_ads,
            "report/integrated/get": self._report,
            **dict.fromkeys(LISTS, self._list),
            **dict.fromkeys(_EMPTY_LISTS, self._empty_list),
        }

    def routes(self) -> list[Route]:
        return [Route("/tiktok/open_api/{version}/{path:path}", self._serve, methods=["GET", "POST"])]

    async def _serve(self, request: Request) -> Response:
        self._served += 1
        request_id = f"{self._sandbox.clock.now():%Y%m%d%H%M%S}{self._served:018X}"
        headers = {"X-TT-LOGID": request_id}
        call = _Call("", dict(request.query_params), "")
        try:
            data = await self._answer(request, call)
        except GatewayError as error:
            return Response(error.text, error.http_status, headers, "text/plain")
        except TikTokError as error:
            body = envelope({}, request_id, error.code, error.message)
            return Response(orjson.dumps(body), 200, headers, "application/json")
        content = orjson.dumps(envelope(data, request_id))
        if call.fault and call.fault.kind == "truncate":
            content = content[: len(content) * 2 // 3]
        return Response(content, 200, headers, "application/json")

    async def _answer(self, request: Request, call: _Call) -> Any:
        version, path = request.path_params["version"], request.path_params["path"]
        call.path = path.rstrip("/")
        if not path.endswith("/") and call.path not in _SLASHLESS and not self._sandbox.lenient:
            raise tiktok_errors.page_not_found()
        if version != VERSION and not self._sandbox.lenient:
            raise tiktok_errors.wrong_version(version)
        if (call.path, request.method) == ("oauth2/access_token", "POST"):
            return self._grant(orjson.loads(await request.body() or b"{}"))
        handler = self._handlers.get(call.path)
        if handler is None or request.method != "GET":
            raise tiktok_errors.page_not_found()
        call.credential = self._authorise(request.headers.get("access-token"))
        data = handler(call)
        return await data if asyncio.iscoroutine(data) else data

    def _authorise(self, token: str | None) -> str:
        if not token:
            raise tiktok_errors.no_token()
        credential = self._sandbox.credentials.named_by(token)
        if credential is None or self._sandbox.credentials.is_revoked(credential):
            raise tiktok_errors.refused_token()
        return credential

    def _accounts(self, credential: str) -> list[Account]:
        return [a for a in self._sandbox.credentials.accounts(credential) if a.platform == PLATFORM]

    def _app(self, sent: Mapping[str, Any]) -> None:
        if (str(sent.get("app_id")), sent.get("secret")) != tiktok_app(self._sandbox.source.seed):
            raise tiktok_errors.bad_app()

    def _grant(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """A token for a code that is good once: ``secret_of(seed, credential, "auth_code")``."""
        self._app(sent)
        seed, code = self._sandbox.source.seed, str(sent.get("auth_code"))
        for credential in sorted({a.credential for a in accounts_of(self._sandbox.source) if a.platform == PLATFORM}):
            if code == secret_of(seed, credential, "auth_code") and code not in self._used_codes:
                self._used_codes.add(code)
                ids = [account.account_id for account in self._accounts(credential)]
                return {
                    "access_token": secret_of(seed, credential, "access_token"),
                    "advertiser_ids": ids,
                    "scope": [4],
                }
        raise tiktok_errors.bad_auth_code()

    def _advertisers_of_token(self, call: _Call) -> dict[str, Any]:
        self._app(call.parameters)
        accounts = self._accounts(call.credential)
        return {"list": [{"advertiser_id": a.account_id, "advertiser_name": a.name} for a in accounts]}

    def _user(self, call: _Call) -> dict[str, Any]:
        return {"core_user_id": "7001", "display_name": call.credential, "email": "", "create_time": 1_630_335_591}

    def _account_of(self, call: _Call, account_id: str | None) -> Account:
        if not account_id:
            raise tiktok_errors.invalid("advertiser_id: Missing data for required field.")
        account = self._sandbox.account(PLATFORM, account_id)
        if account is None:
            raise tiktok_errors.unknown_advertiser(account_id)
        if account.credential != call.credential:
            raise tiktok_errors.not_permitted(account_id)
        call.account = account
        return account

    async def _meet(self, call: _Call, level: str, since: date | None = None, until: date | None = None) -> None:
        """The fault that concerns this answer, and what of it concerns the answer as a whole."""
        assert call.account is not None
        account_id = call.account.account_id
        fault = call.fault = self._sandbox.faults.take(PLATFORM, account_id, level, since, until)
        if fault is None:
            return
        if fault.kind == "hang":
            await asyncio.sleep(fault.seconds or faults.HANG_SECONDS)
            raise TikTokError(51010, "Internal service timed out.")
        if fault.kind == "throttle":
            raise tiktok_errors.throttled(account_id, fault.served)
        if fault.kind == "error":
            raise tiktok_errors.of_status(fault.status, account_id, fault.served)

    def _advertiser(self, account: Account) -> Advertiser:
        return Advertiser(account, local_day(account, self._sandbox.clock.now()))

    async def _advertisers(self, call: _Call) -> dict[str, Any]:
        wanted = string_list("advertiser_ids", call.parameters.get("advertiser_ids"))
        if not wanted:
            raise tiktok_errors.invalid("advertiser_ids: Missing data for required field.")
        if len(wanted) > MOST_FILTER_IDS:
            raise tiktok_errors.too_many_ids("advertiser_ids", MOST_FILTER_IDS)
        names = fields_asked(ADVERTISER_FIELDS, call.parameters, lenient=self._sandbox.lenient)
        rows = []
        for account_id in wanted:
            advertiser = self._advertiser(self._account_of(call, account_id))
            await self._meet(call, faults.ENTITIES)
            rows.append({name: ADVERTISER_FIELDS[name](advertiser, None) for name in names})
        return {"list": rows}

    async def _list(self, call: _Call) -> dict[str, Any]:
        account = self._account_of(call, call.parameters.get("advertiser_id"))
        kind, lenient = LISTS[call.path], self._sandbox.lenient
        page, size = page_of(call.parameters)
        advertiser = self._advertiser(account)
        names = fields_asked(kind.fields, call.parameters, lenient=lenient)
        things = listed(kind, advertiser, call.parameters, lenient=lenient)
        await self._meet(call, faults.ENTITIES)
        rows = [
            {name: kind.fields[name](advertiser, thing) for name in names}
            for thing in things[(page - 1) * size : page * size]
        ]
        return {"list": rows, "page_info": page_info(page, size, len(things))}

    async def _smart_plus_ads(self, call: _Call) -> dict[str, Any]:
        account = self._account_of(call, call.parameters.get("advertiser_id"))
        page, size = page_of(call.parameters, _SMALL_PAGE)
        ads = smart_plus_ads(self._advertiser(account), call.parameters)
        await self._meet(call, faults.ENTITIES)
        return {"list": ads[(page - 1) * size : page * size], "page_info": page_info(page, size, len(ads))}

    async def _empty_list(self, call: _Call) -> dict[str, Any]:
        self._account_of(call, call.parameters.get("advertiser_id"))
        page, size = page_of(call.parameters, _SMALL_PAGE)
        await self._meet(call, faults.ENTITIES)
        return {_EMPTY_LISTS[call.path]: [], "page_info": page_info(page, size, 0)}

    async def _report(self, call: _Call) -> dict[str, Any]:
        account = self._account_of(call, call.parameters.get("advertiser_id"))
        advertiser = self._advertiser(account)
        page, size = page_of(call.parameters)
        query = parse_query(call.parameters, advertiser, lenient=self._sandbox.lenient)
        await self._meet(call, query.level, query.since, query.until)
        answer = self._kept(call, query, advertiser) if call.fault is None else self._computed(call, query, advertiser)
        renderer = MetricRenderer.of(advertiser, query.level, query.metrics)
        total, start = len(answer.rows), (page - 1) * size
        if query.order:
            served = self._ordered(answer.rows, renderer, query.order)[start : start + size]
        else:
            served = answer.rows.page(start, start + size)
        spend = sum(row.spend for _, row in served)
        self._sandbox.log(replace(answer.reading, level=query.label), rows=len(served), spend=spend, first_row=start)
        data: dict[str, Any] = {
            "list": [{"dimensions": dimensions, "metrics": renderer.render(row)} for dimensions, row in served],
            "page_info": page_info(page, size, total),
        }
        if query.totals and total:
            data["total_metrics"] = renderer.render(added(row for _, row in answer.rows.page(0, total)))
        return data

    def _ordered(self, rows: ReportRows, renderer: MetricRenderer, order: tuple[str, bool]) -> list[Any]:
        """All rows by one metric, numbers by their size."""

        def place(row: Any) -> tuple[float, str]:
            text = renderer.render(row[1])[order[0]]
            try:
                return float(text), ""
            except ValueError:
                return 0.0, text

        return sorted(rows.page(0, len(rows)), key=place, reverse=order[1])

    def _computed(self, call: _Call, query: ReportQuery, advertiser: Advertiser) -> _Answer:
        account, fault = advertiser.account, call.fault
        # Under throttling an hourly list stops in the middle of the day, with code 0.
        cut_short = query.time == "stat_time_hour" and fault is not None and fault.kind == "half"
        reading = self._sandbox.read(
            account,
            query.level,
            query.since,
            min(query.until, advertiser.today),
            (lambda table: table.without(query.hidden)) if query.hidden else (lambda table: table),
            fault=None if cut_short else fault,
        )
        return _Answer(reading, report_rows(query, advertiser, reading.table, reading.as_of, cut_short=cut_short))

    def _kept(self, call: _Call, query: ReportQuery, advertiser: Advertiser) -> _Answer:
        """The rows that the pages of one report share, so that later pages cost no more than the first."""
        question = sorted(item for item in call.parameters.items() if item[0] not in ("page", "page_size"))
        key = repr((advertiser.account.account_id, self._sandbox.clock.now(), question))
        if key not in self._answers:
            self._answers[key] = self._computed(call, query, advertiser)
            while len(self._answers) > _READINGS_KEPT:
                self._answers.pop(next(iter(self._answers)))
        return self._answers[key]
