"""Forty days of trouble: a revoked token, an error, an empty list and half of the rows; then everything is released."""

import json
import urllib.request
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.world import WorldDirectory
from tests.end_to_end.conftest import DemoWorld, published, query, states

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(1500)]

CERTIFIED = {"provisional", "final"}
FAULTS = ("error", "empty", "half")


def _post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        answer.read()


def _daily(world: DemoWorld, directory: Path) -> None:
    result = world.mdp("--world", str(directory), "daily")
    assert result.returncode == 0, result.stdout + result.stderr


def test_what_was_held_for_forty_days_is_published_by_ordinary_runs(demo_world: DemoWorld) -> None:
    directory = demo_world.directory / "world"
    directory.mkdir(mode=0o755)
    held_world = DemoWorld(directory)
    start = (datetime.now(UTC) - timedelta(days=60)).replace(hour=12, minute=0, second=0, microsecond=0)
    handle = WorldDirectory(directory).start(start_at=start.isoformat(), ads=8, days=15)
    try:
        demo_world.is_measured = True
        _daily(demo_world, directory)
        demo_world.is_measured = False
        with held_world.warehouse() as connection:
            state = states(connection)
            accounts = query(connection, "select account_id from raw_registry.account where platform = 'google_ads'")
            ((revoked,),) = query(connection, "select account_id from ops.account_health where status = 'failing'")
            before = published(connection, "fct_campaign_performance_daily")
        assert {day[2] for day, value in state.items() if value == "held"} == {revoked}
        troubled = dict(zip(FAULTS, sorted(row[0] for row in accounts), strict=False))

        _post(f"{handle.url}/_sandbox/clock", {"advance_days": 40})
        for kind, account in troubled.items():
            level = {} if kind == "error" else {"level": "campaign"}
            _post(
                f"{handle.url}/_sandbox/faults",
                {"platform": "google_ads", "account_id": account, "kind": kind, **level},
            )
        _daily(demo_world, directory)
        with held_world.warehouse() as connection:
            state = states(connection)
            assert {day[2] for day, value in state.items() if value in ("held", "stale")} == {
                revoked,
                *troubled.values(),
            }
            # 40 days later the first hold is over 72 hours old: its days are stale, not merely held.
            assert {value for day, value in state.items() if day[2] == revoked} <= {"stale", "held", "not_due"}
            assert "stale" in {value for day, value in state.items() if day[2] == revoked}
            now = published(connection, "fct_campaign_performance_daily")
            # Last good stays, or a whole new version that the platform's total proves: never a part of one.
            truth = _truth(handle.url)
            for day, figures in now.items():
                assert figures in (before.get(day), truth.get(day)), day
        # What reading it again may mend is told when nine hours of that have not helped.
        _post(f"{handle.url}/_sandbox/clock", {"advance_days": 0.375})
        _daily(demo_world, directory)
        texts = [json.dumps(message["blocks"], ensure_ascii=False) for message in _messages(handle.url)]
        for account in (revoked, *troubled.values()):
            told = next(text for text in texts if account in text and "Next step" in text)
            assert "Reason" in told
            assert "Window" in told

        _post(f"{handle.url}/_sandbox/mend", {})
        request = urllib.request.Request(f"{handle.url}/_sandbox/faults", method="DELETE")
        urllib.request.urlopen(request, timeout=30).read()
        _post(f"{handle.url}/_sandbox/clock", {"advance_days": 0.625})
        _daily(demo_world, directory)
        truth = _truth(handle.url)
        with held_world.warehouse() as connection:
            state = states(connection)
            assert set(state.values()) <= {*CERTIFIED, "not_due"}
            figures = published(connection, "fct_campaign_performance_daily")
            nothing = (Decimal(0), 0, 0)
            certified = {day for day, value in state.items() if value in CERTIFIED}
            assert sum(day[2] == revoked for day in certified) == 15 + 41
            assert {d: figures.get(d, nothing) for d in certified} == {d: truth.get(d, nothing) for d in certified}
            open_days = query(connection, "select count(*) from ops.quarantine")
            assert open_days == [(0,)]
    finally:
        handle.stop()
        held_world.server.stop()


def _messages(url: str) -> list[dict[str, Any]]:
    with urllib.request.urlopen(f"{url}/slack/messages", timeout=30) as answer:
        document = json.load(answer)
    messages: list[dict[str, Any]] = document["messages"] if isinstance(document, dict) else document
    return messages


def _truth(url: str) -> dict[tuple[str, str, str, str], tuple[Decimal, int, int]]:
    with urllib.request.urlopen(f"{url}/_sandbox/truth", timeout=60) as answer:
        document = json.load(answer)
    rows = document["rows"] if isinstance(document, dict) else document
    return {
        (r["client_id"], r["platform"], r["account_id"], r["date_day"]): (
            Decimal(r["spend"]),
            r["impressions"],
            r["clicks"],
        )
        for r in rows
    }
