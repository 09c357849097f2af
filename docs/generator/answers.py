"""Runs the SQL of docs/how-to/answer-common-questions.md and writes each answer beneath its question.

python -m docs.generator.answers "$(mdp --demo db url)"
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from docs.generator.contracts import REPOSITORY
from foundation.database import Connection, connect

PAGE = REPOSITORY / "docs" / "how-to" / "answer-common-questions.md"
# A block of SQL, an empty line, and the table that answers it.
_QUESTION = re.compile(r"```sql\n(?P<query>.*?)```\n\n(?P<answer>(?:\|[^\n]*\n)*)", re.DOTALL)
_SHOWN_ROWS = 12


@dataclass(frozen=True)
class Question:
    """One query of the page, and the columns of the table beneath it."""

    query: str
    columns: tuple[str, ...]


def questions(page: str) -> Iterator[Question]:
    """All queries of a page in its order."""
    for found in _QUESTION.finditer(page):
        head = found["answer"].partition("\n")[0]
        yield Question(found["query"], tuple(cell.strip(" `") for cell in head.strip("|").split("|")) if head else ())


def answered(page: str, connection: Connection) -> str:
    """The page with the answers of this warehouse."""

    def with_answer(found: re.Match[str]) -> str:
        with connection.cursor() as cursor:
            cursor.execute(found["query"])
            columns = [column.name for column in cursor.description or ()]
            return f"```sql\n{found['query']}```\n\n{_table(columns, cursor.fetchmany(_SHOWN_ROWS))}"

    return _QUESTION.sub(with_answer, page)


def _table(columns: list[str], rows: list[tuple[Any, ...]]) -> str:
    lines = [columns, ["---"] * len(columns), *([_cell(value) for value in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:f}" if isinstance(value, Decimal) else str(value)
    return " ".join(text.split()).replace("|", "\\|")


def main(warehouse_url: str) -> None:
    """Write the answers into the page."""
    with connect(warehouse_url) as connection:
        PAGE.write_text(answered(PAGE.read_text(encoding="utf-8"), connection), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
