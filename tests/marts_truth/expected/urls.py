"""Where ads lead, what the site's analytics sees of them, and what of the spend it does not see."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import normalize
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pandas as pd

from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import dimensions, facts
from tests.marts_truth.expected.facts import ACCOUNT_DAY, AD_DAY
from tests.marts_truth.expected.truth import Truth

_AD = (*ACCOUNT_DAY[:3], "ad_group_id", "ad_id")
_TAGS = ("utm_source", "utm_medium", "utm_campaign", "utm_content", "utm_term")
_LANDING_PAGE = "{lpurl}"
# What the worlds' templates hold, in the platforms' spellings; what each click fills in has no one value.
_PLACEHOLDERS = {
    "meta_ads": {"{{campaign.name}}": "campaign_name", "{{ad.name}}": "ad_name"},
    "google_ads": {"{campaignid}": "campaign_id", "{creative}": "ad_id", "{keyword}": "dynamic"},
    "tiktok_ads": {"__CAMPAIGN_NAME__": "campaign_name", "__CID__": "ad_id"},
    "linkedin_ads": {},
}  # fmt: skip
_PAID_SOCIAL = "paid_social, paid-social, paidsocial, social_paid, paid"
_MEDIUMS = {
    "meta_ads": _PAID_SOCIAL, "tiktok_ads": _PAID_SOCIAL, "linkedin_ads": _PAID_SOCIAL,
    "google_ads": "cpc, ppc, paid_search, paid-search, paidsearch, display, cpm, video, shopping, pmax, paid",
}  # fmt: skip
_AUDITED_DAYS = 30
Record = dict[Any, Any]


def _records(expected: Expected) -> list[Record]:
    return expected.frame.to_dict("records")


def ad_url(truth: Truth) -> Expected:
    """One row per ad with the parameters that arrive at the landing page; of one that is given twice the first."""
    names = {campaign["campaign_id"]: campaign["campaign_name"] for campaign in _records(dimensions.campaigns(truth))}
    rows = [
        {key: ad[key] for key in (*_AD, "campaign_id")} | _address({**ad, "campaign_name": names[ad["campaign_id"]]})
        for ad in _records(dimensions.ads(truth))
    ]
    return Expected(_AD, pd.DataFrame(rows, dtype=object))


def _address(ad: Record) -> dict[str, Any]:
    url, platform = ad["destination_url"], ad["platform"]
    parts = urlsplit(url) if url else None
    template, tags = ad["tracking_url_template"] or "", ad["url_tags"] or ""
    appended = [template.removeprefix(_LANDING_PAGE).lstrip("?&")] if template.startswith(_LANDING_PAGE) else []
    # TikTok lists the parameters of the address once more.
    if platform != "tiktok_ads" or not re.search("[?&]utm_", url or ""):
        appended.append(tags)
    query = "&".join(part for part in [parts.query if parts else "", *appended] if part)
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in _TAGS and value:
            found.setdefault(name, _filled_in(ad, value))
    return {
        "destination_url": url,
        "appended_parameters": "&".join(part for part in appended if part) or None,
        "base_url": f"{parts.scheme}://{parts.netloc}{parts.path}" if parts else None,
        "url_host": parts.netloc.lower() if parts else None,
        "url_path": parts.path if parts else None,
        **{name: found.get(name) for name in _TAGS},
        "is_auto_tagged": platform == "google_ads",
        "unresolved_placeholders": None,
        "url_mistakes": "",
    }


def _filled_in(ad: Record, value: str) -> str:
    for placeholder, column in _PLACEHOLDERS[ad["platform"]].items():
        value = value.replace(placeholder, "dynamic" if column == "dynamic" else ad[column])
    return value


def url_performance(truth: Truth) -> Expected:
    """Every row of the ads' performance once."""
    frame = facts.ad_performance(truth).frame
    figures = [
        *AD_DAY, "campaign_id", "account_currency", "impressions", "clicks", "link_clicks", "spend", "conversions",
        "conversions_value", "reporting_currency", "spend_reporting", "conversions_value_reporting", "fx_reason",
    ]  # fmt: skip
    urls = ad_url(truth).frame[[*_AD, "base_url", "url_host", "url_path", *_TAGS]]
    joined = frame[figures].merge(urls, on=list(_AD), how="left", validate="many_to_one")
    return Expected(AD_DAY, joined.astype(object))


def _word(text: str) -> str:
    """In any case and spacing."""
    return re.sub(r"[\s\u00a0]+", " ", normalize("NFC", text)).strip().lower()


def tracking_audit(truth: Truth) -> Expected:
    """Findings on the ads that spent money in the client's last thirty days."""
    spent = _spent(truth)
    names = {campaign["campaign_id"]: campaign["campaign_name"] for campaign in _records(dimensions.campaigns(truth))}
    words: dict[tuple[str, ...], set[str]] = {}
    for row in _records(dimensions.campaign_history(truth)):
        key = tuple(row[name] for name in (*ACCOUNT_DAY[:3], "campaign_id"))
        words.setdefault(key, {_word(key[-1])}).add(_word(row["campaign_name"]))
    of_client: dict[str, set[str]] = {}
    for key, own in words.items():
        of_client.setdefault(key[0], set()).update(own)
    rows = []
    for ad in _records(ad_url(truth)):
        key = tuple(ad[name] for name in _AD)
        if key not in spent:
            continue
        campaign = (*key[:3], ad["campaign_id"])
        name = names[ad["campaign_id"]]
        for finding, parameter, found, expected in _findings(ad, name, words[campaign], of_client[key[0]]):
            rows.append(
                {
                    **dict(zip(_AD, key, strict=True)), "campaign_id": ad["campaign_id"], "campaign_name": name,
                    "finding": finding, "parameter": parameter, "found": found, "expected": expected,
                    "base_url": ad["base_url"], "spend_last_30_days": spent[key],
                    "reporting_currency": truth.clients[key[0]].reporting_currency,
                }
            )  # fmt: skip
    return Expected((*_AD, "finding", "parameter"), pd.DataFrame(rows, dtype=object))


def _spent(truth: Truth) -> dict[tuple[str, ...], Decimal | None]:
    """Spend of each ad in the reporting currency; None where a day with cost has no rate."""
    until: dict[str, date] = {
        client.client_id: truth.now.astimezone(ZoneInfo(client.timezone)).date() - timedelta(days=1)
        for client in truth.worlds.clients
    }
    frame = facts.ad_performance(truth).frame
    since = [until[client] - timedelta(days=_AUDITED_DAYS - 1) for client in frame["client_id"]]
    recent = frame[(frame["date_day"] >= since) & (frame["date_day"] <= [until[c] for c in frame["client_id"]])]
    spent: dict[tuple[str, ...], Decimal | None] = {}
    for key, own in recent.groupby(list(_AD)):
        if sum(own["spend"]):
            lacks = any(rate is None and cost for rate, cost in zip(own["fx_rate"], own["spend"], strict=True))
            spent[key] = None if lacks else sum((v for v in own["spend_reporting"] if v is not None), Decimal(0))
    return spent


def _findings(
    ad: Record, name: str, own: set[str], of_client: set[str]
) -> list[tuple[str, str | None, str | None, str]]:
    has_tags, mediums = any(ad[tag] for tag in _TAGS), _MEDIUMS[ad["platform"]]
    found: list[tuple[str, str | None, str | None, str]] = []
    if not ad["is_auto_tagged"]:
        if ad["base_url"] is None:
            found.append(("no_destination", None, None, "an address that the platform tells"))
        elif not has_tags:
            expected = "utm_source, utm_medium and utm_campaign"
            found.append(("no_tracking", None, ad["destination_url"], expected))
        for tag, wanted in (
            ("utm_source", "a value"), ("utm_medium", mediums), ("utm_campaign", "name or id of the campaign"),
        ):  # fmt: skip
            if has_tags and ad[tag] is None:
                found.append(("missing_parameter", tag, None, wanted))
    medium, campaign = ad["utm_medium"], ad["utm_campaign"]
    if medium is not None and "dynamic" not in medium and medium not in mediums.split(", "):
        found.append(("wrong_medium", "utm_medium", medium, mediums))
    if campaign is not None and _word(campaign) not in of_client and "dynamic" not in campaign:
        found.append(("unknown_campaign", "utm_campaign", campaign, name))
    if campaign is not None and _word(campaign) in of_client - own:
        found.append(("other_campaign", "utm_campaign", campaign, name))
    return found
