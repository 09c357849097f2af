"""`mdp daily`: the platform's daily job through Dagster, with its steps on the screen."""

from rich.console import Console
from rich.markup import escape

from cli.session import PlatformSession
from ingestion.platforms import PLATFORMS
from orchestration.launch import RECOVERY, Progress, RunOutcome, run_daily
from transforms.building import DBT_PROJECT_DIR, prepare

LOG_NAME = "daily.log"


def run_and_show(session: PlatformSession, console: Console, *, no_run_is_starting: bool) -> RunOutcome:
    """Run the job over everything that is due and show what happens; the process's output goes to daily.log."""
    if prepare(DBT_PROJECT_DIR):
        console.print("  dbt project parsed")
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
            log_path=session.settings.data_dir / LOG_NAME,
            no_run_is_starting=no_run_is_starting,
            progress=show,
        )


def show_failures(session: PlatformSession, outcome: RunOutcome, console: Console) -> None:
    """Say which steps failed and where the whole log is."""
    for step, error in outcome.failures.items():
        console.print(f"[red]step {step} failed:[/] {escape(error)}")
    console.print(f"The run's log: {session.settings.data_dir / LOG_NAME}", soft_wrap=True)
