"""`mdp demo`: a world of ad platforms, the whole daily job through Dagster, the result, and the UI to look around."""

import fcntl
import json
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime

from rich.console import Console
from rich.markup import escape

from cli.overview import held_lines, overview_table, read_overview, read_restatements, restatement_table
from cli.session import DEMO_DIR, DEMO_ENVIRONMENT, PlatformSession, open_platform, use_demo_environment
from foundation.database import connect
from foundation.settings import REPOSITORY
from ingestion.platforms import PLATFORMS
from orchestration.launch import RECOVERY, Progress, RunOutcome, run_daily
from orchestration.serving import dagster_ui
from sandbox.client_files import write_client_files
from sandbox.credentials import credential_environment
from sandbox.process import SandboxHandle, start
from sandbox.world.world import World, WorldParameters
from transforms.building import DBT_PROJECT_DIR, prepare

STATE_FILE = DEMO_DIR / "state.json"
CLOCK_FILE = DEMO_DIR / "clock"
CLIENTS_DIR = DEMO_DIR / "clients"
SANDBOX_DIR = DEMO_DIR / "sandbox"
OPS_CHANNEL = "C0AGENCYOPS"


class DemoError(RuntimeError):
    """The demo cannot go on; the message says why and what to do."""


@contextmanager
def _only_demo() -> Iterator[None]:
    """One demo at a time on this checkout; the lock goes with the process."""
    DEMO_DIR.mkdir(parents=True, exist_ok=True)
    with (DEMO_DIR / "lock").open("w") as lock:
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


def demo_environment(sandbox_url: str, credentials: dict[str, str]) -> dict[str, str]:
    """The platform's settings for this world; the same variables that a real installation sets."""
    return {
        "MDP_DATA_DIR": str(DEMO_DIR),
        "MDP_CLIENTS_DIR": str(CLIENTS_DIR),
        "MDP_CLOCK_FILE": str(CLOCK_FILE),
        "MDP_META_ADS_BASE_URL": f"{sandbox_url}/meta",
        "MDP_GOOGLE_ADS_BASE_URL": f"{sandbox_url}/google",
        "MDP_GOOGLE_OAUTH_TOKEN_URL": f"{sandbox_url}/google/oauth2/token",
        "MDP_FX_BASE_URL": f"{sandbox_url}/fx",
        "MDP_SLACK_BASE_URL": f"{sandbox_url}/slack/api/",
        "MDP_SLACK_OPS_CHANNEL": OPS_CHANNEL,
        **credentials,
    }


def _write_environment(environment: dict[str, str]) -> None:
    DEMO_ENVIRONMENT.touch(mode=0o600)
    lines = [f"{name}='{value}'" for name, value in environment.items()]
    DEMO_ENVIRONMENT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _open_world(sandbox: SandboxHandle) -> datetime:
    """Set the world's day: the first one, the next one after a finished demo, the same after an unfinished one."""
    if _finished_at() == CLOCK_FILE.read_text(encoding="utf-8").strip():
        body = json.dumps({"advance_days": 1}).encode()
        request = urllib.request.Request(f"{sandbox.url}/_sandbox/clock", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as response:
            response.read()
    return datetime.fromisoformat(CLOCK_FILE.read_text(encoding="utf-8").strip())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_demo(console: Console, *, exit_after_table: bool, port: int | None) -> int:
    """The whole demo. Returns the exit code: 0 once the table stands and every step of the job succeeded."""
    with ExitStack() as stack:
        stack.enter_context(_only_demo())
        console.print("[bold]1[/] Starting the sandbox: Meta Ads, Google Ads, ECB rates and Slack of four clients")
        sandbox, credentials = _start_sandbox()
        stack.callback(sandbox.stop)
        _write_environment(demo_environment(sandbox.url, credentials))
        use_demo_environment()
        now = _open_world(sandbox)
        console.print(f"  it is {now:%A %d %B %Y, %H:%M} UTC in this world")
        console.print("[bold]2[/] Starting the warehouse: PostgreSQL on a loopback port")
        session = stack.enter_context(open_platform())
        if prepare(DBT_PROJECT_DIR):
            console.print("  dbt project parsed")
        console.print("[bold]3[/] Running the job `daily` through Dagster")
        outcome = _run_daily(session, console)
        _show_result(session, outcome, console)
        if not outcome.succeeded:
            for step, error in outcome.failures.items():
                console.print(f"[red]step {step} failed:[/] {escape(error)}")
            console.print(f"The run's log: {session.settings.data_dir / 'daily.log'}")
            return 1
        _write_finished(now.isoformat())
        if exit_after_table:
            return 0
        _serve(session, sandbox, console, port)
    return 0


def _start_sandbox() -> tuple[SandboxHandle, dict[str, str]]:
    sandbox = start(state_dir=SANDBOX_DIR, clock_file=CLOCK_FILE)
    world = World(WorldParameters.load(SANDBOX_DIR / "world.json"))
    write_client_files(world, CLIENTS_DIR)
    return sandbox, credential_environment(world)


def _run_daily(session: PlatformSession, console: Console) -> RunOutcome:
    with console.status("starting the run") as status:

        def show(progress: Progress) -> None:
            if progress.state == "started":
                status.update(f"{progress.step} ...")
            elif progress.state == "done":
                console.print(f"  [green]done[/] {progress.step}")
            elif progress.state in ("failed", "skipped"):
                console.print(f"  [red]{progress.state}[/] {progress.step} {escape(progress.message)}")
            elif progress.step in PLATFORMS or progress.step == RECOVERY:
                console.print(f"       [dim]{escape(progress.message.splitlines()[0])}[/]")

        return run_daily(
            session.settings,
            session.warehouse_url,
            now=session.clock.now(),
            log_path=session.settings.data_dir / "daily.log",
            no_run_is_starting=True,
            progress=show,
        )


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
        url = stack.enter_context(dagster_ui(port or _free_port(), session.settings.data_dir / "dagster-ui.log"))
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
