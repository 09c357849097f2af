"""Decides which armed fault meets a request or its answer; pure of sockets."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.faulty_wire.dialects import DIALECTS, Dialect, job_told
from sandbox.faulty_wire.faults import JOB_KINDS, PAGE_KINDS, TRANSPORT_KINDS, WireFault, platform_of
from sandbox.faulty_wire.messages import Answer, Request

_JSON = [(b"content-type", b"application/json")]


@dataclass
class _Armed:
    fault: WireFault
    passed: int = 0
    happened: int = 0

    @property
    def spent(self) -> bool:
        return self.happened >= self.fault.times and self.fault.kind != "token_revoked"

    def takes(self) -> bool:
        """One more request that could meet it: whether this is the one."""
        if self.spent:
            return False
        self.passed += 1
        if self.passed <= self.fault.after:
            return False
        self.happened += 1
        return True


@dataclass
class FaultBook:
    """The armed faults and what happened of them."""

    armed: list[_Armed] = field(default_factory=list)
    fired: Counter[str] = field(default_factory=Counter)
    log: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    _rows_before: dict[str, list[Any]] = field(default_factory=dict)
    _turned: dict[str, Request] = field(default_factory=dict)

    def arm(self, faults: Sequence[WireFault]) -> None:
        """These faults instead of those that are armed."""
        self.armed = [_Armed(fault) for fault in faults]
        self._rows_before.clear()
        self._turned.clear()

    def before_sending(self, request: Request) -> WireFault | None:
        """Count the request; the fault that breaks its connection or answers instead of the platform."""
        self.requests += 1
        for armed in self._possible(request):
            if armed.fault.kind in TRANSPORT_KINDS and armed.takes():
                if armed.fault.kind == "connect_timeout":
                    armed.happened = armed.fault.times
                self._happens(armed.fault, request)
                return armed.fault
        return None

    def as_sent(self, request: Request) -> Request:
        """The request as the platform understands it: without cursors of the wire's own, in a circle the same page."""
        platform = platform_of(request.target)
        if platform is None:
            return request
        dialect = DIALECTS[platform]
        if self._turned and dialect.is_follow_up(request):
            turning = any(armed.fault.kind == "cyclic_cursor" and not armed.spent for armed in self._possible(request))
            request = self._turned.get(dialect.list_of(request), request) if turning else request
        return dialect.without_own_cursor(request)

    def bend(self, request: Request, answer: Answer) -> Answer:
        """The answer as the armed faults show it."""
        platform = platform_of(request.target)
        if platform is None or answer.status != 200 or not self.armed:
            return answer
        dialect = DIALECTS[platform]
        for armed in self._possible(request):
            if armed.fault.kind in TRANSPORT_KINDS or armed.spent:
                continue
            bent = self._bent(armed, dialect, request, answer)
            if bent is not None:
                self._happens(armed.fault, request)
                return bent
        return answer

    def _possible(self, request: Request) -> Iterator[_Armed]:
        """Armed faults that the request could meet; rates only those that break connections, and by name."""
        platform = platform_of(request.target)
        for armed in self.armed:
            fault = armed.fault
            named = bool(fault.path) and re.search(fault.path, request.line) is not None
            if platform is None:
                if named and fault.kind in TRANSPORT_KINDS and request.target.startswith("/fx/"):
                    yield armed
            elif named or not fault.path:
                yield armed

    def _bent(self, armed: _Armed, dialect: Dialect, request: Request, answer: Answer) -> Answer | None:
        kind, fetches_token = armed.fault.kind, dialect.fetches_token(request)
        if kind == "token_revoked":
            return _told(dialect.refused if fetches_token else dialect.revoked) if armed.takes() else None
        if fetches_token:
            return None
        if kind == "token_expired":
            return _told(dialect.expired) if armed.takes() else None
        try:
            body = orjson.loads(answer.body)
        except orjson.JSONDecodeError:
            return None
        if kind == "error_in_200":
            return _told((200, dialect.passing_error(body))) if armed.takes() else None
        if kind in JOB_KINDS:
            is_state = isinstance(body, dict) and "async_status" in body
            return _told((200, job_told(kind, body))) if is_state and armed.takes() else None
        return self._page(armed, dialect, request, body) if kind in PAGE_KINDS else None

    def _page(self, armed: _Armed, dialect: Dialect, request: Request, body: Any) -> Answer | None:
        rows = dialect.rows(request, body)
        if not rows:
            return None
        if armed.fault.kind == "cyclic_cursor":
            return self._turned_back(armed, dialect, request, body)
        place = dialect.list_of(request)
        before = self._rows_before.get(place, []) if dialect.is_follow_up(request) else []
        self._rows_before[place] = list(rows)
        if not armed.takes():
            return None
        if armed.fault.kind == "moved_row":
            rows[:] = rows[:0:-1]
        else:
            rows[:] = before or [*rows, *rows]
        return _told((200, body))

    def _turned_back(self, armed: _Armed, dialect: Dialect, request: Request, body: Any) -> Answer | None:
        if not dialect.turn_back(request, body) or not armed.takes():
            return None
        self._turned.setdefault(dialect.list_of(request), request)
        return _told((200, body))

    def _happens(self, fault: WireFault, request: Request) -> None:
        self.fired[fault.kind] += 1
        self.log.append({"kind": fault.kind, "request": request.line, "number": self.requests})


def _told(told: tuple[int, Any]) -> Answer:
    status, body = told
    return Answer(status, _JSON, orjson.dumps(body))
