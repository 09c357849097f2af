"""singer-io/tap-tiktok-ads: one sync an advertiser, ad reports in windows of 30 days, lists."""

from itertools import chain
from pathlib import Path

from plan import Answer, read_plan
from singer_tap import records

_LISTS = {"advertisers": (), "campaigns": (), "adgroups": (), "ads": ()}
_REPORTS = {"ad_insights": ()}
# The tap drops listed objects that have not changed since its start date.
_LISTS_SINCE = "2020-01-01T00:00:00Z"
_KINDS = {"campaigns": ("campaign", "campaign_id"), "adgroups": ("ad_group", "adgroup_id"), "ads": ("ad", "ad_id")}


def main() -> None:
    plan, answer = read_plan(), Answer()
    # One advertiser a sync: with include_deleted the tap keeps the filter for deleted objects once it has used it.
    for entry in plan["accounts"]:
        account = entry["account_id"]
        config = {
            "access_token": entry["credential"]["access_token"], "accounts": account, "page_size": "200",
            "start_date": f"{plan['since']}T00:00:00Z", "end_date": f"{plan['until']}T00:00:00Z",
            "include_deleted": "true",
        }  # fmt: skip
        folder = Path(plan["scratch"]) / account
        lists = records("tap-tiktok-ads", dict(config, start_date=_LISTS_SINCE), _LISTS, folder / "lists")
        for stream, record in chain(lists, records("tap-tiktok-ads", config, _REPORTS, folder / "reports")):
            if stream == "ad_insights":
                answer.row(
                    "ad", record["advertiser_id"], record["stat_time_day"], record["spend"], record["impressions"],
                    record["clicks"], campaign_id=record["campaign_id"], ad_group_id=record["adgroup_id"],
                    ad_id=record["ad_id"],
                )  # fmt: skip
            elif stream == "advertisers":
                right = str(record["advertiser_id"]) == account and record["currency"] == entry["currency"]
                answer.check("advertiser/info", right, str(record))
            else:
                kind, id_field = _KINDS[stream]
                answer.entity(record["advertiser_id"], kind, record[id_field], record["secondary_status"])
    answer.write()


if __name__ == "__main__":
    main()
