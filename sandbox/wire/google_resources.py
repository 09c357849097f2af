"""What may stand in FROM: which fields go with it, which objects it lists, and how figures become rows of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from sandbox.wire import google_views as views
from sandbox.wire.google_changes import CHANGE_EVENT, CHANGE_STATUS
from sandbox.wire.google_fields import Field, Fields, Line, Maker
from sandbox.wire.google_metrics import METRICS, SEGMENTS, counts_conversions_only
from sandbox.wire.google_objects import (
    AD_GROUP,
    AD_GROUP_AD,
    ASSET_GROUP,
    CAMPAIGN,
    CAMPAIGN_BUDGET,
    CUSTOMER,
)
from sandbox.wire.google_unset import UNSET
from sandbox.wire.lifecycle import exists
from sandbox.world.creatives import conversion_actions_of, keywords_of
from sandbox.world.figures import Level
from sandbox.world.model import PERFORMANCE_MAX, Account, Campaign

Objects = Callable[[Account, date], Iterator[Line]]

_SET: Fields = {
    **CUSTOMER, **CAMPAIGN, **CAMPAIGN_BUDGET, **AD_GROUP, **AD_GROUP_AD, **ASSET_GROUP, **views.AD_GROUP_CRITERION,
    **views.CAMPAIGN_CRITERION, **views.KEYWORD_VIEW, **views.AGE_RANGE_VIEW, **views.GENDER_VIEW,
    **views.SEARCH_TERM_VIEW, **views.CAMPAIGN_SEARCH_TERM_VIEW, **views.GEOGRAPHIC_VIEW, **views.USER_LOCATION_VIEW,
    **views.CLICK_VIEW, **views.CONVERSION_ACTION, **views.CUSTOMER_CLIENT, **CHANGE_STATUS, **CHANGE_EVENT,
    **METRICS, **SEGMENTS,
}  # fmt: skip
_OLDEST = 23


def _former(heir: str, make: Maker | None = None) -> Field:
    """A field that only versions knew that are gone: for old clients, where the sandbox is lenient."""
    return replace(_SET[heir], make=make or _SET[heir].make, versions=range(_OLDEST))


def _day_of(field: str) -> Maker:
    def make(line: Line) -> str | None:
        moment = _SET[field].make(line)
        return moment[:10] if moment else None

    return make


_FORMER: Fields = {
    "campaign.start_date": _former("campaign.start_date_time", _day_of("campaign.start_date_time")),
    "campaign.end_date": _former("campaign.end_date_time", _day_of("campaign.end_date_time")),
    "metrics.video_views": _former("metrics.video_trueview_views"),
    "metrics.video_view_rate": _former("metrics.video_trueview_view_rate"),
    "metrics.average_cpv": _former("metrics.trueview_average_cpv"),
}
# Every field that the sandbox knows; what nobody has set in this world is known too.
FIELDS: Fields = UNSET | _SET | _FORMER


def _always(campaign: Campaign | None) -> bool:
    return True


def _is_pmax(campaign: Campaign | None) -> bool:
    return campaign is not None and campaign.kind == PERFORMANCE_MAX


def _is_search(campaign: Campaign | None) -> bool:
    return campaign is not None and campaign.kind == "SEARCH"


def _has_terms(campaign: Campaign | None) -> bool:
    return _is_search(campaign) or _is_pmax(campaign)


def _nothing(account: Account, today: date) -> Iterator[Line]:
    """Kinds of objects that this world has none of."""
    return iter(())


@dataclass(frozen=True)
class Resource:
    """A resource that can be queried.

    tops: resources whose fields go with it. level: of the figures behind it; None where it has no metrics.
    rows_by: what its rows are about, as parts of a line and dimensions. dimensions: what divides its figures.
    segmenting: resources that divide its rows when their fields are selected. keeps: whose figures count.
    """

    tops: tuple[str, ...]
    objects: Objects = _nothing
    level: Level | None = None
    rows_by: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    segmenting: tuple[str, ...] = ()
    keeps: Callable[[Campaign | None], bool] = _always
    refused_segments: frozenset[str] = field(default_factory=frozenset)
    allows_metric: Callable[[str], bool] = lambda metric: True

    def allows(self, name: str) -> bool:
        """Whether a field that exists may be selected from this resource, metrics and segments aside."""
        return name.partition(".")[0] in (*self.tops, "metrics", "segments")


def _customer(account: Account, today: date) -> Iterator[Line]:
    yield Line(account, today)


def _campaigns(account: Account, today: date) -> Iterator[Line]:
    for campaign in account.campaigns:
        if exists(campaign.lifetime, today):
            yield Line(account, today, campaign)


def _asset_groups(account: Account, today: date) -> Iterator[Line]:
    return (line for line in _campaigns(account, today) if _is_pmax(line.campaign))


def _ad_groups(account: Account, today: date) -> Iterator[Line]:
    for group in account.ad_groups:
        if exists(group.lifetime, today):
            yield Line(account, today, group.campaign, group)


def _ads(account: Account, today: date) -> Iterator[Line]:
    for ad in account.ads:
        if ad.ad_group and exists(ad.lifetime, today):
            yield Line(account, today, ad.campaign, ad.ad_group, ad)


def _keywords(account: Account, today: date) -> Iterator[Line]:
    for line in _ad_groups(account, today):
        assert line.group is not None
        for keyword in keywords_of(line.group):
            yield Line(account, today, line.campaign, line.group, thing=keyword)


def _criteria(account: Account, today: date) -> Iterator[Line]:
    for line in _ad_groups(account, today):
        assert line.group is not None
        for criterion in views.group_criteria(line.group):
            yield Line(account, today, line.campaign, line.group, thing=criterion)


def _campaign_criteria(account: Account, today: date) -> Iterator[Line]:
    first_groups = {group.campaign.campaign_id: group for group in reversed(account.ad_groups)}
    for line in _campaigns(account, today):
        assert line.campaign is not None
        if group := first_groups.get(line.campaign.campaign_id):
            for criterion in views.campaign_criteria(group):
                yield Line(account, today, line.campaign, thing=criterion)


def _conversion_actions(account: Account, today: date) -> Iterator[Line]:
    for action in conversion_actions_of(account):
        yield Line(account, today, thing=action)


def _only_clicks(metric: str) -> bool:
    return metric == "metrics.clicks"


_BELOW_CAMPAIGN = ("campaign", "customer", "bidding_strategy", "accessible_bidding_strategy")
_BELOW_GROUP = ("ad_group", *_BELOW_CAMPAIGN)
_NO_HOUR = frozenset({"segments.hour"})
RESOURCES: dict[str, Resource] = {
    "customer": Resource(("customer",), _customer, "account"),
    "campaign": Resource(
        ("campaign", "campaign_budget", *_BELOW_CAMPAIGN), _campaigns, "campaign", rows_by=("campaign",)
    ),
    "campaign_budget": Resource(
        ("campaign_budget", "customer", "campaign"), _campaigns, "campaign", rows_by=("campaign",)
    ),
    "ad_group": Resource(_BELOW_GROUP, _ad_groups, "ad_group", rows_by=("group",)),
    "ad_group_ad": Resource(("ad_group_ad", *_BELOW_GROUP), _ads, "ad", rows_by=("group", "ad")),
    "asset_group": Resource(
        ("asset_group", *_BELOW_CAMPAIGN), _asset_groups, "campaign", rows_by=("campaign",), keeps=_is_pmax
    ),
    "ad_group_criterion": Resource(("ad_group_criterion", *_BELOW_GROUP), _criteria),
    "campaign_criterion": Resource(("campaign_criterion", *_BELOW_CAMPAIGN), _campaign_criteria),
    "keyword_view": Resource(
        ("keyword_view", "ad_group_criterion", *_BELOW_GROUP), _keywords, "ad_group", rows_by=("group", "keyword"),
        dimensions=("keyword",), keeps=_is_search,
    ),
    "search_term_view": Resource(
        ("search_term_view", "ad_group_ad", *_BELOW_GROUP), level="ad_group", rows_by=("group", "search_term"),
        dimensions=("search_term",), keeps=_is_search,
    ),
    "campaign_search_term_view": Resource(
        ("campaign_search_term_view", *_BELOW_CAMPAIGN), level="campaign", rows_by=("campaign", "search_term"),
        dimensions=("search_term",), keeps=_has_terms,
    ),
    "age_range_view": Resource(
        ("age_range_view", "ad_group_criterion", *_BELOW_GROUP), level="ad_group", rows_by=("group", "age"),
        dimensions=("age",),
    ),
    "gender_view": Resource(
        ("gender_view", "ad_group_criterion", *_BELOW_GROUP), level="ad_group", rows_by=("group", "gender"),
        dimensions=("gender",),
    ),
    "geographic_view": Resource(
        ("geographic_view", *_BELOW_GROUP), level="campaign", rows_by=("country", "location"),
        dimensions=("country", "location"), segmenting=("campaign", "ad_group"), refused_segments=_NO_HOUR,
    ),
    "user_location_view": Resource(
        ("user_location_view", *_BELOW_GROUP), level="campaign", rows_by=("country",), dimensions=("country",),
        segmenting=("campaign", "ad_group"), refused_segments=_NO_HOUR,
    ),
    "click_view": Resource(
        ("click_view", *_BELOW_GROUP), level="ad", rows_by=("group", "ad", "click"), dimensions=("click",),
        allows_metric=_only_clicks,
    ),
    "conversion_action": Resource(
        ("conversion_action", "customer"), _conversion_actions, "account", rows_by=("conversion",),
        dimensions=("conversion",),
        allows_metric=lambda metric: counts_conversions_only(metric) and metric.startswith("metrics.all_"),
    ),
    "customer_client": Resource(("customer_client", "customer")),
    "change_event": Resource(("change_event", *_BELOW_GROUP)),
    "change_status": Resource(("change_status", *_BELOW_GROUP)),
    # Labels, audiences, placements and products: the world has none.
    "label": Resource(("label", "customer")),
    "campaign_label": Resource(("campaign_label", "label", *_BELOW_CAMPAIGN)),
    "ad_group_label": Resource(("ad_group_label", "label", *_BELOW_GROUP)),
    "ad_group_ad_label": Resource(("ad_group_ad_label", "label", "ad_group_ad", *_BELOW_GROUP)),
    "ad_group_criterion_label": Resource(("ad_group_criterion_label", "label", "ad_group_criterion", *_BELOW_GROUP)),
    "customer_label": Resource(("customer_label", "label", "customer")),
    "audience": Resource(("audience", "customer")),
    "user_interest": Resource(("user_interest", "customer")),
    "bidding_strategy": Resource(("bidding_strategy", "customer"), level="account", keeps=lambda campaign: False),
    "display_keyword_view": Resource(
        ("display_keyword_view", "ad_group_criterion", *_BELOW_GROUP), level="ad_group", keeps=lambda campaign: False
    ),
    "topic_view": Resource(
        ("topic_view", "ad_group_criterion", *_BELOW_GROUP), level="ad_group", keeps=lambda campaign: False
    ),
    "shopping_performance_view": Resource(
        ("shopping_performance_view", *_BELOW_GROUP), level="campaign", keeps=lambda campaign: False
    ),
}  # fmt: skip


def known_in(name: str, version: int) -> bool:
    """Whether a version of the API has the field. Versions that are gone have what the oldest served one has."""
    found = FIELDS.get(name)
    return found is not None and (version in found.versions or (version < _OLDEST and _OLDEST in found.versions))
