"""`mdp demo`: a world of ad platforms, the whole daily job through Dagster, the result, and the UI to look around."""

import fcntl
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from rich.console import Console

from cli.daily import run_and_show, show_failures
from cli.overview import held_lines, overview_table, read_overview, read_restatements, restatement_table
from cli.session import PlatformSession, open_platform
from cli.world import WorldDirectory, call, demo_directory
from foundation.database import connect
from foundation.embedded_postgres import free_port
from foundation.settings import REPOSITORY
from orchestration.launch import RunOutcome
from orchestration.serving import dagster_ui
from sandbox.process import SandboxHandle

WORLD = WorldDirectory(demo_directory())
STATE_FILE = WORLD.path / "state.json"


class DemoError(RuntimeError):
    """The demo cannot go on; the message says why and what to do."""


@contextmanager
def _only_demo() -> Iterator[None]:
    """One demo at a time on this checkout; the lock goes with the process."""
    WORLD.path.mkdir(parents=True, exist_ok=True)
    with (WORLD.path / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoError("another `make demo` runs in this checkout: stop it with Ctrl-C first") from None
        yield


def _finished_at() -> str | None:
    """The world's instant at the end of the last demo that came to its table."""
    if not STATE_FILE.exists():
        return None
    state: dict[str, str] = json.loads(STATE_FILE.read_text(encoding="utf-8"))
    return state["finished_at"]


def _write_finished(instant: str) -> None:
    partial = STATE_FILE.with_suffix(".partial")
    partial.write_text(json.dumps({"finished_at": instant}), encoding="utf-8")
    partial.replace(STATE_FILE)


def _open_world(sandbox: SandboxHandle) -> datetime:
    """Set the world's day: the first one, the next one after a finished demo, the same after an unfinished one."""
    if _finished_at() == WORLD.clock_file.read_text(encoding="utf-8").strip():
        call(f"{sandbox.url}/_sandbox/clock", {"advance_days": 1})
    return datetime.fromisoformat(WORLD.clock_file.read_text(encoding="utf-8").strip())


def run_demo(console: Console, *, exit_after_table: bool, port: int | None) -> int:
    """The whole demo. Returns the exit code: 0 once the table stands and every step of the job succeeded."""
    with ExitStack() as stack:
        stack.enter_context(_only_demo())
        console.print(
            "[bold]1[/] Starting the sandbox: Meta, Google, TikTok and LinkedIn Ads, Instagram, ECB rates and Slack "
            "of four clients"
        )
        sandbox = WORLD.start()
        stack.callback(sandbox.stop)
        WORLD.use()
        now = _open_world(sandbox)
        console.print(f"  it is {now:%A %d %B %Y, %H:%M} UTC in this world")
        console.print("[bold]2[/] Starting the warehouse: PostgreSQL on a loopback port")
        session = stack.enter_context(open_platform())
        console.print("[bold]3[/] Running the job `daily` through Dagster")
        outcome = run_and_show(session, console, no_run_is_starting=True)
        _show_result(session, outcome, console)
        if not outcome.succeeded:
            show_failures(session, outcome, console)
            return 1
        _write_finished(now.isoformat())
        if exit_after_table:
            return 0
        _serve(session, sandbox, console, port)
    return 0


def _show_result(session: PlatformSession, outcome: RunOutcome, console: Console) -> None:
    with connect(session.warehouse_url) as connection:
        rows = read_overview(connection)
        restated = read_restatements(connection, outcome.run_id)
    console.print()
    console.print(overview_table(rows))
    for line in held_lines(rows):
        console.print(line)
    console.print()
    if restated:
        console.print(restatement_table(restated))
    if any(row.held_days for row in rows):
        console.print(
            "An account is held because its access token was revoked; nobody else waits for it.\n"
            "Next step: mend the token with [bold].venv/bin/mdp sandbox mend[/], then run [bold]make demo[/] again: "
            "the next day releases the account with all its missing days.\n"
        )
    else:
        console.print("Next step: [bold]make demo[/] again is the next day of this world.\n")


def _serve(session: PlatformSession, sandbox: SandboxHandle, console: Console, port: int | None) -> None:
    with (
        console.status("starting the Dagster UI"),
        ExitStack() as stack,
    ):
        url = stack.enter_context(dagster_ui(port or free_port(), session.settings.data_dir / "dagster-ui.log"))
        kept = stack.pop_all()
    with kept:
        console.print(f"Dagster UI      {url}")
        console.print(f"Slack messages  {sandbox.url}/slack")
        console.print(f"psql            psql '{session.warehouse_url}'", soft_wrap=True)
        console.print(f"                or .venv/bin/mdp --demo db psql (in {REPOSITORY.name}/)")
        console.print("Ctrl-C stops everything that this demo started.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print("Stopping")
