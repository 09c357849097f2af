"""The ways in which a wire goes wrong, and which of them a platform can meet."""

from dataclasses import dataclass

TRANSPORT_KINDS = (
    "throttle_seconds", "throttle_date", "throttle_absent", "server_error", "connect_timeout", "read_hang",
    "truncated_json", "short_body", "reset",
)  # fmt: skip
ANSWER_KINDS = ("error_in_200", "duplicate_page", "moved_row", "token_expired", "token_revoked")
WIRE_KINDS = (*TRANSPORT_KINDS, *ANSWER_KINDS, "cyclic_cursor", "job_failed", "job_stuck")
# What a connection that is never accepted, and an answer that never comes, last. Longer than an impatient client waits.
CONNECT_SECONDS, HANG_SECONDS = 0.6, 1.5

_PREFIXES = {
    "meta": "meta_ads", "google": "google_ads", "tiktok": "tiktok_ads", "linkedin": "linkedin_ads",
    "instagram": "instagram",
}  # fmt: skip


@dataclass(frozen=True)
class WireFault:
    """One fault. after: so many requests that could meet it pass first; times: how often it happens then.

    path: regular expression looked for in "METHOD /path?query"; empty = anywhere that the kind is possible.
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
    """The kinds that a platform's answers can show: Google streams without pages, only Meta computes report runs."""
    kinds = {*TRANSPORT_KINDS, *ANSWER_KINDS}
    if platform != "google_ads":
        kinds.add("cyclic_cursor")
    if platform == "meta_ads":
        kinds |= {"job_failed", "job_stuck"}
    return frozenset(kinds)
