"""Airbyte's source-google-ads: account tree through the manager, account and ad reports split by device and network."""

from decimal import Decimal
from pathlib import Path

from airbyte_source import records
from plan import Answer, read_plan

_REPORTS = {"account_performance_report": "account", "ad_performance": "ad"}


def main() -> None:
    plan, answer = read_plan(), Answer()
    logins = {entry["credential"]["refresh_token"]: entry["credential"] for entry in plan["accounts"]}
    for number, parts in enumerate(logins.values()):
        config = {
            "credentials": {**parts, "developer_token": "sandbox"}, "start_date": plan["since"],
            "end_date": plan["until"], "conversion_window_days": 0, "num_workers": 2,
        }  # fmt: skip
        for stream, record in records("source-google-ads", config, list(_REPORTS), Path(plan["scratch"]) / str(number)):
            ids = {
                "campaign_id": record.get("campaign.id"), "ad_group_id": record.get("ad_group.id"),
                "ad_id": record.get("ad_group_ad.ad.id"),
            }  # fmt: skip
            level = _REPORTS[stream]
            answer.row(
                level, record["customer.id"], record["segments.date"],
                Decimal(str(record["metrics.cost_micros"])) / 1_000_000, record["metrics.impressions"],
                record["metrics.clicks"], **(ids if level == "ad" else {}),
            )  # fmt: skip
    answer.write()


if __name__ == "__main__":
    main()
