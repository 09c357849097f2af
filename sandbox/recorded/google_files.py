"""Recorded Google Ads accounts.

- Connector records: account totals from ``account_performance_report`` (split by device and network: summed),
  campaign-days from ``campaign_budget``, ad-days from ``ad_group_ad_legacy``. The recording keeps only the first rows
  of a stream, so a total can be smaller than its parts; it is served as recorded and proves nothing then.
- Warehouse seeds ``account_stats``, ``campaign_stats``, ``ad_group_stats``, ``ad_stats``: split by device and network:
  summed; conversions in millionths, money in micros that need not be whole cents.
- ``wire_searchStream``: account totals as they came over the wire, with the metrics that were selected then. Currency
  and time zone were not selected: Polish zloty in Warsaw are assumed, after the shop that recorded them.
"""

from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import orjson

from sandbox.recorded.files import connector_records, seed_rows
from sandbox.recorded.recording import Recording, micros
from sandbox.world.figures import Level
from sandbox.world.model import FigureRow

_WIRE_METRICS = ("impressions", "clicks", "costMicros", "conversions", "conversionsValue", "allConversions")
_AD_STATS_MISSING = frozenset({"conversions", "conversionsValue", "allConversions"})
_TOTALS_MISSING = frozenset({"allConversions"})


def read_google(folder: Path) -> list[Recording]:
    """All Google Ads accounts of a recording's ``google_ads`` folder that have at least one figure."""
    recordings: dict[str, Recording] = {}
    _read_connector(folder, recordings)
    _read_seeds(folder, recordings)
    for path in sorted(folder.glob("wire_searchStream/*.json")):
        _read_wire(orjson.loads(path.read_bytes()), recordings)
    return [recording for recording in recordings.values() if recording.days()]


def _recording(recordings: dict[str, Recording], customer: str) -> Recording:
    return recordings.setdefault(customer, Recording("google_ads", customer, f"Google Ads {customer}"))


def _connector_row(data: dict[str, Any], campaign_id: str = "", group_id: str = "", ad_id: str = "") -> FigureRow:
    metrics = {name.removeprefix("metrics."): value for name, value in data.items() if name.startswith("metrics.")}
    known = {"conversions": "conversions", "conversionsValue": "conversions_value", "allConversions": "all_conversions"}
    return FigureRow(
        date.fromisoformat(data["segments.date"]), campaign_id, group_id, ad_id,
        spend=int(metrics.get("cost_micros") or 0),
        impressions=int(metrics.get("impressions") or 0),
        clicks=int(metrics.get("clicks") or 0),
        conversions=micros(metrics.get("conversions")),
        value=micros(metrics.get("conversions_value")),
        all_conversions=micros(metrics.get("all_conversions")),
        missing=frozenset(wire for wire, name in known.items() if name not in metrics),
    )  # fmt: skip


def _read_connector(folder: Path, recordings: dict[str, Recording]) -> None:
    for data in connector_records(folder, "account_performance_report"):
        _recording(recordings, str(data["customer.id"])).add("account", _connector_row(data))
    for data in connector_records(folder, "campaign_budget"):
        row = _connector_row(data, str(data["campaign.id"]))
        _recording(recordings, str(data["customer.id"])).add("campaign", row)
    for data in connector_records(folder, "ad_group_ad_legacy"):
        recording = _recording(recordings, str(data["customer.id"]))
        ids = (str(data["campaign.id"]), str(data["ad_group.id"]), str(data["ad_group_ad.ad.id"]))
        recording.groups[ids[1]] = (str(data["ad_group.name"]), ids[0])
        recording.ads[ids[1], ids[2]] = str(data.get("ad_group_ad.ad.name") or "")
        recording.add("ad", _connector_row(data, *ids))
    for data in connector_records(folder, "campaign"):
        customer = str(data["campaign.resource_name"]).split("/")[1]
        kind = str(data.get("campaign.advertising_channel_type", ""))
        _recording(recordings, customer).campaigns[str(data["campaign.id"])] = (str(data["campaign.name"]), kind)
    for data in connector_records(folder, "customer"):
        if known := recordings.get(str(data["customer.id"])):
            known.name = str(data["customer.descriptive_name"])
            known.currency, known.timezone = (
                str(data["customer.currency_code"]),
                str(data["customer.time_zone"]),
            )


def _seed_row(seed: dict[str, str], missing: frozenset[str], campaign_id: str, group_id: str, ad_id: str) -> FigureRow:
    return FigureRow(
        date.fromisoformat(seed["date"][:10]), campaign_id, group_id, ad_id,
        spend=int(seed["cost_micros"] or 0),
        impressions=int(seed["impressions"] or 0),
        clicks=int(seed["clicks"] or 0),
        conversions=micros(seed.get("conversions")),
        value=micros(seed.get("conversions_value")),
        view_through=int(seed.get("view_through_conversions") or 0),
        missing=missing,
    )  # fmt: skip


def _read_seeds(folder: Path, recordings: dict[str, Recording]) -> None:
    def add(
        level: Level, seed: dict[str, str], campaign_id: str = "", group_id: str = "", ad_id: str = "",
        missing: frozenset[str] = _TOTALS_MISSING,
    ) -> None:  # fmt: skip
        _recording(recordings, seed["customer_id"]).add(level, _seed_row(seed, missing, campaign_id, group_id, ad_id))

    for seed in seed_rows(folder, "account_stats_data"):
        add("account", seed)
    for seed in seed_rows(folder, "campaign_stats_data"):
        add("campaign", seed, seed["id"])
    for seed in seed_rows(folder, "ad_group_stats_data"):
        add("ad_group", seed, seed["campaign_id"], seed["id"])
    for seed in seed_rows(folder, "ad_stats_data"):
        group_id = seed["ad_group_id"] or seed["ad_group"].rsplit("/", 1)[-1]
        add("ad", seed, seed["campaign_id"], group_id, seed["ad_id"], _AD_STATS_MISSING)
    for seed in seed_rows(folder, "account_history_data"):
        if recording := recordings.get(seed["id"]):
            recording.name = seed["descriptive_name"] or recording.name
            recording.currency = seed["currency_code"]
            recording.timezone = _zone_in(seed) or recording.timezone
    for seed in seed_rows(folder, "campaign_history_data"):
        if recording := recordings.get(seed["customer_id"]):
            recording.campaigns[seed["id"]] = (seed["name"], seed["advertising_channel_type"])
    for seed in seed_rows(folder, "ad_group_history_data"):
        for recording in recordings.values():
            if seed["campaign_id"] in {row.campaign_id for row in recording.table("campaign")}:
                recording.groups[seed["id"]] = (seed["name"], seed["campaign_id"])


def _zone_in(seed: dict[str, str]) -> str | None:
    """The time zone, wherever it stands: a recorded line has its last columns shifted by one."""
    zones = available_timezones()
    return next((value for value in seed.values() if value in zones), None)


def _read_wire(batches: list[dict[str, Any]], recordings: dict[str, Recording]) -> None:
    for result in (result for batch in batches for result in batch.get("results", [])):
        metrics = result["metrics"]
        recording = _recording(recordings, result["customer"]["resourceName"].split("/")[1])
        recording.currency = result["customer"].get("currencyCode", "PLN")
        recording.timezone = result["customer"].get("timeZone", "Europe/Warsaw")
        row = FigureRow(
            date.fromisoformat(result["segments"]["date"]),
            spend=int(metrics.get("costMicros", 0)),
            impressions=int(metrics.get("impressions", 0)),
            clicks=int(metrics.get("clicks", 0)),
            conversions=micros(metrics.get("conversions")),
            value=micros(metrics.get("conversionsValue")),
            all_conversions=micros(metrics.get("allConversions")),
            missing=frozenset(name for name in _WIRE_METRICS if name not in metrics),
        )
        recording.add("account", row)
