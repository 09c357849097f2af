"""`mdp`: every command of the platform."""

import signal
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from cli import backup_commands, certificate_commands, database_commands, override_commands, sandbox_commands
from cli.output import Json, console, errors, plain_errors, print_json
from cli.session import open_platform
from cli.world import WorldDirectory, demo_directory
from foundation.settings import load_settings

app = typer.Typer(
    name="mdp",
    help="Marketing data platform: ad numbers of all clients in one warehouse, certified against the platforms.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
app.add_typer(sandbox_commands.app, name="sandbox")
app.add_typer(backup_commands.app, name="backup")
app.add_typer(certificate_commands.app, name="certificate")
app.add_typer(database_commands.app, name="db")
app.add_typer(override_commands.app, name="override")


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@app.callback()
def main(
    demo: Annotated[bool, typer.Option("--demo", help="Work on the demo's world.")] = False,
    world: Annotated[Path | None, typer.Option(help="Work on the sandbox world in this directory.")] = None,
) -> None:
    """Settings come from MDP_* variables or a .env file; see docs/how-to/connect-real-accounts.md."""
    # A terminated command cleans up as an interrupted one does.
    signal.signal(signal.SIGTERM, _interrupt)
    if demo or world:
        with plain_errors():
            WorldDirectory(world.resolve() if world else demo_directory()).use()


@app.command()
def demo(
    exit_after_table: Annotated[
        bool, typer.Option("--exit", help="End after the table instead of serving the UI.")
    ] = False,
    port: Annotated[int | None, typer.Option(help="Port of the Dagster UI; default: a free one.")] = None,
) -> None:
    """Run the whole platform on a sandbox world: the first time its first day, then one day more each time."""
    from cli.demo import run_demo

    with plain_errors():
        raise typer.Exit(run_demo(console, exit_after_table=exit_after_table, port=port))


@app.command()
def daily(json: Json = False) -> None:
    """Run the daily job through Dagster: load what is due, build, certify, publish, tell Slack, back up."""
    from cli.daily import run_and_show, show_failures
    from cli.status import read_status, show_status

    with plain_errors(), open_platform() as session:
        screen = errors if json else console
        outcome = run_and_show(session, screen, no_run_is_starting=False)
        status_now = read_status(session)
        if json:
            print_json({"run_id": outcome.run_id, "succeeded": outcome.succeeded, **status_now.as_json()})
        else:
            show_status(status_now, console)
        if not outcome.succeeded:
            show_failures(session, outcome, screen)
            raise typer.Exit(1)


@app.command()
def ui(port: Annotated[int, typer.Option(help="Port of the Dagster UI.")] = 3000) -> None:
    """Serve the Dagster UI with its daemon on this machine until Ctrl-C: schedules and sensors run."""
    from orchestration.serving import dagster_ui

    with plain_errors(), open_platform() as session:
        with dagster_ui(port, session.settings.data_dir / "dagster-ui.log") as url:
            console.print(f"Dagster UI  {url}\nCtrl-C stops it.")
            with suppress(KeyboardInterrupt):
                threading.Event().wait()


@app.command()
def sync(
    platform: Annotated[str, typer.Argument(help="meta_ads, google_ads, tiktok_ads, linkedin_ads or instagram")],
    since: Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")] = None,
    until: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")] = None,
    client: Annotated[list[str] | None, typer.Option(help="Only this client; may be repeated.")] = None,
    account: Annotated[list[str] | None, typer.Option(help="Only this account id; may be repeated.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Leave out months read whole in the last 24 hours.")] = False,
    json: Json = False,
) -> None:
    """Load a platform's account-days without Dagster: the days asked for, or what is due where none are given."""
    from cli.loading import run_sync, sync_table

    with plain_errors(), open_platform() as session:
        report = run_sync(
            session,
            platform,
            since.date() if since else None,
            until.date() if until else None,
            clients=client or [],
            accounts=account or [],
            resume=resume,
            progress=(lambda message: None) if json else console.print,
        )
        if json:
            from cli.loading import sync_json

            print_json(sync_json(report))
        else:
            console.print(sync_table(report))
        if report.nothing_loaded:
            raise typer.Exit(1)


@app.command()
def accounts(
    platform: Annotated[str, typer.Argument(help="meta_ads, google_ads, tiktok_ads, linkedin_ads or instagram")],
    credential: Annotated[str, typer.Option(help="Name of the credential, as client files write it.")],
    json: Json = False,
) -> None:
    """Show the accounts that a credential can see, with lines for a client file for those that are in none."""
    from dataclasses import asdict

    from cli.discovery import accounts_table, client_file_lines, owners, visible_accounts

    with plain_errors():
        settings = load_settings()
        found = visible_accounts(settings, platform, credential)
        if json:
            print_json([asdict(account) for account in found])
            return
        owned_by = owners(settings, platform)
        console.print(accounts_table(found, owned_by, credential))
        if lines := client_file_lines(found, owned_by, platform, credential):
            console.print("For a client file, under `accounts:`", style="bold")
            console.print(lines, markup=False, highlight=False)


@app.command()
def rates(json: Json = False) -> None:
    """Fetch the ECB reference rates that are missing."""
    from cli.loading import run_rates

    with plain_errors(), open_platform() as session:
        report = run_rates(session)
        if json:
            print_json({"changed": report.rates, "newest": report.newest, "without_rate": report.without_rate})
            return
        console.print(f"{report.rates} rates new or changed, newest of {report.newest}")


@app.command()
def build(json: Json = False) -> None:
    """Build what is pending and check it; publishes nothing."""
    from cli.publishing import run_build

    with plain_errors(), open_platform() as session:
        result = run_build(session)
        print_json(result) if json else console.print(result)


@app.command()
def publish(json: Json = False) -> None:
    """Build what is pending, certify it and publish what the gate lets pass."""
    from cli.publishing import run_publish

    with plain_errors(), open_platform() as session:
        result = run_publish(session)
        print_json(result) if json else console.print(result)


@app.command()
def status(json: Json = False) -> None:
    """What is published, held and waiting, and the newest load, publication and backup."""
    from cli.status import read_status, show_status

    with plain_errors(), open_platform() as session:
        result = read_status(session)
        if json:
            print_json(result.as_json())
        else:
            show_status(result, console)


@app.command()
def months(
    client: Annotated[str | None, typer.Option(help="Only this client.")] = None,
    month: Annotated[datetime | None, typer.Option(formats=["%Y-%m"], help="Only this month: YYYY-MM.")] = None,
    json: Json = False,
) -> None:
    """Settled months: the published days added up against the platform's own total of the month."""
    from cli.months import months_json, months_table, read_months

    with plain_errors(), open_platform() as session:
        lines = read_months(session, client, month.date() if month else None)
        if json:
            print_json(months_json(lines))
        elif lines:
            console.print(months_table(lines))
        else:
            console.print("no month has settled yet: the platforms may still restate them all")


@app.command(name="data-docs")
def data_docs(
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in the browser.")] = False,
    json: Json = False,
) -> None:
    """Where Great Expectations' Data Docs are: which expectations held in the newest builds, and what failed them."""
    from cli.data_docs import find_data_docs

    with plain_errors():
        page = find_data_docs(load_settings())
        if json:
            print_json({"page": str(page)})
        else:
            console.print(str(page), soft_wrap=True, highlight=False, markup=False)
        if open_page and not typer.launch(page.as_uri()) == 0:
            raise RuntimeError(f"no browser could be started; open {page.as_uri()} yourself")


@app.command()
def doctor(json: Json = False) -> None:
    """Check configuration, database, credentials, disk and versions, and say how to mend what is wrong."""
    from cli.doctor import examine, findings_table

    with plain_errors():
        findings = examine()
        if json:
            print_json([finding.as_json() for finding in findings])
        else:
            console.print(findings_table(findings))
        if any(finding.state == "wrong" for finding in findings):
            raise typer.Exit(1)


@app.command()
def prepare() -> None:
    """Parse the dbt project so that Dagster and dbt start fast; needed once after an installation or a model change."""
    from transforms.building import DBT_PROJECT_DIR
    from transforms.building import prepare as prepare_dbt

    with plain_errors():
        console.print("dbt project parsed" if prepare_dbt(DBT_PROJECT_DIR) else "nothing changed")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []},
)
def metrics(context: typer.Context) -> None:
    """Ask for metrics with MetricFlow (mdp metrics query --metrics spend,roas --group-by client,metric_time__month)."""
    from cli.metrics import ask_metrics

    with plain_errors():
        ask_metrics(context.args)
