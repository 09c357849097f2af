"""TikTok's advertisers, campaigns, ad groups and ads, and which of them a list shows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.wire.lifecycle import exists, meta_status
from sandbox.wire.tiktok_errors import invalid
from sandbox.wire.tiktok_parameters import decoded, id_set, string_list
from sandbox.world.creatives import creative_of, targeting_of
from sandbox.world.history import modified_at, on_day
from sandbox.world.model import MICROS, Account, Ad, AdGroup, Campaign, posix_zone

Thing = Campaign | AdGroup | Ad
# Of so many campaigns in turn, one is made with upgraded Smart+ and one is a TopView reservation.
_SMART_PLUS_TURN, _SMART_PLUS_PLACE = 8, 3
_TOP_VIEW_TURN, _TOP_VIEW_PLACE = 16, 9
TOP_VIEW = "RESERVATION_TOP_VIEW"
_BUYING_TYPES = frozenset({"AUCTION", "RESERVATION_RF", TOP_VIEW})
_PRIMARY_STATUSES = frozenset(
    {"STATUS_ALL", "STATUS_NOT_DELETE", "STATUS_NOT_DELIVERY", "STATUS_DELIVERY_OK", "STATUS_DISABLE", "STATUS_DELETE"}
)
_LOCATIONS = {"BR": "3469034", "US": "6252001", "GB": "2635167", "ES": "2510769", "CL": "3895114", "JP": "1861060"}
_AGES = ((18, "AGE_18_24"), (25, "AGE_25_34"), (35, "AGE_35_44"), (45, "AGE_45_54"), (55, "AGE_55_100"))
_ENDLESS = date(2036, 1, 1)
_DELETED = ("DELETED", "ARCHIVED")


@dataclass(frozen=True)
class Advertiser:
    """An account on a day, with what TikTok knows of it beyond the world."""

    account: Account
    today: date

    @cached_property
    def smart_plus(self) -> frozenset[str]:
        """Campaigns of upgraded Smart+: their ads are in no list of ads."""
        return self._every(_SMART_PLUS_TURN, _SMART_PLUS_PLACE)

    @cached_property
    def top_view(self) -> frozenset[str]:
        """Campaigns that reserve the first place of the feed."""
        return self._every(_TOP_VIEW_TURN, _TOP_VIEW_PLACE)

    def _every(self, turn: int, place: int) -> frozenset[str]:
        campaigns = self.account.campaigns
        return frozenset(c.campaign_id for number, c in enumerate(campaigns) if number % turn == place)

    def is_deleted(self, thing: Thing) -> bool:
        """Gone by itself or with its campaign."""
        return any(meta_status(each, self.today) in _DELETED for each in (thing, campaign_of(thing)))

    def is_enabled(self, thing: Thing) -> bool:
        return meta_status(thing, self.today) == "ACTIVE"

    def primary_status(self, thing: Thing) -> str:
        if self.is_deleted(thing):
            return "STATUS_DELETE"
        enabled = self.is_enabled(thing) and self.is_enabled(campaign_of(thing))
        return "STATUS_DELIVERY_OK" if enabled else "STATUS_DISABLE"

    def secondary_status(self, thing: Thing) -> str:
        """Why a thing does or does not deliver, the campaign's reason before its own."""
        prefix = {Campaign: "CAMPAIGN", AdGroup: "ADGROUP", Ad: "AD"}[type(thing)]
        for reason, holds in (("DELETE", self.is_deleted), ("DISABLE", lambda each: not self.is_enabled(each))):
            if not isinstance(thing, Campaign) and holds(campaign_of(thing)):
                return f"{prefix}_STATUS_CAMPAIGN_{reason}"
            if holds(thing):
                return f"{prefix}_STATUS_{reason}"
        return f"{prefix}_STATUS_{'ENABLE' if isinstance(thing, Campaign) else 'DELIVERY_OK'}"

    def shows_status(self, thing: Thing, asked: str) -> bool:
        """Whether a thing has a status that a filter asks for (of objects or of report rows)."""
        if asked not in _PRIMARY_STATUSES:
            raise invalid(f"primary_status: {asked} is not one of {sorted(_PRIMARY_STATUSES)}.")
        own = self.primary_status(thing)
        if asked == "STATUS_NOT_DELIVERY":
            return own == "STATUS_DISABLE"
        return asked == "STATUS_ALL" or own == asked or (asked == "STATUS_NOT_DELETE" and own != "STATUS_DELETE")


def campaign_of(thing: Thing) -> Campaign:
    return thing if isinstance(thing, Campaign) else thing.campaign


def group_of(thing: AdGroup | Ad) -> AdGroup:
    """The ad group that a thing is or hangs on; every TikTok ad has one."""
    group = thing if isinstance(thing, AdGroup) else thing.ad_group
    assert group is not None
    return group


def utc_time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def created_at(account: Account, thing: Thing) -> datetime:
    """Ten in the morning of the day on which it was set up."""
    return local(account, thing.lifetime.created, 10)


def local(account: Account, day: date, hour: int) -> datetime:
    """An hour of an account's day."""
    return datetime.combine(day, time(hour), ZoneInfo(account.timezone))


def number(micros: int) -> int | float:
    """An amount of money in major units, as a JSON number."""
    return micros // MICROS if micros % MICROS == 0 else micros / MICROS


def _age_groups(ad_group: AdGroup) -> list[str]:
    wanted = targeting_of(ad_group)
    return [name for start, name in _AGES if wanted.age_min <= start <= wanted.age_max]


def _genders(ad_group: AdGroup) -> str:
    genders = targeting_of(ad_group).genders
    return f"GENDER_{genders[0].upper()}" if len(genders) == 1 else "GENDER_UNLIMITED"


def _utm_params(ad: Ad, today: date) -> list[dict[str, str]]:
    template = creative_of(ad, today).url_template
    pairs = [part.partition("=") for part in template.split("&") if part]
    return [{"key": key, "value": value} for key, _, value in pairs]


Maker = Callable[[Advertiser, Any], Any]
_LIFE: dict[str, Maker] = {
    "operation_status": lambda a, t: "ENABLE" if a.is_enabled(t) else "DISABLE",
    "secondary_status": lambda a, t: a.secondary_status(t),
    "create_time": lambda a, t: utc_time(created_at(a.account, t)),
    "modify_time": lambda a, t: utc_time(modified_at(a.account, t, a.today)),
    "advertiser_id": lambda a, t: a.account.account_id,
    "is_new_structure": lambda a, t: True,
}
_CAMPAIGN_PARTS: dict[str, Maker] = {
    "campaign_id": lambda a, t: campaign_of(t).campaign_id,
    "campaign_name": lambda a, t: on_day(campaign_of(t), a.today).name,
    "campaign_system_origin": lambda a, t: "TT_ADS_PLATFORM",
    "is_smart_performance_campaign": lambda a, t: campaign_of(t).campaign_id in a.smart_plus,
}
_GROUP_PARTS: dict[str, Maker] = {
    "adgroup_id": lambda a, t: group_of(t).ad_group_id,
    "adgroup_name": lambda a, t: on_day(group_of(t), a.today).name,
}


def _always(**values: Any) -> dict[str, Maker]:
    return {name: (lambda a, t, value=value: value) for name, value in values.items()}  # type: ignore[misc]


CAMPAIGN_FIELDS: dict[str, Maker] = {
    **_CAMPAIGN_PARTS,
    **_LIFE,
    **_always(
        campaign_type="REGULAR_CAMPAIGN", budget_optimize_on=False, bid_type=None, optimization_goal=None,
        app_promotion_type="UNSET", budget_mode="BUDGET_MODE_DAY", deep_bid_type=None, roas_bid=0,
        is_search_campaign=False, rf_campaign_type="STANDARD", objective="LANDING_PAGE", special_industries=None,
        rta_id=None, postback_window_mode=None, is_promotional_campaign=False,
    ),
    "objective_type": lambda a, c: c.kind,
    "budget": lambda a, c: number(on_day(c, a.today).daily_budget_micros),
}  # fmt: skip
AD_GROUP_FIELDS: dict[str, Maker] = {
    **{name: make for name, make in _CAMPAIGN_PARTS.items() if name != "campaign_system_origin"},
    **_GROUP_PARTS,
    **_LIFE,
    **_always(
        placement_type="PLACEMENT_TYPE_AUTOMATIC",
        placements=["PLACEMENT_TIKTOK", "PLACEMENT_PANGLE", "PLACEMENT_GLOBAL_APP_BUNDLE"],
        promotion_type="WEBSITE", pixel_id=None, app_id=None, optimization_event=None, billing_event="OCPM",
        bid_type="BID_TYPE_NO_BID", bid_price=0, conversion_bid_price=0, budget=0, budget_mode="BUDGET_MODE_INFINITE",
        schedule_type="SCHEDULE_FROM_NOW", click_attribution_window="SEVEN_DAYS", view_attribution_window="ONE_DAY",
        engaged_view_attribution_window="ONE_DAY", attribution_event_count="EVERY", operating_systems=[],
        interest_category_ids=[], audience_ids=[], excluded_audience_ids=[], pacing="PACING_MODE_SMOOTH",
        comment_disabled=False, deep_bid_type=None, skip_learning_phase=False, dayparting=None,
    ),
    "optimization_goal": lambda a, g: g.kind,
    "schedule_start_time": lambda a, g: utc_time(local(a.account, g.lifetime.start, 0)),
    "schedule_end_time": lambda a, g: utc_time(local(a.account, g.lifetime.end or _ENDLESS, 23)),
    "location_ids": lambda a, g: [_LOCATIONS.get(country, "0") for country in targeting_of(g).countries],
    "gender": lambda a, g: _genders(g),
    "age_groups": lambda a, g: _age_groups(g),
    "languages": lambda a, g: list(targeting_of(g).languages),
}  # fmt: skip
AD_FIELDS: dict[str, Maker] = {
    **{name: make for name, make in _CAMPAIGN_PARTS.items() if name != "campaign_system_origin"},
    **_GROUP_PARTS,
    **_LIFE,
    **_always(
        ad_format="SINGLE_VIDEO", tiktok_item_id=None, identity_id="7244085252222255106",
        identity_type="CUSTOMIZED_USER", is_aco=False, image_ids=[], deeplink="", deeplink_type="NORMAL",
        creative_type=None, optimization_event=None, landing_page_urls=None, ad_texts=None, app_name="",
        playable_url="", page_id=None, card_id=None, call_to_action_id=None, profile_image_url="",
        creative_authorized=True, vast_moat_enabled=False, tracking_pixel_id=0,
    ),
    "ad_id": lambda a, ad: ad.ad_id,
    "ad_name": lambda a, ad: on_day(ad, a.today).name,
    "ad_text": lambda a, ad: creative_of(ad, a.today).body,
    "video_id": lambda a, ad: creative_of(ad, a.today).video_id,
    "call_to_action": lambda a, ad: creative_of(ad, a.today).call_to_action,
    "landing_page_url": lambda a, ad: creative_of(ad, a.today).url,
    "utm_params": lambda a, ad: _utm_params(ad, a.today),
    "display_name": lambda a, ad: a.account.name,
}  # fmt: skip
ADVERTISER_FIELDS: dict[str, Maker] = {
    **_always(
        company="", industry="290000", role="ROLE_ADVERTISER", balance=0, language="en", description="", address="",
        contacter="", email="", telephone_number="", cellphone_number="", license_no="", license_url=None,
        rejection_reason="", promotion_area="0", brand=None, advertiser_account_type="AUCTION",
        promotion_center_city=None, promotion_center_province=None, license_city=None, license_province=None,
    ),
    "advertiser_id": lambda a, t: a.account.account_id,
    "name": lambda a, t: a.account.name,
    "currency": lambda a, t: a.account.currency,
    # The offset with the POSIX sign; the zone that days follow is the display one.
    "timezone": lambda a, t: posix_zone(a.account),
    "display_timezone": lambda a, t: a.account.timezone,
    "country": lambda a, t: a.account.country,
    "status": lambda a, t: "STATUS_ENABLE" if a.account.status == "active" else "STATUS_DISABLE",
    "create_time": lambda a, t: 1_630_335_591,
}  # fmt: skip


@dataclass(frozen=True)
class ObjectList:
    """One of the lists: where its objects are, what they are made of, which filters it knows."""

    things: Callable[[Account], Sequence[Thing]]
    fields: Mapping[str, Maker]
    id_filters: tuple[str, ...]
    prefix: str


LISTS: dict[str, ObjectList] = {
    "campaign/get": ObjectList(lambda a: a.campaigns, CAMPAIGN_FIELDS, ("campaign_ids",), "CAMPAIGN"),
    "adgroup/get": ObjectList(lambda a: a.ad_groups, AD_GROUP_FIELDS, ("campaign_ids", "adgroup_ids"), "ADGROUP"),
    "ad/get": ObjectList(lambda a: a.ads, AD_FIELDS, ("campaign_ids", "adgroup_ids", "ad_ids"), "AD"),
}
_ID_FIELDS = {"campaign_ids": "campaign_id", "adgroup_ids": "adgroup_id", "ad_ids": "ad_id"}
_OTHER_FILTERS = frozenset({"primary_status", "secondary_status", "buying_types", "campaign_system_origins"})


def listed(kind: ObjectList, advertiser: Advertiser, parameters: Mapping[str, str], *, lenient: bool) -> list[Thing]:
    """The objects that a list shows, newest first. Deleted ones, TopView and what the app promotes hide by default."""
    filtering = decoded("filtering", parameters["filtering"]) if parameters.get("filtering") else {}
    if not isinstance(filtering, dict):
        raise invalid("filtering: must be an object.")
    unknown = sorted(set(filtering) - _OTHER_FILTERS - set(kind.id_filters))
    if unknown and not lenient:
        raise invalid(f"filtering: unknown field {unknown[0]}.")
    if filtering.get("campaign_system_origins", ["TT_ADS_PLATFORM"]) != ["TT_ADS_PLATFORM"]:
        return []
    buying = filtering.get("buying_types") or ["AUCTION", "RESERVATION_RF"]
    if not set(buying) <= _BUYING_TYPES or (TOP_VIEW in buying and len(buying) > 1):
        raise invalid(f"buying_types: {TOP_VIEW} stands alone; allowed are {sorted(_BUYING_TYPES)}.")
    wanted = {name: id_set(name, filtering[name]) for name in kind.id_filters if name in filtering}
    shown = [
        thing
        for thing in kind.things(advertiser.account)
        if exists(thing.lifetime, advertiser.today)
        and not (isinstance(thing, Ad) and campaign_of(thing).campaign_id in advertiser.smart_plus)
        and (campaign_of(thing).campaign_id in advertiser.top_view) == (buying == [TOP_VIEW])
        and all(kind.fields[_ID_FIELDS[name]](advertiser, thing) in ids for name, ids in wanted.items())
        and _has_status(advertiser, thing, kind.prefix, filtering)
    ]
    return sorted(shown, key=lambda thing: thing.lifetime.created, reverse=True)


def _has_status(advertiser: Advertiser, thing: Thing, prefix: str, filtering: Mapping[str, Any]) -> bool:
    secondary = filtering.get("secondary_status")
    if secondary is None:
        return advertiser.shows_status(thing, filtering.get("primary_status", "STATUS_NOT_DELETE"))
    if not str(secondary).startswith(f"{prefix}_STATUS_"):
        raise invalid(f"secondary_status: {secondary} is not valid here.")
    if secondary == f"{prefix}_STATUS_ALL":
        return True
    if secondary == f"{prefix}_STATUS_NOT_DELETE":
        return not advertiser.is_deleted(thing)
    return advertiser.secondary_status(thing) == str(secondary)


def fields_asked(table: Mapping[str, Maker], parameters: Mapping[str, str], *, lenient: bool) -> list[str]:
    """The fields of an answer: those named, or all."""
    names = string_list("fields", parameters.get("fields")) or list(table)
    unknown = [name for name in names if name not in table]
    if unknown and not lenient:
        raise invalid(f"fields: {unknown[0]} is not a valid field.")
    return [name for name in names if name in table]


def smart_plus_ads(advertiser: Advertiser, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """Ads of upgraded Smart+: one for each ad group, made of what reports call ads."""
    made = []
    for group in listed(LISTS["adgroup/get"], advertiser, parameters, lenient=True):
        if not isinstance(group, AdGroup) or group.campaign.campaign_id not in advertiser.smart_plus:
            continue
        ads = [ad for ad in advertiser.account.ads if ad.ad_group is group and exists(ad.lifetime, advertiser.today)]
        creatives = [(ad, creative_of(ad, advertiser.today)) for ad in ads]
        made.append(
            {
                "advertiser_id": advertiser.account.account_id,
                "campaign_id": group.campaign.campaign_id,
                "adgroup_id": group.ad_group_id,
                "smart_plus_ad_id": smart_plus_id(group),
                "ad_name": on_day(group, advertiser.today).name,
                "creative_list": [
                    {
                        "ad_material_id": ad.ad_id,
                        "material_operation_status": "ENABLE" if advertiser.is_enabled(ad) else "DISABLE",
                        "creative_info": {"ad_format": "SINGLE_VIDEO", "video_info": {"video_id": creative.video_id}},
                    }
                    for ad, creative in creatives
                ],
                "ad_text_list": [{"ad_text": text} for text in dict.fromkeys(c.body for _, c in creatives)],
                "landing_page_url_list": [
                    {"landing_page_url": url} for url in dict.fromkeys(c.base_url for _, c in creatives)
                ],
                "operation_status": "ENABLE" if advertiser.is_enabled(group) else "DISABLE",
                "secondary_status": advertiser.secondary_status(group).replace("ADGROUP_", "AD_", 1),
                "create_time": utc_time(created_at(advertiser.account, group)),
                "modify_time": utc_time(modified_at(advertiser.account, group, advertiser.today)),
            }
        )
    return made


def smart_plus_id(group: AdGroup) -> str:
    """Id of the Smart+ ad of an ad group; ``ad_id_v2`` of reports."""
    return str(int(group.ad_group_id) + 5)
