"""The metrics of adAnalytics. Counts are integers; money is decimal text of whatever precision, noise included."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sandbox.world.fx import ReferenceRates
from sandbox.world.model import MICROS, Account, FigureRow
from sandbox.world.randomness import entity_key

MOST_FIELDS = 20
DEFAULT_FIELDS = ("impressions", "clicks")
ROW_FIELDS = frozenset({"dateRange", "pivotValues", "pivot"})
LONGEST_REACH_DAYS = 92
# Not given for pivots that describe members, silently.
_NOT_DEMOGRAPHIC = frozenset(
    {"conversionValueInLocalCurrency", "approximateMemberReach", "cardClicks", "cardImpressions"}
)
_REACH = "approximateMemberReach"
# Real costs are sums of many tiny parts: some come out a hair beside the cent.
_NOISE = Decimal("-2E-18")
_NOISY_SHARE = 7
_NOTHING = frozenset({0, "0", str(_NOISE)})
_RATE_DAYS = 14


@dataclass(frozen=True)
class Setting:
    """What a row's metrics depend on besides its figures."""

    account: Account
    rates: ReferenceRates
    demographic: bool
    days: int


Metric = Callable[[FigureRow, Setting], int | Decimal]


def _of(name: str) -> Metric:
    return lambda row, setting: int(getattr(row, name) or 0)


def _events(micro_events: int) -> int:
    return micro_events // MICROS


def _leads(row: FigureRow, setting: Setting) -> int:
    return _events(row.conversions) if setting.account.goal == "lead" else 0


def _conversions(row: FigureRow, setting: Setting) -> int:
    return _events(row.conversions) if setting.account.goal == "purchase" else 0


def _post_view(row: FigureRow, setting: Setting) -> int:
    return _events(row.view_conversions) if setting.account.goal == "purchase" else 0


def _engagements(row: FigureRow, setting: Setting) -> int:
    return row.clicks + row.likes + row.comments + row.shares + row.follows


def _cost(row: FigureRow, setting: Setting) -> Decimal:
    # Figures of members are not corrected for what was delivered beyond the budget.
    extra = row.spend * 3 // 200 if setting.demographic else 0
    return Decimal(row.spend + extra) / MICROS


def _cost_usd(row: FigureRow, setting: Setting) -> Decimal:
    if setting.account.currency == "USD":
        return _cost(row, setting)
    return round(_cost(row, setting) * _dollars(setting.rates, setting.account.currency, row.day), 15)


def _dollars(rates: ReferenceRates, currency: str, day: date) -> Decimal:
    """US dollars for one unit on the last day with rates of both."""
    for back in range(_RATE_DAYS):
        known = day - timedelta(days=back)
        dollar = rates.rate("USD", known)
        own = Decimal(1) if currency == "EUR" else rates.rate(currency, known)
        if dollar and own:
            return dollar / own
    return Decimal(1)


METRICS: Mapping[str, Metric] = {
    "impressions": _of("impressions"),
    "clicks": _of("clicks"),
    "landingPageClicks": _of("link_clicks"),
    "costInLocalCurrency": _cost,
    "costInUsd": _cost_usd,
    "totalEngagements": _engagements,
    "companyPageClicks": _of("profile_visits"),
    "externalWebsiteConversions": _conversions,
    "externalWebsitePostClickConversions": lambda row, setting: _conversions(row, setting) - _post_view(row, setting),
    "externalWebsitePostViewConversions": _post_view,
    "conversionValueInLocalCurrency": lambda row, setting: Decimal(row.value) / MICROS,
    "oneClickLeads": _leads,
    "oneClickLeadFormOpens": lambda row, setting: _leads(row, setting) * 3,
    "qualifiedLeads": lambda row, setting: _leads(row, setting) // 4,
    "validWorkEmailLeads": lambda row, setting: _leads(row, setting) // 2,
    "videoViews": _of("video_2s"),
    "videoStarts": _of("video_plays"),
    "videoCompletions": _of("video_p100"),
    "videoFirstQuartileCompletions": _of("video_p25"),
    "videoMidpointCompletions": _of("video_p50"),
    "videoThirdQuartileCompletions": _of("video_p75"),
    "likes": _of("likes"),
    "reactions": _of("likes"),
    "comments": _of("comments"),
    "shares": _of("shares"),
    "follows": _of("follows"),
    "approximateMemberReach": _of("reach"),
}
# Metrics that the API knows and that nothing in this world ever moves.
STILL = frozenset({
    "fullScreenPlays", "commentLikes", "otherEngagements", "actionClicks", "adUnitClicks", "textUrlClicks", "sends",
    "opens", "cardClicks", "cardImpressions", "leadGenerationMailContactInfoShares",
    "leadGenerationMailInterestedClicks", "talentLeads",
    "registrations", "postClickRegistrations", "postViewRegistrations", "jobApplications",
    "postClickJobApplications", "postViewJobApplications", "jobApplyClicks", "postClickJobApplyClicks",
    "postViewJobApplyClicks", "documentCompletions", "documentFirstQuartileCompletions", "documentMidpointCompletions",
    "documentThirdQuartileCompletions", "downloadClicks", "averageDwellTime", "averageDailyReachMetrics",
    "audiencePenetration", "headlineClicks", "headlineImpressions", "subscriptionClicks", "videoWatchTime",
    "averageVideoWatchTime", "eventViews", "eventWatchTime", "averageEventWatchTime", "viralImpressions", "viralClicks",
    "viralLandingPageClicks", "viralTotalEngagements", "viralCompanyPageClicks", "viralExternalWebsiteConversions",
    "viralExternalWebsitePostClickConversions", "viralExternalWebsitePostViewConversions", "viralOneClickLeads",
    "viralOneClickLeadFormOpens", "viralVideoViews", "viralVideoStarts", "viralVideoCompletions",
    "viralVideoFirstQuartileCompletions", "viralVideoMidpointCompletions", "viralVideoThirdQuartileCompletions",
    "viralFullScreenPlays", "viralLikes", "viralReactions", "viralComments", "viralCommentLikes", "viralShares",
    "viralFollows", "viralOtherEngagements", "viralCardClicks", "viralCardImpressions", "viralRegistrations",
    "viralJobApplications", "viralJobApplyClicks", "viralDocumentCompletions", "viralDocumentFirstQuartileCompletions",
    "viralDocumentMidpointCompletions", "viralDocumentThirdQuartileCompletions", "viralDownloadClicks",
    "viralPostClickRegistrations", "viralPostViewRegistrations", "viralPostClickJobApplications",
    "viralPostViewJobApplications", "viralPostClickJobApplyClicks", "viralPostViewJobApplyClicks",
})  # fmt: skip
# Names of old versions, which only old clients still send.
FORMER = {"approximateUniqueImpressions": "approximateMemberReach"}


def values(row: FigureRow, fields: tuple[str, ...], setting: Setting) -> dict[str, Any]:
    """The row's metrics by the names that were asked for; what the pivot or the span does not give is absent."""
    answer: dict[str, Any] = {}
    draw = entity_key(row.campaign_id, row.ad_group_id, row.ad_id, row.day.toordinal())
    for name in fields:
        own = FORMER.get(name, name)
        if name in ROW_FIELDS or (setting.demographic and own in _NOT_DEMOGRAPHIC):
            continue
        if own == _REACH and setting.days > LONGEST_REACH_DAYS:
            continue
        metric = METRICS.get(own)
        amount = metric(row, setting) if metric else 0
        answer[name] = _money_text(amount, draw) if isinstance(amount, Decimal) else amount
    return answer


def _money_text(amount: Decimal, draw: int) -> str:
    """Decimal text: at times with the noise that real amounts carry, and in scientific notation where it is alone."""
    if not amount:
        return f"{_NOISE}" if draw % 2 else "0"
    if draw % _NOISY_SHARE == 0:
        return f"{amount + _NOISE:f}"
    return f"{amount:.3f}" if amount == round(amount, 3) else f"{amount:f}"


def moves(answer: Mapping[str, Any]) -> bool:
    """Whether any metric is there that is not zero; a row without one may be left out."""
    return not answer or any(value not in _NOTHING for value in answer.values())
