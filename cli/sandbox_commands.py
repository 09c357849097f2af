"""`mdp sandbox`: the local world of ad platforms that the demo and the tests run against."""

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.output import console, plain_errors, print_json
from cli.session import DEMO_DIR, NotSetUp

app = typer.Typer(help="The sandbox: ad platforms, ECB rates and Slack on this machine.", no_args_is_help=False)

SANDBOX_DIR = DEMO_DIR / "sandbox"
CLOCK_FILE = DEMO_DIR / "clock"


def call(url: str, body: dict[str, Any] | None = None) -> Any:
    """GET, or POST a JSON body, on the sandbox's control plane. Raises ValueError with the sandbox's own words."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())
    except urllib.error.HTTPError as error:
        raise ValueError(error.read().decode(errors="replace")) from error


@contextmanager
def demo_sandbox() -> Iterator[str]:
    """Address of the demo's sandbox: the running one, or one that is started for this command."""
    from sandbox.process import start

    if not SANDBOX_DIR.exists():
        raise NotSetUp("there is no demo world yet: run `make demo` first")
    address = SANDBOX_DIR / "sandbox.json"
    if address.exists():
        url = str(json.loads(address.read_text(encoding="utf-8"))["url"])
        try:
            call(f"{url}/_sandbox/health")
        except (urllib.error.URLError, ValueError, ConnectionError):
            pass
        else:
            yield url
            return
    handle = start(state_dir=SANDBOX_DIR, clock_file=CLOCK_FILE)
    try:
        yield handle.url
    finally:
        handle.stop()


@app.callback(invoke_without_command=True)
def serve(
    context: typer.Context,
    state_dir: Annotated[Path, typer.Option(help="Where this world keeps its state.")] = Path(".data/sandbox"),
    port: Annotated[int, typer.Option(help="Port; 0 = a free one.")] = 0,
    seed: Annotated[int | None, typer.Option(help="Seed of the world.")] = None,
    clients: Annotated[int | None, typer.Option(help="Number of clients.")] = None,
    ads: Annotated[int | None, typer.Option(help="Ads per account, about.")] = None,
    days: Annotated[int | None, typer.Option(help="Days of history.")] = None,
    recorded: Annotated[
        Path | None, typer.Option(help="Serve recorded data of this folder instead of a world.")
    ] = None,
) -> None:
    """Serve a world until Ctrl-C; with a subcommand, act on the demo's world."""
    if context.invoked_subcommand:
        return
    from sandbox.process import start

    options = {"seed": seed, "clients": clients, "ads": ads, "days": days, "recorded": recorded}
    with plain_errors():
        handle = start(
            state_dir=state_dir,
            clock_file=state_dir / "clock",
            port=port,
            **{name: value for name, value in options.items() if value is not None},
        )
        try:
            console.print(f"Sandbox         {handle.url}")
            console.print(f"Slack messages  {handle.url}/slack")
            console.print(f"Truth           {handle.url}/_sandbox/truth")
            console.print(f"Client files    {state_dir / 'clients'}, environment {state_dir / 'environment'}")
            console.print("Ctrl-C stops it.")
            threading.Event().wait()
        except KeyboardInterrupt:
            console.print("Stopping")
        finally:
            handle.stop()


@app.command()
def mend(credential: Annotated[str | None, typer.Argument(help="Only this credential; default: all.")] = None) -> None:
    """Restore the revoked token of the demo's world, as a person who logs in again would."""
    with plain_errors(), demo_sandbox() as url:
        answer = call(f"{url}/_sandbox/mend", {"credential": credential} if credential else {})
        mended = answer.get("mended", [])
        console.print(f"Mended: {', '.join(mended)}" if mended else "Nothing is revoked.")
        if mended:
            console.print("Next step: [bold]make demo[/] releases what was held.")


@app.command()
def truth(
    as_of: Annotated[str | None, typer.Option(help="Instant (ISO 8601); default: the world's clock.")] = None,
) -> None:
    """Print the world's own totals by client, platform, account and day."""
    from urllib.parse import urlencode

    with plain_errors(), demo_sandbox() as url:
        query = f"?{urlencode({'as_of': as_of})}" if as_of else ""
        print_json(call(f"{url}/_sandbox/truth{query}"))
