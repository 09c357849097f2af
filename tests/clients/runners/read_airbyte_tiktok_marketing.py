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


def main() -> None:
    plan, answer = read_plan(), Answer()
    parents = {}
    for number, token in enumerate(sorted({entry["credential"]["access_token"] for entry in plan["accounts"]})):
        config = {
            "credentials": {"auth_type": "oauth2.0", "app_id": "app", "secret": "secret", "access_token": token},
            "start_date": plan["since"], "end_date": plan["until"], "attribution_window": 0, "include_deleted": True,
        }  # fmt: skip
        folder = Path(plan["scratch"]) / str(number)
        rows = []
        for stream, record in records("source-tiktok-marketing", config, [*_KINDS, *_REPORTS], folder):
            if stream in _KINDS:
                kind, id_field = _KINDS[stream]
                parents[kind, str(record[id_field])] = str(record["advertiser_id"])
                answer.entity(record["advertiser_id"], kind, record[id_field], record["secondary_status"])
            else:
                rows.append((_REPORTS[stream], record))
        for level, record in rows:
            dimensions, metrics = record["dimensions"], record["metrics"]
            ids = {_OURS[name]: value for name, value in {**metrics, **dimensions}.items() if name in _OURS}
            own = {"account": dimensions.get("advertiser_id"), "campaign": ids.get("campaign_id"),
                   "ad_group": ids.get("ad_group_id"), "ad": ids.get("ad_id")}[level]  # fmt: skip
            account = own if level == "account" else parents[level, str(own)]
            answer.row(
                level, account, dimensions["stat_time_day"], metrics["spend"], metrics["impressions"],
                metrics["clicks"], **ids,
            )  # fmt: skip
    answer.write()


if __name__ == "__main__":
    main()
