"""`mdp db`: where the warehouse is, and a prompt on it."""

import os
import shutil
import subprocess

import typer

from cli.output import console, errors, plain_errors
from cli.session import embedded_server, open_platform
from foundation.embedded_postgres import binaries_directory
from foundation.settings import load_settings

app = typer.Typer(help="The warehouse: address, psql, start and stop of the embedded server.", no_args_is_help=True)


@app.command()
def url() -> None:
    """Print the warehouse's address, with password, for other programs."""
    with plain_errors():
        settings = load_settings()
        if settings.warehouse_url:
            typer.echo(settings.warehouse_url)
            return
        server = embedded_server(settings)
        if not server.is_running():
            errors.print("The embedded server is not running: `mdp db start` starts it.")
            raise typer.Exit(1)
        typer.echo(server.url())


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def psql(context: typer.Context) -> None:
    """Open psql on the warehouse; further arguments go to psql (mdp db psql -- -c 'select 1')."""
    with plain_errors(), open_platform() as session:
        result = subprocess.run(
            [shutil.which("psql") or str(binaries_directory() / "psql"), session.warehouse_url, *context.args],
            env=os.environ,
            check=False,
        )
    raise typer.Exit(result.returncode)


@app.command()
def start() -> None:
    """Start the embedded server and leave it running; migrates the warehouse."""
    with plain_errors(), open_platform(keep_running=True):
        console.print("The warehouse runs; `mdp db url` prints its address, `mdp db stop` ends it.")


@app.command()
def stop() -> None:
    """Stop the embedded server."""
    with plain_errors():
        embedded_server(load_settings()).stop()
