"""The expectations as data: what must hold of every row of a fact table, and how grave it is where it does not."""

from collections.abc import Mapping
from dataclasses import dataclass

from quality.account_day_scope import BUILD_SCHEMA, SCOPE_SQL
from quality.check_results import Severity

# Platforms where a click may be booked without an impression of the same row, and why; everywhere else it is a fault.
CLICKS_MAY_EXCEED_IMPRESSIONS: Mapping[str, str] = {
    "meta_ads": "one impression of a carousel can take several clicks; a click after midnight books on the next day",
    "google_ads": "audit clicks stay until they are credited back; a click after midnight books on the next day",
    "tiktok_ads": "a click after midnight books on the next day",
    "linkedin_ads": "impressions of messages are sends, and a message is opened and clicked days later",
}
# Rounding of the converted amount, in major units of the reporting currency (marts keep six decimals).
_CONVERSION_ROUNDING = "0.000001"
_OLDEST_RATE_DAYS = 5


@dataclass(frozen=True, slots=True)
class FactTable:
    """A fact table of the build.

    grain identifies a row; ids name the thing that it measures, none where that is the account. filled: figures that
    every row has; never_negative: figures that, where there is one, are zero or more.
    """

    name: str
    grain: tuple[str, ...]
    ids: tuple[str, ...]
    filled: tuple[str, ...]
    never_negative: tuple[str, ...]

    @property
    def row_name(self) -> str:
        """SQL that names a row of ``fact`` for people."""
        return f"concat_ws('/', {', '.join(f'fact.{column}' for column in self.ids or ('date_day',))})"

    @property
    def scoped_rows(self) -> str:
        """The rows of account-days in scope, each with what the books know of its account-day."""
        return f"""
            select
                fact.*, {self.row_name} as row_name,
                scope.version as built_version, scope.account_currency as registry_currency, scope.day_timezone,
                scope.registered_from
            from {BUILD_SCHEMA}.{self.name} as fact
            inner join ({SCOPE_SQL}) as scope
                on fact.client_id = scope.client_id and fact.platform = scope.platform
                    and fact.account_id = scope.account_id and fact.date_day = scope.date_day
        """


@dataclass(frozen=True, slots=True)
class Expectation:
    """Rows that must not exist.

    ``failing_rows``: SQL that selects them from ``{batch}`` (the scoped rows) with client_id, platform, account_id,
    date_day and an ``example``; ``{now}`` is the instant of the check. ``meaning`` completes "3 rows ...".
    """

    check: str
    table: FactTable
    severity: Severity
    meaning: str
    failing_rows: str

    @property
    def name(self) -> str:
        """Name in ops.check_run."""
        return f"{self.table.name}.{self.check}"


_DAY = ("client_id", "platform", "account_id", "date_day")
_DELIVERY = ("spend", "impressions", "clicks")
_CAMPAIGN_FACTS = FactTable(
    "fct_campaign_performance_daily", (*_DAY, "campaign_id"), ("campaign_id",), _DELIVERY, _DELIVERY
)
_AD_FACTS = FactTable(
    "fct_ad_performance_daily",
    (*_DAY, "ad_group_id", "ad_id"),
    ("campaign_id", "ad_group_id", "ad_id"),
    _DELIVERY,
    _DELIVERY,
)
# Interactions are counted minus those that were taken back, so that a day may end below zero.
_INSTAGRAM_FACTS = FactTable(
    "fct_instagram_account_daily",
    _DAY,
    (),
    ("views", "total_interactions"),
    ("views", "reach", "accounts_engaged", "follows", "unfollows", "profile_links_taps"),
)
FACT_TABLES = (_CAMPAIGN_FACTS, _AD_FACTS, _INSTAGRAM_FACTS)


def _rows_where(condition: str, example: str = "row_name") -> str:
    day = ", ".join(_DAY)
    return f"select {day}, {example} as example from {{batch}} as batch where {condition}"


def _rows_without_key(table: FactTable) -> str:
    """Rows that no scope can contain, since a column of the scope's own key is null, and rows without an id."""
    keyless = " or ".join(f"{column} is null" for column in _DAY)
    idless = " or ".join(f"{column} is null" for column in table.ids) or "false"
    return f"""{_rows_where(idless)}
        union all select {", ".join(_DAY)}, {table.row_name} from {BUILD_SCHEMA}.{table.name} as fact where {keyless}"""


def _repeated_rows(table: FactTable) -> str:
    # Columns may be null here; group by treats nulls as equal, which is what a repeated row means.
    return f"""select {", ".join(_DAY)}, min(row_name) as example from {{batch}} as batch
        group by {", ".join(table.grain)} having count(*) > 1"""


def _listed(figures: tuple[str, ...]) -> str:
    return f"{', '.join(figures[:-1])} or {figures[-1]}"


def _every_fact_table(table: FactTable) -> tuple[Expectation, ...]:
    return (
        Expectation("keys_not_null", table, "hold", "without an id or a date", _rows_without_key(table)),
        Expectation("grain_unique", table, "hold", "are there more than once", _repeated_rows(table)),
        Expectation(
            "metrics_not_null",
            table,
            "hold",
            f"without {_listed(table.filled)}",
            _rows_where(" or ".join(f"{figure} is null" for figure in table.filled)),
        ),
        Expectation(
            "metrics_not_negative",
            table,
            "hold",
            f"with negative {_listed(table.never_negative)}",
            _rows_where(" or ".join(f"{figure} < 0" for figure in table.never_negative)),
        ),
        Expectation(
            "date_in_window",
            table,
            "hold",
            "dated in the future of the zone in which its days end or outside the client's range in the registry",
            _rows_where(
                "date_day > (cast('{now}' as timestamptz) at time zone day_timezone)::date"
                " or registered_from is null or date_day < registered_from"
            ),
        ),
        Expectation(
            "version_as_built",
            table,
            "hold",
            "of another version than the build names for the day",
            _rows_where("version is distinct from built_version"),
        ),
    )


def _every_ad_platform_table(table: FactTable) -> tuple[Expectation, ...]:
    tolerated = ", ".join(f"'{platform}'" for platform in CLICKS_MAY_EXCEED_IMPRESSIONS)
    return (
        *_every_fact_table(table),
        Expectation(
            "clicks_within_impressions",
            table,
            "hold",
            "with more clicks than impressions",
            _rows_where(f"clicks > impressions and platform not in ({tolerated})"),
        ),
        Expectation(
            "clicks_above_impressions",
            table,
            "warn",
            "with more clicks than impressions, which this platform may report",
            _rows_where(f"clicks > impressions and platform in ({tolerated})"),
        ),
        Expectation(
            "currency_of_registry",
            table,
            "hold",
            "in another currency than the registry gives the account",
            _rows_where(
                "account_currency is distinct from registry_currency", "coalesce(account_currency, 'no currency')"
            ),
        ),
        Expectation(
            "fx_rate_present", table, "warn", "without an exchange rate", _rows_where("fx_rate is null", "fx_reason")
        ),
        Expectation(
            "fx_rate_recent",
            table,
            "hold",
            f"converted at a rate of a later day or one more than {_OLDEST_RATE_DAYS} days old",
            _rows_where(f"fx_rate_date not between date_day - {_OLDEST_RATE_DAYS} and date_day", "fx_rate_date::text"),
        ),
        Expectation(
            "spend_converted_at_rate",
            table,
            "hold",
            "whose converted spend is not spend times the exchange rate",
            _rows_where(
                "(fx_rate is null) <> (spend_reporting is null)"
                f" or abs(spend_reporting - spend * fx_rate) > {_CONVERSION_ROUNDING}"
            ),
        ),
    )


# Platforms drop all-zero rows at one level and not at the other, so only ads that delivered need their campaign.
_ADS_WITHOUT_CAMPAIGN = Expectation(
    "campaign_present",
    _AD_FACTS,
    "hold",
    "of ads without their campaign's row of the same day",
    _rows_where(f"""(spend <> 0 or impressions <> 0 or clicks <> 0) and not exists (
        select 1 from {BUILD_SCHEMA}.{_CAMPAIGN_FACTS.name} as campaign
        where campaign.client_id = batch.client_id and campaign.platform = batch.platform
            and campaign.account_id = batch.account_id and campaign.campaign_id = batch.campaign_id
            and campaign.date_day = batch.date_day)"""),
)

# Reach is an estimate and views are counted, so that the one above the other is odd but no proof of a fault.
_REACH_ABOVE_VIEWS = Expectation(
    "reach_above_views", _INSTAGRAM_FACTS, "warn", "with more accounts reached than views", _rows_where("reach > views")
)

EXPECTATIONS = (
    *_every_ad_platform_table(_CAMPAIGN_FACTS),
    *_every_ad_platform_table(_AD_FACTS),
    _ADS_WITHOUT_CAMPAIGN,
    *_every_fact_table(_INSTAGRAM_FACTS),
    _REACH_ABOVE_VIEWS,
)
REQUIRED_EXPECTATIONS = tuple(expectation.name for expectation in EXPECTATIONS if expectation.severity == "hold")
