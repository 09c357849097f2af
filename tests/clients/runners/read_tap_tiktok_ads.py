"""singer-io/tap-tiktok-ads: all advertisers of a token in one sync, ad reports in windows of 30 days, lists."""

from pathlib import Path

from plan import Answer, read_plan
from singer_tap import records

_STREAMS = {"advertisers": (), "campaigns": (), "adgroups": (), "ads": (), "ad_insights": ()}
_KINDS = {"campaigns": ("campaign", "campaign_id"), "adgroups": ("ad_group", "adgroup_id"), "ads": ("ad", "ad_id")}


def main() -> None:
    plan, answer = read_plan(), Answer()
    for number, token in enumerate(sorted({entry["credential"]["access_token"] for entry in plan["accounts"]})):
        own = [e["account_id"] for e in plan["accounts"] if e["credential"]["access_token"] == token]
        config = {
            "access_token": token, "accounts": ",".join(own), "start_date": f"{plan['since']}T00:00:00Z",
            "end_date": f"{plan['until']}T00:00:00Z", "include_deleted": "true", "page_size": "200",
        }  # fmt: skip
        told = set()
        for stream, record in records("tap-tiktok-ads", config, _STREAMS, Path(plan["scratch"]) / str(number)):
            if stream == "ad_insights":
                answer.row(
                    "ad", record["advertiser_id"], record["stat_time_day"], record["spend"], record["impressions"],
                    record["clicks"], campaign_id=record["campaign_id"], ad_group_id=record["adgroup_id"],
                    ad_id=record["ad_id"],
                )  # fmt: skip
            elif stream == "advertisers":
                told.add(str(record["advertiser_id"]))
            else:
                kind, id_field = _KINDS[stream]
                answer.entity(record["advertiser_id"], kind, record[id_field], record["secondary_status"])
        answer.check("advertisers", told == set(own), f"told {sorted(told)}, own {sorted(own)}")
    answer.write()


if __name__ == "__main__":
    main()
