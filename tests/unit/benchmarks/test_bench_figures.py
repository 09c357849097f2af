"""What a run says about its targets."""

from dataclasses import replace

from benchmarks.figures import Figures
from benchmarks.history import FlowSeconds, HistoryFigures
from benchmarks.loading import LoadFigures
from benchmarks.memory import MemoryFigures

LOADING = LoadFigures(1000, 10, ours=[4.0, 8.0, 5.0], plain=[2.0, 2.0, 2.0], again=[2.0, 4.0, 4.0], written_again=0)
MEMORY = MemoryFigures((100, 1000), (400.0, 500.0), (1.0, 10.0))


def _flow(seconds: float) -> FlowSeconds:
    return FlowSeconds([0.1], [seconds, 9.0, 1.0], [0.1], [0.1], [0.1])


HISTORY = HistoryFigures(168, (90, 1095), (1.0, 2.0), _flow(4.0), _flow(5.0))


def test_the_load_ratio_is_the_median_of_the_ratios_of_each_repetition() -> None:
    assert LOADING.ratio == 0.4
    assert LOADING.again_ratio == 0.5


def test_a_run_meets_its_targets_only_if_every_measured_one_is_met() -> None:
    assert Figures(LOADING, MEMORY, HISTORY).targets_met
    assert Figures(None, None, HISTORY).targets_met
    assert not Figures(replace(LOADING, ours=[9.0, 9.0, 9.0]), MEMORY, HISTORY).targets_met
    assert not Figures(replace(LOADING, written_again=1), MEMORY, HISTORY).targets_met
    assert not Figures(LOADING, replace(MEMORY, mebibytes=(400.0, 521.0)), HISTORY).targets_met
    assert not Figures(LOADING, MEMORY, replace(HISTORY, long=_flow(5.3))).targets_met


def test_the_json_document_holds_every_repetition_and_the_verdict() -> None:
    document = Figures(LOADING, None, None).as_json()
    assert document["loading"]["ours"] == [4.0, 8.0, 5.0]
    assert document["memory"] is None
    assert document["targets_met"] is True
    assert [line["met"] for line in document["lines"]] == [True, None, True]
