"""kill -9 of everything at any moment: the next run converges to the truth, and no reader saw half a unit."""

import threading
import time
from collections.abc import Callable
from decimal import Decimal

import psycopg2
import pytest

from cli.world import WorldDirectory
from tests.end_to_end.conftest import DemoWorld, published, query, states

pytestmark = [pytest.mark.end_to_end, pytest.mark.timeout(2400)]

CERTIFIED = {"provisional", "final"}
# One snapshot: every published account-day must carry exactly the totals that its published version was certified with.
_TORN = """
with figures as (
    select client_id, platform, account_id, date_day, min(version) as first_version, max(version) as last_version,
        sum(spend) as spend, sum(impressions) as impressions
    from analytics.{table} group by 1, 2, 3, 4
),
certified as (
    select day.client_id, day.platform, day.account_id, day.date_day, day.version,
        max(certificate.platform_total) filter (where metric = 'spend') as spend,
        max(certificate.platform_total) filter (where metric = 'impressions') as impressions
    from ops.published_day as day
    inner join ops.certificate as certificate using (client_id, platform, account_id, date_day, version)
    where day.superseded_at is null group by 1, 2, 3, 4, 5
)
select count(*) from figures full join certified using (client_id, platform, account_id, date_day)
where certified.version is null
    or coalesce(figures.first_version, certified.version) <> certified.version
    or coalesce(figures.last_version, certified.version) <> certified.version
    or abs(coalesce(figures.spend, 0) - certified.spend) > 0.5
    or coalesce(figures.impressions, 0) <> certified.impressions
"""


class Reader(threading.Thread):
    """Polls analytics during everything, reconnecting when the server was killed."""

    def __init__(self, world: DemoWorld) -> None:
        super().__init__(daemon=True)
        self._world = world
        self._over = threading.Event()
        self.polls = 0
        self.torn: list[tuple[str, int]] = []

    def run(self) -> None:
        while not self._over.is_set():
            try:
                self._poll()
            except (psycopg2.Error, OSError):
                time.sleep(0.2)

    def _poll(self) -> None:
        connection = psycopg2.connect(self._world.server.url(), connect_timeout=2)
        try:
            connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
            while not self._over.is_set():
                if query(connection, "select to_regclass('analytics.fct_campaign_performance_daily') is not null") == [
                    (True,)
                ]:
                    for table in ("fct_campaign_performance_daily", "fct_ad_performance_daily"):
                        ((torn,),) = query(connection, _TORN.format(table=table))
                        self.polls += 1
                        if torn:
                            self.torn.append((table, torn))
                time.sleep(0.25)
        finally:
            connection.close()

    def finish(self) -> None:
        self._over.set()
        self.join(30)


def _wait_for(world: DemoWorld, condition: Callable[[], bool], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("the moment to kill at never came")


def _step_has_begun(world: DemoWorld, step: str) -> Callable[[], bool]:
    """True once the run's log shows the step at work."""
    log = world.directory / "daily.log"

    def begun() -> bool:
        return log.exists() and f" - {step} - STEP_START" in log.read_text(encoding="utf-8", errors="replace")

    return begun


def test_killed_at_six_moments_the_platform_converges_without_a_hand(demo_world: DemoWorld) -> None:
    # A smaller world than the demo makes: what is killed is the same, and there are seven runs of it.
    WorldDirectory(demo_world.directory).start(ads=8, days=40).stop()
    reader = Reader(demo_world)
    reader.start()
    for step, delay in (
        ("google_ads", 0.6),
        ("meta_ads", 1.0),
        ("dbt_build", 4.0),
        ("ops__certificate", 0.1),
        ("publication", 0.15),
        ("backups__warehouse", 0.3),
    ):
        (demo_world.directory / "daily.log").unlink(missing_ok=True)
        process = demo_world.begin("demo", "--exit")
        _wait_for(demo_world, _step_has_begun(demo_world, step))
        time.sleep(delay)
        demo_world.kill_everything(process)
    final = demo_world.mdp("demo", "--exit")
    reader.finish()
    assert final.returncode == 0, final.stdout + final.stderr

    truth = demo_world.truth()
    with demo_world.warehouse() as connection:
        state = states(connection)
        certified = {day for day, value in state.items() if value in CERTIFIED}
        nothing = (Decimal(0), 0, 0)
        for table in ("fct_campaign_performance_daily", "fct_ad_performance_daily"):
            figures = published(connection, table)
            assert {d: figures.get(d, nothing) for d in certified} == {d: truth.get(d, nothing) for d in certified}
            assert set(figures) <= certified
        assert set(state.values()) == {*CERTIFIED, "held", "not_due"}
        landings = query(connection, "select nspname from pg_namespace where starts_with(nspname, 'landing_')")
        assert landings == []
        databases = query(connection, "select datname from pg_database where datname like '%scratch%'")
        assert databases == []
    assert reader.polls > 50
    assert reader.torn == []
