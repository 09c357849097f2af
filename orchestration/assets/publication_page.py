"""A publication's certificate in short, as markdown for the UI."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from textwrap import shorten

from foundation.redaction import redact_sample
from quality.publication_figures import PublishedUnits

_REASON_CHARACTERS = 200
_HEAD = (
    "client", "platform", "certified", "days", "spend", "difference to the platform", "totals equal", "held now",
    "missing",
)  # fmt: skip


def certificate_summary(units: Sequence[PublishedUnits], known: Iterable[str] = ()) -> str:
    """Markdown: a row per client and platform, why days are held, and where to see more; secrets are masked."""
    known = tuple(known)
    moved = [unit for unit in units if unit.account_days or unit.overridden]
    days = [day for unit in moved for day in (unit.since, unit.until) if day]
    certified, overridden = sum(unit.account_days for unit in moved), sum(unit.overridden for unit in moved)
    held, missing = sum(unit.held for unit in units), sum(unit.missing for unit in units)
    span = f" of {min(days)} to {max(days)}" if days else ""
    lines = [f"**{_days(certified)} certified and published**{span}, {held} held and {missing} missing now."]
    if overridden:
        lines.append(f"{overridden} more are published under an override: a named person answers for them.")
    if units:
        lines += ["", _row(_HEAD), _row("---" for _ in _HEAD), *(_row(_cells(unit)) for unit in units)]
    if held or missing:
        lines += ["", "Not published, the last good figures stay:", ""]
        lines += [
            f"- {unit.client_id} {unit.platform}, {_days(reason.account_days)}"
            + (", such as: " if reason.account_days > 1 else ": ")
            + _plain(shorten(redact_sample(reason.example, known), _REASON_CHARACTERS, placeholder=" ..."))
            for unit in units
            for reason in unit.reasons
        ]
    clients = sorted({unit.client_id for unit in moved})
    month = f"{max(days):%Y-%m}" if days else "YYYY-MM"
    lines += ["", "More:", "", "- `mdp status`: everything that is published, held and waiting"]
    lines += [f"- `mdp certificate {client} --month {month}`" for client in clients]
    return "\n".join(lines)


def _cells(unit: PublishedUnits) -> tuple[str, ...]:
    return (
        unit.client_id,
        unit.platform,
        str(unit.account_days),
        f"{unit.since} to {unit.until}" if unit.since else "-",
        _money(unit.spend, unit.reporting_currency),
        _money(unit.difference, unit.reporting_currency),
        f"{unit.equal} of {unit.compared}" if unit.compared else "-",
        str(unit.held or "-"),
        str(unit.missing or "-"),
    )


def _days(count: int) -> str:
    return "1 account-day" if count == 1 else f"{count} account-days"


def _money(amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return "-"
    # A difference below a cent is one, and must not look like none.
    shown = f"{amount:,.2f}" if amount == round(amount, 2) or abs(amount) >= 1 else f"{amount.normalize():f}"
    return f"{shown} {currency}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Text of a platform as it stands: no markup, no links, no end of the table or line."""
    return "".join(f"\\{character}" if character in r"\`*_[]<>|#" else character for character in text)
