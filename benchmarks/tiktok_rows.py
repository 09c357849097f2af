"""TikTok's words for a row of a report: each metric that was asked for, as a string, also those that are zero."""

from benchmarks.rows import CURRENCY, RowPlan, ServedRow
from ingestion.platforms.tiktok_ads.reports import ACCOUNT_DAILY, AD_DAILY, CAMPAIGN_DAILY
from ingestion.reports import Report

_REPORTS = {"account": ACCOUNT_DAILY, "campaign": CAMPAIGN_DAILY, "ad": AD_DAILY}
_ID_NAMES = {"account": "advertiser_id", "campaign": "campaign_id", "ad": "ad_id"}
# What these rows count; all other metrics are "0". Reach and averages are no sums and are left to "0" as well.
_COUNTED = {
    "spend": "%(spend)s", "impressions": "%(impressions)d", "clicks": "%(clicks)d", "conversion": "%(purchases)d",
    "gross_impressions": "%(impressions)d", "engagements": "%(engagements)d", "result": "%(purchases)d",
    "real_time_conversion": "%(purchases)d", "video_play_actions": "%(impressions)d", "video_watched_2s": "%(clicks)d",
    "video_watched_6s": "%(link_clicks)d", "video_views_p25": "%(clicks)d", "video_views_p50": "%(link_clicks)d",
    "likes": "%(views)d", "complete_payment": "%(purchases)d", "total_complete_payment_rate": "%(value)s",
    "web_event_add_to_cart": "%(views)d", "total_landing_page_view": "%(views)d",
}  # fmt: skip


def metrics_asked(report: Report) -> tuple[str, ...]:
    """Every metric that our client asks for in this report."""
    own = [column.path[1] for column in report.columns if column.path[0] == "metrics"]
    return tuple(dict.fromkeys([*own, *report.request.get("also_metrics", ())]))


def _template(level: str) -> str:
    fixed = {
        "currency": CURRENCY, "campaign_id": "%(campaign_id)d", "adgroup_id": "%(ad_group_id)d",
        "campaign_automation_type": "MANUAL",
    }  # fmt: skip
    known = fixed | _COUNTED
    metrics = ",".join(f'"{name}":"{known.get(name, "0")}"' for name in metrics_asked(_REPORTS[level]))
    return (
        '{"dimensions":{"' + _ID_NAMES[level] + '":"%(id)s","stat_time_day":"%(day)s 00:00:00"},'
        '"metrics":{' + metrics + "}}"
    )


_TEMPLATES = {level: _template(level) for level in _REPORTS}


def tiktok_row(plan: RowPlan, row: ServedRow) -> bytes:
    """One row as it stands in the list of a report's answer."""
    impressions, clicks, link_clicks, cents, purchases, _, _, _, views, engagements, value, _, _ = row.figures
    object_id = {"account": row.account_id, "campaign": plan.campaign_of(row.ad), "ad": plan.ad_id(row.ad)}[row.level]
    values = {
        "id": object_id, "day": row.day, "campaign_id": plan.campaign_of(row.ad), "ad_group_id": plan.ad_set_of(row.ad),
        "spend": f"{cents // 100}.{cents % 100:02d}", "impressions": impressions, "clicks": clicks,
        "link_clicks": link_clicks, "purchases": purchases, "views": views, "engagements": engagements,
        "value": f"{value // 100}.{value % 100:02d}",
    }  # fmt: skip
    return (_TEMPLATES[row.level] % values).encode()
