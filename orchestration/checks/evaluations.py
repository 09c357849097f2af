"""How a recorded check looks in the UI: its figures in account-days, the money at stake, a sample of what it found.

Severity ERROR says that the gate holds what the check names. No check is blocking in Dagster's sense: that would be a
verdict on a whole table.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import dagster as dg

from foundation.redaction import redact_sample
from foundation.settings import Settings
from quality.check_figures import CheckFigures
from quality.check_results import SAMPLE_ROWS, CheckOutcome

Cell = str | int | float | bool | None


def severity_of(*, blocks: bool) -> dg.AssetCheckSeverity:
    """ERROR of a check that holds the account-days it names."""
    return dg.AssetCheckSeverity.ERROR if blocks else dg.AssetCheckSeverity.WARN


def figures_metadata(
    figures: CheckFigures | None, *, build_id: str, blocks: bool, known: Iterable[str] = ()
) -> dict[str, Any]:
    """Metadata of a check of the build; ``known`` are secret values to mask. None = nothing was recorded of it."""
    tier = "holds the account-days that it names" if blocks else "warns, holds nothing"
    if figures is None:
        return {"build": build_id, "tier": tier, "detail": "no result was recorded, so nothing passes the gate"}
    metadata: dict[str, Any] = {
        "status": figures.status,
        "tier": tier,
        "build": build_id,
        "account-days checked": figures.checked,
        "account-days failing": figures.in_scope,
        "account-days held": figures.held(blocks=blocks),
        "spend at stake": amounts(figures.at_stake),
        "detail": redact_sample(figures.detail or "nothing found", known),
    }
    if figures.sample:
        metadata["findings"] = figures.named
        metadata["failing account-days"] = table(
            [
                {
                    "client": unit.client_id,
                    "platform": unit.platform,
                    "account": unit.account_id,
                    "day": unit.date_day.isoformat() if unit.date_day else "all days",
                    "finding": unit.finding,
                }
                for unit in figures.sample
            ],
            known,
        )
    return metadata


def rows_metadata(outcome: CheckOutcome, known: Iterable[str] = ()) -> dict[str, Any]:
    """Rows that a check read and found wrong, with some of the latter."""
    metadata: dict[str, Any] = {}
    if outcome.rows_checked is not None:
        metadata["rows checked"] = outcome.rows_checked
        metadata["rows failing"] = outcome.rows_failing or 0
    if outcome.sample:
        metadata["failing rows"] = table(outcome.sample, known)
    return metadata


def page_metadata(settings: Settings, page: Path | None, site: Path) -> dict[str, Any]:
    """The check's page of Data Docs: an address where they are served, else the file."""
    if page is None:
        return {}
    if settings.data_docs_url:
        path = page.relative_to(site).as_posix()
        return {"Data Docs": dg.MetadataValue.url(f"{settings.data_docs_url.rstrip('/')}/{path}")}
    return {"Data Docs": dg.MetadataValue.path(str(page))}


def sample_metadata(
    name: str, rows: Sequence[Mapping[str, object]], known: Iterable[str] = ()
) -> dict[str, dg.TableMetadataValue]:
    """The first rows of what a check found, nothing where it found nothing."""
    return {name: table(rows[:SAMPLE_ROWS], known)} if rows else {}


def amounts(per_currency: Mapping[str, Decimal]) -> str:
    """Money per currency, never added across currencies."""
    return ", ".join(f"{amount:,.2f} {currency}" for currency, amount in sorted(per_currency.items())) or "none"


def table(rows: Sequence[Mapping[str, object]], known: Iterable[str] = ()) -> dg.TableMetadataValue:
    """Rows as a table in the UI; every text is redacted."""
    known = tuple(known)
    records = [dg.TableRecord({name: _cell(value, known) for name, value in row.items()}) for row in rows]
    return dg.MetadataValue.table(records, schema=dg.TableSchema([dg.TableColumn(name) for name in rows[0]]))


def _cell(value: object, known: Iterable[str]) -> Cell:
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return redact_sample(str(value), known)
