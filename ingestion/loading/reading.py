"""Reads one account: entities, then per span the total, the detail and the total again (the sandwich read)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import pyarrow as pa

from ingestion.accounts import AccountRef
from ingestion.due import AccountTask
from ingestion.errors import AccountReadError, Action, Problem
from ingestion.loading.batches import BatchWriter, Emit
from ingestion.loading.replacement import NOTHING_SEEN, KnownObjects
from ingestion.loading.tables import ENTITY_READS, REPORT_READS
from ingestion.loading.wire_contract import WireFields, require_sent
from ingestion.platforms import PlatformClient
from ingestion.reports import Column, Entity, PlatformDefinition, Report
from ingestion.windows import Span, parts

Row = dict[str, Any]
# What ends an account's reading for now, whichever report met it.
_CONCERNS_EVERYTHING = frozenset({"credential", "quota", "api_version"})
# Enough for a platform's support to find the reading; a history of a year would name thousands.
REQUEST_IDS_A_REPORT = 5
RequestIds = dict[str, list[str]]
# Columns in which rows of reports name the currency of their amounts.
_ROW_CURRENCIES = frozenset({"account_currency", "currency", "currency_code"})


@dataclass
class AccountRead:
    """How the reading of one account went. spans: those whose last page arrived, of the required reports.

    problem: why the required reports could not be read; report_problems: why single optional ones could not.
    unknown: (report, field) -> an example of a value that nobody asked for.
    """

    account: AccountRef
    spans: list[Span] = field(default_factory=list)
    rows: int = 0
    problem: Problem | None = None
    report_problems: dict[str, Problem] = field(default_factory=dict)
    unknown: dict[tuple[str, str], Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountReader:
    """Reads accounts of one platform. known: (account, entity) -> what earlier lists and look-ups showed.

    take_request_ids: account -> the platform's ids of its calls since this was last asked.
    """

    client: PlatformClient
    definition: PlatformDefinition
    known: Mapping[tuple[str, str], KnownObjects]
    now: Callable[[], datetime]
    take_request_ids: Callable[[str], Sequence[str]] = lambda account_id: ()

    def read(self, task: AccountTask, emit: Emit) -> AccountRead:
        """Emit the account's rows to landing; a marker for each span and list only after its last page.

        A problem of the platform ends the account (or its one optional report) and is returned, never raised; what is
        already complete stays good.
        """
        result = AccountRead(task.account)
        seen: dict[str, set[str]] = {e.id_column: set() for e in self.definition.entities if e.id_column}
        try:
            listed = self._read_entities(task, emit)
            for span in task.spans:
                request_ids: RequestIds = {}
                result.rows += self._read_span(result, span, emit, seen, request_ids)
                self._mark_span(task.account, self.definition.control, span, emit, request_ids)
                result.spans.append(span)
            self._read_unlisted(task.account, listed, seen, emit)
        except AccountReadError as error:
            result.problem = error.problem
            result.report_problems = dict.fromkeys(task.optional, error.problem)
            return result
        self._read_optional(task, emit, result)
        return result

    def _read_optional(self, task: AccountTask, emit: Emit, result: AccountRead) -> None:
        for number, name in enumerate(task.optional):
            report = next(report for report in self.definition.optional_reports if report.name == name)
            try:
                for span in task.optional[name]:
                    self.take_request_ids(task.account.account_id)
                    result.rows += self._read_report(report, result, span, emit)
                    request_ids: RequestIds = {}
                    self._note_request_ids(request_ids, report, task.account)
                    self._mark_span(task.account, report, span, emit, request_ids)
            except AccountReadError as error:
                result.report_problems[name] = error.problem
                if error.problem.action is Action.FATAL or error.problem.error_class in _CONCERNS_EVERYTHING:
                    result.report_problems |= dict.fromkeys(list(task.optional)[number:], error.problem)
                    return

    def _mark_span(self, account: AccountRef, report: Report, span: Span, emit: Emit, request_ids: RequestIds) -> None:
        marker = {
            "report": report.name,
            "since": span.since.isoformat(),
            "until": span.until.isoformat(),
            "read_at": self.now().isoformat(),
            "request_ids": orjson.dumps(request_ids).decode(),
        }
        emit(REPORT_READS, _marker_table(account, marker))

    def _note_request_ids(self, request_ids: RequestIds, report: Report, account: AccountRef) -> None:
        """Add the calls since the last note to the report's; its newest ones are kept."""
        taken = [*request_ids.get(report.name, ()), *self.take_request_ids(account.account_id)]
        request_ids[report.name] = list(dict.fromkeys(taken))[-REQUEST_IDS_A_REPORT:]

    def _read_entities(self, task: AccountTask, emit: Emit) -> dict[str, set[str]]:
        """All lists; where only optional reports are due, those whose objects would vanish meanwhile.

        Returns the ids on each whole list, by entity.
        """
        whole: dict[str, set[str]] = {}
        for entity in self.definition.entities:
            if not task.spans and entity.listed_whole:
                continue
            writer = BatchWriter(entity.table, entity.columns, task.account.account_id, emit)
            listed: set[str] = set()
            for page in self.client.entity_pages(task.account, entity):
                if entity.name == "accounts":
                    _require_agreement(self.definition, task.account, page)
                listed |= _ids(entity, page)
                writer.add(page, _listed=1)
            writer.flush()
            if entity.listed_whole:
                whole[entity.name] = listed
                marker = {"entity": entity.name, "listed_at": self.now().isoformat()}
                emit(ENTITY_READS, _marker_table(task.account, marker))
        return whole

    def _read_unlisted(
        self, account: AccountRef, listed: Mapping[str, set[str]], seen: dict[str, set[str]], emit: Emit
    ) -> None:
        """What has left a list since the last time, and what has figures but was never on one, by its id.

        What such an object names in turn (an ad its creative) is looked up as well.
        """
        for entity in self.definition.entities:
            if entity.name not in listed or entity.id_column is None:
                continue
            known = self.known.get((account.account_id, entity.name), NOTHING_SEEN)
            unlisted = (known.listed | (seen[entity.id_column] - known.everything)) - listed[entity.name]
            if not unlisted:
                continue
            writer = BatchWriter(entity.table, entity.columns, account.account_id, emit)
            for page in self.client.unlisted_pages(account, entity, sorted(unlisted)):
                writer.add(page, _listed=0)
                _add_ids(seen, entity.columns, page)
            writer.flush()

    def _read_span(
        self, result: AccountRead, span: Span, emit: Emit, seen: dict[str, set[str]], request_ids: RequestIds
    ) -> int:
        account, control = result.account, self.definition.control
        writer = self._writer(control, account, emit)
        rows = 0
        # Calls that belong to no report of this span: lists, the span before.
        self.take_request_ids(account.account_id)
        # Where no detail stands below the total there is nothing to read it around.
        for reading in (1, 2) if self.definition.required_details else (2,):
            for part in parts(span, control.longest_request_days or self.definition.longest_request_days):
                for page in self.client.report_pages(account, control, part.since, part.until):
                    require_own_rows(self.definition, control, account, page)
                    _require_asked_days(control, account, part, page)
                    writer.add(page, _reading=reading)
            self._note_request_ids(request_ids, control, account)
            if reading == 1:
                for report in self.definition.required_details:
                    rows += self._read_report(report, result, span, emit, seen)
                    self._note_request_ids(request_ids, report, account)
        self._keep_contract(control, result, writer)
        writer.flush()
        return rows

    def _read_report(
        self, report: Report, result: AccountRead, span: Span, emit: Emit, seen: dict[str, set[str]] | None = None
    ) -> int:
        """Pages of one report and, out of the same answers, of the reports derived from it. Returns its own rows.

        seen: id column -> ids that stood in the rows, added to.
        """
        account = result.account
        writer = self._writer(report, account, emit)
        derived = [
            (other, BatchWriter(other.table, other.columns, account.account_id, emit))
            for other in self.definition.derived_from(report)
        ]
        for part in parts(span, report.longest_request_days or self.definition.longest_request_days):
            for page in self.client.report_pages(account, report, part.since, part.until):
                require_own_rows(self.definition, report, account, page)
                if report.required:
                    _require_asked_days(report, account, part, page)
                writer.add(page)
                if seen is not None:
                    _add_ids(seen, report.columns, page)
                for other, other_writer in derived:
                    other_writer.add(self.client.derived_rows(other, page))
        self._keep_contract(report, result, writer)
        for each in (writer, *(other_writer for _, other_writer in derived)):
            each.flush()
        return writer.rows_written

    def _writer(self, report: Report, account: AccountRef, emit: Emit) -> BatchWriter:
        fields = WireFields(self.definition, report)
        return BatchWriter(report.table, report.columns, account.account_id, emit, fields)

    def _keep_contract(self, report: Report, result: AccountRead, writer: BatchWriter) -> None:
        """Raises AccountReadError where a used field is gone; takes down what is new."""
        require_sent(self.definition, report, result.account, writer.filled, writer.rows_written)
        result.unknown |= {(report.name, name): value for name, value in writer.unknown.items()}


def _marker_table(account: AccountRef, values: Mapping[str, str]) -> pa.Table:
    return pa.table({"_account": [account.account_id], **{name: [value] for name, value in values.items()}})


def _ids(entity: Entity, page: list[Row]) -> set[str]:
    if entity.id_column is None:
        return set()
    path = next(column.path for column in entity.columns if column.name == entity.id_column)
    return {str(value_at(row, path)) for row in page}


def _add_ids(seen: dict[str, set[str]], columns: Iterable[Column], page: list[Row]) -> None:
    for column in columns:
        if column.name in seen:
            seen[column.name] |= {str(value) for row in page if (value := value_at(row, column.path)) is not None}


def value_at(row: Row, path: tuple[str, ...]) -> Any:
    value: Any = row
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _require_agreement(definition: PlatformDefinition, account: AccountRef, page: list[Row]) -> None:
    """The platform's currency and time zone must be the client file's: all money and all days depend on them."""
    for row in page:
        for key, path, expected in (
            ("currency", definition.currency_path, account.currency),
            ("timezone", definition.timezone_path, account.timezone),
        ):
            if path is None:
                continue
            told = value_at(row, path)
            if told != expected:
                raise AccountReadError(
                    Problem(
                        Action.GIVE_UP_ACCOUNT,
                        key,
                        f"{key}_mismatch",
                        f"{account}: the platform says {key} {told!r}, the client file says {expected!r}",
                        f"correct accounts.{key} in clients/{account.client_id}.yaml, or map the new account id",
                    )
                )


def _require_asked_days(report: Report, account: AccountRef, part: Span, page: list[Row]) -> None:
    """A row of a day that nobody asked for belongs to another day: figures have moved, and where to is unknown."""
    asked = {day.isoformat() for day in part.days()}
    if strange := {str(value_at(row, report.day.path))[:10] for row in page} - asked:
        raise AccountReadError(
            Problem(
                Action.GIVE_UP_ACCOUNT,
                "wrong_days",
                "days_not_asked_for",
                f"{report.name} of {account} was asked for {part.since} to {part.until} and holds rows of "
                f"{', '.join(sorted(strange)[:3])}",
                "read the days again later; if it stays so, compare the platform's changelog with ingestion/platforms",
            )
        )


def _require_own_currency(report: Report, account: AccountRef, page: list[Row]) -> None:
    """Where rows name a currency it must be the account's: the same number in another one is another amount."""
    for column in report.attributes:
        if column.name not in _ROW_CURRENCIES:
            continue
        told = {str(value) for row in page if (value := value_at(row, column.path))} - {account.currency}
        if told:
            raise AccountReadError(
                Problem(
                    Action.GIVE_UP_ACCOUNT,
                    "currency",
                    "currency_mismatch",
                    f"{report.name} of {account} is in {', '.join(sorted(told))}, "
                    f"the client file says {account.currency!r}",
                    f"correct accounts.currency in clients/{account.client_id}.yaml, or map the new account id",
                )
            )


def require_own_rows(definition: PlatformDefinition, report: Report, account: AccountRef, page: list[Row]) -> None:
    _require_own_currency(report, account, page)
    if definition.account_path is None:
        return
    path = definition.account_path
    foreign = {str(value_at(row, path)) for row in page} - {account.account_id}
    if foreign:
        raise AccountReadError(
            Problem(
                Action.GIVE_UP_ACCOUNT,
                "wrong_account",
                "foreign_rows",
                f"{report.name} of {account} holds rows of account {', '.join(sorted(foreign))}",
                "check that the credential and the account id in the client file belong together",
            )
        )
