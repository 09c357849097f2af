"""Decides which armed fault meets a request or its answer; pure of sockets."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from sandbox.faulty_wire.dialects import DIALECTS, Dialect, is_follow_up, is_token_request
from sandbox.faulty_wire.faults import ANSWER_KINDS, TRANSPORT_KINDS, WireFault, platform_of

_PAGE_KINDS = frozenset({"duplicate_page", "cyclic_cursor", "moved_row"})
_JOB_KINDS = frozenset({"job_failed", "job_stuck"})


@dataclass
class _Armed:
    fault: WireFault
    passed: int = 0
    happened: int = 0

    def takes(self) -> bool:
        """One more request that could meet it: whether this is the one."""
        if self.happened >= self.fault.times:
            return False
        self.passed += 1
        if self.passed <= self.fault.after:
            return False
        self.happened += 1
        return True


@dataclass
class Answer:
    """What the sandbox answered, or what is to be answered instead."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


@dataclass
class FaultBook:
    """The armed faults, what happened of them, and the page that each list showed last."""

    armed: list[_Armed] = field(default_factory=list)
    fired: Counter[str] = field(default_factory=Counter)
    log: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    _last_rows: dict[str, list[list[Any]]] = field(default_factory=dict)

    def arm(self, faults: Sequence[WireFault]) -> None:
        """These faults instead of those that are armed."""
        self.armed = [_Armed(fault) for fault in faults]
        self._last_rows.clear()

    def before_sending(self, method: str, target: str) -> WireFault | None:
        """The fault that keeps the request from being answered as it would be."""
        self.requests += 1
        platform = platform_of(target)
        for armed in self.armed:
            if armed.fault.kind not in TRANSPORT_KINDS or not self._concerns(armed.fault, method, target, platform):
                continue
            if armed.takes():
                return self._happens(armed.fault, method, target)
        return None

    def _concerns(self, fault: WireFault, method: str, target: str, platform: str | None) -> bool:
        if fault.path:
            return re.search(fault.path, f"{method} {target}") is not None
        return platform is not None

    def bend(self, method: str, target: str, answer: Answer) -> Answer:
        """The answer as the armed faults show it."""
        platform = platform_of(target)
        if platform is None or answer.status != 200:
            return answer
        dialect = DIALECTS[platform]
        for armed in self.armed:
            kind = armed.fault.kind
            if kind in TRANSPORT_KINDS or not self._concerns(armed.fault, method, target, platform):
                continue
            bent = self._bent(armed, dialect, target, answer)
            if bent is not None:
                self._happens(armed.fault, method, target)
                answer = bent
        self._remember(dialect, target, answer)
        return answer

    def _bent(self, armed: _Armed, dialect: Dialect, target: str, answer: Answer) -> Answer | None:
        kind = armed.fault.kind
        for_token = is_token_request(dialect, target)
        if kind == "token_revoked":
            if dialect.token_path:
                return (
                    _json(*dialect.revoked) if for_token and armed.takes() else self._expired(armed, dialect, for_token)
                )
            return _json(*dialect.revoked) if armed.takes() else None
        if for_token:
            return None
        if kind in ANSWER_KINDS and kind not in _PAGE_KINDS:
            if not armed.takes():
                return None
            return _json(*dialect.expired) if kind == "token_expired" else _json(200, dialect.passing_error)
        body = orjson.loads(answer.body)
        if kind in _JOB_KINDS:
            return self._job(armed, body)
        lists = dialect.lists(body)
        if kind in _PAGE_KINDS and any(lists):
            return self._page(armed, dialect, target, body, lists)
        return None

    def _expired(self, armed: _Armed, dialect: Dialect, for_token: bool) -> Answer | None:
        """Where access tokens are fetched anew, a revoked login makes those that are out invalid as well."""
        return _json(*dialect.expired) if not for_token and armed.takes() else None

    def _job(self, armed: _Armed, body: Any) -> Answer | None:
        if not isinstance(body, dict) or "async_status" not in body or not armed.takes():
            return None
        status = "Job Failed" if armed.fault.kind == "job_failed" else "Job Running"
        return _json(200, {**body, "async_status": status, "async_percent_completion": 37})

    def _page(self, armed: _Armed, dialect: Dialect, target: str, body: Any, lists: list[list[Any]]) -> Answer | None:
        kind = armed.fault.kind
        rows = next(rows for rows in lists if rows)
        if not armed.takes():
            return None
        if kind == "duplicate_page":
            before = self._last_rows.get(_list_of(target)) if is_follow_up(dialect, target) else None
            rows[:] = before[0] if before and before[0] else [*rows, *rows]
        elif kind == "moved_row":
            rows[:] = rows[:0:-1]
        elif not dialect.turn_back(body, target):
            armed.happened -= 1
            return None
        return _json(200, body)

    def _remember(self, dialect: Dialect, target: str, answer: Answer) -> None:
        if any(armed.fault.kind == "duplicate_page" for armed in self.armed) and answer.status == 200:
            self._last_rows[_list_of(target)] = [list(rows) for rows in dialect.lists(orjson.loads(answer.body))]

    def _happens(self, fault: WireFault, method: str, target: str) -> WireFault:
        self.fired[fault.kind] += 1
        self.log.append({"kind": fault.kind, "request": f"{method} {target}", "number": self.requests})
        return fault


def _list_of(target: str) -> str:
    return target.split("?", 1)[0]


def _json(status: int, body: Any) -> Answer:
    return Answer(status, [(b"content-type", b"application/json")], orjson.dumps(body))
