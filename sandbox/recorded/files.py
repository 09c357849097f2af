"""Reads recorded files: connector records as JSON lines, warehouse seeds as CSV. A file that is not there is empty."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson


def connector_records(folder: Path, stream: str) -> Iterator[dict[str, Any]]:
    """The data of every record of a stream, from any ``*expected_records*`` folder."""
    for path in sorted(folder.glob(f"*expected_records*/{stream}.jsonl")):
        for line in path.read_bytes().splitlines():
            if line.strip():
                yield orjson.loads(line)["data"]


def seed_rows(folder: Path, name: str) -> list[dict[str, str]]:
    """The rows of a seed file, from any ``fivetran*`` folder."""
    rows: list[dict[str, str]] = []
    for path in sorted(folder.glob(f"fivetran*/{name}.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows.extend(csv.DictReader(file))
    return rows
