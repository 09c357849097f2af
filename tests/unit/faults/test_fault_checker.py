"""The checker must name each kind of difference, and nothing else."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from tests.faults.checker import Difference, Verdict, classify, compare, compare_content
from tests.faults.kinds import FAMILIES, KINDS
from tests.faults.reader import Polls, torn_reads
from tests.faults.script import MOST_FAULTS, Script, draw
from tests.truth.raw_figures import Figures, ObjectDay

TRUE: Figures = (Decimal("10.50"), 200, 8)
EARLIER: Figures = (Decimal("10.40"), 198, 8)


@pytest.mark.parametrize(
    ("found", "truth", "difference"),
    [
        (TRUE, TRUE, None),
        (None, TRUE, "lost"),
        (EARLIER, TRUE, "stale"),
        ((Decimal("21.00"), 400, 16), TRUE, "duplicated"),
        ((Decimal("10.51"), 200, 8), TRUE, "wrong"),
        (TRUE, None, "ghost"),
    ],
)
def test_each_way_to_differ_has_its_name(
    found: Figures | None, truth: Figures | None, difference: Difference | None
) -> None:
    assert classify(found, truth, [EARLIER]) == difference


def _compared(found: Mapping[ObjectDay, Figures], truth: Mapping[ObjectDay, Figures]) -> Verdict:
    return compare("ad", found, truth, [], {"1"}, {"1": date(2026, 9, 7)})


def test_rows_of_an_account_that_nobody_asked_for_are_foreign() -> None:
    verdict = _compared({("2", "2026-09-07", "a"): TRUE}, {})
    assert dict(verdict.differences) == {"foreign": 1}


def test_a_difference_of_one_cent_is_counted_to_the_cent() -> None:
    key = ("1", "2026-09-07", "a")
    verdict = _compared({key: (Decimal("10.51"), 200, 8)}, {key: TRUE})
    assert verdict.spend == Decimal("0.01")
    assert not verdict.clean


def test_a_day_that_is_not_due_yet_need_not_be_there() -> None:
    assert _compared({}, {("1", "2026-09-08", "a"): TRUE}).clean
    assert not _compared({}, {("1", "2026-09-07", "a"): TRUE}).clean


def test_a_row_with_another_text_is_lost_and_ghost() -> None:
    verdict = compare_content({"ads": {"(1,b)"}}, {"ads": {"(1,a)"}})
    assert dict(verdict.differences) == {"lost": 1, "ghost": 1}


def test_a_reader_who_sees_half_an_account_day_is_told() -> None:
    truth = {"ad": {("1", "2026-09-07", "a"): TRUE, ("1", "2026-09-07", "b"): TRUE}}
    half = Polls(1, {"ad": frozenset({("1", "2026-09-07", "10.50", "200", "8")})})
    whole = Polls(1, {"ad": frozenset({("1", "2026-09-07", "21.00", "400", "16")})})
    assert list(torn_reads(whole, [truth])) == []
    assert len(list(torn_reads(half, [truth]))) == 1


def test_a_published_row_of_another_version_than_the_published_one_is_torn() -> None:
    truth = {"campaign": {("1", "2026-09-07", "a"): TRUE}}
    right = Polls(1, {"published ad": frozenset({("1", "2026-09-07", "10.50", "200", "8")})})
    mixed = Polls(1, {"versions published ad": frozenset({("1", "2026-09-07", "1", "1", "1")})})
    assert list(torn_reads(right, [truth])) == []
    assert len(list(torn_reads(mixed, [truth]))) == 1


def test_a_script_is_the_same_after_it_was_printed_and_read() -> None:
    for seed in range(50):
        script = draw(seed)
        assert Script.from_text(script.to_text()) == script == draw(seed)


def test_scripts_have_three_rounds_and_at_most_six_faults() -> None:
    for seed in range(200):
        script = draw(seed)
        faults = [fault for runs in script.rounds for run in runs for fault in run]
        assert len(script.rounds) == 3
        assert len(faults) + len(script.seed_faults) <= MOST_FAULTS


def test_every_fault_is_drawn_by_some_seed_and_there_are_at_least_twenty_four_kinds() -> None:
    drawn = {
        name
        for seed in range(2_000)
        for script in [draw(seed)]
        for name in (*script.seed_faults, *(fault.kind for runs in script.rounds for run in runs for fault in run))
    }
    assert drawn == set(KINDS)
    assert len(FAMILIES) >= 24
