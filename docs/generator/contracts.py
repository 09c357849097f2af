"""The dbt models' contracts and the metric registry, as their YAML files say."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).parents[2]
MODELS = REPOSITORY / "dbt_project" / "models"


@dataclass(frozen=True)
class Model:
    """A mart or a report: ``published_by`` is empty for a view."""

    name: str
    folder: str
    description: str
    key: tuple[str, ...]
    published_by: str
    columns: tuple[tuple[str, str, str], ...]


def models(folder: str, directory: Path = MODELS) -> list[Model]:
    """All models of a folder and the folders in it, by name."""
    found = (
        _model(folder, model)
        for content in _contents(directory / folder)
        for model in content.get("models", [])
        if model.get("columns")
    )
    return sorted(found, key=lambda model: model.name)


def metrics(directory: Path = MODELS) -> list[dict[str, Any]]:
    """All metrics in the order of their files."""
    return [metric for content in _contents(directory / "semantic") for metric in content.get("metrics", [])]


def _model(folder: str, model: dict[str, Any]) -> Model:
    meta = {**model.get("meta", {}), **model.get("config", {}).get("meta", {})}
    key = meta.get("primary_key") or meta.get("grain") or ()
    return Model(
        model["name"],
        folder,
        _one_line(model["description"]),
        tuple(part.strip() for part in key.split(",")) if isinstance(key, str) else tuple(key),
        meta.get("published_by", ""),
        tuple((column["name"], column["data_type"], _one_line(column["description"])) for column in model["columns"]),
    )


def _contents(directory: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(directory.rglob("*.yml")):
        yield yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def _one_line(text: str) -> str:
    return " ".join(text.split())
