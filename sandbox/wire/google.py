"""The Google Ads REST surface: token refresh, account tree, search and searchStream."""

import asyncio
import re
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox import faults
from sandbox.credentials import secret_of
from sandbox.faults import Fault
from sandbox.state import Sandbox
from sandbox.wire import google_errors
from sandbox.wire.forms import form_of
from sandbox.wire.gaql import Query, parse
from sandbox.wire.google_checks import check, describe
from sandbox.wire.google_errors import GoogleError
from sandbox.wire.google_fields import camel
from sandbox.wire.google_resources import FIELDS, RESOURCES
from sandbox.wire.google_search import AccountQuery, Answer, level_of
from sandbox.wire.google_views import Child
from sandbox.world.figures import local_day
from sandbox.world.model import Account

SERVED_VERSIONS = ("v23", "v24", "v25", "v26")
ROWS_PER_PAGE = 10_000
ACCESS_TOKEN_SECONDS = 3599
_JSON = "application/json; charset=UTF-8"
_served = count(1)


class GoogleApi:
    """Routes under /google. Access tokens live in this process, as long as the real ones do."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._tokens: dict[str, tuple[str, float]] = {}
        self._issued = 0

    def routes(self) -> list[Route]:
        return [
            Route("/google/oauth2/token", self._token, methods=["POST"]),
            Route("/google/{version}/customers:listAccessibleCustomers", self._accessible, methods=["GET"]),
            Route(
                "/google/{version}/customers/{customer}/googleAds:searchStream", self._search_stream, methods=["POST"]
            ),
            Route("/google/{version}/customers/{customer}/googleAds:search", self._search, methods=["POST"]),
            Route("/google/{version}/googleAdsFields:search", self._search_fields, methods=["POST"]),
            Route("/google/{version}/googleAdsFields/{name}", self._field, methods=["GET"]),
        ]

    async def _token(self, request: Request) -> Response:
        form = await form_of(request)
        if form.get("grant_type") != "refresh_token":
            return _json({"error": "unsupported_grant_type", "error_description": "Invalid grant_type"}, 400)
        credential = self._sandbox.credentials.named_by(form.get("refresh_token", ""))
        if credential is None or self._sandbox.credentials.is_revoked(credential):
            return _json({"error": "invalid_grant", "error_description": "Token has been expired or revoked."}, 400)
        seed = self._sandbox.source.seed
        if any(form.get(part) != secret_of(seed, credential, part) for part in ("client_id", "client_secret")):
            return _json({"error": "invalid_client", "error_description": "The OAuth client was not found."}, 401)
        self._issued += 1
        token = f"ya29.{secret_of(seed, credential, f'access-{self._issued}-{time.time_ns()}')}"
        self._tokens[token] = (credential, time.monotonic() + ACCESS_TOKEN_SECONDS)
        scope = "https://www.googleapis.com/auth/adwords"
        return _json(
            {"access_token": token, "expires_in": ACCESS_TOKEN_SECONDS, "scope": scope, "token_type": "Bearer"}
        )

    def _credential(self, request: Request) -> str:
        version = request.path_params["version"]
        if version not in SERVED_VERSIONS and not (self._sandbox.lenient and re.fullmatch(r"v\d+", version)):
            raise google_errors.unsupported_version(version)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        known = self._tokens.get(token)
        if known is None or self._sandbox.credentials.is_revoked(known[0]):
            raise google_errors.token_invalid()
        if known[1] < time.monotonic():
            raise google_errors.token_invalid(expired=True)
        return known[0]

    async def _accessible(self, request: Request) -> Response:
        try:
            credential = self._credential(request)
        except GoogleError as error:
            return _json(error.body(request.path_params["version"]), error.http_status)
        accounts = self._sandbox.credentials.accounts(credential)
        direct = [account.account_id for account in accounts if account.login_customer_id is None]
        managers = sorted({account.login_customer_id for account in accounts if account.login_customer_id})
        return _json({"resourceNames": [f"customers/{customer}" for customer in (*managers, *direct)]})

    async def _search_stream(self, request: Request) -> Response:
        """A truncated stream is cut, or ends with an error object where the fault names a status of its own."""
        try:
            query, answer, fault = await self._answer(request)
        except GoogleError as error:
            return _json([error.body(request.path_params["version"])], error.http_status)
        batches = _batches(query, answer)
        if fault is not None and fault.kind == "truncate":
            whole = b"".join(batches)
            if fault.status == Fault.status:
                return Response(whole[: len(whole) * 2 // 3], headers=_request_id(), media_type=_JSON)
            failure = google_errors.of_status(fault.status).body(request.path_params["version"])
            return Response(whole[:-1] + b"," + orjson.dumps(failure) + b"]", headers=_request_id(), media_type=_JSON)
        return StreamingResponse(batches, headers=_request_id(), media_type=_JSON)

    async def _search(self, request: Request) -> Response:
        try:
            body = await _body(request)
            if "pageSize" in body and not self._sandbox.lenient:
                raise GoogleError(
                    400,
                    "requestError",
                    "PAGE_SIZE_NOT_SUPPORTED",
                    "Setting the page size is not supported; it is 10000.",
                )
            query, answer, fault = await self._answer(request)
            results = list(answer.results)
            mark = f"{zlib.crc32(str(body.get('query')).encode()):08x}"
            start = _page_start(body.get("pageToken"), mark)
        except GoogleError as error:
            return _json(error.body(request.path_params["version"]), error.http_status)
        page: dict[str, Any] = {"fieldMask": ",".join(camel(field) for field in query.fields)}
        if rows := results[start : start + ROWS_PER_PAGE]:
            page["results"] = rows
        if start + ROWS_PER_PAGE < len(results):
            page["nextPageToken"] = f"{mark}-{start + ROWS_PER_PAGE}"
        if body.get("searchSettings", {}).get("returnTotalResultsCount"):
            page["totalResultsCount"] = str(len(results))
        page["queryResourceConsumption"] = str(100 + len(results))
        return _json(page, cut=fault is not None and fault.kind == "truncate")

    async def _answer(self, request: Request) -> tuple[Query, Answer, Fault | None]:
        """Authorise, parse, check, suffer what faults there are, and read. Raises GoogleError."""
        credential = self._credential(request)
        customer = request.path_params["customer"]
        text = str((await _body(request)).get("query") or "")
        now = self._sandbox.clock.now()
        is_manager = customer == self._sandbox.source.manager_id
        account = self._manager() if is_manager else self._account(request, customer, credential)
        today = local_day(account, now)
        query = parse(text, today)
        check(query, today, _version(request), enforces_retention=self._sandbox.source.enforces_retention)
        if is_manager and query.metrics:
            raise google_errors.query_error(
                "REQUESTED_METRICS_FOR_MANAGER", "Metrics cannot be requested for a manager account."
            )
        children = self._tree(credential) if is_manager else [_child(account, 0)]
        fault = None
        if not is_manager:
            level = level_of(query) or faults.ENTITIES
            fault = self._sandbox.faults.take("google_ads", customer, level, query.since, query.until)
        await _suffer(fault)
        if is_manager and query.segments:
            return query, Answer(iter(()), None), None
        answer = AccountQuery(self._sandbox, account, query, children).run(fault)
        if answer.reading is not None:
            table = answer.reading.table
            self._sandbox.log(answer.reading, rows=len(table), spend=table.spend())
        return query, answer, fault

    def _account(self, request: Request, customer: str, credential: str) -> Account:
        """The account, if the credential reaches it by the way that the request takes."""
        login = request.headers.get("login-customer-id")
        if customer == self._sandbox.source.closed_customer_id and login == self._sandbox.source.manager_id:
            raise google_errors.not_enabled()
        account = self._sandbox.account("google_ads", customer)
        if account is None or account.credential != credential:
            raise google_errors.permission_denied()
        if login not in ((None, customer) if account.login_customer_id is None else (account.login_customer_id,)):
            raise google_errors.permission_denied()
        return account

    def _manager(self) -> Account:
        """The agency's manager as an account without anything of its own."""
        manager = self._sandbox.source.manager_id
        return Account("", "google_ads", manager, "Agency", "BRL", "America/Sao_Paulo", "")

    def _tree(self, credential: str) -> list[Child]:
        """The account tree below the agency's manager, itself first."""
        source = self._sandbox.source
        managed = [
            _child(account, 1)
            for account in self._sandbox.credentials.accounts(credential)
            if account.login_customer_id == source.manager_id
        ]
        closed = Child(source.closed_customer_id, "Conta encerrada", "BRL", "America/Sao_Paulo", "CANCELED", 1)
        return [replace(_child(self._manager(), 0), manager=True), *managed, closed]

    async def _field(self, request: Request) -> Response:
        try:
            self._credential(request)
            name = request.path_params["name"]
            found = describe(name, _version(request))
            if found is None:
                raise GoogleError(404, "requestError", "RESOURCE_NOT_FOUND", f"No field is called '{name}'.")
        except GoogleError as error:
            return _json(error.body(request.path_params["version"]), error.http_status)
        return _json(found)

    async def _search_fields(self, request: Request) -> Response:
        """GoogleAdsFieldService: a query without FROM over the descriptions of fields and resources."""
        try:
            self._credential(request)
            query = parse(str((await _body(request)).get("query") or ""), self._sandbox.clock.now().date())
            if query.resource:
                raise google_errors.query_error("UNEXPECTED_FROM_CLAUSE", "FROM is not allowed here.")
            described = (describe(name, _version(request)) for name in (*RESOURCES, *FIELDS))
            rows = [
                {key: row[key] for key in (camel(field) for field in ("resource_name", *query.fields)) if key in row}
                for row in described
                if row and all(test.holds(row.get(camel(test.field))) for test in query.conditions)
            ]
        except GoogleError as error:
            return _json(error.body(request.path_params["version"]), error.http_status)
        return _json({"results": rows[: query.limit], "totalResultsCount": str(len(rows))})


def _version(request: Request) -> int:
    return int(request.path_params["version"].removeprefix("v"))


def _child(account: Account, level: int) -> Child:
    return Child(account.account_id, account.name, account.currency, account.timezone, "ENABLED", level)


def _batches(query: Query, answer: Answer) -> Iterator[bytes]:
    """The body of searchStream: a JSON array of batches, the last one with what the query has cost."""
    mask = ",".join(camel(field) for field in query.fields)
    rows = list(islice(answer.results, ROWS_PER_PAGE))
    sent, opening = 0, b"["
    while True:
        following = list(islice(answer.results, ROWS_PER_PAGE))
        batch: dict[str, Any] = {"results": rows} if rows else {}
        batch |= {"fieldMask": mask, "requestId": "sandboxRequest"}
        sent += len(rows)
        if not following:
            batch["queryResourceConsumption"] = str(100 + sent)
            yield opening + orjson.dumps(batch) + b"]"
            return
        yield opening + orjson.dumps(batch)
        rows, opening = following, b","


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise GoogleError(400, "requestError", "INVALID_INPUT", "Invalid JSON payload received.") from error
    return body if isinstance(body, dict) else {}


async def _suffer(fault: Fault | None) -> None:
    """Faults that concern the whole answer."""
    if fault is None:
        return
    if fault.kind == "hang":
        await asyncio.sleep(fault.seconds or faults.HANG_SECONDS)
        raise google_errors.of_status(503)
    if fault.kind == "throttle":
        raise google_errors.exhausted(fault.seconds)
    if fault.kind == "error":
        raise google_errors.of_status(fault.status)


def _page_start(token: str | None, mark: str) -> int:
    """First row of a page token; error for a token of another query."""
    if not token:
        return 0
    own, _, start = token.partition("-")
    if own != mark or not start.isdigit():
        raise GoogleError(400, "requestError", "INVALID_PAGE_TOKEN", "The page token is not valid for this query.")
    return int(start)


def _request_id() -> dict[str, str]:
    """Google names every answer in the header request-id, with 22 characters."""
    return {"request-id": f"sandbox{next(_served):015d}"}


def _json(body: Any, status: int = 200, *, cut: bool = False) -> Response:
    content = orjson.dumps(body)
    return Response(content[: len(content) * 2 // 3] if cut else content, status, _request_id(), media_type=_JSON)
