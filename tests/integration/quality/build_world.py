"""A hand-written build schema with the marts' columns, and the books that go with its account-days."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from foundation.database import Connection, transaction
from quality.contracts import contracts

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
BUILD = "build-1"
DAY = date(2026, 3, 5)
AD_PLATFORM_METRICS = ["spend", "impressions", "clicks", "ad_spend", "ad_impressions", "ad_clicks"]
# What the platforms' reports are called and what each is proved by; a made-up platform has Meta's.
_REPORTS = {"control": "account_daily", "account_total": "campaign_daily", "own_campaign": "ad_daily"}
_REPORTS_OF = {
    "linkedin_ads": {**_REPORTS, "account_total": "campaign_group_daily", "own_campaign": "creative_daily"},
    "instagram": {"control": "account_daily"},
}

_DDL = """
create schema analytics_build;
create table analytics_build.account_day_built (
    client_id text, platform text, account_id text, date_day date, version text, finalizes_on date,
    built_at timestamptz
);
"""


class BuildWorld:
    """Writes account-days that every check finds right; a test then breaks one thing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.run(_DDL)
        for contract in contracts("analytics"):
            if contract.table.physical_type == "view":
                continue
            columns = ", ".join(f"{column.name} {column.physical_type}" for column in contract.table.properties)
            self.run(f"create table analytics_build.{contract.name} ({columns})")

    def run(self, statement: str, *parameters: object) -> None:
        with transaction(self.connection) as cursor:
            cursor.execute(statement, parameters or None)

    def rows(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        with transaction(self.connection) as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.fetchall()

    def account(
        self, account_id: str, *, client: str = "acme", platform: str = "meta_ads", currency: str = "EUR",
        timezone: str = "UTC", active_from: date = date(2026, 1, 1),
    ) -> None:  # fmt: skip
        self.run(
            "insert into raw_registry.client values (%s, %s, 'active', 'EUR', 'UTC', null, %s, null, 'h', %s) "
            "on conflict do nothing",
            client, client.title(), active_from, NOW,
        )  # fmt: skip
        self.run(
            "insert into raw_registry.account values (%s, %s, %s, null, %s, %s, 'agency', null, %s, null, 'h', %s)",
            client, platform, account_id, currency, timezone, active_from, NOW,
        )  # fmt: skip
        self._rules(platform)

    def _rules(self, platform: str) -> None:
        """What loads write of a platform: its rule, the report that proves each level, and optional ones."""
        metrics = ["views", "total_interactions"] if platform == "instagram" else AD_PLATFORM_METRICS
        zone = {"instagram": "pacific", "linkedin_ads": "utc"}.get(platform, "account")
        self.run(
            "insert into ops.platform_rule (platform, restatement_days, due_after_hours, day_zone, certified_metrics) "
            "values (%s, 28, 3, %s, %s) on conflict do nothing",
            platform, zone, metrics,
        )  # fmt: skip
        reports = _REPORTS_OF.get(platform, _REPORTS)
        for proved_by, report in reports.items():
            self.run(
                "insert into ops.report_definition (platform, report, level, required, proved_by) "
                "values (%s, %s, 'any', true, %s), (%s, %s, 'any', false, %s) on conflict do nothing",
                platform, report, proved_by, platform, f"{report}_by_country", proved_by,
            )  # fmt: skip

    def account_day(
        self, account_id: str, day: date = DAY, *, client: str = "acme", platform: str = "meta_ads",
        currency: str = "EUR", timezone: str = "UTC", version: str = "v1", ads: int = 2, spend: str = "10.50",
        fx_rate: str | None = "1", build_id: str = BUILD,
    ) -> None:  # fmt: skip
        """A proved and built day: one campaign with ``ads`` ads of ``spend``, 100 impressions and 7 clicks each."""
        key = (client, platform, account_id, day)
        rate = Decimal(fx_rate) if fx_rate else None
        self.run(
            "insert into ops.account_day "
            "values (%s, %s, %s, %s, %s, 'c', %s, %s, 'EUR', %s, %s, null, %s, %s, %s, %s, %s)"
            " on conflict (client_id, platform, account_id, date_day) do update set version = excluded.version",
            *key, version, currency, timezone, rate, day if rate else None,
            None if rate else f"no ECB rate for {currency}", day + timedelta(days=28), NOW, NOW, NOW,
        )  # fmt: skip
        self.pending(account_id, day, build_id=build_id, client=client, platform=platform)
        total = {"spend": str(Decimal(spend) * ads), "impressions": str(100 * ads), "clicks": str(7 * ads)}
        self.control_totals(account_id, day, platform=platform, **total)
        facts = (currency, "EUR", rate, day if rate else None, day + timedelta(days=28), version)
        if ads:
            self._fact("campaign", key, ("C1",), Decimal(spend) * ads, 100 * ads, 7 * ads, facts)
        for number in range(ads):
            self._fact("ad", key, ("C1", "G1", f"A{number}"), Decimal(spend), 100, 7, facts)
        self.run("insert into analytics_build.account_day_built values (%s, %s, %s, %s, %s, %s, %s)",
                 *key, version, day + timedelta(days=28), NOW)  # fmt: skip

    def instagram_day(
        self, account_id: str, day: date = DAY, *, client: str = "acme", views: int = 500, interactions: int = 40,
        version: str = "v1",
    ) -> None:  # fmt: skip
        """A proved and built day of an Instagram account, which has no currency of its own."""
        key = (client, "instagram", account_id, day)
        self.run(
            "insert into ops.account_day "
            "values (%s, %s, %s, %s, %s, 'c', 'EUR', 'UTC', 'EUR', 1, null, null, null, %s, %s, %s, %s)",
            *key, version, day + timedelta(days=3), NOW, NOW, NOW,
        )  # fmt: skip
        self.pending(account_id, day, build_id=BUILD, client=client, platform="instagram")
        self.control_totals(
            account_id, day, platform="instagram", views=str(views), total_interactions=str(interactions)
        )
        self.run(
            "insert into analytics_build.fct_instagram_account_daily "
            "(client_id, platform, account_id, date_day, views, reach, total_interactions, finalizes_on, version) "
            "values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
            *key, views, views // 2, interactions, day + timedelta(days=3), version,
        )  # fmt: skip
        self.run("insert into analytics_build.account_day_built values (%s, %s, %s, %s, %s, %s, %s)",
                 *key, version, day + timedelta(days=3), NOW)  # fmt: skip

    def pending(
        self, account_id: str, day: date = DAY, *, build_id: str, client: str = "acme", platform: str = "meta_ads"
    ) -> None:
        """The day belongs to the build in progress."""
        self.run(
            "delete from ops.pending_account_day where (client_id, platform, account_id, date_day) = (%s, %s, %s, %s);"
            "insert into ops.pending_account_day select pending.* from ops.account_day as day "
            "cross join lateral jsonb_populate_record(null::ops.pending_account_day, "
            "to_jsonb(day) || jsonb_build_object('build_id', %s::text, 'opened_at', %s::timestamptz)) as pending "
            "where (day.client_id, day.platform, day.account_id, day.date_day) = (%s, %s, %s, %s)",
            client, platform, account_id, day, build_id, NOW, client, platform, account_id, day,
        )  # fmt: skip

    def control_totals(self, account_id: str, day: date = DAY, *, platform: str = "meta_ads", **totals: str) -> None:
        """What the platform said of the day, in every report's ledger entry; given metrics replace those stored."""
        import json

        for report in _REPORTS_OF.get(platform, _REPORTS).values():
            self.run(
                "insert into ops.load_ledger as kept values "
                "(%s, %s, %s, %s, 1, 'h', 1, '{}', %s, true, %s, %s, %s, 'run', 1) "
                "on conflict (platform, account_id, report, date_day) do update "
                "set control_totals = kept.control_totals || excluded.control_totals",
                platform, account_id, report, day, json.dumps(totals), NOW, NOW, NOW,
            )  # fmt: skip

    def publish(self, account_id: str, day: date = DAY, *, version: str = "v1", client: str = "acme") -> None:
        """The day's version stands in analytics."""
        self.run(
            "with publication as (insert into ops.publication (run_id, published_at, account_days, held_account_days, "
            "row_counts) values ('r', %s, 1, 0, '{}') returning publication_id) "
            "insert into ops.published_day select %s, 'meta_ads', %s, %s, %s, %s, null, publication_id "
            "from publication",
            NOW, client, account_id, day, version, NOW,
        )  # fmt: skip

    def _fact(
        self, level: str, key: tuple[str, str, str, date], ids: tuple[str, ...], spend: Decimal, impressions: int,
        clicks: int, facts: tuple[str, str, Decimal | None, date | None, date, str],
    ) -> None:  # fmt: skip
        currency, reporting, rate, rate_date, finalizes_on, version = facts
        names = ("campaign_id", "ad_group_id", "ad_id")[: len(ids)]
        self.run(
            f"insert into analytics_build.fct_{level}_performance_daily (client_id, platform, account_id, date_day, "
            f"{', '.join(names)}, account_currency, impressions, clicks, spend, reporting_currency, fx_rate, "
            "fx_rate_date, spend_reporting, finalizes_on, version) values ("
            + ", ".join(["%s"] * (4 + len(ids) + 10)) + ")",
            *key, *ids, currency, impressions, clicks, spend, reporting, rate, rate_date,
            round(spend * rate, 6) if rate is not None else None, finalizes_on, version,
        )  # fmt: skip
