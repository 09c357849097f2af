"""The newcomer's three days: a held account, restated days, and the account released with all it missed."""

import json
from decimal import Decimal

import pytest

from tests.end_to_end.conftest import AccountDay, DemoWorld, Figures, published, query, states

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
    third = demo_world.mdp("demo", "--exit")
    assert third.returncode == 0, third.stdout + third.stderr
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
