"""singer-io/tap-linkedin-ads: everything tunnelled, analytics per campaign in protocol 1.0, lists."""

from itertools import chain
from pathlib import Path

from plan import Answer, read_plan
from singer_tap import records

_FIGURES = ["impressions", "clicks", "cost_in_local_currency", "cost_in_usd", "landing_page_clicks", "video_views",
            "external_website_conversions", "total_engagements", "likes", "shares", "comments", "follows",
            "one_click_leads", "date_range", "pivot", "pivot_value"]  # fmt: skip
_LISTS = {"accounts": (), "campaign_groups": (), "campaigns": (), "creatives": ()}
_REPORTS = {"ad_analytics_by_campaign": _FIGURES, "ad_analytics_by_creative": _FIGURES}
# The tap drops listed objects that have not changed since its start date.
_LISTS_SINCE = "2020-01-01T00:00:00Z"
_KINDS = {"campaign_groups": "campaign", "campaigns": "ad_group", "creatives": "ad"}
_LEVELS = {"ad_analytics_by_campaign": ("ad_group", "ad_group_id", "campaign_id"),
           "ad_analytics_by_creative": ("ad", "ad_id", "creative_id")}  # fmt: skip


def _number(urn: object) -> str:
    return str(urn).rpartition(":")[2]


def main() -> None:
    plan, answer = read_plan(), Answer()
    for entry in plan["accounts"]:
        config = {
            "access_token": "", **entry["credential"], "accounts": entry["account_id"],
            "start_date": f"{plan['since']}T00:00:00Z", "user_agent": "tests/clients", "page_size": 50,
        }  # fmt: skip
        # The first day of a window is the last one of the window before, and every record is an upsert by key.
        days, listed = {}, {}
        folder = Path(plan["scratch"]) / entry["account_id"]
        lists = records("tap-linkedin-ads", dict(config, start_date=_LISTS_SINCE), _LISTS, folder / "lists")
        for stream, record in chain(lists, records("tap-linkedin-ads", config, _REPORTS, folder / "reports")):
            if stream in _LEVELS:
                level, ours, theirs = _LEVELS[stream]
                day = record["start_at"][:10]
                if plan["since"] <= day <= plan["until"]:
                    days[level, ours, _number(record[theirs]), day] = record
            elif stream in _KINDS:
                status = record.get("intended_status") or record["status"]
                listed[_KINDS[stream], _number(record["id"])] = status
        for (level, ours, entity_id, day), record in days.items():
            answer.row(
                level, entry["account_id"], day, record.get("cost_in_local_currency"), record.get("impressions"),
                record.get("clicks"), **{ours: entity_id},
            )  # fmt: skip
        for (kind, entity_id), status in listed.items():
            answer.entity(entry["account_id"], kind, entity_id, status)
    answer.write()


if __name__ == "__main__":
    main()
