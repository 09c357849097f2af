"""Criteria, views, conversion actions and the account tree: what is no campaign, ad group or ad."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.wire.google_fields import Fields, Line, about
from sandbox.world.creatives import ConversionAction, Keyword, keywords_of, targeting_of
from sandbox.world.model import AdGroup
from sandbox.world.randomness import entity_key

# Geo target constants of countries: 2000 + the number of ISO 3166-1.
COUNTRIES = {
    "AR": 2032, "BR": 2076, "CA": 2124, "CL": 2152, "ES": 2724, "GB": 2826, "IE": 2372, "JP": 2392, "MX": 2484,
    "PT": 2620, "US": 2840,
}  # fmt: skip
_LANGUAGES = {"en": 1000, "es": 1003, "ja": 1005, "pt": 1014}
AGE_RANGES = {
    "18-24": ("AGE_RANGE_18_24", 503001), "25-34": ("AGE_RANGE_25_34", 503002), "35-44": ("AGE_RANGE_35_44", 503003),
    "45-54": ("AGE_RANGE_45_54", 503004), "55-64": ("AGE_RANGE_55_64", 503005), "65+": ("AGE_RANGE_65_UP", 503006),
}  # fmt: skip
GENDERS = {"male": ("MALE", 10), "female": ("FEMALE", 11), "unknown": ("UNDETERMINED", 20)}


@dataclass(frozen=True)
class Criterion:
    """A criterion other than a keyword. ``target``: its value in the words of its type."""

    criterion_id: str
    kind: str
    target: str
    negative: bool = False


@dataclass(frozen=True)
class Child:
    """An account in the tree below another one."""

    customer_id: str
    name: str
    currency: str
    timezone: str
    status: str
    level: int
    manager: bool = False


def group_criteria(group: AdGroup) -> Iterator[Keyword | Criterion]:
    """Keywords, and the gender that an ad group excludes."""
    yield from keywords_of(group)
    for gender in targeting_of(group).genders:
        name, number = GENDERS["male" if gender == "female" else "female"]
        yield Criterion(str(number), "GENDER", name, negative=True)


def campaign_criteria(group: AdGroup) -> Iterator[Criterion]:
    """Where a campaign is shown and to speakers of what, as its first ad group addresses them."""
    targeting = targeting_of(group)
    for country in targeting.countries:
        yield Criterion(str(COUNTRIES[country]), "LOCATION", f"geoTargetConstants/{COUNTRIES[country]}")
    for language in targeting.languages:
        yield Criterion(str(_LANGUAGES[language]), "LANGUAGE", f"languageConstants/{_LANGUAGES[language]}")


def demographic(kind: str, value: str) -> Criterion:
    """The criterion of an ad group by which a demographic view is divided."""
    name, number = (AGE_RANGES if kind == "AGE_RANGE" else GENDERS)[value]
    return Criterion(str(number), kind, name)


def _keyword(thing: Keyword | Criterion) -> Keyword | None:
    return thing if isinstance(thing, Keyword) else None


def _of_kind(thing: Keyword | Criterion, kind: str) -> str | None:
    return thing.target if isinstance(thing, Criterion) and thing.kind == kind else None


def _quality(thing: Keyword | Criterion) -> int | None:
    return entity_key(thing.criterion_id) % 10 + 1 if isinstance(thing, Keyword) else None


AD_GROUP_CRITERION: Fields = about(
    lambda line: line.thing if line.group and isinstance(line.thing, Keyword | Criterion) else None,
    "ad_group_criterion", {
        "resource_name": (
            "RESOURCE_NAME",
            lambda k, line: f"{line.customer}/adGroupCriteria/{line.group_id}~{k.criterion_id}",
        ),
        "ad_group": ("RESOURCE_NAME", lambda k, line: f"{line.customer}/adGroups/{line.group_id}"),
        "criterion_id": ("INT64", lambda k, line: k.criterion_id),
        "type": ("ENUM", lambda k, line: "KEYWORD" if isinstance(k, Keyword) else k.kind),
        "status": ("ENUM", lambda k, line: k.status if isinstance(k, Keyword) else "ENABLED"),
        "negative": ("BOOLEAN", lambda k, line: isinstance(k, Criterion) and k.negative),
        "approval_status": ("ENUM", lambda k, line: "APPROVED" if isinstance(k, Keyword) else None),
        "keyword.text": ("STRING", lambda k, line: k.text if _keyword(k) else None),
        "keyword.match_type": ("ENUM", lambda k, line: k.match_type if _keyword(k) else None),
        "age_range.type": ("ENUM", lambda k, line: _of_kind(k, "AGE_RANGE")),
        "gender.type": ("ENUM", lambda k, line: _of_kind(k, "GENDER")),
        "effective_cpc_bid_micros": ("INT64", lambda k, line: "850000" if _keyword(k) else None),
        "cpc_bid_micros": ("INT64", lambda k, line: "850000" if _keyword(k) and len(k.text) % 2 else None),
        "quality_info.quality_score": ("INT32", lambda k, line: _quality(k)),
        "final_urls": ("STRING*", lambda k, line: None),
    },
)  # fmt: skip
CAMPAIGN_CRITERION: Fields = about(
    lambda line: line.thing if line.campaign and isinstance(line.thing, Criterion) else None, "campaign_criterion", {
        "resource_name": (
            "RESOURCE_NAME",
            lambda k, line: f"{line.customer}/campaignCriteria/{line.campaign_id}~{k.criterion_id}",
        ),
        "campaign": ("RESOURCE_NAME", lambda k, line: f"{line.customer}/campaigns/{line.campaign_id}"),
        "criterion_id": ("INT64", lambda k, line: k.criterion_id),
        "type": ("ENUM", lambda k, line: k.kind),
        "status": ("ENUM", lambda k, line: "ENABLED"),
        "negative": ("BOOLEAN", lambda k, line: k.negative),
        "location.geo_target_constant": ("RESOURCE_NAME", lambda k, line: _of_kind(k, "LOCATION")),
        "language.language_constant": ("RESOURCE_NAME", lambda k, line: _of_kind(k, "LANGUAGE")),
    },
)  # fmt: skip


def _coded(line: Line) -> str:
    return urlsafe_b64encode(line.splits["search_term"].encode()).decode().rstrip("=")


def _by_criterion(view: str, path: str) -> Fields:
    """A view with one row per criterion of an ad group has nothing but its name."""
    return about(lambda line: line.thing if line.group else None, view, {
        "resource_name": (
            "RESOURCE_NAME", lambda k, line: f"{line.customer}/{path}/{line.group_id}~{k.criterion_id}"
        ),
    })  # fmt: skip


KEYWORD_VIEW = _by_criterion("keyword_view", "keywordViews")
AGE_RANGE_VIEW = _by_criterion("age_range_view", "ageRangeViews")
GENDER_VIEW = _by_criterion("gender_view", "genderViews")
SEARCH_TERM_VIEW: Fields = about(
    lambda line: line.group if "search_term" in line.splits else None, "search_term_view", {
        "resource_name": (
            "RESOURCE_NAME",
            lambda g, line: f"{line.customer}/searchTermViews/{g.campaign.campaign_id}~{g.ad_group_id}~{_coded(line)}",
        ),
        "search_term": ("STRING", lambda g, line: line.splits["search_term"]),
        "ad_group": ("RESOURCE_NAME", lambda g, line: f"{line.customer}/adGroups/{g.ad_group_id}"),
        "status": ("ENUM", lambda g, line: "ADDED" if _is_keyword(g, line) else "NONE"),
    },
)  # fmt: skip
CAMPAIGN_SEARCH_TERM_VIEW: Fields = about(
    lambda line: line.campaign if "search_term" in line.splits else None, "campaign_search_term_view", {
        "resource_name": (
            "RESOURCE_NAME",
            lambda c, line: f"{line.customer}/campaignSearchTermViews/{c.campaign_id}~{_coded(line)}",
        ),
        "search_term": ("STRING", lambda c, line: line.splits["search_term"]),
        "campaign": ("RESOURCE_NAME", lambda c, line: f"{line.customer}/campaigns/{c.campaign_id}"),
    },
)  # fmt: skip


def _is_keyword(group: AdGroup, line: Line) -> bool:
    return line.splits["search_term"] in {keyword.text for keyword in keywords_of(group)}


def _gclid(line: Line) -> str:
    assert line.row is not None
    return f"Cj0KCQ{entity_key(line.row.day, line.row.ad_group_id, line.row.ad_id, line.splits['click']):016x}"


CLICK_VIEW: Fields = about(lambda line: line.ad if "click" in line.splits else None, "click_view", {
    "resource_name": ("RESOURCE_NAME", lambda a, line: f"{line.customer}/clickViews/{line.day}~{_gclid(line)}"),
    "gclid": ("STRING", lambda a, line: _gclid(line)),
    "ad_group_ad": (
        "RESOURCE_NAME", lambda a, line: f"{line.customer}/adGroupAds/{a.ad_group.ad_group_id}~{a.ad_id}"
    ),
})  # fmt: skip


def _country(line: Line) -> str:
    return str(COUNTRIES[line.splits["country"]])


GEOGRAPHIC_VIEW: Fields = about(lambda line: line if "country" in line.splits else None, "geographic_view", {
    "resource_name": (
        "RESOURCE_NAME", lambda _, line: f"{line.customer}/geographicViews/{_country(line)}~{line.splits['location']}"
    ),
    "country_criterion_id": ("INT64", lambda _, line: _country(line)),
    "location_type": ("ENUM", lambda _, line: line.splits["location"]),
})  # fmt: skip
USER_LOCATION_VIEW: Fields = about(lambda line: line if "country" in line.splits else None, "user_location_view", {
    "resource_name": (
        "RESOURCE_NAME",
        lambda _, line: f"{line.customer}/userLocationViews/{_country(line)}~{str(_is_home(line)).lower()}",
    ),
    "country_criterion_id": ("INT64", lambda _, line: _country(line)),
    "targeting_location": ("BOOLEAN", lambda _, line: _is_home(line)),
})  # fmt: skip


def _is_home(line: Line) -> bool:
    return line.splits["country"] == line.account.country


CONVERSION_ACTION: Fields = about(
    lambda line: line.thing if isinstance(line.thing, ConversionAction) else None, "conversion_action", {
        "resource_name": ("RESOURCE_NAME", lambda a, line: f"{line.customer}/conversionActions/{a.action_id}"),
        "id": ("INT64", lambda a, line: a.action_id),
        "name": ("STRING", lambda a, line: a.name),
        "status": ("ENUM", lambda a, line: "ENABLED"),
        "type": ("ENUM", lambda a, line: "UPLOAD_CLICKS" if "PHONE" in a.category else "WEBPAGE"),
        "category": ("ENUM", lambda a, line: a.category),
        "origin": ("ENUM", lambda a, line: "WEBSITE"),
        "owner_customer": ("RESOURCE_NAME", lambda a, line: line.customer),
        "primary_for_goal": ("BOOLEAN", lambda a, line: a.primary),
        "include_in_conversions_metric": ("BOOLEAN", lambda a, line: a.primary),
        "counting_type": ("ENUM", lambda a, line: "MANY_PER_CLICK" if a.category == "PURCHASE" else "ONE_PER_CLICK"),
        "click_through_lookback_window_days": ("INT64", lambda a, line: str(a.click_window_days)),
        "view_through_lookback_window_days": ("INT64", lambda a, line: str(a.view_window_days)),
        "attribution_model_settings.attribution_model": (
            "ENUM", lambda a, line: "GOOGLE_SEARCH_ATTRIBUTION_DATA_DRIVEN"
        ),
        "value_settings.default_value": ("DOUBLE", lambda a, line: 1.0 if a.category == "PURCHASE" else 0.0),
        "value_settings.always_use_default_value": ("BOOLEAN", lambda a, line: False),
    },
)  # fmt: skip
CUSTOMER_CLIENT: Fields = about(
    lambda line: line.thing if isinstance(line.thing, Child) else None, "customer_client", {
        "resource_name": ("RESOURCE_NAME", lambda c, line: f"{line.customer}/customerClients/{c.customer_id}"),
        "client_customer": ("RESOURCE_NAME", lambda c, line: f"customers/{c.customer_id}"),
        "id": ("INT64", lambda c, line: c.customer_id),
        "descriptive_name": ("STRING", lambda c, line: c.name),
        "currency_code": ("STRING", lambda c, line: c.currency),
        "time_zone": ("STRING", lambda c, line: c.timezone),
        "status": ("ENUM", lambda c, line: c.status),
        "level": ("INT64", lambda c, line: str(c.level)),
        "manager": ("BOOLEAN", lambda c, line: c.manager),
        "test_account": ("BOOLEAN", lambda c, line: False),
        "hidden": ("BOOLEAN", lambda c, line: False),
        "applied_labels": ("RESOURCE_NAME*", lambda c, line: None),
    },
)  # fmt: skip
