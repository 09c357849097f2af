"""`mdp override`: publish account-days although checks failed, by a named person, with a reason and an end."""

import re
from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from cli.output import Json, console, plain_errors, print_json
from cli.session import open_platform
from foundation.database import connect
from quality.overrides import Override, all_overrides, record_override, revoke_override

_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1)}


class _AddByDefault(typer.core.TyperGroup):
    """`mdp override CLIENT …` means `mdp override add CLIENT …`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["add", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_AddByDefault,
    no_args_is_help=True,
    help="Publish held account-days under a person's name: mdp override CLIENT PLATFORM ACCOUNT --from … --to …",
)


def lasting(text: str) -> timedelta:
    """7d or 12h as a length of time. Raises ValueError for anything else."""
    found = re.fullmatch(r"(\d{1,3})([dh])", text.strip())
    if found is None:
        raise ValueError(f"--expires {text}: write days or hours, for instance 7d or 12h")
    return int(found[1]) * _UNITS[found[2]]


def _as_json(override: Override, now: datetime) -> dict[str, object]:
    return {name: getattr(override, name) for name in Override.__dataclass_fields__} | {"state": override.state(now)}


@app.command()
def add(
    client: Annotated[str, typer.Argument(help="Client id.")],
    platform: Annotated[str, typer.Argument(help="meta_ads, google_ads, tiktok_ads, linkedin_ads or instagram")],
    account: Annotated[str, typer.Argument(help="Account id.")],
    since: Annotated[datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="First day.")],
    until: Annotated[datetime, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day.")],
    reason: Annotated[str, typer.Option(help="Why these figures are right; kept for good.")],
    by: Annotated[str, typer.Option(help="The person who answers for them.")],
    expires: Annotated[str, typer.Option(help="How long, at most 30d: 7d, 12h.")],
    json: Json = False,
) -> None:
    """Record an override; `mdp publish` or the next run publishes the days, marked as overridden."""
    with plain_errors(), open_platform() as session, connect(session.warehouse_url) as connection:
        now = session.clock.now()
        recorded = record_override(
            connection, client_id=client, platform=platform, account_id=account, since=since.date(),
            until=until.date(), reason=reason, named_by=by, lasts=lasting(expires), now=now,
        )  # fmt: skip
        if json:
            print_json(_as_json(recorded, now))
        else:
            console.print(
                f"Override {recorded.override_id} until {recorded.expires_at:%Y-%m-%d %H:%M} UTC. "
                "`mdp publish` obeys it now, else the next run. It publishes those of the days that are held by checks "
                "for which a person may answer."
            )


@app.command("list")
def show(json: Json = False) -> None:
    """Every override that was ever recorded, newest first."""
    with plain_errors(), open_platform() as session, connect(session.warehouse_url) as connection:
        now, overrides = session.clock.now(), all_overrides(connection)
        if json:
            print_json([_as_json(override, now) for override in overrides])
            return
        table = Table(box=box.SIMPLE_HEAD, title="Overrides", title_justify="left", title_style="bold")
        for heading in ("id", "state", "client", "account", "days", "by", "until", "reason"):
            table.add_column(heading)
        for override in overrides:
            table.add_row(
                str(override.override_id), override.state(now), override.client_id,
                f"{override.platform} {override.account_id}", f"{override.first_day} .. {override.last_day}",
                override.named_by, f"{override.expires_at:%Y-%m-%d %H:%M}", override.reason,
            )  # fmt: skip
        console.print(table)


@app.command()
def revoke(
    override_id: Annotated[int, typer.Argument(help="As `mdp override list` shows it.")],
    by: Annotated[str, typer.Option(help="The person who revokes it.")],
) -> None:
    """End an override now; the next publication takes its figures back."""
    with plain_errors(), open_platform() as session, connect(session.warehouse_url) as connection:
        revoke_override(connection, override_id, revoked_by=by, now=session.clock.now())
        console.print(f"Override {override_id} is revoked; the next publication takes its figures back.")
