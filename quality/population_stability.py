"""Whether a mix has moved: the population stability index of an account's last week against the four weeks before it.

Rules say what is counted; the SQL here is the same for all. A warning at most: mixes move when people change things.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quality.account_day_scope import BUILD_SCHEMA

RECENT_DAYS, BASELINE_DAYS = 7, 28
# Above 0.25 a population is commonly said to have shifted; below 0.1 it has not.
THRESHOLD = "0.25"
# Share of a category that does not occur: keeps the logarithm finite, and a category of a few rows harmless.
_LEAST_SHARE = "0.001"


@dataclass(frozen=True, slots=True)
class Mix:
    """What is weighed by which category. join: more tables of the build; where: the rows that count.

    split: a further column whose values are judged by themselves. least: weight that both spans need at least.
    """

    category: str
    weight: str
    least: int
    where: str = "true"
    join: str = ""
    split: str = "''"

    @staticmethod
    def of(implementation: Mapping[str, Any]) -> "Mix":
        """The mix that a rule's implementation names."""
        return Mix(**implementation["populationStability"])


def shifted_accounts(table: str, mix: Mix) -> str:
    """SQL that selects the newest day in ``{batch}`` of each account whose mix has shifted.

    Only where that is the account's newest day at all: what happened months ago is no news.
    """
    return f"""with newest as (
        select client_id, platform, account_id, max(date_day) as date_day
        from {{batch}} as batch group by client_id, platform, account_id
    ), weighed as (
        select
            newest.client_id, newest.platform, newest.account_id, newest.date_day,
            {mix.split} as split, {mix.category} as category,
            coalesce(sum({mix.weight}) filter (where fact.date_day > newest.date_day - {RECENT_DAYS}), 0) as recent,
            coalesce(sum({mix.weight}) filter (where fact.date_day <= newest.date_day - {RECENT_DAYS}), 0) as baseline
        from newest
        inner join {BUILD_SCHEMA}.{table} as fact
            on newest.client_id = fact.client_id and newest.platform = fact.platform
                and newest.account_id = fact.account_id and fact.date_day <= newest.date_day
                and fact.date_day > newest.date_day - {RECENT_DAYS + BASELINE_DAYS}
        {mix.join.format(build=BUILD_SCHEMA)}
        where {mix.where} and not exists (
            select from {BUILD_SCHEMA}.account_day_built as later
            where later.client_id = newest.client_id and later.platform = newest.platform
                and later.account_id = newest.account_id and later.date_day > newest.date_day)
        group by newest.client_id, newest.platform, newest.account_id, newest.date_day, 5, 6
    ), totals as (
        select *, sum(recent) over of_account as all_recent, sum(baseline) over of_account as all_baseline
        from weighed
        window of_account as (partition by client_id, platform, account_id, split)
    ), shares as (
        select
            *, greatest(recent / all_recent, {_LEAST_SHARE}) as now,
            greatest(baseline / all_baseline, {_LEAST_SHARE}) as before
        from totals where all_recent >= {mix.least} and all_baseline >= {mix.least}
    )
    select client_id, platform, account_id, date_day,
        concat_ws(' ', nullif(split, ''), 'index ' || round(sum((now - before) * ln(now / before)), 2)) as example
    from shares
    group by client_id, platform, account_id, date_day, split
    having sum((now - before) * ln(now / before)) > {THRESHOLD}"""
