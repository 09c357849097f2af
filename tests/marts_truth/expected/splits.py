"""Delivery divided by country, device, people, hour and so on; keywords and what people typed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from sandbox.world.breakdowns import CONVERSION_COLUMNS, Dimension, apportion, split
from sandbox.world.creatives import Keyword, keywords_of
from sandbox.world.figures import Level
from sandbox.world.model import MICROS, PERFORMANCE_MAX, Account, FigureRow, micros_per_minor
from sandbox.world.randomness import entity_key
from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import rules
from tests.marts_truth.expected.conversions import SETTING, meta_events
from tests.marts_truth.expected.engagement import COST_IN_USD, dollars
from tests.marts_truth.expected.facts import ACCOUNT_DAY, FX, HASH, link_clicks
from tests.marts_truth.expected.truth import Truth, converted, units

_KEYS = (*ACCOUNT_DAY, "campaign_id", "ad_group_id", "breakdown", "value_1", "value_2", "source_report")
_MATCH_TYPES = ("EXACT", "PHRASE", "BROAD", "NEAR_EXACT", "NEAR_PHRASE")
_LEAST_IMPRESSIONS_OF_A_TERM, _FEWEST_EVENTS = 2, 3
Parts = Iterable[tuple[str, str, FigureRow]]


@dataclass(frozen=True)
class Report:
    """A raw report of splits. parts: row -> (value_1, value_2, figures). window: under which name rules.py knows it."""

    name: str
    breakdown: str
    coverage: str
    level: Level
    parts: Callable[[Account, FigureRow, datetime], Parts]
    window: str = ""


def _one(dimension: Dimension, spelled: Callable[[str], str] = str) -> Callable[[Account, FigureRow, datetime], Parts]:
    return lambda account, row, at: (
        (spelled(value), "all", part) for value, part in split(account, row, dimension, at)
    )


def _pair(dimension: Dimension, spelled: Callable[[str, str], tuple[str, str]]) -> Callable[..., Parts]:
    def parts(account: Account, row: FigureRow, at: datetime) -> Iterator[tuple[str, str, FigureRow]]:
        for value, part in split(account, row, dimension, at):
            yield *spelled(*value.split("|")), part

    return parts


def _device_network(account: Account, row: FigureRow, at: datetime) -> Iterator[tuple[str, str, FigureRow]]:
    for device, whole in split(account, row, "device", at):
        for network, part in split(account, whole, "network", at):
            yield device, network, part


def _google_country(account: Account, row: FigureRow, at: datetime) -> Iterator[tuple[str, str, FigureRow]]:
    """Of twelve people eleven were in the country, one was interested in it."""
    minor = micros_per_minor(account.currency)
    for country, whole in split(account, row, "country", at):
        present, interested = replace(whole), replace(whole)
        for name in ("impressions", "clicks", "spend", "conversions", "value"):
            quantum = minor if name in ("spend", "value") else MICROS if name == "conversions" else 1
            shares = apportion(getattr(whole, name), (11, 1), quantum)
            for part, share in zip((present, interested), shares, strict=True):
                setattr(part, name, share)
        yield country, "LOCATION_OF_PRESENCE", present
        yield country, "AREA_OF_INTEREST", interested


def _people(place: int, words: dict[str, str]) -> Callable[[Account, FigureRow, datetime], Parts]:
    """Google tells ages and genders, never both at once."""

    def parts(account: Account, row: FigureRow, at: datetime) -> Iterator[tuple[str, str, FigureRow]]:
        sums: dict[str, FigureRow] = {}
        for people, part in split(account, row, "age_gender"):
            name = words[people.split("|")[place]]
            known = sums.setdefault(name, FigureRow(row.day, row.campaign_id, row.ad_group_id))
            for column in ("impressions", "clicks", "spend", *CONVERSION_COLUMNS):
                setattr(known, column, getattr(known, column) + getattr(part, column))
        return ((name, "all", part) for name, part in sums.items())

    return parts


_AGES = {"18-24": "AGE_RANGE_18_24", "25-34": "AGE_RANGE_25_34", "35-44": "AGE_RANGE_35_44",
         "45-54": "AGE_RANGE_45_54", "55-64": "AGE_RANGE_55_64", "65+": "AGE_RANGE_65_UP"}  # fmt: skip
_GENDERS = {"male": "MALE", "female": "FEMALE", "unknown": "UNDETERMINED"}
_LINKEDIN_PLACES = {
    "US": "103644278", "BR": "106057199", "ES": "105646813", "GB": "101165590", "PT": "100364837", "CA": "101174742",
    "MX": "103323778", "IE": "104738515", "JP": "101355337", "CL": "104621616", "AR": "100446943",
}  # fmt: skip


def _tiktok_people(age: str, gender: str) -> tuple[str, str]:
    words = "AGE_" + age.replace("55+", "55-100").replace("-", "_")
    return words, {"unknown": "NONE"}.get(gender, gender.upper())


def _as_told(first: str, second: str) -> tuple[str, str]:
    return first, second


def _last(urn: str) -> str:
    return urn.rpartition(":")[2]


REPORTS: dict[str, tuple[Report, ...]] = {
    "meta_ads": (
        Report("campaign_country_daily", "country", "estimate", "campaign", _one("country")),
        Report("campaign_region_daily", "region", "estimate", "campaign", _one("region"), "campaign_region_daily"),
        Report("campaign_device_daily", "device", "estimate", "campaign", _one("device")),
        Report("campaign_placement_daily", "placement", "estimate", "campaign", _pair("placement", _as_told)),
        Report("campaign_age_gender_daily", "age_gender", "estimate", "campaign", _pair("age_gender", _as_told)),
        Report("campaign_hourly", "hour", "estimate", "campaign", _one("hour"), "campaign_hourly"),
    ),
    "google_ads": (
        Report("campaign_device_network_daily", "device_network", "complete", "campaign", _device_network),
        Report("campaign_country_daily", "country", "partial", "campaign", _google_country),
        Report("campaign_hourly", "hour", "complete", "campaign", _one("hour"), "campaign_hourly"),
        Report("ad_group_age_daily", "age", "partial", "ad_group", _people(0, _AGES)),
        Report("ad_group_gender_daily", "gender", "partial", "ad_group", _people(1, _GENDERS)),
    ),
    "tiktok_ads": (
        Report("campaign_country_daily", "country", "partial", "campaign", _one("country")),
        Report("campaign_age_gender_daily", "age_gender", "partial", "campaign", _pair("age_gender", _tiktok_people)),
        Report("campaign_platform_daily", "operating_system", "partial", "campaign", _one("device")),
        Report("campaign_placement_daily", "placement", "partial", "campaign", _one("placement")),
        Report("campaign_hourly", "hour", "complete", "campaign", _one("hour"), "campaign_hourly"),
    ),
    "linkedin_ads": (
        Report("campaign_impression_device_type_daily", "device", "partial", "ad_group", _one("device")),
        Report("campaign_placement_name_daily", "placement", "partial", "ad_group", _one("placement")),
        Report("campaign_member_country_daily", "member_country", "estimate", "ad_group",
               _one("country", _LINKEDIN_PLACES.__getitem__), "demographics"),
        Report("campaign_member_job_function_daily", "member_job_function", "estimate", "ad_group",
               _one("job_function", _last), "demographics"),
        Report("campaign_member_industry_daily", "member_industry", "estimate", "ad_group", _one("industry", _last),
               "demographics"),
        Report("campaign_member_seniority_daily", "member_seniority", "estimate", "ad_group",
               _one("seniority", _last), "demographics"),
        Report("campaign_member_company_size_daily", "member_company_size", "estimate", "ad_group",
               _one("company_size", _last), "demographics"),
    ),
}  # fmt: skip
_COUNTRY_NAMES = {
    "AR": "Argentina", "BR": "Brazil", "CA": "Canada", "CL": "Chile", "ES": "Spain", "GB": "United Kingdom",
    "IE": "Ireland", "JP": "Japan", "MX": "Mexico", "PT": "Portugal", "US": "United States",
}  # fmt: skip


def delivery_breakdown(truth: Truth) -> Expected:
    rows = [
        row
        for account in truth.of(*rules.AD_PLATFORMS)
        for report in REPORTS[account.platform]
        for row in _report(truth, account, report)
    ]
    shapes = {"actions": _by_type, "action_values": _by_type}
    return Expected(_KEYS, pd.DataFrame(rows, dtype=object), FX, COST_IN_USD, shapes, HASH)


def _by_type(actions: list[dict[str, str]]) -> dict[str, Decimal]:
    """Meta's list of actions, in whatever order."""
    return {action["action_type"]: Decimal(action["value"]) for action in actions}


def _told_of(account: Account, report: Report, row: FigureRow, at: datetime) -> Parts:
    """LinkedIn names no group of members with fewer than three events."""
    parts = report.parts(account, row, at)
    if report.window != "demographics":
        return parts
    return (part for part in parts if part[2].impressions >= _FEWEST_EVENTS)


def _report(truth: Truth, account: Account, report: Report) -> Iterator[dict[str, Any]]:
    for row, at in truth.figures_of_report(account, report.level, report.window):
        for value_1, value_2, part in _told_of(account, report, row, at):
            figures = _figures(truth, account, report, part)
            if not _is_told(account.platform, part, figures):
                continue
            shared = truth.account_day(account, row.day)
            country = value_1 if report.breakdown == "country" else None
            yield {
                **shared,
                "campaign_id": row.campaign_id,
                "ad_group_id": row.ad_group_id if report.level == "ad_group" else "all",
                "breakdown": report.breakdown,
                "value_1": value_1,
                "value_2": value_2,
                "country_code": country,
                "country_name": _COUNTRY_NAMES[country] if country else None,
                "coverage": report.coverage,
                "source_report": report.name,
                **figures,
                "spend_reporting": converted(figures["spend"], shared["fx_rate"]),
            }


def _figures(truth: Truth, account: Account, report: Report, part: FigureRow) -> dict[str, Any]:
    spend = units(part.spend)
    if account.platform == "linkedin_ads" and report.window == "demographics":
        # Figures of members are not corrected for what was delivered beyond the budget.
        spend = units(part.spend + part.spend * 3 // 200)
    told: dict[str, Any] = {
        "impressions": part.impressions, "clicks": part.clicks, "link_clicks": link_clicks(account, part),
        "spend": spend, "conversions": None, "conversions_value": None, "actions": None, "action_values": None,
        "cost_in_usd": None,
    }  # fmt: skip
    match account.platform:
        case "meta_ads":
            if report.breakdown not in ("region", "hour"):
                told |= {"actions": _actions(account, part) or None}
                told |= {"action_values": _action_values(account, part) or None}
        case "google_ads":
            told |= {"conversions": units(part.conversions), "conversions_value": units(part.value)}
        case "tiktok_ads":
            told |= {"conversions": part.conversions // MICROS}
        case _:
            told |= {"conversions": part.conversions // MICROS, "cost_in_usd": dollars(truth, account, part, spend)}
    return told


def _is_told(platform: str, part: FigureRow, figures: dict[str, Any]) -> bool:
    if platform == "google_ads":
        return any((part.impressions, part.clicks, part.spend, part.conversions, part.value))
    if platform == "linkedin_ads":
        return any((
            part.impressions, part.clicks, part.spend, part.link_clicks, figures["conversions"], part.likes,
            part.comments, part.shares, part.follows, part.video_plays,
        ))  # fmt: skip
    return True


def _actions(account: Account, row: FigureRow) -> dict[str, Decimal]:
    """Meta's list of actions by name."""
    links = row.link_clicks or 0
    post = links + row.video_2s + row.comments + row.likes + row.shares + row.saves
    told = {
        "page_engagement": post + row.follows, "post_engagement": post, "link_click": links,
        "landing_page_view": links * 4 // 5, "comment": row.comments, "post_reaction": row.likes, "post": row.shares,
        "onsite_conversion.post_save": row.saves, "like": row.follows, "video_view": row.video_2s,
    }  # fmt: skip
    # What was clicked is listed also where four fifths of it are none.
    on_meta = {name: Decimal(count) for name, count in told.items() if count}
    return on_meta | {event.name: event.count for event in _off_meta(account, row)}


def _action_values(account: Account, row: FigureRow) -> dict[str, Decimal]:
    return {event.name: event.value for event in _off_meta(account, row) if event.value}


def _off_meta(account: Account, row: FigureRow) -> Iterator[Any]:
    if not account.mixed_attribution:
        yield from (event for event in meta_events(account, row) if event.window == SETTING)


_TERM_KEYS = (*ACCOUNT_DAY, "campaign_id", "ad_group_id", "source", "search_term", "match_type")


def _google_row(truth: Truth, account: Account, part: FigureRow) -> dict[str, Any]:
    shared = truth.account_day(account, part.day)
    spend = units(part.spend)
    return {
        **shared, "campaign_id": part.campaign_id, "impressions": part.impressions, "clicks": part.clicks,
        "spend": spend, "conversions": units(part.conversions), "conversions_value": units(part.value),
        "spend_reporting": converted(spend, shared["fx_rate"]),
    }  # fmt: skip


def keywords(truth: Truth) -> Expected:
    rows = []
    for account in truth.of("google_ads"):
        for row in truth.figures(account, "ad_group"):
            known = _keywords(account, row)
            for criterion_id, part in split(account, row, "keyword", truth.now) if known else ():
                if not criterion_id:
                    continue
                keyword = known[criterion_id]
                rows.append(
                    _google_row(truth, account, part)
                    | {
                        "ad_group_id": row.ad_group_id, "criterion_id": criterion_id, "keyword_text": keyword.text,
                        "match_type": keyword.match_type, "quality_score": entity_key(criterion_id) % 10 + 1,
                    }
                )  # fmt: skip
    keys = (*ACCOUNT_DAY, "ad_group_id", "criterion_id")
    return Expected(keys, pd.DataFrame(rows, dtype=object), FX, left_out=HASH)


def _keywords(account: Account, row: FigureRow) -> dict[str, Keyword]:
    return {keyword.criterion_id: keyword for keyword in keywords_of(account.ad_group_by_id[row.ad_group_id])}


def search_terms(truth: Truth) -> Expected:
    rows = []
    for account in truth.of("google_ads"):
        kinds = {campaign.campaign_id: campaign.kind for campaign in account.campaigns}
        searched = [group for group in account.ad_groups if keywords_of(group)]
        for row in truth.figures(account, "ad_group"):
            texts = {keyword.text for keyword in _keywords(account, row).values()}
            if texts:
                for term, part in _terms(account, row, truth.now):
                    kind = _MATCH_TYPES[entity_key(term) % len(_MATCH_TYPES)]
                    status = "ADDED" if term in texts else "NONE"
                    rows.append(_term(truth, account, part, row.ad_group_id, "search_term_view", term, kind, status))
        for row in truth.figures(account, "campaign"):
            if kinds[row.campaign_id] == PERFORMANCE_MAX and searched:
                # What is typed there is what the account's first search ad group is about.
                lent = replace(row, ad_group_id=searched[0].ad_group_id)
                for term, part in _terms(account, lent, truth.now):
                    rows.append(
                        _term(truth, account, part, rules.NOT_AT_AD_LEVEL, "campaign_search_term_view", term,
                              "not-told", None)
                    )  # fmt: skip
    return Expected(_TERM_KEYS, pd.DataFrame(rows, dtype=object), FX, left_out=HASH)


def _terms(account: Account, row: FigureRow, at: datetime) -> Iterator[tuple[str, FigureRow]]:
    """Terms of one person alone stay unknown. Two keywords may have one term in common."""
    sums: dict[str, FigureRow] = {}
    for term, part in split(account, row, "search_term", at):
        if not term or part.impressions < _LEAST_IMPRESSIONS_OF_A_TERM:
            continue
        if term in sums:
            for column in ("impressions", "clicks", "spend", "conversions", "value"):
                setattr(sums[term], column, getattr(sums[term], column) + getattr(part, column))
        else:
            sums[term] = part
    yield from sums.items()


def _term(
    truth: Truth, account: Account, part: FigureRow, ad_group_id: str, source: str, term: str, kind: str,
    status: str | None,
) -> dict[str, Any]:  # fmt: skip
    named = {"ad_group_id": ad_group_id, "source": source, "search_term": term, "match_type": kind, "status": status}
    return _google_row(truth, account, part) | named
