"""`mdp sandbox`: the local world of ad platforms that the demo and the tests run against."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

import typer

from cli.output import console, plain_errors, print_json
from cli.world import NoWorldError, WorldDirectory, call, demo_directory

app = typer.Typer(help="The sandbox: ad platforms, ECB rates and Slack on this machine.", no_args_is_help=False)

Directory = Annotated[Path | None, typer.Option("--dir", help="Directory of the world; default: the demo's.")]


@contextmanager
def _served(directory: Path | None) -> Iterator[str]:
    """Address of a world's sandbox: the running one, or one that is started for this command."""
    world = WorldDirectory((directory or demo_directory()).resolve())
    if not world.sandbox_dir.exists():
        raise NoWorldError(f"there is no world in {world.path} yet: run `make demo` first")
    if url := world.running_url():
        yield url
        return
    handle = world.start()
    try:
        yield handle.url
    finally:
        handle.stop()


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    directory: Annotated[Path, typer.Option("--dir", help="Directory of the world.")] = Path(".data/sandbox"),
    port: Annotated[int, typer.Option(help="Port; 0 = a free one.")] = 0,
    seed: Annotated[int | None, typer.Option(help="Seed of the world.")] = None,
    clients: Annotated[int | None, typer.Option(help="Number of clients.")] = None,
    ads: Annotated[int | None, typer.Option(help="Ads per account, about.")] = None,
    days: Annotated[int | None, typer.Option(help="Days of history.")] = None,
    recorded: Annotated[
        Path | None, typer.Option(help="Serve recorded data of this folder instead of a world.")
    ] = None,
    lenient: Annotated[bool, typer.Option("--lenient", help="Accept what old clients of the platforms do.")] = False,
) -> None:
    """Serve a world until Ctrl-C, for `mdp --world DIR ...` in another terminal."""
    if context.invoked_subcommand:
        return
    world = WorldDirectory(directory.resolve())
    options = {"port": port, "seed": seed, "clients": clients, "ads": ads, "days": days, "recorded": recorded}
    options["lenient"] = lenient or None
    with plain_errors():
        handle = world.start(**{name: value for name, value in options.items() if value is not None})
        try:
            console.print(f"Sandbox         {handle.url}")
            console.print(f"Slack messages  {handle.url}/slack")
            console.print(f"Truth           {handle.url}/_sandbox/truth")
            console.print(f"Clock           {world.clock_file.read_text(encoding='utf-8').strip()}")
            console.print(f"Run on it       mdp --world {directory} daily", soft_wrap=True)
            console.print("Ctrl-C stops it.")
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print("Stopping")
        finally:
            handle.stop()


@app.command()
def mend(
    credential: Annotated[str | None, typer.Argument(help="Only this credential; default: all.")] = None,
    directory: Directory = None,
) -> None:
    """Restore the revoked token, as a person who logs in again would."""
    with plain_errors(), _served(directory) as url:
        mended = call(f"{url}/_sandbox/mend", {"credential": credential} if credential else {})["mended"]
        console.print(f"Mended: {', '.join(mended)}" if mended else "Nothing is revoked.")
        if mended:
            console.print("Next step: [bold]make demo[/] releases what was held.")


@app.command()
def advance(
    days: Annotated[int, typer.Argument(help="By how many days; never past the machine's clock.")] = 1,
    directory: Directory = None,
) -> None:
    """Move the world's clock."""
    with plain_errors(), _served(directory) as url:
        console.print(f"It is {call(f'{url}/_sandbox/clock', {'advance_days': days})['now']} in this world.")


@app.command()
def truth(
    as_of: Annotated[str | None, typer.Option(help="Instant (ISO 8601); default: the world's clock.")] = None,
    directory: Directory = None,
) -> None:
    """Print the world's own totals by client, platform, account and day."""
    with plain_errors(), _served(directory) as url:
        query = f"?{urlencode({'as_of': as_of})}" if as_of else ""
        print_json(call(f"{url}/_sandbox/truth{query}"))
