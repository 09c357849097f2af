"""Drifts in hand-made series: what is told, what is not, and what counts as one cause."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from quality.anomalies.calendar import widening
from quality.anomalies.detection import judge
from quality.anomalies.findings import Finding
from quality.anomalies.grouping import fold, group
from quality.anomalies.panel import Key, Panel
from quality.anomalies.sustaining import sustain

SUNDAY = date(2026, 9, 20)


def panel(days: int = 70, campaigns: int = 2) -> Panel:
    """Two campaigns of 100 a day each, with a weekday pattern and a little noise."""
    chance = np.random.default_rng(7)
    weekday = np.array([1.1, 1.1, 1.0, 1.0, 1.0, 0.8, 0.9])[(np.arange(days) - days) % 7]
    spend = 100.0 * weekday * np.exp(0.05 * chance.standard_normal((campaigns, days)))
    clicks = np.round(spend * 4)
    figures = {
        "spend": spend, "impressions": clicks * 50, "clicks": clicks,
        "conversions": chance.poisson(clicks * 0.05).astype(float),
    }  # fmt: skip
    keys = tuple(Key("a", "meta_ads", "1", str(number)) for number in range(campaigns))
    return Panel(
        keys, SUNDAY, figures, np.ones((campaigns, days)), np.full((campaigns, days), 110.0), np.ones(campaigns)
    )


def told(given: Panel) -> list[Finding]:
    return fold(judge(given, {}))


def test_a_quiet_series_tells_nothing() -> None:
    assert told(panel()) == []


def test_a_stop_without_an_edit_is_gross_and_names_the_account_once() -> None:
    given = panel()
    for values in given.figures.values():
        values[:, -1] = 0.0
    (found,) = told(given)
    assert (found.scope, found.metric, found.gross) == ("account", "spend", True)
    assert (found.first_day, found.last_day, found.observed) == (SUNDAY, SUNDAY, 0.0)


def test_a_pause_that_the_list_shows_is_no_drift() -> None:
    given = panel()
    for values in given.figures.values():
        values[:, -3:] = 0.0
    given.active[:, -3:] = 0.0
    assert told(given) == []


def test_a_doubled_budget_explains_doubled_spend() -> None:
    given = panel()
    for values in given.figures.values():
        values[:, -3:] *= 2
    assert told(given)
    given.budget[:, -3:] *= 2
    assert told(given) == []


def test_unpublished_days_are_gaps_and_never_zeros() -> None:
    given = panel()
    for values in given.figures.values():
        values[:, -2:] = np.nan
    assert told(given) == []


def test_a_lost_tag_is_judged_on_sums_of_days_and_on_conversions() -> None:
    given = panel()
    given.figures["conversions"][:, -3:] = 0.0
    (found,) = told(given)
    assert found.metric == "cpa"
    assert found.last_day - found.first_day >= timedelta(days=2)


def test_a_drift_waits_for_a_second_day_unless_it_is_gross() -> None:
    given = panel()
    for name in ("spend", "impressions", "clicks", "conversions"):
        given.figures[name][:, -1] *= 2
    (found,) = told(given)
    assert not found.gross
    first = sustain({}, [found], SUNDAY)
    assert first.news == ()
    assert sustain(first.open, [found], SUNDAY).news == ()
    (news,) = sustain(first.open, [found], SUNDAY + timedelta(days=1)).news
    assert news.runs_seen == 2
    assert len(sustain({}, [replace(found, gross=True)], SUNDAY).news) == 1


def test_many_accounts_of_a_platform_are_one_finding() -> None:
    given = panel()
    for values in given.figures.values():
        values[:, -1] = 0.0
    (found,) = told(given)
    keys = [Key(f"client{number}", "meta_ads", str(number)) for number in range(6)]
    (outage,) = group([replace(found, key=key) for key in keys], keys)
    assert (outage.scope, outage.key, len(outage.also)) == ("platform", Key("", "meta_ads", ""), 6)


def test_black_friday_and_carnival_have_wide_bands() -> None:
    days = [date(2026, 11, 27), date(2026, 2, 17), date(2026, 9, 15)]
    assert widening(np.array([day.toordinal() for day in days])).tolist() == [2.0, 1.5, 1.0]
