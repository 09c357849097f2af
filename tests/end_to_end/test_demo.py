"""The newcomer's three days: a held account, restated days, and the account released with all it missed."""

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from decimal import Decimal

import psutil
import pytest

from tests.end_to_end.conftest import DEMO_SECONDS, AccountDay, DemoWorld, Figures, published, query, states

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(1500)]

CERTIFIED = {"provisional", "final"}
NOTHING: Figures = (Decimal(0), 0, 0)


def _assert_equal_to_truth(world: DemoWorld) -> dict[AccountDay, str]:
    """Every certified account-day equals the world to the cent and the impression, at both levels; nothing more."""
    truth = world.truth()
    with world.warehouse() as connection:
        by_campaign = published(connection, "fct_campaign_performance_daily")
        by_ad = published(connection, "fct_ad_performance_daily")
        state = states(connection)
    certified = {day for day, value in state.items() if value in CERTIFIED}
    for figures in (by_campaign, by_ad):
        assert {d: figures.get(d, NOTHING) for d in certified} == {d: truth.get(d, NOTHING) for d in certified}
        assert set(figures) <= certified
    return state


def _serve_and_interrupt(world: DemoWorld) -> None:
    """A demo as a person has it: the UI and the Slack page answer, and Ctrl-C leaves no process behind."""
    screen = world.directory / "screen.txt"
    with screen.open("w") as output:
        # A test run in a shell's background has SIGINT ignored, and its children would inherit that.
        process = subprocess.Popen(
            [sys.executable, "-m", "cli", "demo"], env=world.environment, stdout=output, stderr=subprocess.STDOUT,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
    try:
        deadline = time.monotonic() + DEMO_SECONDS
        while "Ctrl-C stops everything" not in screen.read_text():
            assert process.poll() is None, screen.read_text()
            assert time.monotonic() < deadline, screen.read_text()
            time.sleep(0.5)
        ui, slack = re.findall(r"(?:Dagster UI|Slack messages) +(http://\S+)", screen.read_text())
        with urllib.request.urlopen(f"{ui}/server_info", timeout=30) as answer:
            assert "dagster_version" in json.load(answer)
        with urllib.request.urlopen(slack, timeout=30) as answer:
            assert b"Olivar" in answer.read()
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(120)
    assert process.returncode == 0
    left = [
        found.pid
        for found in psutil.process_iter(["cmdline", "environ"])
        if str(world.directory) in " ".join(found.info["cmdline"] or ())
        or (found.info["environ"] or {}).get("MDP_DATA_DIR") == str(world.directory)
    ]
    assert left == []


def test_three_days_of_the_demo(demo_world: DemoWorld) -> None:
    first = demo_world.mdp("demo", "--exit")
    assert first.returncode == 0, first.stdout + first.stderr
    state = _assert_equal_to_truth(demo_world)
    held = {day[:3] for day, value in state.items() if value == "held"}
    assert len(held) == 1
    ((client, platform, account),) = held
    assert "held" in first.stdout
    assert "mdp sandbox mend" in first.stdout
    assert sum(value == "held" for value in state.values()) == 90
    others = [value for day, value in state.items() if day[:3] != (client, platform, account)]
    assert set(others) <= {*CERTIFIED, "not_due"}

    message = next(m for m in demo_world.slack_messages() if "held" in m["text"].lower())
    shown = json.dumps(message["blocks"], ensure_ascii=False)
    for part in (client, account, "2", "190/460", "Next step"):
        assert part in shown

    second = demo_world.mdp("demo", "--exit")
    assert second.returncode == 0, second.stdout + second.stderr
    assert "Restated by the platforms" in second.stdout
    _assert_equal_to_truth(demo_world)
    with demo_world.warehouse() as connection:
        moved = query(
            connection,
            "select count(*) from ops.published_day where superseded_at is not null",
        )
        assert moved[0][0] > 0, "restated days must leave their former version in ops.published_day"
        runs = query(connection, "select count(*) from ops.publication")
        assert runs == [(2,)]

    mended = demo_world.mdp("sandbox", "mend")
    assert "Mended" in mended.stdout, mended.stderr
    _serve_and_interrupt(demo_world)
    state = _assert_equal_to_truth(demo_world)
    assert set(state.values()) <= {*CERTIFIED, "not_due"}
    assert sum(day[:3] == (client, platform, account) and value in CERTIFIED for day, value in state.items()) == 92
    assert any("Resolved" in m["text"] for m in demo_world.slack_messages())

    with demo_world.warehouse() as connection:
        assert query(connection, "select distinct status from ops.backup") == [("verified",)]
        before = published(connection, "fct_campaign_performance_daily")
        query(connection, "select 1")
        with connection.cursor() as cursor:
            cursor.execute("drop schema analytics_build cascade")
        connection.commit()
    rebuilt = demo_world.mdp("--demo", "publish")
    assert rebuilt.returncode == 0, rebuilt.stdout + rebuilt.stderr
    with demo_world.warehouse() as connection:
        assert published(connection, "fct_campaign_performance_daily") == before
