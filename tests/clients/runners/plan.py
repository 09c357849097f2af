"""What a runner is told and what it answers. Standard library only: it runs inside every client's environment."""

import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

Plan = dict[str, Any]
Account = dict[str, Any]


def read_plan() -> Plan:
    """The plan that the harness wrote: sandbox, since, until (ISO days), scratch, accounts with their credentials."""
    plan: Plan = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    return plan


class Answer:
    """What a client has read, written as one JSON document to the path that the harness named."""

    def __init__(self) -> None:
        self.rows: list[dict[str, str]] = []
        self.entities: list[dict[str, str]] = []
        self.checks: list[dict[str, Any]] = []

    def row(self, level: str, account_id: str, day: str, spend: Any, impressions: Any, clicks: Any, **ids: Any) -> None:
        """One object's day. Figures as the client handed them out; ids: campaign_id, ad_group_id, ad_id."""
        figures = {"spend": spend, "impressions": impressions, "clicks": clicks}
        self.measured(level, account_id, day, figures, **ids)

    def measured(self, level: str, account_id: str, day: str, figures: dict[str, Any], **ids: Any) -> None:
        """The same with figures of other names, as the truth of that level calls them."""
        named = {name: str(value) for name, value in ids.items()}
        texts = {name: _text(value) for name, value in figures.items()}
        self.rows.append({"level": level, "account_id": str(account_id), "date_day": day[:10], **named, **texts})

    def entity(self, account_id: str, kind: str, entity_id: Any, status: Any) -> None:
        """One listed object; kind: campaign, ad_group or ad."""
        self.entities.append(
            {"account_id": str(account_id), "kind": kind, "id": str(entity_id), "status": str(status)}
        )  # fmt: skip

    def check(self, name: str, passed: bool, detail: str = "") -> None:
        """A property of the wire that this client alone can judge."""
        self.checks.append({"name": name, "passed": bool(passed), "detail": detail[:400]})

    def write(self) -> None:
        document = {"rows": self.rows, "entities": self.entities, "checks": self.checks}
        Path(sys.argv[2]).write_text(json.dumps(document), encoding="utf-8")


def _text(value: Any) -> str:
    return "0" if value in (None, "") else str(value)


def day_spans(since: str, until: str, longest: int) -> Iterator[tuple[str, str]]:
    """Since..until in parts of at most ``longest`` days, both ends inclusive."""
    first, last = date.fromisoformat(since), date.fromisoformat(until)
    while first <= last:
        end = min(first + timedelta(days=longest - 1), last)
        yield first.isoformat(), end.isoformat()
        first = end + timedelta(days=1)


def days(since: str, until: str) -> Iterator[str]:
    """Each day of since..until."""
    for first, _ in day_spans(since, until, 1):
        yield first
