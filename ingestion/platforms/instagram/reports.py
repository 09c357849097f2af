"""Instagram (organic) as data. Facts: instagram-user/insights and instagram-media/insights, Graph API v26.

A figure that the platform leaves out stays null: absent is not zero here. Days end at midnight Pacific time.
"""

from dataclasses import dataclass
from datetime import date

from ingestion.platforms.instagram.entities import (
    ACCOUNTS,
    MEDIA,
    MEDIA_ID,
    MEDIA_TYPE,
    PRODUCT_TYPE,
    PUBLISHED_AT,
    STORIES,
)
from ingestion.reports import (
    ApiVersion,
    Column,
    Level,
    PlatformDefinition,
    ProvedBy,
    Report,
    breakdown,
    ratio,
)

# Figures of a day settle within 48 hours; follows and link taps stay 0 for one or two days.
RESTATEMENT_DAYS = 3 + 1
# The platform answers 90 days back from now; the newest due day may lie two days back.
RETENTION_DAYS = 88
# Three hours after midnight in California nearly all of a day is told; the next three readings settle it.
DUE_AFTER_HOURS = 3
# A call may span 30 days; two less leave room for the hour that a change of clocks adds.
LONGEST_SERIES_DAYS = 28
# Lifetime figures hardly move after so many days; older media are not asked for any more.
MEDIA_SNAPSHOT_DAYS = 90
SNAPSHOT_HOURS = 20
# Stories answer for 24 hours only: several looks a day find also one that goes up right after a look.
STORY_SNAPSHOT_HOURS = 4


@dataclass(frozen=True)
class Question:
    """Metrics that travel in one insights call, and the parameters that they share.

    One metric that does not suit the object makes the whole call fail. fallbacks: what is asked for instead, one list
    after the other; when the last one is refused too, the object goes without these metrics.
    """

    metrics: tuple[str, ...]
    breakdown: str = ""
    fallbacks: tuple[tuple[str, ...], ...] = ()


def figure(name: str, *path: str) -> Column:
    """A whole number as the platform tells it; absent stays null."""
    return Column(name, path or (name,), "bigint")


_METRIC = breakdown("metric")
_DIMENSION = breakdown("dimension")
_DIMENSION_VALUE = breakdown("dimension_value")
_VALUE = figure("value")
ACCOUNT_DAILY = Report(
    name="account_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.CONTROL,
    attributes=(Column("absent_metrics", ("absent_metrics",), "jsonb"),),
    metrics=(
        ratio("reach"),
        figure("views"),
        ratio("accounts_engaged"),
        figure("total_interactions"),
        figure("likes"),
        figure("comments"),
        figure("shares"),
        figure("saves"),
        figure("replies"),
        figure("reposts"),
        figure("follows_and_unfollows"),
        figure("profile_links_taps"),
    ),
    measures={"views": "views", "total_interactions": "total_interactions"},
    request={"reads": "day_totals"},
)
ACCOUNT_BREAKDOWN_DAILY = Report(
    name="account_breakdown_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.COMPLETENESS,
    breakdowns=(_METRIC, _DIMENSION, _DIMENSION_VALUE),
    metrics=(_VALUE,),
    required=False,
    request={
        "reads": "day_breakdowns",
        "questions": (
            Question(
                ("reach", "views", "total_interactions", "likes", "comments", "shares", "saves"),
                "media_product_type",
            ),
            # The reference says follower_type for views; follow_type is what the platform accepts.
            Question(("reach", "views", "follows_and_unfollows"), "follow_type"),
            Question(("profile_links_taps",), "contact_button_type"),
        ),
    },
)
REACH_DAILY = Report(
    name="reach_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.COMPLETENESS,
    # Different people in the day, in the 7 and in the 28 days that end with it: none is a sum of another.
    breakdowns=(breakdown("period"),),
    metrics=(ratio("reach"),),
    required=False,
    request={"reads": "time_series", "periods": ("day", "week", "days_28")},
    longest_request_days=LONGEST_SERIES_DAYS,
)
FOLLOWER_DEMOGRAPHICS = Report(
    name="follower_demographics",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.COMPLETENESS,
    breakdowns=(_DIMENSION, _DIMENSION_VALUE),
    metrics=(_VALUE,),
    required=False,
    request={"reads": "demographics", "dimensions": ("age,gender", "country", "city")},
    snapshot_hours=SNAPSHOT_HOURS,
)
ENGAGED_AUDIENCE_DEMOGRAPHICS = Report(
    name="engaged_audience_demographics",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.COMPLETENESS,
    breakdowns=(_DIMENSION, _DIMENSION_VALUE),
    metrics=(_VALUE,),
    required=False,
    request={
        "reads": "demographics",
        "dimensions": ("age,gender", "country", "city"),
        "parameters": {"timeframe": "this_month"},
    },
    snapshot_hours=SNAPSHOT_HOURS,
)
PROFILE_DAILY = Report(
    name="profile_daily",
    level=Level.ACCOUNT,
    proved_by=ProvedBy.COMPLETENESS,
    metrics=(figure("followers_count"), figure("follows_count"), figure("media_count")),
    required=False,
    request={"reads": "profile"},
    snapshot_hours=SNAPSHOT_HOURS,
)

_POST_METRICS = (
    "views", "reach", "likes", "comments", "shares", "saved", "total_interactions", "follows", "profile_visits",
    "profile_activity",
)  # fmt: skip
_REEL_METRICS = (
    "views", "reach", "likes", "comments", "shares", "saved", "total_interactions", "ig_reels_avg_watch_time",
    "ig_reels_video_view_total_time",
)  # fmt: skip
# Reposts came in December 2025 and are the first to go; the shortest list suits every kind of media.
_SMALLEST_SET = ("reach", "likes", "comments", "saved", "shares")
MEDIA_INSIGHTS = Report(
    name="media_insights",
    level=Level.MEDIA,
    proved_by=ProvedBy.COMPLETENESS,
    ids=(MEDIA_ID,),
    attributes=(PRODUCT_TYPE, MEDIA_TYPE, PUBLISHED_AT),
    metrics=(
        ratio("reach"),
        figure("views"),
        figure("likes"),
        figure("comments"),
        figure("shares"),
        figure("saved"),
        figure("total_interactions"),
        figure("follows"),
        figure("profile_visits"),
        figure("profile_activity"),
        figure("reposts"),
        figure("avg_watch_time_ms", "ig_reels_avg_watch_time"),
        figure("total_watch_time_ms", "ig_reels_video_view_total_time"),
        ratio("skip_rate", "reels_skip_rate"),
    ),
    required=False,
    request={
        "reads": "media",
        "edge": "media",
        "newest_days": MEDIA_SNAPSHOT_DAYS,
        # By product type; of the feed, videos of old know less than pictures.
        "questions": {
            "FEED": (Question((*_POST_METRICS, "reposts"), fallbacks=(_POST_METRICS, _SMALLEST_SET)),),
            "FEED/VIDEO": (Question(("reach", "saved")),),
            "REELS": (
                Question((*_REEL_METRICS, "reposts"), fallbacks=(_REEL_METRICS, _SMALLEST_SET)),
                # In development: it may fail at any time and must not take the others with it.
                Question(("reels_skip_rate",)),
            ),
        },
    },
    snapshot_hours=SNAPSHOT_HOURS,
)
STORY_INSIGHTS = Report(
    name="story_insights",
    level=Level.MEDIA,
    proved_by=ProvedBy.COMPLETENESS,
    ids=(MEDIA_ID,),
    attributes=(MEDIA_TYPE, PUBLISHED_AT),
    metrics=(
        ratio("reach"),
        figure("views"),
        figure("replies"),
        figure("shares"),
        figure("follows"),
        figure("profile_visits"),
        figure("profile_activity"),
        figure("total_interactions"),
        figure("taps_forward", "navigation", "tap_forward"),
        figure("taps_back", "navigation", "tap_back"),
        figure("exits", "navigation", "tap_exit"),
        figure("swipes_forward", "navigation", "swipe_forward"),
    ),
    required=False,
    request={
        "reads": "media",
        "edge": "stories",
        "questions": {
            "STORY": (
                Question(
                    (
                        "views", "reach", "replies", "shares", "follows", "profile_visits", "profile_activity",
                        "total_interactions",
                    ),
                    fallbacks=(("reach", "replies"),),
                ),
                Question(("navigation",), "story_navigation_action_type"),
            ),
        },
    },
    snapshot_hours=STORY_SNAPSHOT_HOURS,
)  # fmt: skip

_VERSIONS = "developers.facebook.com/docs/graph-api/changelog/versions"
DEFINITION = PlatformDefinition(
    name="instagram",
    title="Instagram",
    restatement_days=RESTATEMENT_DAYS,
    due_after_hours=DUE_AFTER_HOURS,
    day_zone="pacific",
    control=ACCOUNT_DAILY,
    details=(
        ACCOUNT_BREAKDOWN_DAILY, REACH_DAILY, PROFILE_DAILY, STORY_INSIGHTS, MEDIA_INSIGHTS, FOLLOWER_DEMOGRAPHICS,
        ENGAGED_AUDIENCE_DEMOGRAPHICS,
    ),
    entities=(ACCOUNTS, STORIES, MEDIA),
    account_path=None,
    currency_path=None,
    timezone_path=None,
    retention_days=RETENTION_DAYS,
    proved_metrics=("views", "total_interactions"),
    # A figure that the platform does not tell is absent, which the proof knows; days and keys never are.
    always_sent=frozenset({"date_day", "media_id"}),
    also_sent=frozenset({"id", "metric", "media_product_type"}),
    api_versions=(
        ApiVersion("v26.0", None, _VERSIONS),
        ApiVersion("v25.0", date(2028, 7, 29), _VERSIONS),
        ApiVersion("v24.0", date(2028, 2, 18), _VERSIONS),
        ApiVersion("v23.0", date(2027, 10, 8), _VERSIONS),
    ),
)  # fmt: skip
