"""Runs an Airbyte source as its users do: check, discover, read; records are read from its standard output."""

import json
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

Record = tuple[str, dict[str, Any]]


class SourceFailedError(Exception):
    """The source said no at its check, or ended a stream incomplete; the message is its own."""


def records(source: str, config: Mapping[str, Any], streams: Collection[str], folder: Path) -> Iterator[Record]:
    """(stream, record) of a full refresh of these streams. Raises SourceFailedError."""
    folder.mkdir(parents=True, exist_ok=True)
    config_file, catalog_file = folder / "config.json", folder / "catalog.json"
    config_file.write_text(json.dumps(config), encoding="utf-8")
    checked = [
        m["connectionStatus"] for m in _messages(source, "check", config_file) if m["type"] == "CONNECTION_STATUS"
    ]
    if not checked or checked[0]["status"] != "SUCCEEDED":
        raise SourceFailedError(f"check: {checked}")
    catalogs = [m["catalog"] for m in _messages(source, "discover", config_file) if m["type"] == "CATALOG"]
    offered = {stream["name"]: stream for stream in catalogs[0]["streams"]}
    if missing := set(streams) - offered.keys():
        raise SourceFailedError(f"no streams {sorted(missing)}; there are {sorted(offered)}")
    chosen = [
        {"stream": offered[name], "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"} for name in streams
    ]
    catalog_file.write_text(json.dumps({"streams": chosen}), encoding="utf-8")
    complete = set()
    for message in _messages(source, "read", config_file, catalog_file):
        if message["type"] == "RECORD":
            yield message["record"]["stream"], message["record"]["data"]
        elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            complete |= {status["stream_descriptor"]["name"]} if status["status"] == "COMPLETE" else set()
    if incomplete := set(streams) - complete:
        raise SourceFailedError(f"incomplete: {sorted(incomplete)}")


def _messages(source: str, verb: str, config: Path, catalog: Path | None = None) -> Iterator[dict[str, Any]]:
    command = [str(Path(sys.executable).parent / source), verb, "--config", str(config)]
    command += ["--catalog", str(catalog)] if catalog else []
    done = subprocess.run(command, stdout=subprocess.PIPE)
    errors = []
    for line in done.stdout.splitlines():
        try:
            message = json.loads(line)
        except json.JSONDecodeError:
            continue
        if message.get("type") == "TRACE" and message["trace"]["type"] == "ERROR":
            errors.append(message["trace"]["error"].get("internal_message") or message["trace"]["error"]["message"])
        elif message.get("type") == "LOG":
            print(message["log"]["level"], message["log"]["message"][:600])
        yield message
    if done.returncode != 0 or errors:
        raise SourceFailedError(f"{verb} ended with {done.returncode}: {'; '.join(errors)[:1500]}")
