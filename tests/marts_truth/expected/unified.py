"""Four reports over all platforms in the schema ad_reporting: the same truth in other words."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd

from sandbox.world.model import Account
from tests.marts_truth.compare import Expected
from tests.marts_truth.expected import dimensions, facts
from tests.marts_truth.expected.conversions import SETTING, object_events
from tests.marts_truth.expected.engagement import ad_engagement
from tests.marts_truth.expected.facts import ACCOUNT_DAY
from tests.marts_truth.expected.truth import Truth

_FIGURES = ("clicks", "impressions", "spend", "conversions", "conversions_value")
_PIXEL = ("offsite_conversion.fb_pixel_purchase", "offsite_conversion.fb_pixel_lead")
_ZERO = Decimal(0)
Row = dict[str, Any]


def _delivered(truth: Truth, frame: pd.DataFrame) -> Iterator[Row]:
    """Clicks of Meta are link clicks; of Google also conversions come from here."""
    for row in frame.to_dict("records"):
        google = row["platform"] == "google_ads"
        yield {
            **{name: row.get(name) for name in (*ACCOUNT_DAY, "campaign_id", "ad_group_id", "ad_id")},
            "clicks": row["link_clicks"] if row["platform"] == "meta_ads" else row["clicks"],
            "impressions": row["impressions"],
            "spend": row["spend"],
            "conversions": row["conversions"] if google else _ZERO,
            "conversions_value": row["conversions_value"] if google else _ZERO,
        }


def _events(truth: Truth) -> Iterator[Row]:
    """Events of the pixel on Meta; TikTok's one metric; website conversions and lead forms on LinkedIn."""
    for account in truth.of("meta_ads"):
        yield from _pixel(truth, account)
    for row in ad_engagement(truth).frame.to_dict("records"):
        if row["platform"] == "tiktok_ads":
            yield _event(row, row["optimization_event_conversions"], row["total_purchase_value"])
        elif row["platform"] == "linkedin_ads":
            happened = row["external_website_conversions"] + row["one_click_leads"]
            yield _event(row, happened, row["conversion_value_in_local_currency"])


def _pixel(truth: Truth, account: Account) -> Iterator[Row]:
    for event in object_events(truth, account):
        if event.action_id in _PIXEL and event.window == SETTING:
            place = dict(zip(("date_day", "campaign_id", "ad_group_id", "ad_id"), event.place, strict=True))
            yield _event({**truth.keys(account), **place}, event.count, event.value or _ZERO)


def _event(row: Row, count: Any, value: Any) -> Row:
    ids = {name: row[name] for name in (*ACCOUNT_DAY, "campaign_id", "ad_group_id", "ad_id")}
    nothing = {"clicks": 0, "impressions": 0, "spend": _ZERO}
    return {**ids, **nothing, "conversions": Decimal(count), "conversions_value": Decimal(value)}


def _report(truth: Truth, ids: tuple[str, ...], frame: pd.DataFrame) -> Expected:
    keys = (*ACCOUNT_DAY, *ids)
    sums: dict[tuple[Any, ...], Row] = {}
    for row in (*_delivered(truth, frame), *_events(truth)):
        into = sums.setdefault(tuple(row[key] for key in keys), dict.fromkeys(_FIGURES))
        for name in _FIGURES:
            if row[name] is not None:
                into[name] = (into[name] or 0) + row[name]
    names = _names(truth)
    rows = []
    for key, figures in sums.items():
        place = dict(zip(keys, key, strict=True))
        told = {f"{kind}_name": names[kind](place) for kind in ("account", *(name.removesuffix("_id") for name in ids))}
        platform = {"meta_ads": "facebook_ads"}.get(place["platform"], place["platform"])
        client = place.pop("client_id")
        rows.append({"source_relation": client, **place, "platform": platform, **told, **figures})
    return Expected(("source_relation", *ACCOUNT_DAY[1:], *ids), pd.DataFrame(rows, dtype=object))


def _names(truth: Truth) -> Mapping[str, Callable[[Row], str | None]]:
    """Present names by kind of object."""
    accounts = {account.account_id: account.name for account in truth.worlds.accounts}
    known: dict[str, dict[tuple[str, ...], str]] = {}
    for kind, dimension, keys in (
        ("campaign", dimensions.campaigns, ("account_id", "campaign_id")),
        ("ad_group", dimensions.ad_groups, ("account_id", "campaign_id", "ad_group_id")),
        ("ad", dimensions.ads, ("account_id", "ad_group_id", "ad_id")),
    ):
        frame = dimension(truth).frame
        known[kind] = {tuple(row[key] for key in keys): row[f"{kind}_name"] for row in frame.to_dict("records")}
    return {
        "account": lambda place: accounts[place["account_id"]],
        "campaign": lambda place: known["campaign"][place["account_id"], place["campaign_id"]],
        "ad_group": lambda place: known["ad_group"][place["account_id"], place["campaign_id"], place["ad_group_id"]],
        "ad": lambda place: known["ad"][place["account_id"], place["ad_group_id"], place["ad_id"]],
    }


def account_report(truth: Truth) -> Expected:
    return _report(truth, (), facts.campaign_performance(truth).frame)


def campaign_report(truth: Truth) -> Expected:
    return _report(truth, ("campaign_id",), facts.campaign_performance(truth).frame)


def ad_group_report(truth: Truth) -> Expected:
    return _report(truth, ("campaign_id", "ad_group_id"), facts.ad_performance(truth).frame)


def ad_report(truth: Truth) -> Expected:
    return _report(truth, ("campaign_id", "ad_group_id", "ad_id"), facts.ad_performance(truth).frame)
