"""LinkedIn's objects: accounts, campaign groups, campaigns, creatives, conversions, posts, members. Times in epoch ms.

The world's campaign is a campaign group here, its ad group a campaign, its ad a creative.
"""

from datetime import UTC, date, datetime, time
from typing import Any

from sandbox.wire.lifecycle import meta_effective_status, meta_status
from sandbox.world.creatives import ConversionAction, Creative, creative_of, targeting_of
from sandbox.world.history import modified_at, on_day
from sandbox.world.model import Account, Ad, AdGroup, Campaign, Lifetime, major_units
from sandbox.world.randomness import entity_key

Wire = dict[str, Any]

# Geographies as LinkedIn numbers them.
GEO_OF_COUNTRY = {
    "US": 103644278, "BR": 106057199, "ES": 105646813, "GB": 101165590, "PT": 100364837, "CA": 101174742,
    "MX": 103323778, "IE": 104738515, "JP": 101355337, "CL": 104621616, "AR": 100446943,
}  # fmt: skip
_FORMATS = {"VIDEO_VIEW": "SINGLE_VIDEO", "LEAD_GENERATION": "STANDARD_UPDATE"}
_COST_TYPES = {"MAX_REACH": "CPM", "MAX_VIDEO_VIEW": "CPV"}
_TEXT_AD_SHARE = 5
# Since when accounts have had what belongs to no campaign.
_FOUNDED = date(2024, 1, 2)


def urn(kind: str, object_id: str | int) -> str:
    return f"urn:li:{kind}:{object_id}"


def milliseconds(moment: datetime) -> int:
    """Epoch milliseconds, as all of LinkedIn's instants are."""
    return int(moment.timestamp() * 1000)


def _midnight(day: date) -> int:
    return milliseconds(datetime.combine(day, time(), UTC))


def _money(account: Account, micros: int) -> Wire:
    return {"currencyCode": account.currency, "amount": major_units(micros)}


def _stamps(account: Account, thing: Campaign | AdGroup, today: date) -> Wire:
    actor = urn("person", f"{account.key:016x}"[:10])
    return {
        "created": {"time": _midnight(thing.lifetime.created), "actor": actor},
        "lastModified": {"time": milliseconds(modified_at(account, thing, today)), "actor": urn("system", 0)},
    }


def _schedule(lifetime: Lifetime) -> Wire:
    schedule = {"start": _midnight(lifetime.start)}
    return schedule | ({"end": _midnight(lifetime.end) + 86_399_999} if lifetime.end else {})


def _status(thing: Campaign | AdGroup | Ad, today: date) -> str:
    """What its owner set; a removed object stays readable as long as it has figures."""
    return {"DELETED": "REMOVED"}.get(own := meta_status(thing, today), own)


def _serving(thing: Campaign | AdGroup, today: date, kind: str) -> list[str]:
    if thing.lifetime.ended_before(today):
        return [f"{kind}_END_DATE_HOLD", "STOPPED"]
    return ["RUNNABLE"] if meta_effective_status(thing, today) == "ACTIVE" else ["STOPPED"]


def organization_of(account: Account) -> str:
    return urn("organization", 60_000_000 + account.market_key % 9_000_000)


def account_object(account: Account, today: date) -> Wire:
    closed = account.status == "closed"
    created = min((campaign.lifetime.created for campaign in account.campaigns), default=_FOUNDED)
    return {
        "id": int(account.account_id),
        "name": account.name,
        "currency": account.currency,
        "status": "CANCELED" if closed else "ACTIVE",
        "servingStatuses": ["STOPPED"] if closed else ["RUNNABLE"],
        "type": "BUSINESS",
        "test": False,
        "reference": organization_of(account),
        "notifiedOnCreativeRejection": True,
        "notifiedOnCreativeApproval": False,
        "notifiedOnEndOfCampaign": True,
        "notifiedOnCampaignOptimization": False,
        "notifiedOnNewFeaturesEnabled": False,
        "version": {"versionTag": "7"},
        "changeAuditStamps": {"created": {"time": _midnight(created)}, "lastModified": {"time": _midnight(created)}},
    }


def group_object(account: Account, campaign: Campaign, today: date) -> Wire:
    shown = on_day(campaign, today)
    return {
        "id": int(campaign.campaign_id),
        "name": shown.name,
        "account": urn("sponsoredAccount", account.account_id),
        "status": _status(campaign, today),
        "servingStatuses": _serving(campaign, today, "CAMPAIGN_GROUP"),
        "runSchedule": _schedule(campaign.lifetime),
        "dailyBudget": _money(account, shown.daily_budget_micros),
        "objectiveType": campaign.kind,
        "backfilled": False,
        "test": False,
        "allowedCampaignTypes": ["SPONSORED_UPDATES", "TEXT_AD"],
        "changeAuditStamps": _stamps(account, campaign, today),
    }


def campaign_object(account: Account, group: AdGroup, today: date) -> Wire:
    shown, targeting = on_day(group, today), targeting_of(group)
    locations = [urn("geo", GEO_OF_COUNTRY.get(country, 92_000_000)) for country in targeting.countries]
    ended = group.lifetime.ended_before(today) and _status(group, today) == "ACTIVE"
    language = targeting.languages[0]
    return {
        "id": int(group.ad_group_id),
        "name": shown.name,
        "account": urn("sponsoredAccount", account.account_id),
        "campaignGroup": urn("sponsoredCampaignGroup", group.campaign.campaign_id),
        "status": "COMPLETED" if ended else _status(group, today),
        "servingStatuses": _serving(group, today, "CAMPAIGN"),
        "type": "SPONSORED_UPDATES",
        "format": _FORMATS.get(group.campaign.kind, "STANDARD_UPDATE"),
        "objectiveType": group.campaign.kind,
        "optimizationTargetType": group.kind,
        "costType": _COST_TYPES.get(group.kind, "CPC"),
        "unitCost": _money(account, 4_250_000 + group.key % 90 * 100_000),
        "dailyBudget": _money(account, group.campaign.daily_budget_micros),
        "pacingStrategy": "LIFETIME",
        "creativeSelection": "OPTIMIZED",
        "runSchedule": _schedule(group.lifetime),
        "locale": {"country": targeting.countries[0], "language": language},
        "associatedEntity": organization_of(account),
        "targetingCriteria": {
            "include": {
                "and": [
                    {"or": {urn("adTargetingFacet", "locations"): locations}},
                    {
                        "or": {
                            urn("adTargetingFacet", "interfaceLocales"): [
                                urn("locale", f"{language}_{targeting.countries[0]}")
                            ]
                        }
                    },
                ]
            }
        },
        "audienceExpansionEnabled": group.key % 2 == 0,
        "offsiteDeliveryEnabled": group.key % 3 == 0,
        "connectedTelevisionOnly": False,
        "storyDeliveryEnabled": False,
        "politicalIntent": "NOT_DECLARED",
        "test": False,
        "version": {"versionTag": str(3 + group.key % 40)},
        "changeAuditStamps": _stamps(account, group, today),
    }


def is_text_ad(ad: Ad) -> bool:
    """Text ads hold their own landing page; all others refer to a post."""
    return ad.key % _TEXT_AD_SHARE == 0


def share_of(ad: Ad, creative: Creative) -> str:
    """The post behind a creative."""
    return urn("share", 6_800_000_000_000_000_000 + entity_key(ad.key, creative.creative_id, "share") % 10**17)


def creative_object(account: Account, ad: Ad, today: date) -> Wire:
    """Its id is a URN, its times stand at the top, and it has an intended status where others have a status."""
    creative = creative_of(ad, today)
    content: Wire = {"reference": share_of(ad, creative)}
    if is_text_ad(ad):
        content = {"textAd": {"headline": creative.title, "description": creative.body, "landingPage": creative.url}}
    serving = meta_effective_status(ad, today) == "ACTIVE" and not ad.lifetime.ended_before(today)
    actor = urn("person", f"{account.key:016x}"[:10])
    return {
        "id": urn("sponsoredCreative", ad.ad_id),
        "name": on_day(ad, today).name,
        "account": urn("sponsoredAccount", account.account_id),
        "campaign": urn("sponsoredCampaign", ad.ad_group.ad_group_id if ad.ad_group else 0),
        "content": content,
        "intendedStatus": _status(ad, today),
        "isServing": serving,
        **({} if serving else {"servingHoldReasons": ["STOPPED", "CAMPAIGN_STOPPED"]}),
        "review": {"status": "APPROVED"},
        "isTest": False,
        "createdAt": _midnight(ad.lifetime.created),
        "createdBy": actor,
        "lastModifiedAt": milliseconds(modified_at(account, ad, today)),
        "lastModifiedBy": urn("system", 0),
    }


def conversion_object(account: Account, action: ConversionAction) -> Wire:
    value: Wire = {"currencyCode": account.currency, "amount": str(round(account.order_value))}
    return {
        "id": int(action.action_id),
        "name": action.name,
        "account": urn("sponsoredAccount", account.account_id),
        "type": action.category,
        "enabled": action.primary,
        "attributionType": "LAST_TOUCH_BY_CAMPAIGN",
        "postClickAttributionWindowSize": action.click_window_days,
        "viewThroughAttributionWindowSize": action.view_window_days,
        "conversionMethod": "INSIGHT_TAG",
        "valueType": "DYNAMIC" if account.goal == "purchase" else "NO_VALUE",
        **({"value": value} if account.goal == "purchase" else {}),
        "created": _midnight(_FOUNDED),
        "lastModified": _midnight(_FOUNDED),
    }


def post_object(account: Account, ad: Ad, today: date) -> Wire:
    creative = creative_of(ad, today)
    return {
        "id": share_of(ad, creative),
        "author": organization_of(account),
        "commentary": creative.body,
        "contentLandingPage": creative.url,
        "contentCallToActionLabel": creative.call_to_action,
        "content": {"article": {"source": creative.url, "title": creative.title, "description": creative.body}},
        "adContext": {
            "dscAdAccount": urn("sponsoredAccount", account.account_id),
            "dscAdType": "VIDEO" if creative.video_id else "STANDARD",
            "dscStatus": "ACTIVE",
            "isDsc": True,
        },
        "lifecycleState": "PUBLISHED",
        "visibility": "PUBLIC",
        "isReshareDisabledByAuthor": False,
        "createdAt": _midnight(ad.lifetime.created),
        "publishedAt": _midnight(ad.lifetime.created),
        "lastModifiedAt": milliseconds(modified_at(account, ad, today)),
    }


def user_object(account: Account) -> Wire:
    created = {"time": 1_704_153_600_000, "actor": urn("person", f"{account.key:016x}"[:10])}
    return {
        "account": urn("sponsoredAccount", account.account_id),
        "user": urn("person", f"{account.key:016x}"[:10]),
        "role": "VIEWER",
        "changeAuditStamps": {"created": created, "lastModified": created},
    }
