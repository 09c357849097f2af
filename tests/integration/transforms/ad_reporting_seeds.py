"""Public test data of a widely used loader's dbt packages as raw rows in our shape, read where it lies, never copied.

Each statistics table becomes a client of its own, complete at all our levels: those tables are samples that do not
belong to one another. Account numbers get a digit more, so that no two clients share one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas

FIXTURES = Path(__file__).parents[4] / "shared" / "fixtures"

META = FIXTURES / "meta_ads" / "fivetran_dbt_facebook_ads"
GOOGLE = FIXTURES / "google_ads" / "fivetran_dbt_google_ads"
TIKTOK = FIXTURES / "tiktok_ads" / "fivetran_dbt_tiktok_ads"
LINKEDIN = FIXTURES / "linkedin_ads" / "fivetran_dbt_linkedin"
FOLDERS = (META, GOOGLE, TIKTOK, LINKEDIN)


@dataclass
class Raw:
    """Raw rows by table, and the account-days that the ledger must know."""

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    accounts: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def add(self, table: str, **values: Any) -> None:
        self.rows.setdefault(table, []).append(values)

    def account_days(self) -> Iterator[tuple[str, str, date]]:
        found = {
            (table.split(".")[0].removeprefix("raw_"), row["account_id"], row["date_day"])
            for table, rows in self.rows.items()
            for row in rows
            if "date_day" in row
        }
        yield from sorted(found)


def table(folder: Path, name: str) -> pandas.DataFrame:
    """One seed as text, column names in small letters."""
    frame = pandas.read_csv(folder / f"{name}.csv", dtype=str)
    return frame.rename(columns=str.lower)


def latest(frame: pandas.DataFrame, changed: str) -> pandas.DataFrame:
    """The newest row of each object of a history table."""
    key = "id" if "id" in frame else frame.columns[0]
    return frame.sort_values(changed).groupby(key).tail(1).set_index(key)


def day(text: str) -> date:
    return date.fromisoformat(text[:10])


def number(text: Any) -> str:
    return "0" if pandas.isna(text) or text == "-" else str(text)


def summed(frame: pandas.DataFrame, keys: list[str], figures: list[str]) -> list[dict[str, Any]]:
    """Exact sums of figures by keys."""
    frame = frame.assign(**{name: frame[name].map(lambda text: Decimal(number(text))) for name in figures})
    grouped = frame.groupby(keys, dropna=False, sort=False)[figures].sum().reset_index()
    return grouped.to_dict("records")


def load_meta(raw: Raw) -> None:
    """basic_ad with basic_ad_actions as its list of actions; days with actions alone become days without delivery."""
    delivery, actions = table(META, "facebook_ads_basic_ad_data"), table(META, "facebook_ads_basic_ad_actions_data")
    ads = latest(table(META, "facebook_ads_ad_history_data"), "updated_time")
    account = delivery["account_id"].iloc[0] + "1"
    raw.accounts["meta", "meta_ads", account] = "USD"
    listed = actions.groupby(["ad_id", "date"])[["action_type", "value"]].apply(lambda rows: rows.to_dict("records"))
    ad_days = delivery.set_index(["ad_id", "date"]).to_dict("index")
    campaigns: dict[tuple[str, str], dict[str, Decimal]] = {}
    for ad_id, text in {**ad_days, **dict.fromkeys(listed.index)}:
        told = ad_days.get((ad_id, text), {"impressions": "0", "inline_link_clicks": "0", "spend": "0"})
        figures = {name: Decimal(told[name]) for name in ("impressions", "inline_link_clicks", "spend")}
        figures["clicks"] = figures["inline_link_clicks"]
        campaign_id, ad_set_id = ads.loc[ad_id][["campaign_id", "ad_set_id"]] if ad_id in ads.index else ("no", "no")
        raw.add(
            "raw_meta_ads.ad_daily", account_id=account, date_day=day(text), ad_id=ad_id, campaign_id=campaign_id,
            adset_id=ad_set_id, account_currency="USD", actions=listed.get((ad_id, text), []), **figures,
        )  # fmt: skip
        total = campaigns.setdefault((text, campaign_id), dict.fromkeys(figures, Decimal(0)))
        for name, figure in figures.items():
            total[name] += figure
    for (text, campaign_id), total in campaigns.items():
        raw.add("raw_meta_ads.campaign_daily", account_id=account, date_day=day(text), campaign_id=campaign_id,
                account_currency="USD", **total)  # fmt: skip
    for ad_id, ad in ads.iterrows():
        raw.add("raw_meta_ads.ads", account_id=account, ad_id=ad_id, campaign_id=ad["campaign_id"],
                adset_id=ad["ad_set_id"], name=ad["name"], creative_id=ad["creative_id"])  # fmt: skip


def load_google(raw: Raw, client: str, digit: str) -> None:
    """One of account_stats, campaign_stats, ad_group_stats, ad_stats, with one member at each finer level."""
    stats = table(GOOGLE, f"{client.removeprefix('google_')}_stats_data")
    for name in ("conversions", "conversions_value", "view_through_conversions"):
        if name not in stats:
            stats[name] = "0"
    if client == "google_account":
        members = stats.assign(campaign="1", ad_group="1", ad="1")
    elif client == "google_campaign":
        members = stats.assign(campaign=stats["id"], ad_group=stats["id"], ad=stats["id"])
    elif client == "google_ad_group":
        members = stats.assign(campaign=stats["campaign_id"], ad_group=stats["id"], ad=stats["id"])
    else:
        members = stats.assign(campaign=stats["campaign_id"], ad_group=stats["ad_group"].str.split("/").str[-1],
                               ad=stats["ad_id"])  # fmt: skip
    members["account"] = stats["customer_id"] + digit
    raw.accounts[client, "google_ads", members["account"].iloc[0]] = "USD"
    figures = ["impressions", "clicks", "cost_micros", "conversions", "conversions_value", "view_through_conversions"]
    for row in summed(members, ["account", "date", "campaign", "ad_group", "ad"], figures):
        raw.add(
            "raw_google_ads.ad_daily", account_id=row["account"], date_day=day(row["date"]),
            campaign_id=row["campaign"], ad_group_id=row["ad_group"], ad_id=row["ad"],
            **{name: row[name] for name in figures},
        )  # fmt: skip
    for row in summed(members, ["account", "date", "campaign"], figures):
        raw.add(
            "raw_google_ads.campaign_daily", account_id=row["account"], date_day=day(row["date"]),
            campaign_id=row["campaign"], advertising_channel_type="SEARCH", **{name: row[name] for name in figures},
        )  # fmt: skip
    if client == "google_ad":
        history = latest(table(GOOGLE, "ad_history_data"), "updated_at")
        for ad_id, ad in history.iterrows():
            raw.add(
                "raw_google_ads.ads", account_id=members["account"].iloc[0], campaign_id=members["campaign"].iloc[0],
                ad_group_id=ad["ad_group_id"], ad_id=ad_id, status=ad["status"],
                final_urls=ad["final_urls"].strip("[]").split(","),
            )  # fmt: skip


def load_tiktok(raw: Raw, client: str, digit: str) -> None:
    """campaign_report_hourly (each campaign with one ad) or ad_report_hourly, hours added to days."""
    if client == "tiktok_campaign":
        hours = table(TIKTOK, "tiktok_campaign_report_hourly_data")
        history = table(TIKTOK, "tiktok_campaign_history_data").set_index("campaign_id")
        hours["adgroup_id"] = hours["ad_id"] = hours["campaign_id"]
    else:
        hours = table(TIKTOK, "tiktok_ad_report_hourly_data")
        history = table(TIKTOK, "tiktok_ad_history_data").set_index("ad_id")
        for name in ("adgroup_id", "campaign_id"):
            hours[name] = hours["ad_id"].map(history[name])
    object_id = "campaign_id" if client == "tiktok_campaign" else "ad_id"
    hours["account"] = hours[object_id].map(history["advertiser_id"]) + digit
    hours["date"] = hours["stat_time_hour"].str[:10]
    for account in hours["account"].unique():
        raw.accounts[client, "tiktok_ads", account] = "USD"
    ad_figures = {
        "impressions": "impressions", "clicks": "clicks", "spend": "spend", "conversion": "conversion",
        "real_time_conversion": "real_time_conversion", "total_purchase_value": "total_purchase_value",
        "likes": "likes", "comments": "comments", "shares": "shares", "follows": "follows",
        "profile_visits": "profile_visits", "video_watched_2_s": "video_watched_2s",
        "video_watched_6_s": "video_watched_6s", "video_views_p_25": "video_views_p25",
        "video_views_p_50": "video_views_p50", "video_views_p_75": "video_views_p75",
    }  # fmt: skip
    whole = {"likes", "comments", "shares", "follows", "profile_visits", *(k for k in ad_figures if "video" in k)}
    for row in summed(hours, ["account", "date", "campaign_id", "adgroup_id", "ad_id"], list(ad_figures)):
        # The seeds have fractions where TikTok counts; counts are whole in our raw tables.
        figures = {ours: int(row[theirs]) if theirs in whole else row[theirs] for theirs, ours in ad_figures.items()}
        raw.add(
            "raw_tiktok_ads.ad_daily", account_id=row["account"], date_day=day(row["date"]), currency="USD",
            campaign_id=row["campaign_id"], adgroup_id=row["adgroup_id"], ad_id=row["ad_id"], **figures,
        )  # fmt: skip
    campaign_figures = ["impressions", "clicks", "spend", "conversion"]
    for row in summed(hours, ["account", "date", "campaign_id"], campaign_figures):
        raw.add("raw_tiktok_ads.campaign_daily", account_id=row["account"], date_day=day(row["date"]), currency="USD",
                campaign_id=row["campaign_id"], **{name: row[name] for name in campaign_figures})  # fmt: skip
    if client == "tiktok_ad":
        for ad_id, ad in history.iterrows():
            raw.add("raw_tiktok_ads.ads", account_id=ad["advertiser_id"] + digit, campaign_id=ad["campaign_id"],
                    adgroup_id=ad["adgroup_id"], ad_id=ad_id, ad_name=ad["ad_name"],
                    landing_page_url=ad["landing_page_url"])  # fmt: skip


def load_linkedin(raw: Raw) -> None:
    """ad_analytics_by_campaign, each campaign with one creative, and the sums of campaign groups."""
    stats = table(LINKEDIN, "linkedin_ad_analytics_by_campaign_data")
    campaigns = latest(table(LINKEDIN, "linkedin_campaign_history_data"), "last_modified_time")
    account = campaigns["account_id"].iloc[0] + "1"
    raw.accounts["linkedin_campaign", "linkedin_ads", account] = "USD"
    stats["campaign_group"] = stats["campaign_id"].map(campaigns["campaign_group_id"]).fillna("not-listed")
    figures = ["impressions", "clicks", "cost_in_local_currency", "cost_in_usd", "external_website_conversions",
               "one_click_leads", "conversion_value_in_local_currency"]  # fmt: skip
    for row in summed(stats, ["day", "campaign_id", "campaign_group"], figures):
        raw.add("raw_linkedin_ads.creative_daily", account_id=account, date_day=day(row["day"]),
                creative_id=row["campaign_id"], campaign_id=row["campaign_id"], campaign_group_id=row["campaign_group"],
                **{name: row[name] for name in figures})  # fmt: skip
    for row in summed(stats, ["day", "campaign_group"], figures):
        raw.add("raw_linkedin_ads.campaign_group_daily", account_id=account, date_day=day(row["day"]),
                campaign_group_id=row["campaign_group"], **{name: row[name] for name in figures})  # fmt: skip


def load_all() -> Raw:
    raw = Raw()
    load_meta(raw)
    for number_, level in enumerate(("account", "campaign", "ad_group", "ad"), start=1):
        load_google(raw, f"google_{level}", str(number_))
    load_tiktok(raw, "tiktok_campaign", "1")
    load_tiktok(raw, "tiktok_ad", "2")
    load_linkedin(raw)
    return raw
