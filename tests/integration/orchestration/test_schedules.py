"""Schedules and sensors ask for a run only when there is something to do, and say why not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from foundation.database import connect
from ingestion.loading.tables import ensure_raw_tables
from orchestration.definitions import defs
from orchestration.resources import PlatformResource
from orchestration.schedules import schedules
from orchestration.sensors import held_units_alert, publication_backup

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 10, 12, tzinfo=UTC)
BY_NAME = {schedule.name: schedule for schedule in schedules}


@pytest.fixture
def platform(warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlatformResource:
    """The platform on a fresh warehouse with one client of one Meta account, at a clock that stands still."""
    clock = tmp_path / "clock"
    clock.write_text(NOW.isoformat())
    monkeypatch.setenv("MDP_ENV_FILE", "")
    monkeypatch.setenv("MDP_WAREHOUSE_URL", warehouse_url)
    monkeypatch.setenv("MDP_CLOCK_FILE", str(clock))
    monkeypatch.setenv("MDP_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("MDP_SLACK_BOT_TOKEN", raising=False)
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        ensure_raw_tables(connection)
        cursor.execute(
            """insert into raw_registry.client values
                ('shop', 'Shop', 'active', 'EUR', 'Europe/Madrid', null, '2026-10-20', null, 'h', %(now)s);
            insert into raw_registry.account values
                ('shop', 'meta_ads', '77', 'Shop', 'EUR', 'Europe/Madrid', 'shop', null, '2026-10-20', null, 'h',
                    %(now)s)""",
            {"now": NOW},
        )
        connection.commit()
    return PlatformResource()


def _evaluate(name: str, platform: PlatformResource) -> dg.RunRequest | dg.SkipReason:
    with dg.build_schedule_context(resources={"platform_resource": platform}, scheduled_execution_time=NOW) as context:
        answer = BY_NAME[name](context)
    assert isinstance(answer, dg.RunRequest | dg.SkipReason)
    return answer


def test_a_platform_with_due_days_gets_one_run_over_their_whole_range(platform: PlatformResource) -> None:
    request = _evaluate("load_meta_ads_hourly", platform)
    assert isinstance(request, dg.RunRequest)
    assert request.tags["dagster/asset_partition_range_start"] == "2026-10-20"
    assert request.tags["dagster/asset_partition_range_end"] == "2026-11-09"
    assert request.run_config == {"ops": {"meta_ads": {"config": {"only_due": True}}}}


def test_a_platform_without_accounts_is_skipped_with_the_reason(platform: PlatformResource) -> None:
    assert isinstance(_evaluate("load_google_ads_hourly", platform), dg.SkipReason)


def test_nothing_loaded_asks_for_no_publication_and_a_proved_day_does(
    platform: PlatformResource, warehouse_url: str
) -> None:
    assert isinstance(_evaluate("publish_pending", platform), dg.SkipReason)
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """insert into ops.load_ledger select 'meta_ads', '77', report, '2026-11-09', 1, 'h', 0, '{}', '{}', true,
                %(now)s, %(now)s, %(now)s, 'run', 1 from ops.report_definition where platform = 'meta_ads'""",
            {"now": NOW},
        )
        connection.commit()
    assert isinstance(_evaluate("publish_pending", platform), dg.RunRequest)


def test_a_publication_asks_for_a_backup_unless_one_is_fresh(platform: PlatformResource, warehouse_url: str) -> None:
    event = dg.AssetKey(["analytics", "client_performance_daily"])
    with dg.DagsterInstance.ephemeral() as instance:
        instance.report_runless_asset_event(dg.AssetMaterialization(event))

        def asked() -> int:
            resources = {"platform_resource": platform}
            with dg.build_sensor_context(instance=instance, resources=resources, definitions=defs) as context:
                return len(publication_backup.evaluate_tick(context).run_requests or [])

        assert asked() == 1
        with connect(warehouse_url) as connection, connection.cursor() as cursor:
            cursor.execute(
                "insert into ops.backup (backup_id, started_at, location, status) values ('b', %s, 'l', 'verified')",
                (NOW - timedelta(hours=1),),
            )
            connection.commit()
        assert asked() == 0


def test_without_a_slack_token_held_units_wait_in_the_outbox_and_nothing_fails(
    platform: PlatformResource, warehouse_url: str
) -> None:
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        cursor.execute(
            """insert into ops.account_health (platform, account_id, status, error_class, error_code, message,
                next_step, failing_since, last_attempt_at, attempts)
            values ('meta_ads', '77', 'failing', 'credential', '190/460', 'credential 190/460: gone', 'log in', %(now)s,
                %(now)s, 1)""",
            {"now": NOW},
        )
        connection.commit()
    with dg.build_sensor_context(resources={"platform_resource": platform}) as context:
        answer = held_units_alert(context)
    assert isinstance(answer, dg.SkipReason)
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*), count(sent_at) from ops.outbox where payload::text like '%190/460%'")
        assert cursor.fetchone() == (1, 0)
