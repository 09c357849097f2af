"""``make clients``: every third-party client reads the sandbox. Ends with 1 on any difference or crash."""

import argparse
import dataclasses
import json
import platform
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.clients.catalogue import CLIENTS
from tests.clients.environments import NotInstalledError
from tests.clients.trial import Verdict, not_run, spoil, try_client
from tests.clients.worlds import Worlds

ENVIRONMENTS = Path(".data/clients")
_STYLES = {"same": "green", "differs": "red", "crashed": "red", "not run": "yellow"}

_WORDS = ("client", "version", "sandbox", "verdict")
_COLUMNS = ("client", "version", "sandbox", "accounts", "days", "rows", "compared", "hidden", "misread", "differences",
            "s", "verdict")  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.clients", description=__doc__)
    parser.add_argument("--only", action="append", choices=[client.name for client in CLIENTS], help="may be repeated")
    parser.add_argument("--json", type=Path, help="also write the verdicts to this file")
    parser.add_argument("--keep", type=Path, help="keep the sandboxes' state and the clients' answers in this folder")
    parser.add_argument(
        "--spoil", action="store_true", help="one account's reports lack rows: every client must differ"
    )
    return parser.parse_args()


def _table(verdicts: list[Verdict]) -> Table:
    table = Table(title="Independent clients against the sandbox")
    for column in _COLUMNS:
        table.add_column(column, justify="left" if column in _WORDS else "right")
    for v in verdicts:
        figures = (v.accounts, v.days, v.rows, v.compared, v.explained, v.misread, len(v.differences))
        table.add_row(
            v.name, v.version, v.mode, *(f"{figure:,}" for figure in figures), f"{v.seconds:.0f}",
            f"[{_STYLES[v.outcome]}]{v.outcome}[/]",
        )  # fmt: skip
    return table


def main() -> int:
    """Run what was asked for; 0 only when every client that ran read the truth."""
    options = _options()
    console = Console(width=150 if not sys.stdout.isatty() else None)
    verdicts = []
    scratch = tempfile.TemporaryDirectory(prefix="clients-")
    directory = options.keep.resolve() if options.keep else Path(scratch.name)
    with scratch, Worlds(directory / "worlds") as worlds:
        for client in CLIENTS:
            if options.only and client.name not in options.only:
                continue
            console.print(f"{client.name} ...", style="dim")
            began = time.monotonic()
            try:
                if options.spoil:
                    spoil(client, worlds)
                verdict = try_client(client, worlds, ENVIRONMENTS.resolve(), directory / client.name)
            except NotInstalledError as error:
                verdict = not_run(client, str(error))
            verdicts.append(dataclasses.replace(verdict, seconds=time.monotonic() - began))
    console.print(_table(verdicts))
    for verdict in verdicts:
        for line in verdict.differences[:12]:
            console.print(f"  {verdict.name}: {line}", markup=False, highlight=False)
        if len(verdict.differences) > 12:
            console.print(f"  {verdict.name}: and {len(verdict.differences) - 12} more")
        if verdict.remark:
            console.print(f"  {verdict.name}: {verdict.remark}", markup=False, highlight=False)
    console.print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    if options.json:
        options.json.write_text(json.dumps([dataclasses.asdict(v) for v in verdicts], indent=2) + "\n")
    return 1 if any(verdict.outcome in ("differs", "crashed") for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main())
