"""Where the figures of each platform stand in raw, and the same figures out of the sandbox's truth."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

Figures = tuple[Decimal, int, int]
ObjectDay = tuple[str, ...]

_SPEND = {
    "google_ads": "sum(cost_micros) / 1000000::numeric",
    "linkedin_ads": "round(sum(cost_in_local_currency), 4)",
    "instagram": "0::numeric",
}
# Level of the truth -> raw table and the columns that name its object.
TABLES: Mapping[str, Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "meta_ads": {"account": ("account_daily", ()), "campaign": ("campaign_daily", ("campaign_id",)),
                 "ad": ("ad_daily", ("ad_id",))},
    "google_ads": {"account": ("account_daily", ()), "campaign": ("campaign_daily", ("campaign_id",)),
                   "ad": ("ad_daily", ("ad_group_id", "ad_id"))},
    "tiktok_ads": {"account": ("account_daily", ()), "campaign": ("campaign_daily", ("campaign_id",)),
                   "ad": ("ad_daily", ("ad_id",))},
    "linkedin_ads": {"account": ("account_daily", ()), "campaign": ("campaign_group_daily", ("campaign_group_id",)),
                     "ad": ("creative_daily", ("creative_id",))},
    "instagram": {"instagram_account": ("account_daily", ())},
}  # fmt: skip
_TRUTH_KEYS = {"account": (), "campaign": ("campaign_id",), "ad": ("ad_id",), "instagram_account": ()}


def figures_query(platform: str, level: str) -> str:
    """SQL for one row an object-day: account, day as text, ids, number of rows, spend, impressions, clicks.

    Spend in account currency; for Instagram no spend, views and interactions.
    """
    table, ids = TABLES[platform][level]
    counts = ("views", "total_interactions") if platform == "instagram" else ("impressions", "clicks")
    keys = ", ".join(["account_id", "date_day::text", *ids])
    sums = ", ".join(f"sum({name})" for name in counts)
    spend = _SPEND.get(platform, "sum(spend)")
    return f"select {keys}, count(*), {spend}, {sums} from raw_{platform}.{table} group by {keys}"


def loaded_figures(rows: Iterable[tuple[Any, ...]]) -> dict[ObjectDay, Figures]:
    """Object-day -> figures, out of the answer to ``figures_query``; days without any activity are left out."""
    return {tuple(row[:-4]): (row[-3], int(row[-2]), int(row[-1])) for row in rows if any(row[-3:])}


def true_figures(rows: Iterable[Mapping[str, Any]], platform: str, level: str) -> dict[ObjectDay, Figures]:
    """Object-day -> figures, out of rows of the truth of that level; other platforms' rows are left out."""
    ids = ("ad_group_id", "ad_id") if (platform, level) == ("google_ads", "ad") else _TRUTH_KEYS[level]
    found: dict[ObjectDay, Figures] = {}
    for row in rows:
        if row["platform"] != platform:
            continue
        if platform == "instagram":
            figures = (Decimal(0), row["views"], row["total_interactions"])
        else:
            figures = (Decimal(row["spend"]), row["impressions"], row["clicks"])
        if any(figures):
            found[(row["account_id"], row["date_day"], *(row[name] for name in ids))] = figures
    return found
