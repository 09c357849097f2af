"""Airbyte's source-linkedin-ads: analytics per campaign and per creative in chunks of fields, and the lists."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from airbyte_source import records
from plan import Answer, read_plan

_KINDS = {"campaign_groups": "campaign", "campaigns": "ad_group", "creatives": "ad"}
_LEVELS = {"ad_campaign_analytics": ("ad_group", "ad_group_id"), "ad_creative_analytics": ("ad", "ad_id")}
_CREDENTIAL_PARTS = ("client_id", "client_secret", "refresh_token")


def _number(urn: Any) -> str:
    return str(urn).rpartition(":")[2]


def _day(moment: Any) -> str:
    """The UTC day of ISO text or of epoch milliseconds."""
    if isinstance(moment, int):
        return datetime.fromtimestamp(moment / 1000, UTC).date().isoformat()
    return str(moment)[:10]


def _credentials(parts: dict[str, str]) -> dict[str, str]:
    if "refresh_token" in parts:
        return {"auth_method": "oAuth2.0"} | {name: parts[name] for name in _CREDENTIAL_PARTS}
    return {"auth_method": "access_token", "access_token": parts["access_token"]}


def main() -> None:
    plan, answer = read_plan(), Answer()
    logins = {str(sorted(entry["credential"].items())): entry["credential"] for entry in plan["accounts"]}
    for number, parts in enumerate(logins.values()):
        own = [int(entry["account_id"]) for entry in plan["accounts"] if entry["credential"] == parts]
        config = {"credentials": _credentials(parts), "start_date": plan["since"], "account_ids": own}
        lists = dict(config, start_date="2020-01-01")
        # Objects that have not changed since its start date get no analytics either: it must begin with the oldest.
        oldest = plan["since"]
        folder = Path(plan["scratch"]) / str(number)
        account_of: dict[tuple[str, str], str] = {}
        for stream, record in records("source-linkedin-ads", lists, list(_KINDS), folder / "lists"):
            kind, status = _KINDS[stream], record.get("intendedStatus") or record.get("status")
            account_of[kind, _number(record["id"])] = _number(record["account"])
            oldest = min(oldest, _day(record.get("lastModified") or record["lastModifiedAt"]))
            answer.entity(_number(record["account"]), kind, _number(record["id"]), status)
        # A record is an upsert by its key: neighbouring windows share a day.
        days = {}
        analytics = dict(config, start_date=oldest)
        for stream, record in records("source-linkedin-ads", analytics, list(_LEVELS), folder / "analytics"):
            level, ours = _LEVELS[stream]
            entity, day = _number(record["string_of_pivot_values"]), record["start_date"]
            if plan["since"] <= day <= plan["until"]:
                days[level, ours, entity, day] = record
        for (level, ours, entity, day), record in days.items():
            answer.row(
                level, account_of[level, entity], day, record.get("costInLocalCurrency"), record.get("impressions"),
                record.get("clicks"), **{ours: entity},
            )  # fmt: skip
    answer.write()


if __name__ == "__main__":
    main()
