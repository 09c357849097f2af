"""Recorded Meta accounts.

- Connector records ``ads_insights``: real ad-days whose numbers were strings on the wire; served as they were.
- Warehouse seed ``basic_ad``: ad-days with spend, impressions and link clicks; all clicks were not recorded and stay
  absent. Currency and time zone were not recorded either: US dollars in Los Angeles are assumed.
- Actions of the seed are attached where the ad-day itself was recorded; an action alone does not prove a row.
- The wire answer with a ``product_id`` breakdown is not used: its cursor shows that 2 of 72 rows were kept, and an
  impression that shows several products counts under each, so their sum is not the ad's day.
"""

from datetime import date
from pathlib import Path
from typing import Any

from sandbox.recorded.files import connector_records, seed_rows
from sandbox.recorded.recording import Recording, micros
from sandbox.world.model import FigureRow

_SEED_MISSING = frozenset({"clicks"})


def read_meta(folder: Path) -> list[Recording]:
    """All Meta accounts of a recording's ``meta_ads`` folder that have at least one ad-day."""
    recordings: dict[str, Recording] = {}
    _read_connector(folder, recordings)
    _read_seeds(folder, recordings)
    return [recording for recording in recordings.values() if recording.days()]


def _recording(recordings: dict[str, Recording], account_id: str, name: str) -> Recording:
    return recordings.setdefault(account_id, Recording("meta_ads", account_id, name))


def _amounts(stats: list[dict[str, Any]] | None) -> dict[str, int]:
    """Sum by action name: the connector splits an action by its destination."""
    totals: dict[str, int] = {}
    for entry in stats or []:
        totals[entry["action_type"]] = totals.get(entry["action_type"], 0) + micros(entry.get("value"))
    return totals


def _read_connector(folder: Path, recordings: dict[str, Recording]) -> None:
    for data in connector_records(folder, "ads_insights"):
        recording = _recording(recordings, str(data["account_id"]), str(data.get("account_name", "")))
        recording.currency = str(data.get("account_currency", recording.currency))
        campaign_id, group_id, ad_id = str(data["campaign_id"]), str(data["adset_id"]), str(data["ad_id"])
        recording.campaigns[campaign_id] = (str(data.get("campaign_name", "")), str(data.get("objective", "")))
        recording.groups[group_id] = (str(data.get("adset_name", "")), campaign_id)
        recording.ads[group_id, ad_id] = str(data.get("ad_name", ""))
        row = FigureRow(
            date.fromisoformat(data["date_start"]), campaign_id, group_id, ad_id,
            spend=micros(data.get("spend")),
            impressions=int(data.get("impressions") or 0),
            clicks=int(data.get("clicks") or 0),
            link_clicks=int(data.get("inline_link_clicks") or 0),
            actions=_amounts(data.get("actions")),
            action_values=_amounts(data.get("action_values")),
        )  # fmt: skip
        row.conversions, row.value = row.actions.get("omni_purchase", 0), row.action_values.get("omni_purchase", 0)
        recording.add("ad", row)
    for data in connector_records(folder, "ad_account"):
        if recording_ := recordings.get(str(data["account_id"])):
            recording_.timezone, recording_.currency = str(data["timezone_name"]), str(data["currency"])


def _read_seeds(folder: Path, recordings: dict[str, Recording]) -> None:
    parents = {row["id"]: row for row in seed_rows(folder, "facebook_ads_ad_history_data")}
    account_names = {row["id"]: row["name"] for row in seed_rows(folder, "facebook_ads_account_history_data")}
    campaign_names = {row["id"]: row["name"] for row in seed_rows(folder, "facebook_ads_campaign_history_data")}
    group_names = {row["id"]: row["name"] for row in seed_rows(folder, "facebook_ads_ad_set_history_data")}
    actions: dict[tuple[str, str], dict[str, int]] = {}
    for action in seed_rows(folder, "facebook_ads_basic_ad_actions_data"):
        counts = actions.setdefault((action["ad_id"], action["date"]), {})
        counts[action["action_type"]] = counts.get(action["action_type"], 0) + micros(action["value"])
    for seed in seed_rows(folder, "facebook_ads_basic_ad_data"):
        account_id, ad_id, parent = seed["account_id"], seed["ad_id"], parents.get(seed["ad_id"])
        recording = _recording(recordings, account_id, account_names.get(account_id, "(not recorded)"))
        # An ad that the history does not know gets parents made from its own id.
        campaign_id = parent["campaign_id"] if parent else f"{ad_id}1"
        group_id = parent["ad_set_id"] if parent else f"{ad_id}2"
        recording.campaigns[campaign_id] = (campaign_names.get(campaign_id, "(not recorded)"), "")
        recording.groups[group_id] = (group_names.get(group_id, "(not recorded)"), campaign_id)
        recording.ads[group_id, ad_id] = parent["name"] if parent else "(not recorded)"
        row = FigureRow(
            date.fromisoformat(seed["date"][:10]), campaign_id, group_id, ad_id,
            spend=micros(seed["spend"]),
            impressions=int(seed["impressions"] or 0),
            link_clicks=int(seed["inline_link_clicks"] or 0),
            actions=dict(actions.get((ad_id, seed["date"]), {})),
            missing=_SEED_MISSING,
        )  # fmt: skip
        recording.add("ad", row)
