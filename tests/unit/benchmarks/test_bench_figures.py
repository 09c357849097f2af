"""What a run says about its targets."""

from dataclasses import replace

from benchmarks.figures import Figures
from benchmarks.history import FlowSeconds, HistoryFigures
from benchmarks.loading import LoadFigures
from benchmarks.many_accounts import ManyAccountsFigures
from benchmarks.memory import MemoryFigures, Peak

META = LoadFigures(
    "meta_ads", 1000, 10, ours=[4.0, 8.0, 5.0], plain=[2.0, 2.0, 2.0], ours_cpu=[4.0, 6.0, 4.0],
    plain_cpu=[1.0, 1.0, 2.0], dlt=[2.0, 2.0, 1.0], again=[2.0, 4.0, 4.0], written_again=0, calls=30,
)  # fmt: skip
TIKTOK = replace(META, platform="tiktok_ads", ours=[8.0, 8.0, 8.0], again=[], written_again=None)
ACCOUNTS = ManyAccountsFigures(200, 1800, bare=[10.0, 10.0, 10.0], ours=[20.0, 29.0, 31.0])
BASE = Peak(100, 4, 110, 400.0, 1.0)
MEMORY = MemoryFigures(BASE, (Peak(100, 40, 110, 420.0, 1.0), Peak(1000, 4, 1100, 500.0, 10.0)))


def _flow(seconds: float) -> FlowSeconds:
    return FlowSeconds([0.1], [seconds, 9.0, 1.0], [0.1], [0.1], [0.1])


HISTORY = HistoryFigures(168, (90, 1095), (1.0, 2.0), _flow(4.0), _flow(4.8))


def test_ratios_are_the_medians_of_the_ratios_of_each_repetition() -> None:
    assert META.ratio == 0.4
    assert META.cpu_ratio == 4.0
    assert META.dlt_share == 0.25
    assert META.again_ratio == 0.5
    assert ACCOUNTS.ratio == 2.9


def test_a_run_meets_its_targets_only_if_every_measured_one_is_met() -> None:
    assert Figures([META, TIKTOK], ACCOUNTS, MEMORY, HISTORY).targets_met
    assert Figures([], None, None, HISTORY).targets_met
    for missed in (
        Figures([replace(META, ours=[8.0, 8.0, 8.0])]),
        Figures([replace(TIKTOK, ours=[9.0, 9.0, 9.0])]),
        Figures([replace(META, ours_cpu=[6.0, 6.0, 6.0])]),
        Figures([replace(META, written_again=1)]),
        Figures(many_accounts=replace(ACCOUNTS, ours=[31.0, 31.0, 31.0])),
        Figures(memory=MemoryFigures(BASE, (BASE, replace(BASE, mebibytes=521.0)))),
        Figures(history=replace(HISTORY, long=_flow(4.9))),
    ):
        assert not missed.targets_met


def test_a_platform_without_a_promise_is_printed_and_misses_nothing() -> None:
    figures = Figures([replace(TIKTOK, platform="google_ads", ours=[90.0, 90.0, 90.0], ours_cpu=[90.0, 90.0, 90.0])])
    assert [line.met for line in figures.lines()] == [None, None, None, None]
    assert figures.targets_met


def test_the_json_document_holds_every_repetition_and_the_verdict() -> None:
    document = Figures([META]).as_json()
    assert document["loads"][0]["ours"] == [4.0, 8.0, 5.0]
    assert document["memory"] is None
    assert document["targets_met"] is True
    assert [line["met"] for line in document["lines"]] == [True, True, None, None, None, True]
