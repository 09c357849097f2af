"""Cases that a cast must contain: a comparison of worlds in which nothing happens proves nothing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from sandbox.world.history import on_day
from sandbox.world.model import Account
from tests.marts_truth.expected import changes, conversions, dimensions, facts, rules
from tests.marts_truth.expected.truth import Truth

Count = Callable[[Truth], int]


def _restated(truth: Truth) -> int:
    return len(changes.campaign_restatement(truth).frame)


def _renamed(truth: Truth) -> int:
    """Campaigns with figures on days of both names: the present one and the one of the day differ."""
    frame = facts.campaign_performance(truth).frame
    spans = dimensions.campaign_history(truth).frame
    named = spans.groupby("campaign_id")["campaign_name"].nunique()
    return int(frame["campaign_id"].isin(named[named > 1].index).sum())


def _renamed_before(truth: Truth) -> int:
    """Campaigns, ad groups and ads that had another name when they were set up."""
    return sum(
        on_day(thing, truth.today(account)).name != thing.name
        for account in truth.of(*rules.AD_PLATFORMS)
        for thing in (*account.campaigns, *account.ad_groups, *account.ads)
    )


def _deleted(truth: Truth) -> int:
    """Ads that are gone by now and had figures."""
    frame = facts.ad_performance(truth).frame
    with_figures = set(frame.loc[frame["spend"] > 0, "ad_id"])
    gone = {"DELETED", "REMOVED", "AD_STATUS_DELETE"}
    ads = dimensions.ads(truth).frame
    return sum(ad_id in with_figures for ad_id in ads.loc[ads["status"].isin(gone), "ad_id"])


def _without_delivery(truth: Truth) -> int:
    """Published account-days without a row, which are zero in the client's report."""
    days = {(a.account_id, day) for a in truth.of(*rules.AD_PLATFORMS) for day in truth.days(a)}
    frame = facts.campaign_performance(truth).frame
    return len(days - set(zip(frame["account_id"], frame["date_day"], strict=True)))


def _remainders(truth: Truth) -> int:
    frame = facts.ad_performance(truth).frame
    return int((frame["ad_group_id"] == rules.NOT_AT_AD_LEVEL).sum())


def _other_currency(truth: Truth) -> int:
    frame = facts.campaign_performance(truth).frame
    differs = frame["account_currency"] != frame["reporting_currency"]
    return int((differs & frame["fx_rate"].notna() & (frame["spend"] > 0)).sum())


def _without_rate(truth: Truth) -> int:
    frame = facts.campaign_performance(truth).frame
    lacks = frame["fx_rate"].isna() & (frame["spend"] > 0)
    assert frame.loc[lacks, "spend_reporting"].isna().all()
    assert frame.loc[lacks, "fx_reason"].notna().all()
    return int(lacks.sum())


def _odd_days(account: Account, days: list[date]) -> Iterator[date]:
    """Days that have no 24 hours in the zone that the platform counts days in."""
    zone = ZoneInfo(account.day_zone)
    for day in days:
        starts, ends = (datetime.combine(d, time(), zone).astimezone(UTC) for d in (day, day + timedelta(days=1)))
        if ends - starts != timedelta(hours=24):
            yield day


def _clock_changes(truth: Truth) -> int:
    """Ad-days with spend on a day of 23 or 25 hours, by zone at least one."""
    frame = facts.ad_performance(truth).frame
    spent = {(row.account_id, row.date_day) for row in frame.itertuples() if row.spend > 0}
    return sum(
        (account.account_id, day) in spent
        for account in truth.of(*rules.AD_PLATFORMS)
        for day in _odd_days(account, truth.days(account))
    )


def _held(truth: Truth) -> int:
    return sum(truth.is_held(account) for account in truth.worlds.accounts)


def _smart_plus(truth: Truth) -> int:
    ads = dimensions.ads(truth).frame
    with_figures = set(facts.ad_performance(truth).frame["ad_id"])
    return sum(ad_id in with_figures for ad_id in ads.loc[ads["smart_plus_ad_id"].notna(), "ad_id"])


def _counted(family: str, platform: str) -> Count:
    def count(truth: Truth) -> int:
        frame = conversions.conversions_daily(truth).frame
        fits = (
            (frame["conversion_family"] == family)
            & (frame["platform"] == platform)
            & frame["counts_in_family"].astype(bool)
        )
        return int(fits.sum())

    return count


def _rule_changes_headline(truth: Truth) -> int:
    """Rows whose headline is not the default one: a client's file counts more, or leaves something out."""
    frame = conversions.conversions_daily(truth).frame
    counts = frame["counts_in_conversions"].astype(bool)
    own = (frame["conversion_family"] == "add_to_cart") & counts & (frame["platform"] == "meta_ads")
    less = (frame["conversion_family"] == "lead") & ~counts & (frame["platform"] == "google_ads")
    return min(int(own.sum()), int(less.sum()))


def _shared_ad(truth: Truth) -> int:
    """Google's ads that stand in two ad groups."""
    frame: pd.DataFrame = facts.ad_performance(truth).frame
    google = frame[frame["platform"] == "google_ads"]
    return int((google.groupby(["account_id", "ad_id"])["ad_group_id"].nunique() > 1).sum())


def _late_only(truth: Truth) -> int:
    """Days on which an ad has conversions and no delivery."""
    frame = facts.ad_performance(truth).frame
    return sum(row.impressions == 0 and bool(row.conversions) for row in frame.itertuples())


CASES: Mapping[str, Count] = {
    "a restated day": _restated,
    "a campaign with figures under two names": _renamed,
    "an object that was renamed before it was first read": _renamed_before,
    "a deleted ad with figures": _deleted,
    "a day without delivery": _without_delivery,
    "remainders of Performance Max": _remainders,
    "an account in another currency than its client's": _other_currency,
    "a missing exchange rate": _without_rate,
    "spend on the day on which the clocks change": _clock_changes,
    "a held account": _held,
    "creatives of Smart+": _smart_plus,
    "purchases on Meta": _counted("purchase", "meta_ads"),
    "leads on TikTok": _counted("lead", "tiktok_ads"),
    "lead forms on LinkedIn": _counted("lead", "linkedin_ads"),
    "purchases on LinkedIn": _counted("purchase", "linkedin_ads"),
    "a client's own headline": _rule_changes_headline,
    "an ad in two ad groups": _shared_ad,
    "conversions without delivery": _late_only,
}


def absent(truth: Truth) -> list[str]:
    """Cases that this cast does not have."""
    return [name for name, count in CASES.items() if not count(truth)]


def held_is_absent(truth: Truth, published: pd.DataFrame) -> bool:
    """A held account has no row at all, not even one with zeros."""
    held = {account.account_id for account in truth.worlds.accounts if truth.is_held(account)}
    return held.isdisjoint(set(published["account_id"]))
