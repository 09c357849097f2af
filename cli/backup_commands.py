"""`mdp backup`: make, verify, list and restore backups of the warehouse."""

from typing import Annotated

import typer
from rich import box
from rich.table import Table

from cli.output import console, plain_errors
from cli.session import open_platform

app = typer.Typer(help="Backups of the warehouse; without a subcommand: make one now.", no_args_is_help=False)


@app.callback(invoke_without_command=True)
def back_up(context: typer.Context) -> None:
    """Dump, compress and store the warehouse now."""
    if context.invoked_subcommand:
        return
    from backups.dump import create_backup

    with plain_errors(), open_platform() as session:
        record = create_backup(session.settings, session.warehouse_url, now=session.clock.now())
        console.print(f"Stored {record.backup_id}, {record.bytes or 0:,} bytes, in {record.location}", soft_wrap=True)
        console.print(f"SHA-256 {record.sha256}: note it outside the warehouse, a restore after its loss asks for it.")
        console.print("`mdp backup verify` restores it into a scratch database and compares every table.")


@app.command()
def verify(backup_id: Annotated[str | None, typer.Argument(help="Default: the newest one.")] = None) -> None:
    """Restore a backup into a scratch database and compare row counts and checksums by table."""
    from backups.verify import verify_backup

    with plain_errors(), open_platform() as session:
        report = verify_backup(session.settings, session.warehouse_url, now=session.clock.now(), backup_id=backup_id)
        if report.agrees:
            console.print(f"[green]verified[/]: {len(report.tables)} tables restored with equal rows and checksums")
            return
        for table in report.differing:
            console.print(f"[red]differs[/]: {table.table}")
        raise typer.Exit(1)


@app.command(name="list")
def list_them() -> None:
    """List the backups that this installation made."""
    from backups.records import list_backups

    with plain_errors(), open_platform() as session:
        from foundation.database import connect

        with connect(session.warehouse_url) as connection:
            records = list_backups(connection)
        table = Table(box=box.SIMPLE_HEAD)
        for heading in ("backup", "started", "bytes", "state", "where"):
            table.add_column(heading, overflow="fold")
        for record in records:
            table.add_row(
                record.backup_id,
                f"{record.started_at:%Y-%m-%d %H:%M}",
                f"{record.bytes or 0:,}",
                record.status,
                record.location,
            )
        console.print(table)


@app.command()
def restore(
    database: Annotated[str, typer.Argument(help="Name of the new database to restore into.")],
    backup_id: Annotated[str | None, typer.Option("--backup", help="Default: the newest one.")] = None,
    location: Annotated[str | None, typer.Option(help="Archive of a lost warehouse; needs --sha256.")] = None,
    sha256: Annotated[str | None, typer.Option(help="What was noted when that backup was made.")] = None,
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
        state = "[green]equal to its manifest[/]" if report.agrees else "[red]different from its manifest[/]"
        console.print(f"Restored into database {database}: {len(report.tables)} tables, {state}")
