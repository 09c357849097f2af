"""`mdp data-docs`: where the pages are, or how to make them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from quality.data_docs import index_page


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MDP_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("MDP_ENV_FILE", "")
    return tmp_path


def test_the_page_is_printed_alone_so_that_a_shell_can_use_it(data_dir: Path) -> None:
    page = index_page(data_dir)
    page.parent.mkdir(parents=True)
    page.write_text("<html></html>")
    assert CliRunner().invoke(app, ["data-docs"]).stdout.strip() == str(page)
    assert json.loads(CliRunner().invoke(app, ["data-docs", "--json"]).stdout) == {"page": str(page)}


def test_before_the_first_publication_the_command_says_what_makes_the_pages() -> None:
    result = CliRunner().invoke(app, ["data-docs"])
    assert result.exit_code == 1
    assert "mdp publish" in result.stderr
