"""`mdp backup`: make, verify, list and restore backups of the warehouse."""

from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from cli.output import Json, console, plain_errors, print_json
from cli.session import open_platform
from foundation.database import connect

app = typer.Typer(help="Backups of the warehouse; without a subcommand: make one now.", no_args_is_help=False)


def _record(record: Any) -> dict[str, Any]:
    """A backup record without its manifest, JSON-ready."""
    return {
        "backup": record.backup_id,
        "started_at": record.started_at.isoformat(),
        "bytes": record.bytes,
        "status": record.status,
        "location": record.location,
        "sha256": record.sha256,
    }


def _report(report: Any) -> dict[str, Any]:
    """A restore report, JSON-ready."""
    return {
        "agrees": report.agrees,
        "tables": len(report.tables),
        "differing": [table.table for table in report.differing],
    }


@app.callback(invoke_without_command=True)
def back_up(context: typer.Context, json: Json = False) -> None:
    """Dump, compress and store the warehouse now."""
    if context.invoked_subcommand:
        return
    from backups.dump import create_backup

    with plain_errors(), open_platform() as session:
        record = create_backup(session.settings, session.warehouse_url, now=session.clock.now())
        if json:
            print_json(_record(record))
            return
        console.print(f"Stored {record.backup_id}, {record.bytes or 0:,} bytes, in {record.location}", soft_wrap=True)
        console.print(f"SHA-256 {record.sha256}: note it outside the warehouse, a restore after its loss asks for it.")
        console.print("`mdp backup verify` restores it into a scratch database and compares every table.")


@app.command()
def verify(
    backup_id: Annotated[str | None, typer.Argument(help="Default: the newest one.")] = None, json: Json = False
) -> None:
    """Restore a backup into a scratch database and compare row counts and checksums by table."""
    from backups.verify import verify_backup

    with plain_errors(), open_platform() as session:
        report = verify_backup(session.settings, session.warehouse_url, now=session.clock.now(), backup_id=backup_id)
        if json:
            print_json(_report(report))
        elif report.agrees:
            console.print(f"[green]verified[/]: {len(report.tables)} tables restored with equal rows and checksums")
        for table in () if json else report.differing:
            console.print(f"[red]differs[/]: {table.table}")
        if not report.agrees:
            raise typer.Exit(1)


@app.command(name="list")
def list_them(json: Json = False) -> None:
    """List the backups that this installation made."""
    from backups.records import list_backups

    with plain_errors(), open_platform() as session:
        with connect(session.warehouse_url) as connection:
            records = list_backups(connection)
        if json:
            print_json([_record(record) for record in records])
            return
        table = Table(box=box.SIMPLE_HEAD)
        for heading in ("backup", "started", "bytes", "state", "where", "SHA-256"):
            table.add_column(heading, overflow="fold", no_wrap=heading == "backup")
        for record in records:
            table.add_row(
                record.backup_id, f"{record.started_at:%Y-%m-%d %H:%M}", f"{record.bytes or 0:,}", record.status,
                record.location, record.sha256 or "",
            )  # fmt: skip
        console.print(table)


@app.command()
def restore(
    database: Annotated[str, typer.Argument(help="Name of the new database to restore into.")],
    backup_id: Annotated[str | None, typer.Option("--backup", help="Default: the newest one.")] = None,
    location: Annotated[str | None, typer.Option(help="Archive of a lost warehouse; needs --sha256.")] = None,
    sha256: Annotated[str | None, typer.Option(help="What was noted when that backup was made.")] = None,
    json: Json = False,
) -> None:
    """Restore a backup into a NEW database of the same server; see docs/how-to/restore-a-backup.md for the rest."""
    from backups.verify import restore as restore_backup
    from backups.verify import restore_from

    if (location is None) is not (sha256 is None):
        raise typer.BadParameter("--location and --sha256 go together")
    with plain_errors(), open_platform() as session:
        if location and sha256:
            report = restore_from(
                session.settings, session.warehouse_url, database=database, location=location, sha256=sha256
            )
        else:
            report = restore_backup(session.settings, session.warehouse_url, database=database, backup_id=backup_id)
        if json:
            print_json(_report(report))
            return
        state = "[green]equal to its manifest[/]" if report.agrees else "[red]different from its manifest[/]"
        console.print(f"Restored into database {database}: {len(report.tables)} tables, {state}")
