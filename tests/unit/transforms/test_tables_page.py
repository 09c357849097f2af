"""The pages of docs/reference that are made from the dbt project say what it says now: `make docs` writes them."""

from pathlib import Path

import pytest

from docs.generator.contracts import models
from docs.generator.pages import pages

_PAGES = pages()


@pytest.mark.parametrize("path", _PAGES, ids=lambda path: path.name)
def test_a_generated_page_is_what_the_dbt_project_says(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == _PAGES[path](), "run `make docs`"


@pytest.mark.parametrize("model", [*models("marts"), *models("reports")], ids=lambda model: model.name)
def test_a_published_table_has_a_key_and_says_what_every_column_is(model) -> None:
    columns = [name for name, *_ in model.columns]
    assert model.description
    # A report may have rows of several scopes, whose keys differ: its description says what a row is.
    assert model.key or model.folder == "reports"
    assert set(model.key) <= set(columns)
    assert [name for name, data_type, meaning in model.columns if not (data_type and meaning)] == []
