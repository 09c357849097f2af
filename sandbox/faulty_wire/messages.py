"""A request and an answer as the wire passes them on."""

from dataclasses import dataclass
from functools import cached_property

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Request:
    """What a client asks. ``target``: path and query, left as they were written."""

    method: str
    target: str
    host: str = ""

    @property
    def line(self) -> str:
        """What the ``path`` of a fault is looked for in."""
        return f"{self.method} {self.target}"

    @cached_property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> dict[str, str]:
        """Parameters as they are encoded."""
        parts = (part.partition("=") for part in self.target.partition("?")[2].split("&") if part)
        return {name: value for name, _, value in parts}

    def with_query(self, **changes: str | None) -> "Request":
        """The same request with other parameters; None takes one away."""
        query = {name: value for name, value in {**self.query, **changes}.items() if value is not None}
        text = "&".join(f"{name}={value}" for name, value in query.items())
        return Request(self.method, f"{self.path}?{text}" if text else self.path, self.host)


@dataclass(frozen=True)
class Answer:
    """What the sandbox answered, or what is to be answered instead."""

    status: int
    headers: Headers
    body: bytes
