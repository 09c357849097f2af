"""`mdp` as it is typed, on a served world."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from typer.testing import CliRunner

from cli.main import app
from cli.world import WorldDirectory, call
from foundation.database import connect

START, DAYS = "2026-11-02T12:00:00+00:00", 10


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass(frozen=True)
class CommandLine:
    """A served world, its warehouse, and the command line on them."""

    world: WorldDirectory
    sandbox_url: str
    warehouse_url: str

    def mdp(self, *arguments: str) -> Answer:
        """One command, as if typed; what it does to this process's environment is undone."""
        environment, on_term = dict(os.environ), signal.getsignal(signal.SIGTERM)
        try:
            result = CliRunner().invoke(app, ["--world", str(self.world.path), *arguments])
        finally:
            os.environ.clear()
            os.environ.update(environment)
            signal.signal(signal.SIGTERM, on_term)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)

    @contextmanager
    def configured(self, **variables: str) -> Iterator[None]:
        """With these variables as somebody might set them, right or wrong."""
        file = self.world.environment_file
        before = file.read_text(encoding="utf-8")
        file.write_text(before + "".join(f"{name}='{value}'\n" for name, value in variables.items()), encoding="utf-8")
        try:
            yield
        finally:
            file.write_text(before, encoding="utf-8")

    @contextmanager
    def without_file_of(self, client: str) -> Iterator[None]:
        """As if nobody had written this client's file yet."""
        file = self.world.path / "clients" / f"{client}.yaml"
        kept = file.rename(file.with_suffix(".kept"))
        try:
            yield
        finally:
            kept.rename(file)

    @property
    def days(self) -> list[str]:
        """The days of the world that are over, oldest first."""
        today = datetime.fromisoformat(START).date()
        return [f"{today - timedelta(days=back)}" for back in range(DAYS, 0, -1)]

    def truth(self) -> list[dict[str, Any]]:
        """The world's own totals by account, of the days that are over."""
        rows: list[dict[str, Any]] = call(f"{self.sandbox_url}/_sandbox/truth?until={self.days[-1]}")
        return rows

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the warehouse."""
        with connect(self.warehouse_url) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
