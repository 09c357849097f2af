"""Runs a Singer tap as its users do: discover, select, sync; records are read from its standard output."""

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

Record = tuple[str, dict[str, Any]]


def records(tap: str, config: Mapping[str, Any], streams: Mapping[str, Collection[str]], folder: Path,
            catalog_option: str = "--catalog") -> Iterator[Record]:  # fmt: skip
    """(stream, record) of a full sync from no state.

    streams: the fields to select by stream; none means every field that the tap offers. Raises CalledProcessError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    config_file, catalog_file = folder / "config.json", folder / "catalog.json"
    config_file.write_text(json.dumps(config), encoding="utf-8")
    program = str(Path(sys.executable).parent / tap)
    discovered = subprocess.run(
        [program, "--config", str(config_file), "--discover"], stdout=subprocess.PIPE, check=True
    )
    catalog = json.loads(discovered.stdout)
    for stream in catalog["streams"]:
        _select(stream, streams.get(stream["tap_stream_id"]))
    catalog_file.write_text(json.dumps(catalog), encoding="utf-8")
    command = [program, "--config", str(config_file), catalog_option, str(catalog_file)]
    synced = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    for line in synced.stdout.splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            yield message["stream"], message["record"]


def _select(stream: dict[str, Any], fields: Collection[str] | None) -> None:
    for entry in stream["metadata"]:
        path, facts = entry["breadcrumb"], entry["metadata"]
        if not path:
            facts["selected"] = fields is not None
        elif facts.get("inclusion") == "available":
            facts["selected"] = fields is not None and (not fields or path[-1] in fields)
