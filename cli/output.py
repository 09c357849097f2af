"""One way to answer: a table for people, JSON for programs, and errors that are one sentence with a next step."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import psycopg2
import typer
from rich.console import Console
from rich.markup import escape

from foundation.credentials import MissingCredential
from foundation.embedded_postgres import EmbeddedPostgresError
from foundation.registry import RegistryError
from ingestion.errors import AccountReadError

# Tables are made for 100 columns; a pipe or a CI log has no width of its own.
_WIDTH = None if sys.stdout.isatty() else 110
console = Console(width=_WIDTH)
errors = Console(stderr=True)

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]

# What a user can mend: shown as a sentence, without a traceback.
_EXPECTED = (RegistryError, MissingCredential, EmbeddedPostgresError, ValueError, RuntimeError)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show errors that a user can mend as one sentence and exit with 1."""
    try:
        yield
    except psycopg2.OperationalError as error:
        errors.print(f"[red]The warehouse does not answer:[/] {escape(str(error).strip())}", soft_wrap=True)
        errors.print("Check MDP_WAREHOUSE_URL, or unset it to use the embedded server; `mdp doctor` tells more.")
        raise typer.Exit(1) from error
    except typer.Exit:
        raise
    except AccountReadError as error:
        errors.print(f"[red]Error:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        errors.print(f"Next: {escape(error.problem.next_step)}", soft_wrap=True, highlight=False)
        raise typer.Exit(1) from error
    except _EXPECTED as error:
        errors.print(f"[red]Error:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
        raise typer.Exit(1) from error


def print_json(value: Any) -> None:
    """Print a JSON document on standard output, nothing else."""
    typer.echo(json.dumps(value, indent=2, default=str, ensure_ascii=False))
