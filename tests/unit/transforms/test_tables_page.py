"""docs/reference/tables.md says what dbt's contracts say."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

_REPOSITORY = Path(__file__).parents[3]
_PAGE = (_REPOSITORY / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
_MODELS: dict[str, dict[str, Any]] = {
    model["name"]: model
    for folder in ("marts", "reports")
    for path in sorted((_REPOSITORY / "dbt_project" / "models" / folder).glob("*.yml"))
    for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]
}
# Its section lists what it has beyond the campaign fact.
_SHORTENED = "fct_ad_performance_daily"


def _rows(model: str) -> list[list[str]]:
    """Cells of the column table in the model's section."""
    section = re.split(rf"\n###? `{model}`", _PAGE)[1].split("\n## ")[0].split("\n### ")[0]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in section.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("model", _MODELS)
def test_the_page_has_every_column_with_type_and_meaning_in_the_contracts_order(model: str) -> None:
    shown = [(cells[0].strip("`"), cells[1], cells[-1].rstrip(".")) for cells in _rows(model)]
    contract = [
        (column["name"], column["data_type"], column["description"].rstrip(".")) for column in _MODELS[model]["columns"]
    ]
    if model == _SHORTENED:
        of_campaigns = {column["name"] for column in _MODELS["fct_campaign_performance_daily"]["columns"]}
        contract = [column for column in contract if column[0] not in of_campaigns]
    assert shown == contract


@pytest.mark.parametrize("model", [name for name in _MODELS if "config" in _MODELS[name]])
def test_the_page_names_every_key(model: str) -> None:
    key = ", ".join(_MODELS[model]["config"]["meta"]["primary_key"])
    heading = re.split(rf"\n###? `{model}`", _PAGE)[1].split("\n| ")[0]
    assert f"`{key}`" in heading
