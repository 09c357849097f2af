"""Reads contract files; what is wrong with one is said with its name, the key and what is allowed."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from quality.contracts.document import Contract, ContractError

CONTRACTS = Path(__file__).parent
ENDING = ".odcs.yaml"
# libyaml reads the same ten times faster, where the installed PyYAML has it.
_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def contracts(schema: str, *, prefix: str = "", directory: Path = CONTRACTS) -> list[Contract]:
    """The contracts of a schema whose tables begin with ``prefix``, by name. Raises ContractError."""
    return [read_contract(path) for path in _paths(directory / schema, prefix)]


def _paths(directory: Path, prefix: str) -> Iterator[Path]:
    yield from sorted(path for path in directory.glob(f"{prefix}*{ENDING}"))


def read_contract(path: Path) -> Contract:
    """The contract in a file, which is named for its schema and table. Raises ContractError."""
    place = f"{path.parent.name}/{path.name}"
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise ContractError(f"{place} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise ContractError(f"{place} must hold a mapping of keys")
    try:
        contract = Contract.model_validate(content)
    except ValidationError as error:
        raise ContractError("\n".join(_lines(place, content, error))) from error
    identity = f"{path.parent.name}.{path.name.removesuffix(ENDING)}"
    for key, found in (("id", contract.id), ("schema.0.physicalName", contract.table.physical_name)):
        if found != identity:
            raise ContractError(f"{place}: {key} is {found}, the file's name says {identity}")
    return contract


def _lines(place: str, content: dict[str, Any], error: ValidationError) -> Iterator[str]:
    for each in error.errors():
        message = each["msg"].removeprefix("Value error, ")
        if each["type"] == "extra_forbidden":
            message = "unknown key"
        yield f"{place}: {_key(content, each['loc'])}: {message}"


def _key(content: Any, location: tuple[int | str, ...]) -> str:
    """The place of an error with the names of columns and rules in place of their numbers."""
    parts: list[str] = []
    for step in location:
        content = content[step] if _has(content, step) else None
        named = isinstance(step, int) and isinstance(content, dict) and content.get("name", content.get("property"))
        parts.append(str(named or step))
    return ".".join(parts) or "the file"


def _has(content: Any, step: int | str) -> bool:
    if isinstance(content, dict):
        return step in content
    return isinstance(content, list) and isinstance(step, int) and step < len(content)
