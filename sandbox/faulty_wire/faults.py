"""The ways in which a wire goes wrong, and which of them a platform can meet."""

from dataclasses import dataclass

TRANSPORT_KINDS = (
    "throttle_seconds", "throttle_date", "throttle_absent", "server_error", "connect_timeout", "read_hang",
    "truncated_json", "short_body", "reset",
)  # fmt: skip
TOKEN_KINDS = ("token_expired", "token_revoked")
PAGE_KINDS = ("duplicate_page", "cyclic_cursor", "moved_row")
JOB_KINDS = ("job_failed", "job_stuck")
WIRE_KINDS = (*TRANSPORT_KINDS, "error_in_200", *PAGE_KINDS, *TOKEN_KINDS, *JOB_KINDS)

_PREFIXES = {
    "meta": "meta_ads", "google": "google_ads", "tiktok": "tiktok_ads", "linkedin": "linkedin_ads",
    "instagram": "instagram",
}  # fmt: skip
# Google's stream is one answer without cursors, and only Meta computes reports while the client waits.
_IMPOSSIBLE = {
    "meta_ads": frozenset[str](),
    "google_ads": frozenset({"cyclic_cursor", "moved_row", *JOB_KINDS}),
    "tiktok_ads": frozenset(JOB_KINDS),
    "linkedin_ads": frozenset(JOB_KINDS),
    "instagram": frozenset(JOB_KINDS),
}


@dataclass(frozen=True)
class WireFault:
    """One fault. after: so many requests that could meet it pass first; times: how often it happens then.

    path: regular expression looked for in "METHOD /path?query"; empty = anywhere that the kind is possible.
    A revoked token stays revoked until it is disarmed, whatever ``times`` says.
    """

    kind: str
    after: int = 0
    times: int = 1
    path: str = ""

    def __post_init__(self) -> None:
        if self.kind not in WIRE_KINDS:
            raise ValueError(f"kind is {self.kind!r}; allowed: {', '.join(WIRE_KINDS)}")


def platform_of(target: str) -> str | None:
    """The platform that a path below the sandbox's address belongs to; None for Slack, rates and the control plane."""
    return _PREFIXES.get(target.lstrip("/").split("/", 1)[0])


def possible(platform: str) -> frozenset[str]:
    """The kinds that a platform's answers can show."""
    return frozenset(WIRE_KINDS) - _IMPOSSIBLE[platform]
