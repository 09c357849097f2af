"""Airbyte's source-instagram: pages with their accounts, the daily series, media and their lifetime insights."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from airbyte_source import records
from plan import Answer, read_plan

_PACIFIC = ZoneInfo("America/Los_Angeles")
_STREAMS = ["users", "media", "media_insights", "user_insights"]
# Wire name -> the truth's name.
_OF_MEDIA = {"reach": "reach", "saved": "saves", "likes": "likes", "comments": "comments", "shares": "shares",
             "follows": "follows", "profile_visits": "profile_visits"}  # fmt: skip
_OF_ACCOUNTS = {"reach": "reach", "follower_count": "follows"}


def _pacific(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("+0000", "+00:00")).astimezone(_PACIFIC)


def _named(record: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {ours: record[theirs] for theirs, ours in names.items() if record.get(theirs) is not None}


def main() -> None:
    plan, answer = read_plan(), Answer()
    for number, token in enumerate(sorted({entry["credential"]["access_token"] for entry in plan["accounts"]})):
        own = {e["account_id"] for e in plan["accounts"] if e["credential"]["access_token"] == token}
        config = {"access_token": token, "start_date": f"{plan['since']}T08:00:00Z", "num_workers": 2}
        published: dict[str, str] = {}
        insights, seen = [], set()
        for stream, record in records("source-instagram", config, _STREAMS, Path(plan["scratch"]) / str(number)):
            if stream == "users":
                seen.add(str(record["id"]))
            elif stream == "media":
                published[str(record["id"])] = _pacific(record["timestamp"]).date().isoformat()
            elif stream == "media_insights":
                insights.append(record)
            elif record.get("reach") is not None:
                # The series names the end of a day, which is the beginning of the next one.
                day = (_pacific(record["date"]) - timedelta(hours=1)).date().isoformat()
                if plan["since"] <= day <= plan["until"]:
                    answer.measured(
                        "instagram_account", record["business_account_id"], day, _named(record, _OF_ACCOUNTS)
                    )
        for record in insights:
            media_id, account = str(record["id"]), record["business_account_id"]
            if plan["since"] <= published[media_id] <= plan["until"]:
                figures = _named(record, _OF_MEDIA)
                answer.measured("instagram_media", account, published[media_id], figures, media_id=media_id)
        answer.check("the token sees its accounts", seen == own, f"seen {sorted(seen)}, own {sorted(own)}")
    answer.write()


if __name__ == "__main__":
    main()
