"""Reads one account: entities, then per span the total, the detail and the total again (the sandwich read)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa

from ingestion.accounts import AccountRef
from ingestion.errors import AccountReadError, Action, Problem
from ingestion.loading.batches import BatchWriter, Emit
from ingestion.loading.tables import REPORT_READS
from ingestion.platforms import PlatformClient
from ingestion.reports import PlatformDefinition, Report
from ingestion.windows import Span

Row = dict[str, Any]


@dataclass
class AccountRead:
    """How the reading of one account went. spans: those whose last page arrived."""

    account: AccountRef
    spans: list[Span] = field(default_factory=list)
    rows: int = 0
    problem: Problem | None = None


def read_account(
    client: PlatformClient,
    definition: PlatformDefinition,
    account: AccountRef,
    spans: Iterable[Span],
    *,
    now: Callable[[], datetime],
    emit: Emit,
) -> AccountRead:
    """Emit the account's rows to landing; its `complete` marker for a span only after the span's last page.

    A problem of the platform ends the account and is returned, never raised; spans already complete stay good.
    """
    result = AccountRead(account)
    try:
        _read_entities(client, definition, account, emit)
        for span in spans:
            result.rows += _read_span(client, definition, account, span, emit)
            marker = {"since": span.since.isoformat(), "until": span.until.isoformat(), "read_at": now().isoformat()}
            columns = {"_account": [account.account_id], **{name: [value] for name, value in marker.items()}}
            emit(REPORT_READS, pa.table(columns))
            result.spans.append(span)
    except AccountReadError as error:
        result.problem = error.problem
    return result


def _read_entities(client: PlatformClient, definition: PlatformDefinition, account: AccountRef, emit: Emit) -> None:
    for entity in definition.entities:
        writer = BatchWriter(entity.table, entity.columns, account.account_id, emit)
        for page in client.entity_pages(account, entity):
            if entity.name == "accounts":
                _require_agreement(definition, account, page)
            writer.add(page)
        writer.flush()


def _read_span(
    client: PlatformClient, definition: PlatformDefinition, account: AccountRef, span: Span, emit: Emit
) -> int:
    control = BatchWriter(definition.control.table, definition.control.columns, account.account_id, emit)
    rows = 0
    for reading in (1, 2):
        for page in client.report_pages(account, definition.control, span.since, span.until):
            _require_own_rows(definition, definition.control, account, page)
            control.add(page, _reading=reading)
        if reading == 1:
            for report in definition.details:
                rows += _read_report(client, definition, report, account, span, emit)
    control.flush()
    return rows


def _read_report(
    client: PlatformClient,
    definition: PlatformDefinition,
    report: Report,
    account: AccountRef,
    span: Span,
    emit: Emit,
) -> int:
    writer = BatchWriter(report.table, report.columns, account.account_id, emit)
    for page in client.report_pages(account, report, span.since, span.until):
        _require_own_rows(definition, report, account, page)
        writer.add(page)
    writer.flush()
    return writer.rows_written


def _value(row: Row, path: tuple[str, ...]) -> Any:
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
            told = _value(row, path)
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


def _require_own_rows(definition: PlatformDefinition, report: Report, account: AccountRef, page: list[Row]) -> None:
    if definition.account_path is None:
        return
    path = definition.account_path
    foreign = {str(_value(row, path)) for row in page} - {account.account_id}
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
