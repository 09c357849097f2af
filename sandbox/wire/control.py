"""The control plane under /_sandbox: truth, serve log, clock, faults, mending."""

from datetime import date, datetime
from typing import Any, get_args

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.clock import ClockRefusedError, parse_instant
from sandbox.faults import Fault, FaultRefusedError
from sandbox.state import Sandbox
from sandbox.truth import TruthLevel, truth_rows


class ControlApi:
    """Routes under /_sandbox. None of them asks for a credential."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/health", self._health),
            Route("/_sandbox/clock", self._clock, methods=["GET", "POST"]),
            Route("/_sandbox/truth", self._truth),
            Route("/_sandbox/serve-log", self._serve_log),
            Route("/_sandbox/mend", self._mend, methods=["POST"]),
            Route("/_sandbox/faults", self._faults, methods=["GET", "POST", "DELETE"]),
        ]

    async def _health(self, request: Request) -> Response:
        source = self._sandbox.source
        return _json({
            "status": "ok",
            "seed": source.seed,
            "lenient": self._sandbox.lenient,
            "clock": self._sandbox.clock.now().isoformat(),
            "clients": [client.client_id for client in source.clients],
            "revoked_credentials": self._sandbox.credentials.revoked(),
        })  # fmt: skip

    async def _clock(self, request: Request) -> Response:
        clock = self._sandbox.clock
        if request.method == "GET":
            return _json({"now": clock.now().isoformat()})
        try:
            body = orjson.loads(await request.body())
            if "set" in body:
                now = clock.set(parse_instant(str(body["set"])))
            else:
                now = clock.advance(float(body["advance_days"]))
        except ClockRefusedError as error:
            return _json({"error": str(error)}, 409)
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            return _json({"error": 'send {"advance_days": 1} or {"set": "2026-11-02T12:00:00+00:00"}'}, 422)
        return _json({"now": now.isoformat()})

    async def _truth(self, request: Request) -> Response:
        query = request.query_params
        try:
            as_of: datetime = parse_instant(query["as_of"]) if "as_of" in query else self._sandbox.clock.now()
            since = date.fromisoformat(query["since"]) if "since" in query else date.min
            until = date.fromisoformat(query["until"]) if "until" in query else date.max
        except ValueError as error:
            return _json({"error": f"as_of, since and until are ISO: {error}"}, 422)
        level = query.get("level", "account")
        if level not in get_args(TruthLevel):
            return _json({"error": f"level {level!r}; allowed: {', '.join(get_args(TruthLevel))}"}, 422)
        return _json(truth_rows(self._sandbox.source, level, as_of, since, until))  # type: ignore[arg-type]

    async def _serve_log(self, request: Request) -> Response:
        return _json(self._sandbox.serve_log.entries())

    async def _mend(self, request: Request) -> Response:
        body = orjson.loads(await request.body() or b"{}")
        mended = self._sandbox.credentials.mend(body.get("credential"))
        return _json({"mended": mended, "revoked_credentials": self._sandbox.credentials.revoked()})

    async def _faults(self, request: Request) -> Response:
        book = self._sandbox.faults
        if request.method == "DELETE":
            book.clear()
        elif request.method == "POST":
            try:
                book.add(Fault.from_json(orjson.loads(await request.body())))
            except (FaultRefusedError, ValueError) as error:
                return _json({"error": str(error)}, 422)
        return _json({"faults": [fault.to_json() for fault in book.all()]})


def _json(body: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(body), status, media_type="application/json")
