"""Airbyte's source-tiktok-marketing: daily reports at four levels with deleted objects, and the lists."""

from pathlib import Path

from airbyte_source import records
from plan import Answer, read_plan

_REPORTS = {
    "advertisers_reports_daily": "account",
    "campaigns_reports_daily": "campaign",
    "ad_groups_reports_daily": "ad_group",
    "ads_reports_daily": "ad",
}
_KINDS = {"campaigns": ("campaign", "campaign_id"), "ad_groups": ("ad_group", "adgroup_id"), "ads": ("ad", "ad_id")}
_OURS = {"campaign_id": "campaign_id", "adgroup_id": "ad_group_id", "ad_id": "ad_id"}
# The connector drops listed objects that have not changed since its start date.
_LISTS_SINCE = "2020-01-01"


def main() -> None:
    plan, answer = read_plan(), Answer()
    advertisers = {}
    for number, token in enumerate(sorted({entry["credential"]["access_token"] for entry in plan["accounts"]})):
        config = {
            "credentials": {"auth_type": "oauth2.0", "access_token": token, **plan["accounts"][0]["app"]},
            "start_date": plan["since"], "end_date": plan["until"], "attribution_window": 0, "include_deleted": True,
        }  # fmt: skip
        folder = Path(plan["scratch"]) / str(number)
        lists = dict(config, start_date=_LISTS_SINCE)
        for stream, record in records("source-tiktok-marketing", lists, list(_KINDS), folder / "lists"):
            kind, id_field = _KINDS[stream]
            if kind == "campaign":
                advertisers[str(record["campaign_id"])] = str(record["advertiser_id"])
            answer.entity(record["advertiser_id"], kind, record[id_field], record["secondary_status"])
        for stream, record in records("source-tiktok-marketing", config, list(_REPORTS), folder / "reports"):
            level = _REPORTS[stream]
            dimensions, metrics = record["dimensions"], record["metrics"]
            ids = {_OURS[name]: value for name, value in {**metrics, **dimensions}.items() if name in _OURS}
            # Rows tell no advertiser below its own level; each object's campaign does.
            account = dimensions["advertiser_id"] if level == "account" else advertisers[str(ids["campaign_id"])]
            answer.row(
                level, account, dimensions["stat_time_day"], metrics["spend"], metrics["impressions"],
                metrics["clicks"], **ids,
            )  # fmt: skip
    answer.write()


if __name__ == "__main__":
    main()
