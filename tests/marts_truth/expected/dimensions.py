"""Clients, accounts, campaigns, ad groups, ads and creatives: as they are now, and their names of each day."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sandbox.wire.lifecycle import exists, google_status, meta_effective_status, meta_status
from sandbox.wire.meta_creatives import AdCreative, creatives_of
from sandbox.wire.tiktok_objects import Advertiser
from sandbox.world.creatives import Creative, creative_of
from sandbox.world.history import on_day
from sandbox.world.model import PERFORMANCE_MAX, Account, Ad, AdGroup, Campaign
from sandbox.world.randomness import entity_key
from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import rules
from tests.marts_truth.expected.conversions import object_events
from tests.marts_truth.expected.facts import ad_rows
from tests.marts_truth.expected.truth import Truth

_REMAINDER = "Not at ad level"
Thing = Campaign | AdGroup | Ad
# What a listing tells and the dimension hands on as it stands; worked out by nobody, here or there.
_HANDED_ON = {
    "dim_account": (
        "status serving_status account_type country company created_at updated_at balance amount_spent spend_cap "
        "disable_reason timezone_offset_hours_utc auto_tagging_enabled tracking_url_template final_url_suffix is_test "
        "owner_urn version_tag username website"
    ),
    "dim_campaign": (
        "configured_status serving_status campaign_sub_type bid_strategy start_at end_at daily_budget lifetime_budget "
        "created_at updated_at buying_type budget_remaining spend_cap special_ad_categories source_campaign_id "
        "serving_status_reasons portfolio_bidding_strategy_id target_cpa target_roas budget_id budget_period "
        "is_budget_shared targets_google_search targets_search_network targets_content_network "
        "positive_geo_target_type tracking_url_template final_url_suffix budget_mode is_budget_optimized "
        "optimization_goal is_smart_campaign system_origin is_backfilled is_test"
    ),
    "dim_ad_group": (
        "configured_status serving_status ad_group_type bid_strategy optimization_goal optimization_event "
        "billing_event bid_amount start_at end_at daily_budget lifetime_budget targeting created_at updated_at "
        "pixel_id budget_remaining destination_type learning_status cpm_bid cpv_bid target_cpa target_roas "
        "is_optimized_targeting_enabled tracking_url_template final_url_suffix budget_mode app_id placement_type "
        "placements objective format pacing_strategy creative_selection locale_country locale_language "
        "associated_entity is_audience_expansion_enabled is_offsite_delivery_enabled is_connected_tv_only is_test "
        "version_tag"
    ),
    "dim_ad": (
        "configured_status serving_status ad_type review_status created_at updated_at conversion_domain source_ad_id "
        "final_urls ad_strength is_automated_creative identity_id display_name is_serving is_test"
    ),
    "dim_creative": "creative_type headlines descriptions post_id permalink_url product_set_id created_at",
}


def _handed_on(table: str) -> dict[str, str]:
    return dict.fromkeys(_HANDED_ON[table].split(), "handed on from the listing")


def clients(truth: Truth) -> Expected:
    rows = [
        {
            "client_id": client.client_id, "name": client.name, "status": "active",
            "reporting_currency": client.reporting_currency, "timezone": client.timezone,
            "active_from": client.active_from, "active_to": client.active_to,
        }
        for client in truth.worlds.clients
    ]  # fmt: skip
    return Expected(("client_id",), pd.DataFrame(rows, dtype=object))


def accounts(truth: Truth) -> Expected:
    """An account that could never be read is in the registry, and that is all that is known of it."""
    rows = [
        truth.keys(account)
        | {
            "name": account.name, "account_currency": account.currency, "timezone": account.timezone,
            "active_from": truth.clients[account.client_id].active_from, "active_to": account.active_to,
            "platform_name": None if truth.is_held(account) else account.name,
            "is_listed": not truth.is_held(account), "unlisted_since": None,
        }
        for account in truth.worlds.accounts
    ]  # fmt: skip
    return _of(frame=rows, table="dim_account")


def dates(truth: Truth) -> Expected:
    first = min(client.active_from for client in truth.worlds.clients)
    days = pd.date_range(first, date(truth.now.year + 1, 12, 31))
    calendar = days.isocalendar()
    frame = pd.DataFrame(
        {
            "date_day": [day.date() for day in days],
            "iso_year": list(calendar.year), "iso_week": list(calendar.week), "year": list(days.year),
            "quarter": list(days.quarter), "month": list(days.month), "month_name": list(days.month_name()),
            "day_of_month": list(days.day), "iso_weekday": list(days.day_of_week + 1),
            "weekday_name": list(days.day_name()), "is_weekend": [bool(day.weekday() >= 5) for day in days],
            "week_start": [(day - timedelta(days=day.weekday())).date() for day in days],
            "month_start": [day.date().replace(day=1) for day in days],
        },
        dtype=object,
    )  # fmt: skip
    return Expected(("date_day",), frame)


@dataclass(frozen=True)
class Listing:
    """Objects of an account as a platform lists them on a day."""

    account: Account
    today: date

    @property
    def advertiser(self) -> Advertiser:
        return Advertiser(self.account, self.today)

    def campaigns(self) -> list[Campaign]:
        return [thing for thing in self.account.campaigns if exists(thing.lifetime, self.today)]

    def ad_groups(self) -> list[AdGroup]:
        return [thing for thing in self.account.ad_groups if exists(thing.lifetime, self.today)]

    def ads(self) -> list[Ad]:
        return [thing for thing in self.account.ads if thing.ad_group and exists(thing.lifetime, self.today)]

    def is_smart_plus(self, ad: Ad) -> bool:
        return self.account.platform == "tiktok_ads" and ad.campaign.campaign_id in self.advertiser.smart_plus

    def first_of_group(self, ad: Ad) -> Ad:
        return next(other for other in self.ads() if other.ad_group is ad.ad_group)

    def name(self, thing: Thing) -> str:
        """A creative of a Smart+ ad has the ad's name, and the ad that of its ad group."""
        if isinstance(thing, Ad) and self.is_smart_plus(thing):
            assert thing.ad_group is not None
            return on_day(thing.ad_group, self.today).name
        return on_day(thing, self.today).name

    def status(self, thing: Thing) -> str:
        match self.account.platform:
            case "meta_ads":
                return meta_effective_status(thing, self.today)
            case "google_ads":
                return google_status(thing, self.today)
            case "tiktok_ads":
                if isinstance(thing, Ad) and self.is_smart_plus(thing):
                    assert thing.ad_group is not None
                    return self.advertiser.secondary_status(thing.ad_group).replace("ADGROUP_", "AD_", 1)
                return self.advertiser.secondary_status(thing)
            case _:
                own = meta_status(thing, self.today)
                if isinstance(thing, AdGroup) and own == "ACTIVE" and thing.lifetime.ended_before(self.today):
                    return "COMPLETED"
                return {"DELETED": "REMOVED"}.get(own, own)

    def creative_id(self, ad: Ad) -> str:
        return creative_of(ad, self.today).creative_id if self.account.platform == "meta_ads" else ad.ad_id

    def creatives(self) -> Mapping[str, AdCreative]:
        """Meta's, by id."""
        return creatives_of(self.account, self.today)


def present(truth: Truth, account: Account) -> Listing:
    return Listing(account, truth.today(account))


def _campaign_type(campaign: Campaign) -> str | None:
    return {"google_ads": campaign.kind, "tiktok_ads": "REGULAR_CAMPAIGN"}.get(campaign.platform)


def campaigns(truth: Truth) -> Expected:
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        listing = present(truth, account)
        rows += [
            truth.keys(account)
            | {
                "campaign_id": campaign.campaign_id, "campaign_name": listing.name(campaign),
                "status": listing.status(campaign), "campaign_type": _campaign_type(campaign),
                "objective": campaign.kind if account.platform != "google_ads" else None,
                **_shown_thing(truth, account, campaign),
            }
            for campaign in listing.campaigns()
        ]  # fmt: skip
    return _of("campaign_id", frame=rows, table="dim_campaign")


def ad_groups(truth: Truth) -> Expected:
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        listing = present(truth, account)
        rows += [
            truth.keys(account)
            | {
                "campaign_id": group.campaign.campaign_id, "ad_group_id": group.ad_group_id,
                "ad_group_name": listing.name(group), "status": listing.status(group),
                **_shown_thing(truth, account, group),
            }
            for group in listing.ad_groups()
        ]  # fmt: skip
        rows += [
            truth.keys(account)
            | {
                "campaign_id": campaign_id, "ad_group_id": rules.NOT_AT_AD_LEVEL, "ad_group_name": _REMAINDER,
                "status": "unknown", "is_listed": None, "unlisted_since": None,
            }
            for campaign_id in sorted({place[0] for place in remainders(truth, account)
                                       if place[1] == rules.NOT_AT_AD_LEVEL})
        ]  # fmt: skip
    return _of("campaign_id", "ad_group_id", frame=rows, table="dim_ad_group")


def remainders(truth: Truth, account: Account) -> set[tuple[str, str, str]]:
    """(campaign, ad group, ad) of members that are no objects of the platform: Google's campaigns that were ever
    published without ads or have named conversions, LinkedIn's ad groups that have."""
    found = {(row.campaign_id, group, ad) for row, group, ad in ad_rows(truth, account) if ad.startswith("not-at")}
    named = (event.place[1:] for event in object_events(truth, account))
    found |= {place for place in named if place[2].startswith("not-at")}
    # A member outlives its figures: what the reading before had keeps its row.
    if len(truth.readings) > 1:
        found |= remainders(truth.before(), account)
    return found


def ads(truth: Truth) -> Expected:
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        listing = present(truth, account)
        creatives = listing.creatives() if account.platform == "meta_ads" else {}
        for ad in listing.ads():
            assert ad.ad_group is not None
            rows.append(
                truth.keys(account)
                | {
                    "campaign_id": ad.campaign.campaign_id, "ad_group_id": ad.ad_group.ad_group_id, "ad_id": ad.ad_id,
                    "ad_name": listing.name(ad), "status": listing.status(ad), "creative_id": listing.creative_id(ad),
                    "tracking_url_template": _tracking(ad.campaign), **_shown_thing(truth, account, ad),
                    "smart_plus_ad_id": str(int(ad.ad_group.ad_group_id) + 5) if listing.is_smart_plus(ad) else None,
                    **_address(listing, ad, creatives),
                }
            )  # fmt: skip
        by_id = account.campaign_by_id
        for campaign_id, group, ad_id in remainders(truth, account):
            is_pmax = by_id[campaign_id].kind == PERFORMANCE_MAX
            rows.append(
                truth.keys(account)
                | {
                    "campaign_id": campaign_id, "ad_group_id": group, "ad_id": ad_id, "ad_name": _REMAINDER,
                    "status": "unknown", "creative_id": None, "url_tags": None, "smart_plus_ad_id": None,
                    "destination_url": "https://www.example.com/oferta" if is_pmax else None,
                    "tracking_url_template": _tracking(by_id[campaign_id]), "is_listed": None, "unlisted_since": None,
                }
            )  # fmt: skip
    return _of("ad_group_id", "ad_id", frame=rows, table="dim_ad")


def _tracking(campaign: Campaign) -> str | None:
    """Three in ten of Google's campaigns have a template."""
    if campaign.platform != "google_ads" or entity_key(campaign.key, "url") % 10**6 >= 300_000:
        return None
    return "{lpurl}?utm_source=google&utm_medium=cpc&utm_term={keyword}"


def _address(listing: Listing, ad: Ad, creatives: Mapping[str, AdCreative]) -> dict[str, str | None]:
    """Where an ad leads, and what the platform appends to it."""
    creative = creative_of(ad, listing.today)
    match listing.account.platform:
        case "meta_ads":
            shown = creatives[creative.creative_id]
            hidden = shown.unreadable and shown.place in ("link", "cards", "video")
            address = None if hidden else creative.base_url
            return {"destination_url": address, "url_tags": creative.url_template or None}
        case "google_ads":
            return {"destination_url": creative.base_url, "url_tags": creative.url_template or None}
        case "tiktok_ads" if listing.is_smart_plus(ad):
            first = creative_of(listing.first_of_group(ad), listing.today)
            return {"destination_url": first.base_url, "url_tags": None}
        case "tiktok_ads":
            return {"destination_url": creative.url, "url_tags": creative.url_template or None}
        case _:
            return {"destination_url": creative.url, "url_tags": None}


def _of(*ids: str, frame: Iterable[dict[str, Any]], table: str | None = None) -> Expected:
    keys = ("client_id", "platform", "account_id", *ids)
    return Expected(keys, pd.DataFrame(frame, dtype=object), left_out=_handed_on(table) if table else {})


def _shown(truth: Truth, account: Account, is_gone: Callable[[Listing], bool]) -> dict[str, Any]:
    """Meta lists nothing that was deleted: since which reading an object is no longer on the list."""
    since: datetime | None = None
    for instant in truth.readings:
        gone = account.platform == "meta_ads" and is_gone(Listing(account, truth.today(account, instant)))
        since = (since or instant) if gone else None
    return {"is_listed": since is None, "unlisted_since": since}


def _shown_thing(truth: Truth, account: Account, thing: Thing) -> dict[str, Any]:
    return _shown(truth, account, lambda listing: listing.status(thing) == "DELETED")


Seen = Callable[[Listing], Iterator[tuple[tuple[str, ...], dict[str, Any]]]]


def _spans(truth: Truth, ids: tuple[str, ...], seen: Seen, members: Callable[[Account], Any]) -> list[dict[str, Any]]:
    """Spans of equal attributes out of the listings: the first one begins with the account, a change on its day."""
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        spans: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for instant in truth.readings:
            today = _day(account, instant)
            for place, attributes in seen(Listing(account, truth.today(account, instant))):
                known = spans.setdefault(place, [])
                if known and {k: known[-1][k] for k in attributes} == attributes:
                    continue
                first = truth.clients[account.client_id].active_from if not known else today
                if known:
                    known[-1]["valid_to_day"] = today
                known.append({**attributes, "valid_from_day": first, "valid_to_day": None})
        for place, attributes in members(account):
            first = truth.clients[account.client_id].active_from
            spans[place] = [{**attributes, "valid_from_day": first, "valid_to_day": None}]
        rows += [
            {**truth.keys(account), **dict(zip(ids, place, strict=True)), **span}
            for place, own in spans.items()
            for span in own
        ]
    return rows


def _day(account: Account, instant: datetime) -> date:
    """The day of the facts at an instant."""
    return instant.astimezone(ZoneInfo(account.day_zone)).date()


def campaign_history(truth: Truth) -> Expected:
    def seen(listing: Listing) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        for campaign in listing.campaigns():
            yield (campaign.campaign_id,), {"campaign_name": listing.name(campaign), "status": listing.status(campaign)}

    return _of("campaign_id", "valid_from_day", frame=_spans(truth, ("campaign_id",), seen, lambda account: ()))


def ad_group_history(truth: Truth) -> Expected:
    def seen(listing: Listing) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        for group in listing.ad_groups():
            attributes = {"ad_group_name": listing.name(group), "status": listing.status(group)}
            yield (group.campaign.campaign_id, group.ad_group_id), attributes

    def members(account: Account) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        for campaign_id, group, _ in remainders(truth, account):
            if group == rules.NOT_AT_AD_LEVEL:
                yield (campaign_id, group), {"ad_group_name": _REMAINDER, "status": "unknown"}

    ids = ("campaign_id", "ad_group_id")
    return _of(*ids, "valid_from_day", frame=_spans(truth, ids, seen, members))


def ad_history(truth: Truth) -> Expected:
    def seen(listing: Listing) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        for ad in listing.ads():
            assert ad.ad_group is not None
            yield (ad.ad_group.ad_group_id, ad.ad_id), {
                "ad_name": listing.name(ad), "status": listing.status(ad), "creative_id": listing.creative_id(ad),
            }  # fmt: skip

    def members(account: Account) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
        for _, group, ad_id in remainders(truth, account):
            yield (group, ad_id), {"ad_name": _REMAINDER, "status": "unknown", "creative_id": None}

    ids = ("ad_group_id", "ad_id")
    return _of(*ids, "valid_from_day", frame=_spans(truth, ids, seen, members))


def creatives(truth: Truth) -> Expected:
    """Meta's creatives; elsewhere the ad is its own creative."""
    rows = []
    for account in truth.of(*rules.AD_PLATFORMS):
        listing = present(truth, account)
        told = _meta_creatives(listing) if account.platform == "meta_ads" else _ads_as_creatives(listing)
        rows += [
            truth.keys(account)
            | row
            | _shown(truth, account, lambda then, key=row["creative_id"]: _is_deleted(then, key))  # type: ignore[misc]
            for row in told
        ]
    return _of("creative_id", frame=rows, table="dim_creative")


def _meta_creatives(listing: Listing) -> Iterator[dict[str, Any]]:
    for creative_id, shown in listing.creatives().items():
        creative = shown.creative
        hidden = shown.unreadable and shown.place in ("link", "cards", "video")
        yield {
            "creative_id": creative_id,
            "creative_name": creative.name,
            "status": "DELETED" if shown.deleted else "ACTIVE",
            "title": None if hidden else creative.title or None,
            "body": None if hidden else creative.body,
            "call_to_action": None if hidden else creative.call_to_action,
            "image_id": creative.image_id or None,
            "video_id": creative.video_id or None,
            "destination_url": None if hidden else creative.base_url,
            "url_tags": creative.url_template or None,
        }


def _ads_as_creatives(listing: Listing) -> Iterator[dict[str, Any]]:
    done: set[str] = set()
    for ad in sorted(listing.ads(), key=lambda ad: ad.ad_group.ad_group_id if ad.ad_group else ""):
        if ad.ad_id in done:
            continue
        done.add(ad.ad_id)
        creative, platform = creative_of(ad, listing.today), listing.account.platform
        smart_plus = listing.is_smart_plus(ad)
        # A Smart+ ad has one list of texts for all of its creatives.
        text = creative_of(listing.first_of_group(ad), listing.today).body if smart_plus else creative.body
        texts = {
            "google_ads": (creative.title or listing.account.name, creative.body, None),
            "tiktok_ads": (None, text, creative.call_to_action),
            "linkedin_ads": _linkedin_texts(ad, creative),
        }[platform]
        yield {
            "creative_id": ad.ad_id,
            "creative_name": listing.name(ad),
            "status": listing.status(ad),
            "title": texts[0],
            "body": texts[1],
            "call_to_action": None if smart_plus else texts[2],
            "image_id": None,
            "video_id": creative.video_id if platform == "tiktok_ads" else None,
            **_address(listing, ad, {}),
        }


def _is_deleted(listing: Listing, creative_id: str) -> bool:
    shown = listing.creatives().get(creative_id)
    return shown is not None and shown.deleted


def _linkedin_texts(ad: Ad, creative: Creative) -> tuple[str | None, str, str | None]:
    """Every fifth is a text ad, which has a headline of its own, at times an empty one, and no button."""
    if ad.key % 5 == 0:
        return creative.title, creative.body, None
    return creative.title or None, creative.body, creative.call_to_action
