"""What a settled month's days prove against the platform's own total of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from quality.month_verdicts import MetricVerdict, MonthFacts, judge

READ_AT = datetime(2026, 11, 2, 6, tzinfo=UTC)
# 200 rows of one cent's rounding: spend may differ by 0.5 x 200 cents = 1.00.
SEPTEMBER = MonthFacts(
    client_id="shop", platform="meta_ads", account_id="77", currency="EUR", month=date(2026, 9, 1),
    first_day=date(2026, 9, 1), last_day=date(2026, 9, 30), metrics=("spend", "impressions", "clicks"), offered=True,
    whole_only=False, rows=200,
    warehouse_totals={"spend": Decimal("1000.000000"), "impressions": Decimal(50_000), "clicks": Decimal(400)},
    platform_totals={"spend": "1000.00", "impressions": "50000", "clicks": "400"}, total_last_day=date(2026, 9, 30),
    read_at=READ_AT, changed_at=READ_AT - timedelta(days=20),
)  # fmt: skip


def told(**totals: str) -> MonthFacts:
    return replace(SEPTEMBER, platform_totals={**(SEPTEMBER.platform_totals or {}), **totals})


def of(facts: MonthFacts, metric: str) -> MetricVerdict:
    return next(verdict for verdict in judge(facts) if verdict.metric == metric)


def test_equal_totals_certify_every_metric_without_a_reason() -> None:
    assert [(v.metric, v.verdict, v.difference, v.reason) for v in judge(SEPTEMBER)] == [
        ("spend", "certified", 0, None), ("impressions", "certified", 0, None), ("clicks", "certified", 0, None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("spend", "verdict"),
    [
        # Rounding: half a cent for each of 200 rows.
        ("1001.00", "certified"), ("999.00", "certified"),
        # Beyond it and within 0.5 % of the platform's total: 1005.02 x 0.005 = 5.0251.
        ("1001.01", "warned"), ("998.99", "warned"), ("1005.02", "warned"),
        # 1005.03 x 0.005 = 5.02515, the difference is 5.03.
        ("1005.03", "differs"), ("990.00", "differs"), ("0", "differs"),
    ],
)  # fmt: skip
def test_spend_is_exact_within_rounding_warned_within_half_a_percent_and_differs_beyond(
    spend: str, verdict: str
) -> None:
    assert of(told(spend=spend), "spend").verdict == verdict


def test_the_tolerance_is_at_least_one_smallest_unit_and_follows_the_currency() -> None:
    assert of(replace(SEPTEMBER, rows=0), "spend").tolerance == Decimal("0.01")
    assert of(replace(SEPTEMBER, rows=200, currency="JPY"), "spend").tolerance == Decimal(100)


@pytest.mark.parametrize(("clicks", "verdict"), [("400", "certified"), ("401", "warned"), ("403", "differs")])
def test_counts_have_no_rounding(clicks: str, verdict: str) -> None:
    found = of(told(clicks=clicks), "clicks")
    assert (found.verdict, found.tolerance) == (verdict, 0)


def test_a_difference_names_account_month_both_totals_amount_share_and_next_step() -> None:
    assert of(told(spend="1100.50"), "spend").reason == (
        "shop meta_ads 77 2026-09: spend: the published days add up to 1000 EUR, the platform says 1100.5 of the whole "
        "month (difference -100.5, 9.13%, tolerance 1). The platform changed the month after it had settled, or a day "
        "was read wrong. Next: `mdp sync meta_ads --from 2026-09-01 --to 2026-09-30 --account 77`, then `mdp publish`"
    )


def test_a_month_with_missing_days_is_incomplete_whatever_its_sums_are() -> None:
    facts = replace(SEPTEMBER, missing_days=[date(2026, 9, 4)], outdated_days=[date(2026, 9, 9)])
    assert {(v.verdict, v.platform_total, v.difference) for v in judge(facts)} == {("incomplete", None, None)}
    reason = of(facts, "clicks").reason or ""
    assert "not published: 2026-09-04; published in an older version than was read last: 2026-09-09." in reason


def test_of_many_missing_days_ten_are_named() -> None:
    days = [date(2026, 9, 1) + timedelta(days=number) for number in range(12)]
    assert "2026-09-10 and 2 more" in (of(replace(SEPTEMBER, missing_days=days), "spend").reason or "")


@pytest.mark.parametrize(
    "changes",
    [
        {"platform_totals": None, "read_at": None, "total_last_day": None},
        {"problem": "shop meta_ads 77 2026-09: its total could not be read: throttled", "next_step": "wait"},
        # A day changed after the total was read, or the total is of another span.
        {"changed_at": READ_AT + timedelta(seconds=1)},
        {"total_last_day": date(2026, 9, 14)},
    ],
)
def test_a_total_that_is_not_there_or_older_than_the_days_is_no_difference(changes: dict[str, object]) -> None:
    facts = replace(SEPTEMBER, **changes)  # type: ignore[arg-type]
    assert {v.verdict for v in judge(facts)} == {"not_read"}
    assert "Next: " in (of(facts, "spend").reason or "")


def test_a_platform_without_monthly_totals_is_said_to_have_none() -> None:
    facts = replace(
        SEPTEMBER, platform="instagram", metrics=("views",), offered=False, warehouse_totals={"views": Decimal(9)},
        platform_totals=None,
    )  # fmt: skip
    assert [(v.metric, v.verdict, v.warehouse_total, v.platform_total) for v in judge(facts)] == [
        ("views", "not_offered", 9, None)
    ]


def test_a_part_of_a_month_is_not_compared_where_the_platform_rounds_to_months() -> None:
    part = replace(SEPTEMBER, first_day=date(2026, 9, 12))
    assert of(part, "spend").verdict == "certified"
    assert of(replace(part, whole_only=True), "spend").verdict == "not_offered"
    assert of(replace(SEPTEMBER, whole_only=True), "spend").verdict == "certified"


def test_a_total_of_nothing_differs_from_any_delivery_and_equals_none() -> None:
    nothing = told(spend="0", impressions="0", clicks="0")
    assert {v.verdict for v in judge(nothing)} == {"differs"}
    empty = {"spend": None, "impressions": None, "clicks": None}
    assert {v.verdict for v in judge(replace(nothing, rows=0, warehouse_totals=empty))} == {"certified"}
