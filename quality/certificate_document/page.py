"""Renders the page of a signed certificate: one file, no script that runs, nothing fetched from elsewhere."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from foundation.money import exponent
from quality.certificate_document.canonical import Document, within_script
from quality.certificate_document.document import CERTIFIED_STATES

METRIC_NAMES = {
    "spend": "Spend",
    "impressions": "Impressions",
    "clicks": "Clicks",
    "ad_spend": "Spend, added up from ads",
    "ad_impressions": "Impressions, added up from ads",
    "ad_clicks": "Clicks, added up from ads",
    "views": "Views",
    "total_interactions": "Interactions",
}
# Calendar sign, short name and meaning of each state of an account-day.
STATES = {
    "final": ("check", "certified", "Equal to the platform's own total; the platform no longer changes the day."),
    "provisional": ("ring", "provisional", "Equal to the platform's own total now; the platform may still change it."),
    "held": ("pause", "held", "Not proved: new numbers are held back, the last proved ones (if any) stay."),
    "stale": ("cross", "stale", "Held for more than 72 hours."),
    "missing": ("cross", "missing", "Due for more than six hours and never read."),
    "overridden": ("pause", "overridden", "Published by a named person although checks failed."),
    "pending": ("dots", "waiting", "Due, but not certified yet."),
    "not_due": ("dash", "not due", "The day is not over, or the platform has not closed it yet."),
    "out_of_reach": ("dash", "out of reach", "Older than the platform gives figures for."),
}
_OTHER_STATE = ("dots", "other", "Another state; the JSON file names it.")
REASONS = {
    "restated_between_calls": "The platform changed its figures while they were being read.",
    "attribution_setting": "Conversions are counted under different attribution settings.",
    "deleted_entity": "The platform's total includes campaigns or ads that have been deleted.",
    "time_zone": "The account's days end in another time zone than agreed.",
    "no_ad_level": "Some campaign types report no single ads; that part is shown as “not at ad level”.",
    "currency": "The account is kept in another currency than agreed.",
    "incomplete_page": "The platform's answer was incomplete.",
    "unexplained": "The cause is not known yet; it is being looked into.",
}
MONTH_VERDICTS = {
    "certified": "equal",
    "warned": "within 0.5 %",
    "differs": "differs",
    "incomplete": "days missing",
    "not_read": "not read yet",
    "not_offered": "not offered by the platform",
}
_MONEY = frozenset({"spend", "ad_spend"})


@lru_cache(1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    environment.filters |= {"visible": visible, "day": day_text, "instant": instant_text}
    return environment.get_template("page.html.j2")


def page(envelope: dict[str, Any]) -> str:
    """The HTML file of a signed document. The same envelope always gives the same text."""
    document = envelope["document"]
    return _template().render(
        c=document,
        signature=envelope["signature"],
        embedded=within_script(envelope),
        verdict=_headline(document),
        month_name=f"{date.fromisoformat(document['first_day']):%B %Y}",
        day_numbers=list(range(1, date.fromisoformat(document["last_day"]).day + 1)),
        calendars=[(account, _calendar(account, document)) for account in document["accounts"]],
        open_days=[entry for account in document["accounts"] for entry in _open_days(account)],
        states=STATES,
        state_of=lambda state: STATES.get(state, _OTHER_STATE),
        shown_states=_shown_states(document),
        metric_names=METRIC_NAMES,
        month_verdicts=MONTH_VERDICTS,
        reasons=REASONS,
        shown_reasons=_shown_reasons(document),
        amount=amount,
        of_day=_of_day,
    )


def visible(text: object) -> str:
    """Text of somebody else, with every character that would steer the line instead of standing in it spelled out."""
    return "".join(
        f"[U+{ord(character):04X}]" if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"} else character
        for character in str(text)
    )


def amount(value: str | None, metric: str, currency: str, *, signed: bool = False) -> str:
    """An amount as people write it: 1,234.50 for money with its currency's decimals, 1,234 for a count."""
    if value is None:
        return "–"
    number = Decimal(value)
    places = exponent(currency) if metric in _MONEY else 0
    # Never rounded away: what has more digits than its currency shows them.
    shown = max(places, -int(number.as_tuple().exponent)) if number else places
    text = f"{number:,.{shown}f}"
    return f"+{text}" if signed and number > 0 else text.replace("-", "\u2212")


def day_text(value: str) -> str:
    day = date.fromisoformat(value)
    return f"{day.day} {day:%b %Y}"


def instant_text(value: str | None) -> str:
    if value is None:
        return "–"
    instant = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return f"{instant.day} {instant:%b %Y, %H:%M} UTC"


def _headline(document: Document) -> dict[str, str]:
    summary = document["summary"]
    due, certified = summary["due"], summary["certified"]
    if not due:
        return {"kind": "open", "title": "Nothing is due yet", "text": "No day of the month is over on any account."}
    if certified < due:
        return {
            "kind": "open",
            "title": f"{certified:,} of {due:,} account-days are certified",
            "text": f"{due - certified:,} are not: their reasons and next steps stand below.",
        }
    provisional = summary["account_days"].get("provisional", 0)
    text = "Every figure was compared with a total that the platform itself gave in a separate call."
    if provisional:
        text += f" {provisional:,} are provisional: the platform may still change them."
    return {"kind": "good", "title": f"All {due:,} due account-days are certified", "text": text}


def _calendar(account: dict[str, Any], document: Document) -> list[dict[str, Any]]:
    by_number = {int(day["date"][-2:]): day for day in account["days"]}
    last = date.fromisoformat(document["last_day"]).day
    return [{"number": number, "day": by_number.get(number)} for number in range(1, last + 1)]


def _open_days(account: dict[str, Any]) -> list[dict[str, Any]]:
    """Days that are not certified, one line for neighbours with the same reason."""
    waiting = [day for day in account["days"] if day["state"] not in CERTIFIED_STATES | {"not_due"}]
    lines = []
    for (state, code, reason), alike in groupby(waiting, lambda d: (d["state"], d["reason_code"], d["reason"])):
        days = list(alike)
        lines.append(
            {
                "account": account, "state": state, "code": code, "reason": reason, "next_step": days[0]["next_step"],
                "since": days[0]["date"], "until": days[-1]["date"], "count": len(days),
                "has_numbers": any(day["version"] for day in days),
            }
        )  # fmt: skip
    return lines


def _shown_states(document: Document) -> list[str]:
    present = document["summary"]["account_days"]
    return [state for state in STATES if state in present]


def _shown_reasons(document: Document) -> list[str]:
    found = {
        code
        for account in document["accounts"]
        for day in account["days"]
        for code in (day["reason_code"], *(row["reason_code"] for row in day["comparisons"]))
    }
    return [code for code in REASONS if code in found]


def _of_day(day: dict[str, Any], metric: str) -> dict[str, Any] | None:
    return next((row for row in day["comparisons"] if row["metric"] == metric), None)
