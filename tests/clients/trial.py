"""One client's trial: install it, let it read, compare what it read with the truth."""

import dataclasses
import json
import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from sandbox.world.world import accounts_of
from tests.clients.catalogue import ThirdPartyClient
from tests.clients.comparison import (
    ADDING_UP,
    Comparison,
    Key,
    account_days,
    compare_entities,
    compare_figures,
    figures_of,
    ids_of,
    without_misreadings,
)
from tests.clients.entities import entities_of
from tests.clients.environments import python_of, version_in
from tests.clients.worlds import Worlds, account_entries

RUNNERS = Path(__file__).parent / "runners"
RUN_TIMEOUT_SECONDS = 1200
LONGEST_SLEEP_SECONDS = "0.05"


@dataclass(frozen=True)
class Verdict:
    """``rows`` are those that the client handed out, ``compared`` single figures and statuses."""

    name: str
    version: str
    mode: str
    outcome: Literal["same", "differs", "crashed", "not run"]
    accounts: int = 0
    days: int = 0
    rows: int = 0
    entities: int = 0
    checks: int = 0
    compared: int = 0
    explained: int = 0
    misread: int = 0
    differences: tuple[str, ...] = ()
    remark: str = ""
    seconds: float = 0.0


def not_run(client: ThirdPartyClient, reason: str) -> Verdict:
    """The verdict on a client that is not to be had on this machine."""
    return Verdict(client.name, "-", _mode(client), "not run", remark=f"not run: {reason}")


def try_client(client: ThirdPartyClient, worlds: Worlds, environments: Path, directory: Path) -> Verdict:
    """Raises NotInstalledError; everything else that goes wrong is in the verdict."""
    python = python_of(client.name, environments)
    version = version_in(python, client.package)
    until = worlds.until
    since = until - timedelta(days=client.days - 1)
    try:
        answer = _run(client, worlds, python, directory, since, until)
    except _Crashed as error:
        return Verdict(client.name, version, _mode(client), "crashed", remark=str(error))
    comparisons = [
        *_figures(client, worlds, answer["rows"], since, until),
        _entities(client, worlds, answer["entities"]),
    ]
    checks = answer["checks"]
    differences = [line for comparison in comparisons for line in comparison.differences]
    differences += [f"check failed: {c['name']}: {c['detail']}" for c in checks if not c["passed"]]
    return Verdict(
        client.name, version, _mode(client), "differs" if differences else "same",
        accounts=len({row["account_id"] for row in answer["rows"]}),
        days=len({row["date_day"] for row in answer["rows"]}),
        rows=len(answer["rows"]) + len(answer["entities"]), entities=len(answer["entities"]), checks=len(checks),
        compared=sum(comparison.compared for comparison in comparisons) + len(checks),
        explained=sum(comparison.explained for comparison in comparisons),
        misread=sum(comparison.misread for comparison in comparisons), differences=tuple(differences),
    )  # fmt: skip


def spoil(client: ThirdPartyClient, worlds: Worlds) -> None:
    """Let the first account of the client's platform lose rows, to see that the comparison notices."""
    first = account_entries(worlds.world(lenient=client.lenient), client.platform)[0]
    worlds.halve(client.platform, first["account_id"], lenient=client.lenient)


class _Crashed(Exception):
    """The client ended badly; the message holds its last words."""


def _run(
    client: ThirdPartyClient, worlds: Worlds, python: Path, directory: Path, since: date, until: date
) -> dict[str, Any]:
    url = worlds.url(lenient=client.lenient)
    scratch = directory / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    plan = {
        "sandbox": url, "since": since.isoformat(), "until": until.isoformat(), "scratch": str(scratch),
        "accounts": account_entries(worlds.world(lenient=client.lenient), client.platform),
    }  # fmt: skip
    plan_file, answer_file = directory / "plan.json", directory / "answer.json"
    plan_file.write_text(json.dumps(plan, indent=1), encoding="utf-8")
    answer_file.unlink(missing_ok=True)
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    if client.hosts:
        reroutes = {origin: url + path for origin, path in client.hosts.items()}
        environment |= {"REROUTES": json.dumps(reroutes), "PYTHONPATH": str(RUNNERS / "rerouted")}
        environment |= {"LONGEST_SLEEP": LONGEST_SLEEP_SECONDS}
    command = [str(part) for part in (python, RUNNERS / client.runner, plan_file, answer_file)]
    log = directory / "output.txt"
    with log.open("wb") as output:
        try:
            code = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, cwd=scratch,
                timeout=RUN_TIMEOUT_SECONDS,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired as error:
            raise _Crashed(f"no end after {RUN_TIMEOUT_SECONDS} s: {_last_words(log)}") from error
    if code != 0 or not answer_file.exists():
        raise _Crashed(f"ended with {code}: {_last_words(log)}")
    answer: dict[str, Any] = json.loads(answer_file.read_text(encoding="utf-8"))
    return answer


def _last_words(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace").strip()[-1500:]


def _figures(
    client: ThirdPartyClient, worlds: Worlds, rows: list[dict[str, str]], since: date, until: date
) -> Iterable[Comparison]:
    hidden = _hidden_ids(client, worlds)
    for level in client.levels:
        ids = ids_of(client.platform, level)
        truth = worlds.truth(
            client.platform, "ad" if level == "ad_group" else level, since, until, lenient=client.lenient
        )
        true = figures_of(truth, "ad" if level == "ad_group" else level, ids)
        read, misread = without_misreadings(figures_of(rows, level, ids), true, client.misreads)
        by_object = compare_figures(read, true, hidden)
        yield dataclasses.replace(by_object, misread=misread)
        if level in ADDING_UP and not by_object.explained:
            yield compare_figures(account_days(read), account_days(true))


def _hidden_ids(client: ThirdPartyClient, worlds: Worlds) -> set[str]:
    """Ids of objects that the platform leaves out of this client's reports."""
    hidden: set[str] = set()
    if client.hides_rows_of:
        for account in accounts_of(worlds.world(lenient=client.lenient)):
            if account.platform == client.platform:
                for kind in ("campaign", "ad_group", "ad"):
                    entities = entities_of(account, kind, worlds.today(account))
                    hidden |= {name for name, entity in entities.items() if entity.traits & client.hides_rows_of}
    return hidden


def _entities(client: ThirdPartyClient, worlds: Worlds, listed: list[dict[str, str]]) -> Comparison:
    read: dict[Key, str] = {(e["account_id"], e["kind"], e["id"]): e["status"] for e in listed}
    true: dict[Key, str] = {}
    for account in accounts_of(worlds.world(lenient=client.lenient)):
        if account.platform == client.platform:
            for kind in client.entity_kinds:
                for name, entity in entities_of(account, kind, worlds.today(account)).items():
                    if not entity.traits & client.hides_entities:
                        true[account.account_id, kind, name] = entity.status
    return compare_entities(read, true)


def _mode(client: ThirdPartyClient) -> str:
    return "lenient" if client.lenient else "strict"
