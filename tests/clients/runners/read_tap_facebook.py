"""singer-io/tap-facebook: one sync an account, insights as report runs of one day each, campaigns, ad sets, ads."""

from pathlib import Path

from plan import Answer, read_plan
from singer_tap import records

_STREAMS = {
    "campaigns": ["name", "objective", "id", "account_id", "effective_status", "buying_type", "start_time", "ads"],
    "adsets": ["name", "id", "account_id", "campaign_id", "effective_status", "created_time", "start_time", "end_time"],
    "ads": ["name", "id", "account_id", "campaign_id", "adset_id", "status", "effective_status", "created_time"],
    "ads_insights": [
        "account_id", "campaign_id", "campaign_name", "adset_id", "adset_name", "ad_id", "ad_name", "spend",
        "impressions", "clicks", "reach", "frequency", "ctr", "cpm", "inline_link_clicks", "actions", "action_values",
        "outbound_clicks", "unique_clicks", "cost_per_action_type", "objective",
    ],
}  # fmt: skip
_KINDS = {"campaigns": "campaign", "adsets": "ad_group", "ads": "ad"}
# The tap begins so many days before its start date.
_BUFFER_DAYS = "1"


def main() -> None:
    plan, answer = read_plan(), Answer()
    for entry in plan["accounts"]:
        config = {
            "access_token": entry["credential"]["access_token"], "account_id": entry["account_id"],
            "start_date": f"{plan['since']}T00:00:00Z", "end_date": f"{plan['until']}T00:00:00Z",
            "insights_buffer_days": _BUFFER_DAYS, "include_deleted": "true",
        }  # fmt: skip
        folder = Path(plan["scratch"]) / entry["account_id"]
        listed = {}
        for stream, record in records("tap-facebook", config, _STREAMS, folder, "--properties"):
            if stream in _KINDS:
                listed[_KINDS[stream], record["id"]] = record["effective_status"]
            elif plan["since"] <= record["date_start"][:10] <= plan["until"]:
                answer.row(
                    "ad", record["account_id"], record["date_start"], record.get("spend"), record.get("impressions"),
                    record.get("clicks"), campaign_id=record["campaign_id"], ad_group_id=record["adset_id"],
                    ad_id=record["ad_id"],
                )  # fmt: skip
        for (kind, entity_id), status in listed.items():
            answer.entity(entry["account_id"], kind, entity_id, status)
    answer.write()


if __name__ == "__main__":
    main()
