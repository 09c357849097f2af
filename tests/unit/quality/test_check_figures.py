"""How many account-days a check holds, and which columns of failing rows may be shown."""

import pytest

from quality.check_figures import CheckFigures
from quality.check_results import CheckStatus
from quality.contracts import contracts
from quality.expectation_list import EXPECTATIONS


@pytest.mark.parametrize(
    ("status", "named", "in_scope", "blocks", "held"),
    [
        ("passed", 0, 0, True, 0),
        ("failed", 3, 3, True, 3),
        ("failed", 3, 3, False, 0),
        # An account without a day is one finding and all of its days.
        ("failed", 1, 30, True, 30),
        # Without names it might be any day; without an answer it vouches for none.
        ("failed", 0, 0, True, 100),
        ("errored", 0, 0, True, 100),
        ("errored", 0, 0, False, 0),
        # What is named is published already in the version that was checked, so that nothing of the build is held.
        ("failed", 2, 0, True, 0),
    ],
)
def test_a_check_holds_what_it_names_and_everything_where_it_gave_no_answer(
    status: CheckStatus, named: int, in_scope: int, blocks: bool, held: int
) -> None:
    assert CheckFigures(status, None, 100, named, in_scope).held(blocks=blocks) == held


def test_no_text_that_somebody_typed_is_shown_of_a_failing_row() -> None:
    typed = ("search_term", "keyword_text", "caption", "permalink", "conversion_action_name", "country_name", "status")
    columns = {column.name for contract in contracts("analytics") for column in contract.table.properties}
    assert set(typed) <= columns
    for expectation in EXPECTATIONS:
        shown = expectation.failing_sample.partition(" from ")[0]
        assert not any(name in shown.replace(",", " ").split() for name in typed), expectation.name
        assert not any(name in expectation.table.row_name for name in typed), expectation.name
