"""What exists in the world: clients, accounts, campaigns, ad groups (Meta: ad sets), ads, media, rows of figures.

Money is counted in micros of the account currency (1e-6 of a major unit). The seeded world books spend in whole
smallest units of the currency, so its micros are multiples of ``micros_per_minor``. Days are account-local dates.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from sandbox.world.media import Media, Publishing, build_media

Platform = Literal["meta_ads", "google_ads", "tiktok_ads", "linkedin_ads", "instagram"]
AD_PLATFORMS: tuple[Platform, ...] = ("meta_ads", "google_ads", "tiktok_ads", "linkedin_ads")
Goal = Literal["purchase", "lead"]
Removal = Literal["DELETED", "ARCHIVED"]
AccountStatus = Literal["active", "closed"]

MICROS = 1_000_000
DAY_ZONES: dict[Platform, str] = {"linkedin_ads": "UTC", "instagram": "America/Los_Angeles"}
_MINOR_EXPONENT = {"JPY": 0, "KRW": 0, "CLP": 0, "ISK": 0}
PERFORMANCE_MAX = "PERFORMANCE_MAX"


def micros_per_minor(currency: str) -> int:
    """Micros in the currency's smallest unit: 10,000 for a cent, 1,000,000 for a yen."""
    return int(10 ** (6 - _MINOR_EXPONENT.get(currency, 2)))


def major_units(micros: int) -> str:
    """Exact decimal text of an amount in major units, without needless zeros: 14350000 -> "14.35"."""
    if micros % MICROS == 0:
        return str(micros // MICROS)
    sign, (whole, part) = "-" if micros < 0 else "", divmod(abs(micros), MICROS)
    return f"{sign}{whole}.{part:06d}".rstrip("0")


def posix_zone(account: "Account") -> str:
    """The account's zone as TikTok writes it, with the POSIX sign: America/New_York -> Etc/GMT+5 (standard time)."""
    offset = datetime(2026, 1, 15, tzinfo=ZoneInfo(account.timezone)).utcoffset() or timedelta()
    hours = int(offset / timedelta(hours=1))
    # Where January is summer, the summer hour has to go.
    hours -= int((datetime(2026, 1, 15, tzinfo=ZoneInfo(account.timezone)).dst() or timedelta()) / timedelta(hours=1))
    return f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"


@dataclass(frozen=True)
class Lifetime:
    """When an object exists and delivers, in account-local days; ``end`` and pauses are inclusive, ``removed`` is the
    first day on which it is deleted or archived."""

    start: date
    end: date | None = None
    pauses: tuple[tuple[date, date], ...] = ()
    removed: date | None = None
    removal: Removal = "DELETED"

    @property
    def created(self) -> date:
        """Objects are set up two days before they start."""
        return self.start - timedelta(days=2)

    def paused_on(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.pauses)

    def ended_before(self, day: date) -> bool:
        return self.end is not None and day > self.end

    def removed_by(self, day: date) -> bool:
        return self.removed is not None and day >= self.removed


@dataclass(frozen=True)
class Campaign:
    """``kind``: Meta objective (OUTCOME_SALES), Google channel type (SEARCH), TikTok or LinkedIn objective.

    Budget in micros a day. On LinkedIn this is a campaign group. ``country``: where it is shown, ISO alpha-2.
    """

    campaign_id: str
    name: str
    kind: str
    lifetime: Lifetime
    daily_budget_micros: int
    key: int = 0
    platform: Platform = "meta_ads"
    country: str = "US"


@dataclass(frozen=True)
class AdGroup:
    """A Google or TikTok ad group, a Meta ad set, a LinkedIn campaign. ``kind``: its type or optimisation goal."""

    ad_group_id: str
    campaign: Campaign
    name: str
    kind: str
    lifetime: Lifetime
    key: int = 0


@dataclass(frozen=True)
class Ad:
    """``ad_group`` is None only for the stand-in that carries a Performance Max campaign's figures.

    ``smart_plus_ad_id``: at TikTok this "ad" of the reports is a creative inside an upgraded Smart+ ad, which has that
    id of its own; the list of ads knows nothing of the creative. Else empty.
    """

    ad_id: str
    campaign: Campaign
    ad_group: AdGroup | None
    name: str
    lifetime: Lifetime
    weight: float = 1.0
    key: int = 0
    smart_plus_ad_id: str = ""


@dataclass(frozen=True)
class Account:
    """An advertising or Instagram account with everything that ever lives in it, also what is not there yet.

    order_value: a usual purchase in major units of ``currency``. ``recorded``: nothing may be added to its figures.
    ``currency`` of an Instagram account is its client's reporting currency; the platform itself knows none.
    ``country``: home market. ``shared_conversions``: two LinkedIn campaigns may claim one conversion, which the
    account's row counts once. ``username``, ``followers`` (about, in November 2026), ``publishing``: Instagram only.
    """

    client_id: str
    platform: Platform
    account_id: str
    name: str
    currency: str
    timezone: str
    credential: str
    login_customer_id: str | None = None
    active_to: date | None = None
    mixed_attribution: bool = False
    status: AccountStatus = "active"
    shared_conversions: bool = False
    country: str = "US"
    username: str = ""
    followers: int = 0
    goal: Goal = "purchase"
    order_value: float = 0.0
    recorded: bool = False
    key: int = 0
    market_key: int = 0
    campaigns: tuple[Campaign, ...] = ()
    ad_groups: tuple[AdGroup, ...] = ()
    ads: tuple[Ad, ...] = ()
    publishing: Publishing | None = None

    @property
    def day_zone(self) -> str:
        """Zone in which the platform's days end: UTC at LinkedIn, Pacific at Instagram, else the account's own."""
        return DAY_ZONES.get(self.platform, self.timezone)

    @cached_property
    def media(self) -> tuple[Media, ...]:
        """Everything that an Instagram account publishes, also what has not been published yet, oldest first."""
        return build_media(self.key, self.publishing) if self.publishing else ()

    @cached_property
    def media_by_day(self) -> dict[date, list[Media]]:
        """Media by the UTC day of their publication."""
        found: dict[date, list[Media]] = {}
        for media in self.media:
            found.setdefault(media.published_at.date(), []).append(media)
        return found

    @cached_property
    def media_by_id(self) -> dict[str, Media]:
        return {media.media_id: media for media in self.media}

    @cached_property
    def campaign_by_id(self) -> dict[str, Campaign]:
        return {campaign.campaign_id: campaign for campaign in self.campaigns}

    @cached_property
    def ad_group_by_id(self) -> dict[str, AdGroup]:
        return {group.ad_group_id: group for group in self.ad_groups}

    @cached_property
    def ad_by_place(self) -> dict[tuple[str, str], Ad]:
        """Ads by (ad group id, ad id): one Google ad may stand in two ad groups."""
        return {(ad.ad_group.ad_group_id, ad.ad_id): ad for ad in self.ads if ad.ad_group is not None}


@dataclass(frozen=True)
class Client:
    """A client of the agency, with the accounts that are read for it. ``language`` chooses its naming habits; a
    recorded client has none."""

    client_id: str
    name: str
    active_from: date
    reporting_currency: str
    timezone: str
    slack_channel: str
    accounts: tuple[Account, ...]
    active_to: date | None = None
    language: str = ""


@dataclass(slots=True)
class FigureRow:
    """Figures of one object on one day. ``link_clicks`` is None where the platform has no such metric.

    conversions: purchases or leads, in millionths, booked as the platform does; ``view_conversions``: those of them
    that followed a view. The *_by_day pair is booked on the day of the conversion (Google, TikTok).
    view_through: Google's, not contained in conversions. ``video_seconds``: watched in all. ``reach`` never adds up.
    actions, action_values: Meta's by name, where a recording has them; ``missing``: metrics that it lacks.
    """

    day: date
    campaign_id: str = ""
    ad_group_id: str = ""
    ad_id: str = ""
    spend: int = 0
    impressions: int = 0
    clicks: int = 0
    link_clicks: int | None = None
    conversions: int = 0
    value: int = 0
    all_conversions: int = 0
    conversions_by_day: int = 0
    value_by_day: int = 0
    view_through: int = 0
    view_conversions: int = 0
    video_plays: int = 0
    video_2s: int = 0
    video_6s: int = 0
    video_15s: int = 0
    video_30s: int = 0
    video_p25: int = 0
    video_p50: int = 0
    video_p75: int = 0
    video_p95: int = 0
    video_p100: int = 0
    video_seconds: int = 0
    likes: int = 0
    comments: int = 0
    shares: int = 0
    saves: int = 0
    follows: int = 0
    profile_visits: int = 0
    reach: int = 0
    actions: dict[str, int] = field(default_factory=dict)
    action_values: dict[str, int] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
