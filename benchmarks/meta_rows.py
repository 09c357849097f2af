"""Meta's words for a row of insights: numbers as strings, six actions and three action values."""

from benchmarks.rows import ACTIONS, CURRENCY, RowPlan, ServedRow

_ACTIONS = (
    "omni_purchase",
    "purchase",
    "offsite_conversion.fb_pixel_purchase",
    "link_click",
    "landing_page_view",
    "post_engagement",
)
_ACTION_VALUES = _ACTIONS[:3]
_FIGURES = (
    '"account_currency":"' + CURRENCY + '","impressions":"%d","clicks":"%d","inline_link_clicks":"%d",'
    '"spend":"%d.%02d","actions":['
    + ",".join('{"action_type":"' + name + '","value":"%d"}' for name in _ACTIONS)
    + '],"action_values":['
    + ",".join('{"action_type":"' + name + '","value":"%d.%02d"}' for name in _ACTION_VALUES)
    + '],"date_start":"%s","date_stop":"%s"}'
)
_ACCOUNT_ROW = '{"account_id":"%s",' + _FIGURES
_CAMPAIGN_ROW = '{"account_id":"%s","campaign_id":"%d",' + _FIGURES
_AD_ROW = (
    '{"account_id":"%s","campaign_id":"%d","adset_id":"%d","ad_id":"%d","attribution_setting":"7d_click_1d_view",'
    + _FIGURES
)
AD_FIELDS = frozenset(
    {"account_id", "campaign_id", "adset_id", "ad_id", "attribution_setting", "account_currency", "impressions",
     "clicks", "inline_link_clicks", "spend", "actions", "action_values", "date_start", "date_stop"}
)  # fmt: skip
# Metrics without a value on these rows: left out, as Meta leaves them out.
ABSENT_FIELDS = frozenset(
    {"reach", "frequency", "outbound_clicks", "instagram_profile_visits", "video_play_actions",
     "video_thruplay_watched_actions", "video_30_sec_watched_actions", "video_p25_watched_actions",
     "video_p50_watched_actions", "video_p75_watched_actions", "video_p95_watched_actions",
     "video_p100_watched_actions", "video_avg_time_watched_actions"}
)  # fmt: skip


def meta_row(plan: RowPlan, row: ServedRow) -> bytes:
    """One row as it stands in an answer of insights."""
    impressions, clicks, link_clicks, cents, *rest = row.figures
    money = [part for value in rest[ACTIONS:] for part in divmod(value, 100)]
    figures = (impressions, clicks, link_clicks, *divmod(cents, 100), *rest[:ACTIONS], *money, row.day, row.day)
    if row.level == "account":
        return (_ACCOUNT_ROW % (row.account_id, *figures)).encode()
    campaign = plan.campaign_of(row.ad)
    if row.level == "campaign":
        return (_CAMPAIGN_ROW % (row.account_id, campaign, *figures)).encode()
    ids = (row.account_id, campaign, plan.ad_set_of(row.ad), plan.ad_id(row.ad))
    return (_AD_ROW % (*ids, *figures)).encode()
