"""`mdp certificate CLIENT --month YYYY-MM` and `mdp certificate verify FILE`."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperGroup

from cli.output import Json, console, errors, plain_errors, print_json
from cli.session import open_platform

_WRITE = "write"


class _ClientOrCommand(TyperGroup):
    """A first word that is no command is a client."""

    # Typer carries a click of its own, whose types it does not export.
    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        return super().resolve_command(ctx, args if args and args[0] in self.commands else [_WRITE, *args])


app = typer.Typer(
    cls=_ClientOrCommand,
    help="Write the certificate of a client and month (mdp certificate CLIENT --month 2026-10), or verify one.",
    no_args_is_help=True,
)


@app.command(_WRITE, hidden=True)
def write(
    client: Annotated[str, typer.Argument(help="Client id, as in its file.")],
    month: Annotated[str, typer.Option(help="The month, such as 2026-10.")],
    output: Annotated[
        Path | None, typer.Option(help="Folder, or file.html; default: certificates/ in the data directory.")
    ] = None,
    json: Json = False,
) -> None:
    """Write the certificate of a client and month as a page (HTML) and as JSON, signed."""
    from cli.certificates import month_of, signing_keys, write_certificate

    with plain_errors():
        # What the command line has wrong is said before a server starts.
        month_of(month)
        signing_keys()
        with open_platform() as session:
            written = write_certificate(session, client, month, output)
        if json:
            print_json(
                {
                    "html": str(written.html), "json": str(written.json), "key_id": written.key_id,
                    "digest_sha256": written.digest, "summary": written.summary,
                }
            )  # fmt: skip
            return
        summary = written.summary
        console.print(
            f"{summary['certified']} of {summary['due']} due account-days certified, "
            f"{summary['comparisons_equal']} of {summary['comparisons']} figures equal to the last digit"
        )
        console.print(f"page  {written.html}", soft_wrap=True, highlight=False, markup=False)
        console.print(f"JSON  {written.json}", soft_wrap=True, highlight=False, markup=False)
        console.print(f"signed with key {written.key_id}; `mdp certificate verify FILE` checks either file")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="A certificate, HTML or JSON.")],
    json: Json = False,
) -> None:
    """Check that a certificate is unchanged. Exit code 0: valid, 1: altered, 2: signed with a key not known here."""
    from cli.certificates import EXIT_CODES, verify_file

    with plain_errors():
        try:
            found = verify_file(file)
        except ValueError as error:
            # Not "altered": nothing was found out about the file.
            errors.print(f"[red]Error:[/] {escape(str(error))}", soft_wrap=True, highlight=False)
            raise typer.Exit(EXIT_CODES["unknown"]) from error
        if json:
            print_json({"file": str(file), "outcome": found.outcome, "detail": found.detail})
        else:
            word = {"valid": "[green]VALID[/]", "altered": "[red]ALTERED[/]", "unknown": "[yellow]UNKNOWN KEY[/]"}
            console.print(f"{word[found.outcome]}: {escape(found.detail)}", soft_wrap=True, highlight=False)
        raise typer.Exit(EXIT_CODES[found.outcome])
