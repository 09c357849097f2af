"""The faults: what they are called, to which kind of the plan they belong, and where they strike."""

from dataclasses import dataclass
from typing import Literal

Place = Literal["wire", "point", "request", "run", "seed"]


@dataclass(frozen=True)
class Kind:
    """One way to go wrong. family: the fault kind of the plan that it is a form of.

    place: on the wire; at a numbered point or request of the process; around a whole run; or over the whole seed.
    """

    name: str
    family: str
    place: Place


KINDS = {
    kind.name: kind
    for kind in (
        Kind("throttle_seconds", "HTTP 429", "wire"),
        Kind("throttle_date", "HTTP 429", "wire"),
        Kind("throttle_absent", "HTTP 429", "wire"),
        Kind("server_error", "burst of 500, 502, 503", "wire"),
        Kind("connect_timeout", "connect timeout", "wire"),
        Kind("read_hang", "read hangs past the timeout", "wire"),
        Kind("truncated_json", "JSON cut, length right", "wire"),
        Kind("short_body", "body shorter than its length", "wire"),
        Kind("reset", "connection reset in the body", "wire"),
        Kind("error_in_200", "200 with an error body", "wire"),
        Kind("duplicate_page", "page served twice", "wire"),
        Kind("cyclic_cursor", "cursor that leads in a circle", "wire"),
        Kind("moved_row", "rows move between pages", "wire"),
        Kind("token_expired", "token expired or revoked", "wire"),
        Kind("token_revoked", "token expired or revoked", "wire"),
        Kind("job_failed", "report job failed or stuck", "wire"),
        Kind("job_stuck", "report job failed or stuck", "wire"),
        Kind("kill_at_request", "kill -9 at a random moment", "request"),
        Kind("kill_at_point", "kill -9 at a crash point", "point"),
        Kind("terminate", "SIGTERM, then SIGKILL", "request"),
        Kind("work_dir_full", "work folder full", "run"),
        Kind("clock_ahead", "clock jumps, daylight saving", "run"),
        Kind("clock_behind", "clock jumps, daylight saving", "run"),
        Kind("clock_change_day", "clock jumps, daylight saving", "seed"),
        Kind("two_schedulers", "two schedulers at once", "run"),
        Kind("work_dir_wiped", "work folder wiped", "point"),
        Kind("database_restart", "database restarted at once", "point"),
        Kind("sessions_ended", "database sessions ended", "point"),
        Kind("table_locked", "table locked", "run"),
        Kind("database_full", "database disk full or read-only", "point"),
        Kind("database_read_only", "database disk full or read-only", "point"),
        Kind("upgrade", "upgrade in between", "seed"),
    )
}
FAMILIES = tuple(dict.fromkeys(kind.family for kind in KINDS.values()))
