"""The columns of a contract in the dbt YAML beside its model: what differs, and the block rewritten."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from foundation.settings import REPOSITORY
from quality.contracts.document import Contract, SchemaProperty
from quality.contracts.files import contracts

MODELS = REPOSITORY / "dbt_project" / "models"
FOLDERS = ("marts", "reports")
# The block of columns of the one model in a file: up to what stands as far left as the model's own keys, or further.
_COLUMNS = re.compile(r"^    columns:\n(?:(?:      .*)?\n)*?(?=^ {0,4}\S|\n^\S|\Z)", re.MULTILINE)


def model_file(contract: Contract) -> Path | None:
    """The dbt YAML beside the model; None where no model has the contract's name."""
    paths = (MODELS / folder / f"{contract.name}.yml" for folder in FOLDERS)
    return next((path for path in paths if path.exists()), None)


def drift(contract: Contract, model: Mapping[str, Any]) -> list[str]:
    """What the dbt YAML says otherwise than the contract, a sentence each, column by column."""
    table = contract.table
    found = {column["name"]: column for column in model.get("columns", [])}
    wanted = {column.name: column for column in table.properties}
    differences = [f"{name}: the contract has it, the dbt YAML does not" for name in wanted if name not in found]
    differences += [f"{name}: the dbt YAML has it, the contract does not" for name in found if name not in wanted]
    for name in wanted.keys() & found.keys():
        for key, expected in _dbt_column(wanted[name]).items():
            if (told := _one_line(found[name].get(key))) != expected:
                differences.append(f"{name}: {key} is {told!r} in the dbt YAML, {expected!r} in the contract")
    if not differences and list(found) != list(wanted):
        differences.append(f"columns stand in another order: {', '.join(found)}")
    meta = {**model.get("meta", {}), **model.get("config", {}).get("meta", {})}
    for key, told, expected in (
        ("description", _one_line(model.get("description")), table.description),
        ("primary_key", tuple(meta.get("primary_key", ())), table.key),
        ("published_by", meta.get("published_by", "view"), table.custom("publishedBy")),
    ):
        if told != expected:
            differences.append(f"{key} is {told!r} in the dbt YAML, {expected!r} in the contract")
    return sorted(differences)


def all_drift() -> dict[str, list[str]]:
    """Table -> what differs, of every contract and every model; a model without a contract and the other way round."""
    differences: dict[str, list[str]] = {}
    named = {contract.name: contract for contract in contracts("analytics")}
    models = {path.stem: path for folder in FOLDERS for path in sorted((MODELS / folder).glob("*.yml"))}
    for name in sorted(named.keys() | models.keys()):
        if name not in models:
            found = ["no dbt model has this name"]
        elif name not in named:
            found = [f"quality/contracts/analytics/{name}.odcs.yaml is missing"]
        else:
            content = yaml.safe_load(models[name].read_text(encoding="utf-8"))
            found = drift(named[name], content["models"][0])
        if found:
            differences[name] = found
    return differences


def rewritten(text: str, contract: Contract) -> str:
    """The dbt YAML with the contract's columns; all else stays as it stands."""
    block = "    columns:\n" + "".join(_rendered(contract))
    replaced, blocks = _COLUMNS.subn(lambda _: block, text)
    if blocks != 1:
        raise ValueError(f"the dbt YAML of {contract.name} must hold one model with one block of columns, not {blocks}")
    return replaced


def _rendered(contract: Contract) -> Iterator[str]:
    for column in contract.table.properties:
        wanted = _dbt_column(column)
        yield f"      - name: {column.name}\n        data_type: {wanted['data_type']}\n"
        yield f"        description: {_scalar(wanted['description'])}\n"
        if wanted["config"]:
            yield f"        config:\n          meta: {{additivity: {wanted['config']['meta']['additivity']}}}\n"


def _dbt_column(column: SchemaProperty) -> dict[str, Any]:
    additivity = column.custom("additivity")
    # dbt is told where adding up is wrong; that figures of facts add up is what everybody expects.
    config = {"meta": {"additivity": additivity}} if additivity not in (None, "sum") else None
    return {"data_type": column.physical_type, "description": column.description, "config": config}


def _scalar(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _one_line(value: Any) -> Any:
    return " ".join(value.split()) if isinstance(value, str) else value
