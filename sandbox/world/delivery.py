"""What was delivered: gross impressions, clicks and spend of every ad on every day, before any restatement.

Arrays have shape (units, days); a unit is an ad or the stand-in of a Performance Max campaign.
"""

from dataclasses import dataclass

import numpy as np

from sandbox.world import calendar, randomness
from sandbox.world.model import PERFORMANCE_MAX, Account, Lifetime, micros_per_minor
from sandbox.world.randomness import Floats, Ints
from sandbox.world.roster import PRICE_LEVEL

_NEVER = 10**7


@dataclass(frozen=True)
class _Market:
    """Prices in US dollars of a place where an ad shows; ctr counts all clicks."""

    cpm: float
    ctr: float
    cpc: float | None = None


# Clicks are bought at cpc where it is given, otherwise impressions at cpm.
_MARKETS = {
    "SEARCH": _Market(cpm=95.0, ctr=0.065, cpc=1.4),
    PERFORMANCE_MAX: _Market(cpm=8.0, ctr=0.012),
    "DISPLAY": _Market(cpm=3.0, ctr=0.006),
    "DEMAND_GEN": _Market(cpm=4.5, ctr=0.008),
    "OUTCOME_SALES": _Market(cpm=14.0, ctr=0.019),
    "OUTCOME_LEADS": _Market(cpm=16.0, ctr=0.021),
    "OUTCOME_TRAFFIC": _Market(cpm=9.0, ctr=0.017),
}
_NEWER_MARKETS: dict[str, dict[str, _Market]] = {
    "tiktok_ads": {
        "WEB_CONVERSIONS": _Market(cpm=8.5, ctr=0.0095),
        "TRAFFIC": _Market(cpm=6.0, ctr=0.011),
        "LEAD_GENERATION": _Market(cpm=9.5, ctr=0.009),
        "VIDEO_VIEWS": _Market(cpm=4.0, ctr=0.004),
    },
    "linkedin_ads": {
        "WEBSITE_CONVERSION": _Market(cpm=62.0, ctr=0.0046),
        "WEBSITE_VISIT": _Market(cpm=55.0, ctr=0.0052, cpc=11.0),
        "LEAD_GENERATION": _Market(cpm=70.0, ctr=0.0044),
        "BRAND_AWARENESS": _Market(cpm=38.0, ctr=0.0032),
        "VIDEO_VIEW": _Market(cpm=41.0, ctr=0.0030),
    },
}
_DEFAULT_MARKET = _MARKETS["OUTCOME_SALES"]
# No platform spends more than this share of a daily budget on one day.
_DAY_CAP = {"meta_ads": 1.75, "google_ads": 2.0, "tiktok_ads": 1.3, "linkedin_ads": 1.5}
_LINK_CLICK_SHARE = 0.62
# A prepaid balance that ran out: nothing of the account delivers on such a day.
_DARK_DAY_CHANCE = 0.015
_CLICK_AFTER_MIDNIGHT_CHANCE = 0.0005


@dataclass(frozen=True)
class Delivery:
    """Gross figures; spend in the currency's smallest unit."""

    spend_minor: Ints
    impressions: Ints
    clicks: Ints
    link_clicks: Ints


@dataclass(frozen=True)
class Units:
    """The account's ads as columns: keys (n, 1), campaign number of each unit (n,)."""

    keys: randomness.Keys
    campaign_of: Ints
    campaign_starts: Ints

    @staticmethod
    def of(account: Account) -> "Units":
        number = {campaign.campaign_id: place for place, campaign in enumerate(account.campaigns)}
        campaign_of = np.array([number[ad.campaign.campaign_id] for ad in account.ads], dtype=np.int64)
        keys = np.array([ad.key for ad in account.ads], dtype=np.uint64).reshape(-1, 1)
        starts = np.flatnonzero(np.diff(campaign_of, prepend=-1))
        return Units(keys, campaign_of, starts.astype(np.int64))

    def by_campaign(self, values: Ints) -> Ints:
        """Sums over each campaign's units, in campaign order: (units, days) -> (campaigns with units, days)."""
        summed: Ints = np.add.reduceat(values, self.campaign_starts, axis=0)
        return summed


def _span(lifetime: Lifetime) -> tuple[int, int]:
    last = lifetime.end.toordinal() if lifetime.end else _NEVER
    if lifetime.removed:
        last = min(last, lifetime.removed.toordinal() - 1)
    return lifetime.start.toordinal(), last


def active(account: Account, units: Units, days: Ints) -> np.typing.NDArray[np.bool_]:
    """Which unit may deliver on which day."""
    spans = np.array([_span(ad.lifetime) for ad in account.ads], dtype=np.int64)
    runs = (days >= spans[:, :1]) & (days <= spans[:, 1:])
    campaigns = np.zeros((len(account.campaigns), len(days)), dtype=np.bool_)
    for place, campaign in enumerate(account.campaigns):
        first, last = _span(campaign.lifetime)
        running = (days >= first) & (days <= last)
        for pause_first, pause_last in campaign.lifetime.pauses:
            running &= (days < pause_first.toordinal()) | (days > pause_last.toordinal())
        campaigns[place] = running
    dark = randomness.uniform(account.key, days, "dark-day") < _DARK_DAY_CHANCE
    if account.active_to is not None and not account.recorded:
        dark = dark | (days > account.active_to.toordinal())
    mask: np.typing.NDArray[np.bool_] = runs & campaigns[units.campaign_of] & ~dark
    return mask


def _targets(account: Account, units: Units, days: Ints, running: np.typing.NDArray[np.bool_]) -> Floats:
    """Money that each unit tries to spend, in major units: the campaign's day, split by the ads' changing weights."""
    campaign_keys = np.array([c.key for c in account.campaigns], dtype=np.uint64).reshape(-1, 1)
    budgets = np.array([c.daily_budget_micros / 1e6 for c in account.campaigns]).reshape(-1, 1)
    search = account.platform == "google_ads"
    wobble = randomness.autoregressive(campaign_keys, days, "spend", 0.5, 0.25 if search else 0.10)
    planned = budgets * calendar.spend_factor(days, leads=account.goal == "lead") * np.exp(wobble) * 0.95
    planned = np.minimum(planned, budgets * _DAY_CAP[account.platform] * 0.98)
    weights = np.array([ad.weight for ad in account.ads]).reshape(-1, 1)
    weights = weights * np.exp(randomness.autoregressive(units.keys, days, "weight", 0.9, 0.35)) * running
    totals = np.add.reduceat(weights, units.campaign_starts, axis=0)
    place_of = np.cumsum(np.isin(np.arange(len(units.campaign_of)), units.campaign_starts)) - 1
    shares = np.divide(weights, totals[place_of], out=np.zeros_like(weights), where=totals[place_of] > 0)
    targets: Floats = shares * planned[units.campaign_of]
    return targets


def deliver(account: Account, units: Units, days: Ints) -> Delivery:
    """Gross delivery of the account on the given days (proleptic ordinals)."""
    running = active(account, units, days)
    target = _targets(account, units, days, running)
    level = PRICE_LEVEL.get(account.currency, 1.0)
    prices = _NEWER_MARKETS.get(account.platform, _MARKETS)
    markets = [prices.get(ad.campaign.kind, _DEFAULT_MARKET) for ad in account.ads]
    cpm = level * np.array([m.cpm for m in markets]).reshape(-1, 1) * calendar.price_factor(days)
    cpm = cpm * np.exp(0.25 * randomness.normal(units.keys, 0, "cpm-level"))
    cpm = cpm * np.exp(randomness.autoregressive(account.market_key, days, "cpm-market", 0.8, 0.05))
    cpm = cpm * np.exp(0.06 * randomness.normal(units.keys, days, "cpm-noise"))
    auction = np.exp(0.18 * randomness.normal(units.keys, days, "auction"))
    impressions = randomness.poisson(1000.0 * target / cpm * auction, units.keys, days, "impressions")

    ctr = np.array([m.ctr for m in markets]).reshape(-1, 1) * np.exp(0.42 * randomness.normal(units.keys, 0, "ctr"))
    ctr = np.minimum(ctr * np.exp(0.10 * randomness.normal(units.keys, days, "ctr-noise")), 0.6)
    clicks = np.minimum(randomness.poisson(impressions * ctr, units.keys, days, "clicks"), impressions)

    minor = 1e6 / micros_per_minor(account.currency)
    cpc = level * np.array([m.cpc or 0.0 for m in markets]).reshape(-1, 1)
    cpc = cpc * np.exp(
        0.45 * randomness.normal(units.keys, 0, "cpc") + 0.12 * randomness.normal(units.keys, days, "cpc")
    )
    money = np.where(cpc > 0, np.minimum(clicks * cpc, 1.5 * target), impressions * cpm / 1000.0)
    cap = np.array([ad.campaign.daily_budget_micros / 1e6 for ad in account.ads]).reshape(-1, 1)
    spend = np.rint(np.minimum(money, cap * _DAY_CAP[account.platform]) * minor).astype(np.int64)

    # A click after midnight on an impression of 23:59 makes a tiny day with more clicks than impressions.
    stray = (randomness.uniform(units.keys, days, "stray") < _CLICK_AFTER_MIDNIGHT_CHANCE) & running
    impressions = np.where(stray, 1, impressions)
    clicks = np.where(stray, 2, clicks)
    spend = np.where(stray, np.minimum(spend, max(1, round(minor * level * 0.2))), spend)
    links = np.minimum(randomness.poisson(clicks * _LINK_CLICK_SHARE, units.keys, days, "links"), clicks)
    return Delivery(spend, impressions, clicks, links)
