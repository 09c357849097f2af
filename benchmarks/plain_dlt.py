"""What a plain dlt pipeline makes of the same answers: a resource a report, appended; no total, no proof, no ledger.

Two kinds. `dicts` is written as dlt's documentation shows it: its requests helper, pages as Python dicts, the file
format that dlt chooses for PostgreSQL. `tables` is as quick as dlt gets: urllib3, orjson, Arrow tables, parquet.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.plain_reader import FLOORS, Ask, Row, quick_ask
from ingestion.loading.landing import FILE_ROWS, FILES_AT_ONCE
from ingestion.platforms import PLATFORMS
from ingestion.platforms.meta_ads.reports import BY_ACTION
from ingestion.reports import Column, Report
from ingestion.windows import Span, months

if TYPE_CHECKING:
    from dlt.extract.resource import DltResource

Kind = Literal["dicts", "tables"]
KINDS: tuple[Kind, ...] = ("dicts", "tables")

# The settings that our own loads give dlt.
_DLT_ENVIRONMENT = {
    "RUNTIME__DLTHUB_TELEMETRY": "false",
    "RUNTIME__LOG_LEVEL": "WARNING",
    "DATA_WRITER__DISABLE_COMPRESSION": "true",
    "DATA_WRITER__FILE_MAX_ITEMS": str(FILE_ROWS),
    "LOAD__WORKERS": str(FILES_AT_ONCE),
    "LOAD__DELETE_COMPLETED_JOBS": "true",
}
# Values that our client works out itself, of lists and of several fields: a plain pipeline leaves them out.
_WORKED_OUT = frozenset({BY_ACTION, "computed"})
_DLT_TYPES = {"text": "text", "bigint": "bigint", "numeric": "decimal", "date": "date", "jsonb": "json"}
_ARROW_TYPES = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "decimal": pa.decimal128(38, 9),
    "date": pa.date32(),
    "json": pa.string(),
}


@dataclass(frozen=True)
class PlainPipeline:
    """One platform's pipeline of one kind, with a working directory of its own that runs share."""

    kind: Kind
    platform: str
    warehouse_url: str
    directory: Path

    @property
    def dataset(self) -> str:
        return f"plain_{self.kind}_{self.platform}"

    def append(self, base_url: str, account_ids: list[str], since: date, until: date) -> None:
        """Read the days since..until of every account and append all rows."""
        os.environ.update(_DLT_ENVIRONMENT)
        import dlt

        pipeline = dlt.pipeline(
            pipeline_name=self.dataset,
            destination=dlt.destinations.postgres(credentials=self.warehouse_url),
            dataset_name=self.dataset,
            pipelines_dir=str(self.directory),
        )
        ask = documented_ask() if self.kind == "dicts" else quick_ask()
        span = Span(since, until)
        resources = [
            self._resource(report, report_pages(ask, self.platform, report, base_url, account_ids, span))
            for report in plain_reports(self.platform)
        ]
        file_format: Any = {"loader_file_format": "parquet"} if self.kind == "tables" else {}
        pipeline.run(resources, **file_format)

    def _resource(self, report: Report, pages: Iterator[list[Row]]) -> "DltResource":
        import dlt

        data: Iterator[Any] = pages
        if self.kind == "tables":
            data = (arrow_table(page, report) for page in pages)
            return dlt.resource(data, name=report.table, write_disposition="append")
        columns: Any = {name: {"data_type": data_type} for name, data_type in data_types(report).items()}
        return dlt.resource(data, name=report.table, write_disposition="append", columns=columns)


def documented_ask() -> Ask:
    """Requests as dlt's documentation sends them: its helper with retries and kept connections, `response.json()`."""
    from dlt.sources.helpers import requests

    def ask(
        method: str, url: str, headers: Mapping[str, str], *, query: Mapping[str, str] | None = None, body: Any = None
    ) -> Any:
        return requests.request(method, url, params=query, headers=headers, json=body).json()

    return ask


def plain_reports(platform: str) -> tuple[Report, ...]:
    """Campaign and ad level, without the account's total."""
    return PLATFORMS[platform].definition.required_details


def report_pages(
    ask: Ask, platform: str, report: Report, base_url: str, account_ids: list[str], span: Span
) -> Iterator[list[Row]]:
    """Every page of a report as flat rows that are named like the columns of our raw table, month by month."""
    for account_id in account_ids:
        for month in months(span):
            for page in FLOORS[platform].pages(ask, base_url, report, account_id, month):
                yield flat_rows(page, report, account_id)


def plain_columns(report: Report) -> tuple[Column, ...]:
    """The columns whose values stand in the answer as they are."""
    return tuple(column for column in report.columns if column.path[0] not in _WORKED_OUT)


def data_types(report: Report) -> dict[str, str]:
    """Column -> dlt's name of the type that it has in our raw table."""
    types = {column.name: _DLT_TYPES[column.sql_type.partition("(")[0]] for column in plain_columns(report)}
    return {"account_id": "text", **types}


def flat_rows(page: list[Row], report: Report, account_id: str) -> list[Row]:
    """The page's rows with a key for each column that is there."""
    places: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for column in plain_columns(report):
        places.setdefault(column.path[:-1], []).append((column.name, column.path[-1]))
    flat = []
    for row in page:
        own: Row = {"account_id": account_id}
        for place, names in places.items():
            found = row
            for part in place:
                found = found.get(part, {})
            for name, key in names:
                if key in found:
                    own[name] = found[key]
        flat.append(own)
    return flat


def arrow_table(rows: list[Row], report: Report) -> pa.Table:
    """A page in the types of our raw table; lists as JSON text."""
    arrays = {}
    for name, data_type in data_types(report).items():
        values = [row.get(name) for row in rows]
        if data_type == "json":
            values = [None if value is None else orjson.dumps(value).decode() for value in values]
        array = pa.array(values)
        if data_type == "date":
            array = pc.utf8_slice_codeunits(array, 0, 10)
        arrays[name] = array.cast(_ARROW_TYPES[data_type])
    return pa.table(arrays)
