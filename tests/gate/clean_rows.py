"""The seeded world's own figures as a load leaves them in raw, by COPY: what the platform shows at an instant."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from foundation.database import Cursor
from ingestion.platforms import PLATFORMS
from quality.bulk_copy import copy_rows
from sandbox.world.figures import Level
from sandbox.world.model import MICROS, Account, FigureRow, major_units
from sandbox.world.world import World

Columns = Mapping[str, Callable[[Account, FigureRow], object]]
_LEVELS: tuple[Level, ...] = ("account", "campaign", "ad")
_BOOKED = ("_version", "_valid_from", "_run_id")


def _purchases(account: Account, row: FigureRow) -> str:
    return json.dumps([{"action_type": "omni_purchase", "value": f"{row.conversions / MICROS:g}"}])


_DELIVERY: Columns = {"impressions": lambda account, row: row.impressions, "clicks": lambda account, row: row.clicks}
_CAMPAIGN: Columns = {"campaign_id": lambda account, row: row.campaign_id}
_META: Columns = {
    "account_currency": lambda account, row: account.currency,
    "spend": lambda account, row: major_units(row.spend),
    "actions": _purchases,
}
_TIKTOK: Columns = {
    "currency": lambda account, row: account.currency,
    "spend": lambda account, row: major_units(row.spend),
    "conversion": lambda account, row: row.conversions / MICROS,
}
_GOOGLE: Columns = {
    "cost_micros": lambda account, row: row.spend,
    "conversions": lambda account, row: row.conversions / MICROS,
    "conversions_value": lambda account, row: row.value / MICROS,
}
_AD: Columns = {"ad_id": lambda account, row: row.ad_id}
# Platform -> level -> columns of the raw table besides account, day and bookkeeping.
TABLES: Mapping[str, Mapping[Level, Columns]] = {
    "meta_ads": {
        "account": {**_DELIVERY, **_META},
        "campaign": {**_CAMPAIGN, **_DELIVERY, **_META},
        "ad": {**_CAMPAIGN, "adset_id": lambda account, row: row.ad_group_id, **_AD, **_DELIVERY, **_META},
    },
    "google_ads": {
        "account": {"currency_code": lambda account, row: account.currency, **_DELIVERY, **_GOOGLE},
        "campaign": {
            **_CAMPAIGN,
            "advertising_channel_type": lambda account, row: account.campaign_by_id[row.campaign_id].kind,
            **_DELIVERY,
            **_GOOGLE,
        },
        "ad": {**_CAMPAIGN, "ad_group_id": lambda account, row: row.ad_group_id, **_AD, **_DELIVERY, **_GOOGLE},
    },
    "tiktok_ads": {
        "account": {**_DELIVERY, **_TIKTOK},
        "campaign": {**_CAMPAIGN, **_DELIVERY, **_TIKTOK},
        "ad": {**_CAMPAIGN, "adgroup_id": lambda account, row: row.ad_group_id, **_AD, **_DELIVERY, **_TIKTOK},
    },
}


@dataclass
class _Day:
    """One account-day as it is now: rows by level, version in raw."""

    content: str
    version: int


@dataclass
class CleanRows:
    """Fills a warehouse with what the platforms show. Days are written anew when their figures have changed."""

    world: World
    accounts: Sequence[Account]
    known: dict[tuple[str, str, date], _Day] = field(default_factory=dict)

    def fill(self, cursor: Cursor, since: date, until: date, as_of: datetime) -> tuple[int, int]:
        """Write since..until as shown at ``as_of``. Returns account-days that are new or restated, and ad rows."""
        changed = ad_rows = 0
        for platform, levels in TABLES.items():
            rows: dict[Level, list[tuple[object, ...]]] = {level: [] for level in _LEVELS}
            ledger: list[tuple[object, ...]] = []
            moved: list[tuple[str, date]] = []
            for account in (account for account in self.accounts if account.platform == platform):
                last = min(until, account.active_to or until)
                shown = {level: _by_day(self.world, account, level, since, last, as_of) for level in _LEVELS}
                for day in (since + timedelta(days=offset) for offset in range((last - since).days + 1)):
                    own = {level: shown[level].get(day, []) for level in _LEVELS}
                    content = hashlib.md5(repr(own).encode(), usedforsecurity=False).hexdigest()
                    before = self.known.get((platform, account.account_id, day))
                    if before and before.content == content:
                        continue
                    now = self.known[platform, account.account_id, day] = _Day(
                        content, before.version + 1 if before else 1
                    )
                    moved.append((account.account_id, day))
                    booked = (now.version, as_of, "clean")
                    for level, columns in levels.items():
                        rows[level] += [
                            (account.account_id, day, *(make(account, row) for make in columns.values()), *booked)
                            for row in own[level]
                        ]
                    ledger += _ledger(account, day, own, now, as_of)
            changed, ad_rows = changed + len(moved), ad_rows + len(rows["ad"])
            _replace(cursor, platform, levels, moved, rows, ledger)
        return changed, ad_rows

    def write_objects(self, cursor: Cursor, as_of: datetime) -> None:
        """Campaigns, ad groups and ads of all accounts, as lists show them."""
        for account in self.accounts:
            _write_objects(cursor, account, as_of)


def _by_day(
    world: World, account: Account, level: Level, since: date, until: date, as_of: datetime
) -> dict[date, list[FigureRow]]:
    found: dict[date, list[FigureRow]] = defaultdict(list)
    table = world.table(account, level, as_of).between(since, until)
    for row in table.page(0, len(table)):
        found[row.day].append(row)
    return found


def _ledger(
    account: Account, day: date, own: Mapping[Level, Sequence[FigureRow]], known: _Day, as_of: datetime
) -> Iterable[tuple[object, ...]]:
    total = own["account"]
    totals = json.dumps({
        "spend": major_units(sum(row.spend for row in total)),
        "impressions": str(sum(row.impressions for row in total)),
        "clicks": str(sum(row.clicks for row in total)),
    })  # fmt: skip
    definition = PLATFORMS[account.platform].definition
    for report in (definition.control, *definition.required_details):
        yield (
            account.platform, account.account_id, report.name, day, known.version, f"{report.name}/{known.content}",
            len(own["ad"]), totals, totals, True, as_of, as_of, as_of, "clean", 1,
        )  # fmt: skip


_LEDGER_COLUMNS = (
    "platform", "account_id", "report", "date_day", "version", "content_hash", "row_count", "totals", "control_totals",
    "complete", "read_at", "fetched_at", "verified_at", "run_id", "fence",
)  # fmt: skip


def _replace(
    cursor: Cursor,
    platform: str,
    levels: Mapping[Level, Columns],
    moved: Sequence[tuple[str, date]],
    rows: Mapping[Level, Sequence[tuple[object, ...]]],
    ledger: Sequence[tuple[object, ...]],
) -> None:
    cursor.execute("create temporary table moved (account_id text, date_day date) on commit drop")
    copy_rows(cursor, "moved", ("account_id", "date_day"), moved)
    cursor.execute("analyze moved")
    own = "using moved where old.account_id = moved.account_id and old.date_day = moved.date_day"
    cursor.execute(f"delete from ops.load_ledger as old {own} and old.platform = %s", (platform,))
    for level, columns in levels.items():
        table = f"raw_{platform}.{level}_daily"
        cursor.execute(f"delete from {table} as old {own}")
        copy_rows(cursor, table, ("account_id", "date_day", *columns, *_BOOKED), rows[level])
    copy_rows(cursor, "ops.load_ledger", _LEDGER_COLUMNS, ledger)
    cursor.execute("drop table moved")


_GROUP_TABLES = {"meta_ads": ("ad_sets", "adset_id"), "google_ads": ("ad_groups", "ad_group_id"),
                 "tiktok_ads": ("ad_groups", "adgroup_id")}  # fmt: skip


def _write_objects(cursor: Cursor, account: Account, as_of: datetime) -> None:
    schema, booked = f"raw_{account.platform}", (1, as_of, "clean")
    groups, group_id = _GROUP_TABLES[account.platform]
    name = "name" if account.platform != "tiktok_ads" else None
    own: list[tuple[str, tuple[str, ...], list[tuple[object, ...]]]] = [
        (
            "campaigns", ("campaign_id", name or "campaign_name"),
            [(each.campaign_id, each.name) for each in account.campaigns],
        ),
        (
            groups, ("campaign_id", group_id, name or "adgroup_name"),
            [(each.campaign.campaign_id, each.ad_group_id, each.name) for each in account.ad_groups],
        ),
        (
            "ads", ("campaign_id", group_id, "ad_id", name or "ad_name"),
            [
                (each.campaign.campaign_id, each.ad_group.ad_group_id, each.ad_id, each.name)
                for each in account.ads if each.ad_group is not None
            ],
        ),
    ]  # fmt: skip
    for table, columns, rows in own:
        copy_rows(
            cursor, f"{schema}.{table}", ("account_id", *columns, *_BOOKED),
            ((account.account_id, *row, *booked) for row in rows),
        )  # fmt: skip
