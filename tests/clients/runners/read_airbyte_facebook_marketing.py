"""Airbyte's source-facebook-marketing: all accounts of a token in one read, report runs polled by batches."""

from itertools import groupby
from pathlib import Path

from airbyte_source import records
from plan import Answer, read_plan

_FIGURES = ["account_id", "spend", "impressions", "clicks"]
_LEVELS = {"account": [], "campaign": ["campaign_id"], "ad": ["campaign_id", "adset_id", "ad_id"]}
_IDS = {"campaign_id": "campaign_id", "adset_id": "ad_group_id", "ad_id": "ad_id"}
_KINDS = {"campaigns": "campaign", "ad_sets": "ad_group", "ads": "ad"}
_LISTED = ["ACTIVE", "PAUSED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES"]
_BELOW_CAMPAIGN = [*_LISTED, "CAMPAIGN_PAUSED"]
# The connector filters entities by their last change; figures have dates of their own.
_ENTITIES_SINCE = "2024-01-01T00:00:00Z"


def main() -> None:
    plan, answer = read_plan(), Answer()
    by_token = groupby(
        sorted(plan["accounts"], key=lambda entry: entry["credential"]["access_token"]),
        key=lambda entry: entry["credential"]["access_token"],
    )
    for number, (token, entries) in enumerate(by_token):
        config = {
            "account_ids": [entry["account_id"] for entry in entries],
            "access_token": token,
            "credentials": {"auth_type": "Service", "access_token": token},
            "start_date": _ENTITIES_SINCE, "end_date": f"{plan['until']}T00:00:00Z",
            "campaign_statuses": _LISTED, "adset_statuses": _BELOW_CAMPAIGN,
            "ad_statuses": [*_BELOW_CAMPAIGN, "ADSET_PAUSED"],
            "insights_lookback_window": 1,
            "custom_insights": [
                {"name": f"daily_{level}", "level": level, "fields": _FIGURES + ids, "action_breakdowns": [],
                 "breakdowns": [], "time_increment": 1, "insights_lookback_window": 1,
                 "start_date": f"{plan['since']}T00:00:00Z", "end_date": f"{plan['until']}T00:00:00Z"}
                for level, ids in _LEVELS.items()
            ],
        }  # fmt: skip
        streams = [f"customdaily_{level}" for level in _LEVELS] + list(_KINDS)
        for stream, record in records(
            "source-facebook-marketing", config, streams, Path(plan["scratch"]) / str(number)
        ):
            if stream in _KINDS:
                answer.entity(record["account_id"], _KINDS[stream], record["id"], record["effective_status"])
            else:
                ids = {ours: record[theirs] for theirs, ours in _IDS.items() if theirs in record}
                answer.row(
                    stream.rpartition("_")[2], record["account_id"], record["date_start"], record.get("spend"),
                    record.get("impressions"), record.get("clicks"), **ids,
                )  # fmt: skip
    answer.write()


if __name__ == "__main__":
    main()
