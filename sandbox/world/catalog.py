"""Fills the clients' accounts with campaigns, ad groups and ads, and with the days on which they live."""

import math
import random
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.world import names
from sandbox.world.ids import account_id, object_id
from sandbox.world.media import Publishing
from sandbox.world.model import (
    PERFORMANCE_MAX,
    Account,
    Ad,
    AdGroup,
    Campaign,
    Client,
    Lifetime,
    Platform,
    Removal,
)
from sandbox.world.randomness import entity_key
from sandbox.world.roster import AGENCY_CREDENTIALS, COUNTRY_OF_ZONE, PRICE_LEVEL, AccountPlan, ClientPlan, client_plans

# Campaigns keep being set up for so many days after the world's start instant.
FUTURE_DAYS = 90
_META_KINDS = ("OUTCOME_SALES", "OUTCOME_SALES", "OUTCOME_TRAFFIC", "OUTCOME_SALES")
_META_LEAD_KINDS = ("OUTCOME_LEADS", "OUTCOME_LEADS", "OUTCOME_TRAFFIC")
_GOOGLE_KINDS = ("SEARCH", PERFORMANCE_MAX, "SEARCH", "DISPLAY", "SEARCH", "DEMAND_GEN")
_TIKTOK_KINDS = ("WEB_CONVERSIONS", "WEB_CONVERSIONS", "TRAFFIC", "WEB_CONVERSIONS", "VIDEO_VIEWS")
_TIKTOK_LEAD_KINDS = ("LEAD_GENERATION", "LEAD_GENERATION", "TRAFFIC", "VIDEO_VIEWS")
_LINKEDIN_KINDS = ("WEBSITE_CONVERSION", "WEBSITE_VISIT", "WEBSITE_CONVERSION", "BRAND_AWARENESS")
_LINKEDIN_LEAD_KINDS = ("LEAD_GENERATION", "LEAD_GENERATION", "WEBSITE_VISIT", "VIDEO_VIEW")
_AD_GROUP_KINDS = {
    "SEARCH": "SEARCH_STANDARD", "DISPLAY": "DISPLAY_STANDARD", "DEMAND_GEN": "UNSPECIFIED",
    "WEB_CONVERSIONS": "CONVERT", "TRAFFIC": "CLICK", "LEAD_GENERATION": "LEAD_GENERATION", "VIDEO_VIEWS": "VIDEO_VIEW",
    "WEBSITE_CONVERSION": "MAX_CONVERSION", "WEBSITE_VISIT": "MAX_CLICK", "BRAND_AWARENESS": "MAX_REACH",
    "VIDEO_VIEW": "MAX_VIDEO_VIEW",
}  # fmt: skip
# The kinds of campaign in turn, by platform: (for purchases, for leads).
_KINDS: dict[Platform, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "meta_ads": (_META_KINDS, _META_LEAD_KINDS),
    "google_ads": (_GOOGLE_KINDS, _GOOGLE_KINDS),
    "tiktok_ads": (_TIKTOK_KINDS, _TIKTOK_LEAD_KINDS),
    "linkedin_ads": (_LINKEDIN_KINDS, _LINKEDIN_LEAD_KINDS),
    "instagram": ((), ()),
}
_CHANNELS: dict[Platform, str] = {"meta_ads": "META", "google_ads": "GADS", "tiktok_ads": "TT", "linkedin_ads": "LI"}
_ALWAYS_ON_SHARE, _FLIGHT_SHARE = 0.35, 0.20
_AD_SPEND_SIGMA = 1.5
_NASTY_CAMPAIGN: dict[Platform, int] = {"meta_ads": 0, "google_ads": 1, "tiktok_ads": 7, "linkedin_ads": 8}
# Posts from before the history, so that the first snapshot finds some.
_MEDIA_DAYS_BEFORE, _DAYS_BEFORE_BUSINESS = 60, 5
# Bigger accounts also spend more, so that ads keep delivering.
_ADS_OF_PLANNED_BUDGET = 40


@dataclass(frozen=True)
class WorldSize:
    """Extent of a world. ``ads``: about so many a account over its whole life; ``first_day``: first day of history."""

    clients: int
    ads: int
    first_day: date
    days: int

    @property
    def horizon(self) -> date:
        """Last day on which something new may start."""
        return self.first_day + timedelta(days=self.days + FUTURE_DAYS)


def manager_id(seed: int) -> str:
    """Customer id of the agency's Google Ads manager account."""
    return str(1_000_000_000 + entity_key(seed, "manager") % 9_000_000_000)


def closed_customer_id(seed: int) -> str:
    """A cancelled account under the manager: listed, not readable."""
    return str(1_000_000_000 + entity_key(seed, "closed-customer") % 9_000_000_000)


def build_clients(seed: int, size: WorldSize) -> tuple[Client, ...]:
    """All clients with full accounts. A client is the same in worlds with more or fewer clients."""
    return tuple(_build_client(seed, size, plan) for plan in client_plans(seed, size.clients))


def _build_client(seed: int, size: WorldSize, plan: ClientPlan) -> Client:
    accounts = tuple(_AccountBuilder(seed, size, plan, number).build() for number in range(len(plan.accounts)))
    words = plan.client_id.split("-")
    suffix = words[-1] if words[-1].isdigit() else ""
    return Client(
        client_id=plan.client_id,
        name=plan.name,
        active_from=size.first_day,
        reporting_currency=plan.reporting_currency,
        timezone=plan.timezone,
        slack_channel=f"C0{words[0].upper()}{suffix}",
        accounts=accounts,
        language=plan.language,
    )


class _AccountBuilder:
    """Builds one account; every object draws from its own stream, keyed by its place in the account."""

    def __init__(self, seed: int, size: WorldSize, client: ClientPlan, number: int) -> None:
        self._client, self._size, self._seed = client, size, seed
        self._plan: AccountPlan = client.accounts[number]
        self._path = (seed, client.client_id, self._plan.platform, number)
        self._platform: Platform = self._plan.platform
        self._google = self._platform == "google_ads"
        self._country = COUNTRY_OF_ZONE[client.timezone if self._platform == "instagram" else self._plan.timezone]

    def _chance(self, *place: object) -> random.Random:
        return random.Random(entity_key(*self._path, *place))

    def _id(self, *place: object) -> str:
        return object_id(self._platform, str(place[0]), entity_key(*self._path, "id", *place), place[1:])

    def build(self) -> Account:
        plan, key = self._plan, entity_key(*self._path)
        campaigns = self._campaigns() if plan.daily_budget else ()
        ad_groups, ads = self._children(campaigns)
        managed = self._google and not plan.direct_access
        closed_on = self._closed_on if plan.status == "closed" else None
        return Account(
            client_id=self._client.client_id,
            platform=plan.platform,
            account_id=account_id(self._platform, key),
            name=plan.name,
            currency=plan.currency,
            timezone=plan.timezone,
            credential=plan.credential or AGENCY_CREDENTIALS[plan.platform],
            login_customer_id=manager_id(self._seed) if managed else None,
            active_to=closed_on,
            mixed_attribution=plan.mixed_attribution,
            status=plan.status,
            shared_conversions=plan.shared_conversions,
            country=self._country,
            username=plan.name if self._platform == "instagram" else "",
            followers=plan.followers,
            goal=self._client.goal,
            order_value=self._order_value(),
            key=key,
            market_key=entity_key(self._seed, "market", self._client.client_id),
            campaigns=campaigns,
            ad_groups=ad_groups,
            ads=ads,
            publishing=self._publishing(closed_on) if plan.followers else None,
        )

    @property
    def _closed_on(self) -> date:
        """Last day of a closed account: two thirds into the history."""
        return self._size.first_day + timedelta(days=self._size.days * 2 // 3)

    def _publishing(self, closed_on: date | None) -> Publishing:
        first = self._size.first_day - timedelta(days=_MEDIA_DAYS_BEFORE)
        business_from = first + timedelta(days=_DAYS_BEFORE_BUSINESS)
        return Publishing(self._client.language, first, closed_on or self._size.horizon, business_from)

    def _order_value(self) -> float:
        """The client's usual order in the account's money, at the markets' price levels."""
        levels = PRICE_LEVEL[self._plan.currency] / PRICE_LEVEL[self._client.reporting_currency]
        return self._client.order_value * levels

    def _kind(self, number: int) -> str:
        kinds = _KINDS[self._platform][1 if self._client.goal == "lead" else 0]
        return kinds[number % len(kinds)]

    def _campaigns(self) -> tuple[Campaign, ...]:
        count = max(6, self._size.ads // 8)
        shares = [math.exp(self._chance("budget", n).gauss(0.0, 0.7)) for n in range(count)]
        # About half of the campaigns that ever exist run on a given day.
        money = self._plan.daily_budget * max(1.0, self._size.ads / _ADS_OF_PLANNED_BUDGET)
        scale = money / (sum(shares) * 0.6)
        return tuple(self._campaign(n, shares[n] * scale) for n in range(count))

    def _campaign(self, number: int, budget: float) -> Campaign:
        chance = self._chance("campaign", number)
        lifetime = self._campaign_lifetime(chance, number)
        channel, start = _CHANNELS[self._platform], lifetime.start
        name = names.campaign_name(chance, self._client.language, channel, start.year, start.month)
        if number >= 3 and chance.random() < 0.25:
            nasty = names.nasty_names(self._platform)
            name = nasty[int(chance.random() * len(nasty))]
        if number == 3:
            name = names.nasty_names(self._platform)[_NASTY_CAMPAIGN[self._platform]]
        return Campaign(
            campaign_id=self._id("campaign", number),
            name=name,
            kind=self._kind(number),
            lifetime=lifetime,
            daily_budget_micros=max(1, round(budget)) * 1_000_000,
            key=entity_key(*self._path, "campaign-key", number),
            platform=self._platform,
            country=self._country,
        )

    def _campaign_lifetime(self, chance: random.Random, number: int) -> Lifetime:
        first, days = self._size.first_day, self._size.days
        if number == 0:
            return Lifetime(first, pauses=self._pauses(chance, first, 0.5))
        if number == 1:
            start = first + timedelta(days=min(5, days // 3))
            return Lifetime(start, pauses=self._pauses(chance, start, 1.0))
        if number == 2:
            # Ends inside the history and is removed a week later: its spend stays in the totals.
            start = first + timedelta(days=days // 6)
            end = first + timedelta(days=max(days // 6 + 2, days * 2 // 3))
            return Lifetime(start, end, removed=end + timedelta(days=7))
        style = chance.random()
        span = days + FUTURE_DAYS
        if style < _ALWAYS_ON_SHARE:
            start = first + timedelta(days=int(chance.random() * max(1, days * 2 // 3)))
            return Lifetime(start, pauses=self._pauses(chance, start, 1.0))
        start = first + timedelta(days=int(chance.random() * span))
        if style < _ALWAYS_ON_SHARE + _FLIGHT_SHARE:
            length = 3 + int(chance.random() * 12)
        else:
            length = max(7, round(45 * math.exp(chance.gauss(0.0, 0.7))))
        end = start + timedelta(days=length - 1)
        removed = end + timedelta(days=3 + int(chance.random() * 20)) if chance.random() < 0.15 else None
        return Lifetime(start, end, self._pauses(chance, start, 0.6), removed, self._removal(chance))

    def _pauses(self, chance: random.Random, start: date, rate: float) -> tuple[tuple[date, date], ...]:
        """Pauses of some days, about ``rate`` in 90 days, up to the horizon."""
        pauses: list[tuple[date, date]] = []
        day = start + timedelta(days=7 + int(chance.expovariate(rate / 90.0)))
        while day < self._size.horizon:
            last = day + timedelta(days=int(chance.expovariate(0.25)))
            pauses.append((day, last))
            day = last + timedelta(days=7 + int(chance.expovariate(rate / 90.0)))
        return tuple(pauses)

    def _removal(self, chance: random.Random) -> Removal:
        return "ARCHIVED" if chance.random() < 0.4 else "DELETED"

    def _children(self, campaigns: tuple[Campaign, ...]) -> tuple[tuple[AdGroup, ...], tuple[Ad, ...]]:
        """Ad groups and ads of all campaigns, ads in campaign order. Performance Max gets one stand-in ad, no group."""
        ads_per_campaign = max(2, round(self._size.ads / max(1, len(campaigns))))
        groups: list[AdGroup] = []
        ads: list[Ad] = []
        for number, campaign in enumerate(campaigns):
            if campaign.kind == PERFORMANCE_MAX:
                key = entity_key(*self._path, "ad-key", number, "pmax")
                ads.append(Ad("", campaign, None, campaign.name, campaign.lifetime, key=key))
                continue
            chance = self._chance("size", number)
            count = max(2, round(ads_per_campaign * (0.6 + 0.8 * chance.random())))
            group_count = max(2 if number == 0 else 1, round(count / 4))
            own = [self._ad_group(campaign, number, place) for place in range(group_count)]
            groups.extend(own)
            ads.extend(self._ad(campaign, own, number, place) for place in range(count))
        return tuple(groups), tuple(ads)

    def _ad_group(self, campaign: Campaign, number: int, place: int) -> AdGroup:
        kind = _AD_GROUP_KINDS.get(campaign.kind, "UNSPECIFIED")
        if self._platform == "meta_ads":
            kind = "LINK_CLICKS" if campaign.kind == "OUTCOME_TRAFFIC" else "OFFSITE_CONVERSIONS"
        return AdGroup(
            ad_group_id=self._id("ad_group", number, place),
            campaign=campaign,
            name=names.ad_group_name(self._chance("ad_group", number, place), self._client.language),
            kind=kind,
            lifetime=campaign.lifetime,
            key=entity_key(*self._path, "ad-group-key", number, place),
        )

    def _ad(self, campaign: Campaign, groups: list[AdGroup], number: int, place: int) -> Ad:
        chance = self._chance("ad", number, place)
        # Google lets one ad stand in two ad groups: the second group's first ad shares the first one's id.
        shared = self._google and number == 0 and place == 1
        smart_plus = self._platform == "tiktok_ads" and (number, place) == (0, 1)
        return Ad(
            ad_id=self._id("ad", number, 0 if shared else place),
            campaign=campaign,
            ad_group=groups[place % len(groups)],
            name=names.NASTY_NAMES[3] if place == 3 and number == 1 else self._ad_name(chance, place),
            lifetime=self._ad_lifetime(chance, campaign, number, place),
            weight=math.exp(chance.gauss(0.0, _AD_SPEND_SIGMA)),
            key=entity_key(*self._path, "ad-key", number, place),
            smart_plus_ad_id=self._id("ad", number, "smart+") if smart_plus else "",
        )

    def _ad_name(self, chance: random.Random, place: int) -> str:
        return names.ad_name(chance, self._client.language, place + 1)

    def _ad_lifetime(self, chance: random.Random, campaign: Campaign, number: int, place: int) -> Lifetime:
        """The first ads of a campaign last as long as it does; later ones come, tire and are at times removed."""
        start, last = campaign.lifetime.start, campaign.lifetime.end or self._size.horizon
        if number == 0 and place == 2:
            # Always there: an ad deleted in mid history, whose spend only account totals and filtered reads show.
            end = start + timedelta(days=self._size.days // 2)
            return Lifetime(start, end, removed=end + timedelta(days=1))
        if place < 2:
            return Lifetime(start, campaign.lifetime.end)
        span = max(1, (last - start).days)
        born = start + timedelta(days=int(chance.random() * span))
        died = born + timedelta(days=max(4, round(28 * math.exp(chance.gauss(0.0, 0.9)))))
        removed = died + timedelta(days=1 + int(chance.random() * 10)) if chance.random() < 0.12 else None
        return Lifetime(born, min(died, last), removed=removed, removal=self._removal(chance))
