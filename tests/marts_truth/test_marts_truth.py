"""Everything that analysts read equals values worked out from the sandbox's truth by separate code, on three seeds."""

import ast
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from foundation.embedded_postgres import EmbeddedPostgres
from tests.marts_truth import cases
from tests.marts_truth.casts import DAYS_BETWEEN_READINGS, SMALL
from tests.marts_truth.check import absent_cases, all_differences, past_differences, truth_of
from tests.marts_truth.compare import Expected, differences
from tests.marts_truth.stage import Stage, staged
from tests.scratch import MIGRATED, database_copy

_HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def stage(postgres: EmbeddedPostgres) -> Iterator[Stage]:
    """The small cast, read and published twice with six days between."""
    with (
        tempfile.TemporaryDirectory(prefix="mdp-marts-truth-") as name,
        pytest.MonkeyPatch.context() as patch,
        database_copy(postgres.url("postgres"), "marts_truth", MIGRATED) as url,
        staged(SMALL, Path(name), url, patch.setenv) as playing,
    ):
        playing.read_and_publish()
        playing.advance(DAYS_BETWEEN_READINGS)
        playing.read_and_publish()
        yield playing


def test_every_table_and_report_equals_the_truth_of_three_seeds(stage: Stage) -> None:
    found = all_differences(stage)
    assert not found, "\n".join(found)


def test_what_an_earlier_reading_told_can_still_be_asked_for(stage: Stage) -> None:
    found = past_differences(stage)
    assert not found, "\n".join(found)


def test_the_worlds_contain_every_case_that_the_comparison_is_for(stage: Stage) -> None:
    assert absent_cases(stage) == []


def test_a_held_account_is_absent_and_not_zero(stage: Stage) -> None:
    truth = truth_of(stage)
    assert [account for account in truth.worlds.accounts if truth.is_held(account)]
    for table in ("fct_ad_performance_daily", "fct_campaign_performance_daily", "fct_conversions_daily", "fct_reach"):
        assert cases.held_is_absent(truth, stage.frame(f"select distinct account_id from analytics.{table}"))


def test_the_expected_side_reads_nothing_of_the_product() -> None:
    for path in sorted((_HERE / "expected").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            product = ("transforms", "quality", "ingestion", "foundation", "cli", "orchestration", "dbt")
            assert not [name for name in names if name.partition(".")[0] in product], path


def test_missing_surplus_and_differing_rows_are_told_apart() -> None:
    expected = Expected(("day",), pd.DataFrame({"day": ["1", "2", "3"], "spend": [1, 2, None]}, dtype=object))
    published = pd.DataFrame({"day": ["2", "3", "4"], "spend": [3, 0, 4], "more": [0, 0, 0]}, dtype=object)
    assert differences("fct", expected, published) == [
        "fct: published columns that nobody expects: ['more']",
        "fct: 1 rows missing of 3, first ('1',)",
        "fct: 1 rows surplus of 3, first ('4',)",
        "fct.spend: 2 of 3 differ: (day=2) expected 2 published 3; (day=3) expected None published 0",
    ]


def test_rows_that_share_a_key_are_told() -> None:
    expected = Expected(("day",), pd.DataFrame({"day": ["1"]}, dtype=object))
    published = pd.DataFrame({"day": ["1", "1"]}, dtype=object)
    assert differences("fct", expected, published) == ["fct: 1 published rows share their key ('day',)"]
