"""One asset per (platform, report); one run reads all accounts that have due days, in one load."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import dagster as dg
from pydantic import Field

from ingestion.due import AccountTask, due_tasks, requested_tasks
from ingestion.platforms import PLATFORMS
from ingestion.reports import PlatformDefinition, Report
from ingestion.sync import SyncReport, sync_platform
from orchestration.assets.registry import ACCOUNTS
from orchestration.partitions import DAYS
from orchestration.resources import PlatformResource


class SyncConfig(dg.Config):
    """What a run reads."""

    only_due: bool = Field(False, description="Read what the ledger says is due, instead of every day of the range.")
    clients: list[str] = Field([], description="Only these clients; empty = all.")
    accounts: list[str] = Field([], description="Only these account ids; empty = all.")


def asset_key(definition: PlatformDefinition, table: str) -> dg.AssetKey:
    return dg.AssetKey([definition.raw_schema, table])


def describe(definition: PlatformDefinition, report: Report) -> str:
    """What a row of the report is, and what stands behind it."""
    level = report.level.replace("_", " ")
    grain = " x ".join([level, "day", *(column.name.replace("_", " ") for column in report.breakdowns)])
    text = f"{definition.title}: {grain}"
    if report is definition.control:
        return f"{text}, the platform's own total that certificates compare with."
    if report.derived_from:
        return f"{text}, out of the answers of {report.derived_from}."
    if report.snapshot_hours:
        return f"{text}, as it stood at the instant of reading; every {report.snapshot_hours} h."
    return f"{text}." if report.required else f"{text}; never holds an account-day."


def load_metadata(report: SyncReport, days: list[date]) -> dict[str, Any]:
    """Figures of a run that plot over time. Money is never added across currencies: one series a currency."""
    restated: dict[str, Decimal] = defaultdict(Decimal)
    for outcome in report.outcomes:
        restated[outcome.account.currency] += outcome.restated_spend
    return {
        "rows": sum(outcome.rows for outcome in report.outcomes),
        "accounts loaded": sum(outcome.loaded for outcome in report.outcomes),
        "accounts failed": len(report.failed),
        "account-days proved": sum(outcome.proved_days for outcome in report.outcomes),
        "account-days held": sum(len(outcome.held_days) for outcome in report.outcomes),
        "optional reports failed": sum(len(outcome.report_problems) for outcome in report.outcomes),
        "calls": sum(outcome.calls for outcome in report.outcomes),
        "account-days restated": sum(outcome.restated_days for outcome in report.outcomes),
        **{f"restated spend {currency}": float(amount) for currency, amount in sorted(restated.items())},
        "months read": sum(outcome.problem is None for outcome in report.months),
        "months not read": sum(outcome.problem is not None for outcome in report.months),
        **({"first day": days[0].isoformat(), "last day": days[-1].isoformat()} if days else {}),
    }


def build_platform_assets(definition: PlatformDefinition) -> dg.AssetsDefinition:
    """The raw tables of one platform as assets, filled by one step."""
    specs = [
        dg.AssetSpec(
            asset_key(definition, report.table),
            deps=[ACCOUNTS],
            # Dagster writes two events for each asset and day of a run, so one table speaks for its platform's days.
            partitions_def=DAYS if report is definition.proved_level else None,
            description=describe(definition, report),
            kinds={"dlt", "postgres"},
            skippable=True,
        )
        for report in definition.reports
    ] + [
        dg.AssetSpec(
            asset_key(definition, entity.table),
            deps=[ACCOUNTS],
            description=f"{definition.title}: {entity.name.replace('_', ' ')} with their current attributes.",
            kinds={"dlt", "postgres"},
            skippable=True,
        )
        for entity in definition.entities
    ]

    @dg.multi_asset(
        name=definition.name,
        specs=specs,
        group_name="ingestion",
        backfill_policy=dg.BackfillPolicy.single_run(),
        pool=definition.name,
        # A backfill asks for the partitioned report alone; the load is the same, and everything else comes with it.
        can_subset=True,
    )
    def load(
        context: dg.AssetExecutionContext, config: SyncConfig, platform: PlatformResource
    ) -> Iterator[dg.MaterializeResult[None]]:
        tasks = _tasks(context, config, platform, definition)
        days = sorted({day for task in tasks for day in task.days})
        context.log.info("%s accounts to read", len(tasks))

        def due_now() -> list[AccountTask]:
            with platform.connection() as connection:
                return due_tasks(connection, definition.name, platform.clock.now())

        report = sync_platform(
            platform.settings,
            platform.warehouse_url,
            definition.name,
            tasks,
            run_id=context.run.run_id,
            clock=platform.clock,
            progress=context.log.info,
            goes_first=None if _asks_for_what_is_due(context, config) else due_now,
        )
        metadata = load_metadata(report, days)
        for spec in specs:
            if spec.key in context.selected_asset_keys:
                yield dg.MaterializeResult(spec.key, metadata=metadata)

    return load


def _asks_for_what_is_due(context: dg.AssetExecutionContext, config: SyncConfig) -> bool:
    return config.only_due or not (context.has_partition_key or context.has_partition_key_range)


def _tasks(
    context: dg.AssetExecutionContext, config: SyncConfig, platform: PlatformResource, definition: PlatformDefinition
) -> list[AccountTask]:
    now = platform.clock.now()
    with platform.connection() as connection:
        if _asks_for_what_is_due(context, config):
            return due_tasks(connection, definition.name, now)
        days = context.partition_key_range
        return requested_tasks(
            connection,
            definition.name,
            date.fromisoformat(days.start),
            date.fromisoformat(days.end),
            now,
            clients=config.clients,
            accounts=config.accounts,
        )


platform_assets = [build_platform_assets(platform.definition) for platform in PLATFORMS.values()]
