"""What the platform says in Slack: pure functions from facts to Block Kit messages."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency, format_percent

from alerting.blocks import (
    MESSAGE_CHARACTERS,
    Block,
    Message,
    context,
    fields,
    header,
    line_sections,
    message,
    safe,
    section,
)
from alerting.facts import (
    DigestFacts,
    HeldAccount,
    HeldFacts,
    MonthFacts,
    PlatformFigure,
    RestatedAccount,
    RunFacts,
)

# English with the currency's own sign; the numbers' language is not the client's time zone's business.
LOCALE = "en_US"
_NAME_CHARACTERS = 120
_REASON_CHARACTERS = 1200
_LINE_REASON_CHARACTERS = 400


# What people call the platforms; a name that is not here reads like itself.
PLATFORM_TITLES = {
    "meta_ads": "Meta Ads",
    "google_ads": "Google Ads",
    "tiktok_ads": "TikTok Ads",
    "linkedin_ads": "LinkedIn Ads",
    "instagram": "Instagram",
}


def platform_name(platform: str) -> str:
    """linkedin_ads -> LinkedIn Ads."""
    return PLATFORM_TITLES.get(platform) or platform.replace("_", " ").title()


def instant(at: datetime) -> str:
    """An instant as people read it, with its zone."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def duration(span: timedelta) -> str:
    """A length of time in its two largest units: 3 d 4 h, 2 h 5 min, 1 min."""
    minutes = max(int(span.total_seconds() // 60), 0)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else "less than a minute"


def count(number: int, noun: str) -> str:
    """1 day, 2 days."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def window(first: date | None, last: date | None, days: int) -> str:
    """Held days as first..last and their number, which is smaller than the span where there are gaps."""
    if first is None or last is None or days == 0:
        return "no due day yet"
    return f"{first} ({count(days, 'day')})" if first == last else f"{first} .. {last} ({count(days, 'day')})"


def account_label(name: str | None, account_id: str) -> str:
    """Name and id; foreign text, not yet safe."""
    return f"{name} ({account_id})" if name else account_id


def money(amount: Decimal, currency: str) -> str:
    """An amount with its currency's sign and places."""
    return str(format_currency(amount, currency, locale=LOCALE))


def _readers_see(facts: HeldFacts) -> str:
    missing = facts.days - facts.days_with_last_good
    if facts.days == 0:
        return "Nothing is missing yet"
    parts = []
    if missing:
        parts.append(f"{count(missing, 'day')} absent (not zero)")
    if facts.days_with_last_good:
        parts.append(f"{count(facts.days_with_last_good, 'day')} with the last certified figures")
    return ", ".join(parts)


def _reason(facts: HeldFacts) -> str:
    more = f" (and {count(facts.other_reasons, 'other reason')})" if facts.other_reasons else ""
    return safe(facts.reason, _REASON_CHARACTERS) + more


def _held_title(facts: HeldFacts) -> str:
    return f"Held: {facts.client_name} · {platform_name(facts.platform)} · {facts.account_name or facts.account_id}"


def held_title(facts: HeldFacts) -> str:
    """One line for lists of incidents."""
    return safe(_held_title(facts), 200)


def held_opened(facts: HeldFacts) -> Message:
    """The parent message of a held cause."""
    held_window = window(*facts.window)
    pairs: list[tuple[str, object]] = [
        ("Client", f"{facts.client_name} ({facts.client_id})"),
        ("Account", f"{account_label(facts.account_name, facts.account_id)}, {platform_name(facts.platform)}"),
        ("Window", held_window),
        ("Held since", instant(facts.held_since)),
        ("Last good day published", facts.last_good_day or "none yet"),
        ("Readers see", _readers_see(facts)),
    ]
    blocks = [
        header(_held_title(facts)),
        *fields(pairs),
        section(f"*Reason*\n{_reason(facts)}"),
        section(f"*Next step*\n{safe(facts.next_step, _REASON_CHARACTERS)}"),
        context(f"Cause `{safe(facts.cause, 100)}`. Changes and the end of it come into this thread."),
    ]
    return message(
        f"{_held_title(facts)} ({facts.account_id}), {held_window}: {facts.reason[:_REASON_CHARACTERS]} "
        f"Next step: {facts.next_step[:_REASON_CHARACTERS]}",
        blocks,
    )


def held_changed(facts: HeldFacts, before: HeldFacts) -> Message:
    """Goes into the thread when the held days are others than told before."""
    text = f"Now held: {window(*facts.window)}; before: {window(*before.window)}. {_readers_see(facts)}."
    body = f"{safe(text, 400)}\n*Reason* {_reason(facts)}\n*Next step* {safe(facts.next_step, _REASON_CHARACTERS)}"
    return message(f"{facts.client_name}, account {facts.account_id}: {text}", [section(body)])


def held_too_long(facts: HeldFacts, now: datetime) -> Message:
    """For the operators, once an incident: a cause that its client's channel has not mended."""
    title = f"Still held after {duration(now - facts.held_since)}: {_held_title(facts).removeprefix('Held: ')}"
    blocks = [
        header(title),
        section(f"{safe(window(*facts.window))}. {safe(_readers_see(facts))}."),
        section(f"*Reason*\n{_reason(facts)}"),
        section(f"*Next step*\n{safe(facts.next_step, _REASON_CHARACTERS)}"),
        context(f"Cause `{safe(facts.cause, 100)}`. The incident's thread is in the client's channel."),
    ]
    return message(f"{title}: {facts.reason[:_REASON_CHARACTERS]} Next step: {facts.next_step}", blocks)


def held_resolved(facts: HeldFacts, now: datetime) -> Message:
    """Goes into the thread when the cause is gone."""
    text = (
        f"Resolved after {duration(now - facts.held_since)}: {facts.client_name} · {platform_name(facts.platform)} · "
        f"{account_label(facts.account_name, facts.account_id)} is no longer held; it was {window(*facts.window)}."
    )
    return message(text, [section(f":white_check_mark: {safe(text)}")])


def _month_title(facts: MonthFacts) -> str:
    account = facts.account_name or facts.account_id
    return f"{facts.month:%Y-%m}: {facts.client_name} · {platform_name(facts.platform)} · {account}"


def month_title(facts: MonthFacts) -> str:
    """One line for lists of incidents."""
    return safe(_month_title(facts), 200)


def month_differs(facts: MonthFacts) -> Message:
    """A settled month that is not what the platform now says of it; the same text when its numbers have moved."""
    told = ", ".join(f"{metric} {difference:+,f}" for metric, difference in facts.differences.items())
    size = "within 0.5 %" if facts.verdict == "warned" else "more than 0.5 %"
    pairs: list[tuple[str, object]] = [
        ("Client", f"{facts.client_name} ({facts.client_id})"),
        ("Account", f"{account_label(facts.account_name, facts.account_id)}, {platform_name(facts.platform)}"),
        ("Month", f"{facts.month:%Y-%m}"),
        ("Warehouse minus platform", f"{told} ({size})"),
        ("Readers see", "The published days; each was certified when it was read"),
    ]
    title = f"Settled month differs: {_month_title(facts)}"
    blocks = [
        header(title),
        *fields(pairs),
        section(f"*Reason and next step*\n{safe(facts.reason, _REASON_CHARACTERS)}"),
        context("Changes and the end of it come into this thread."),
    ]
    return message(f"{title}: {facts.reason[:_REASON_CHARACTERS]}", blocks)


def month_resolved(facts: MonthFacts, now: datetime) -> Message:
    """Goes into the thread when the month's days equal the platform's total again."""
    text = f"Resolved after {duration(now - facts.since)}: {_month_title(facts)} no longer differs from the platform."
    return message(text, [section(f":white_check_mark: {safe(text)}")])


def _run_title(facts: RunFacts) -> str:
    return f"Run failed: {facts.job}"


def run_title(facts: RunFacts) -> str:
    """One line for lists of incidents."""
    return safe(_run_title(facts), 200)


def _run_reference(facts: RunFacts) -> str:
    # An address with a bar or a bracket would break out of the link, so it is shown as text.
    if facts.run_url and not set(facts.run_url) & set("|<> \n"):
        return f"<{safe(facts.run_url, 500)}|{safe(facts.run_id, 100)}>"
    return safe(facts.run_id, 100)


def run_failed(facts: RunFacts) -> Message:
    """The parent message of a failing job, for the operators' channel."""
    pairs: list[tuple[str, object]] = [
        ("Job", facts.job),
        ("Step", facts.step or "(before the first step)"),
        ("Since", instant(facts.failing_since)),
        ("What readers see", "The last published figures; nothing half-published"),
    ]
    blocks: list[Block] = [
        header(_run_title(facts)),
        *fields(pairs),
        section(f"*Run* {_run_reference(facts)}"),
        section(f"*Error*\n{safe(facts.error, 2500)}"),
        section(
            "*Next step*\nOpen the run, then `mdp doctor`. "
            "The next run does every step again; what is done is not done twice."
        ),
    ]
    step = f" at {facts.step}" if facts.step else ""
    return message(f"{_run_title(facts)}{step}, run {facts.run_id}: {facts.error[:1500]}", blocks)


def run_failed_again(facts: RunFacts) -> Message:
    """Goes into the thread; not after every run, see ``alerting.incidents.worth_telling``."""
    text = f"{facts.job} has failed {facts.failures} times since {instant(facts.failing_since)}"
    step = f" at {facts.step}" if facts.step else ""
    body = f"{safe(text, 300)}; run {_run_reference(facts)} {safe(step, 100)}\n{safe(facts.error, 1800)}"
    return message(f"{text}: {facts.error[:1500]}", [section(body)])


def run_recovered(facts: RunFacts, now: datetime) -> Message:
    """Goes into the thread when the job succeeds again."""
    text = (
        f"Resolved after {duration(now - facts.failing_since)}: {facts.job} runs again "
        f"({count(facts.failures, 'failed run')})."
    )
    return message(text, [section(f":white_check_mark: {safe(text)}")])


def change(now: Decimal | None, before: Decimal | None, comparable: bool, label: str) -> str:
    """How an amount compares with another day's: a percentage, or why there is none."""
    if now is None or before is None:
        return f"{label} no figure"
    if not comparable:
        return f"{label} not comparable (other accounts)"
    if now == before:
        return f"{label} ±0%"
    if before == 0:
        return f"{label} new (was zero)"
    sign = "+" if now > before else ""
    return f"{label} {sign}{format_percent((now - before) / abs(before), '#,##0.0%', locale=LOCALE)}"


def _compared(figure: PlatformFigure, day: date) -> str:
    day_before = f"vs {format_date(day - timedelta(days=1), 'EEE', locale=LOCALE)}"
    week_before = f"vs last {format_date(day, 'EEE', locale=LOCALE)}"
    return ", ".join(
        (
            change(figure.yesterday, figure.day_before, figure.day_before_comparable, day_before),
            change(figure.yesterday, figure.week_before, figure.week_before_comparable, week_before),
        )
    )


def _shown(figure: PlatformFigure, amount: Decimal | None, currency: str) -> str:
    if amount is None:
        return "no published figure"
    return money(amount, currency) if figure.measure == "spend" else f"{amount:,.0f} views"


def _figure_line(figure: PlatformFigure, title: str, facts: DigestFacts) -> str:
    name, currency = f"*{safe(title, 60)}*", facts.reporting_currency
    if figure.yesterday is None and not figure.accounts_expected:
        before = format_date(facts.day - timedelta(days=1), "EEE", locale=LOCALE)
        return f"{name}  not due yet; {before} {safe(_shown(figure, figure.day_before, currency))}"
    shown = _shown(figure, figure.yesterday, currency)
    coverage = f"{figure.accounts_current} of {count(figure.accounts_expected, 'account')} certified"
    line = f"{name}  {safe(shown)}  ({safe(_compared(figure, facts.day))}); {coverage}"
    if figure.rows_without_rate:
        line += f"; {count(figure.rows_without_rate, 'row')} without an exchange rate not counted"
    return line


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def total_of(platforms: Sequence[PlatformFigure]) -> PlatformFigure:
    """The spend of all platforms as one line; a day is comparable only where it is for every platform."""
    return PlatformFigure(
        platform="total",
        yesterday=_sum([figure.yesterday for figure in platforms]),
        day_before=_sum([figure.day_before for figure in platforms]),
        week_before=_sum([figure.week_before for figure in platforms]),
        accounts_expected=sum(figure.accounts_expected for figure in platforms),
        accounts_current=sum(figure.accounts_current for figure in platforms),
        day_before_comparable=all(figure.day_before_comparable for figure in platforms),
        week_before_comparable=all(figure.week_before_comparable for figure in platforms),
        rows_without_rate=sum(figure.rows_without_rate for figure in platforms),
    )


def _bullet(item: HeldAccount | RestatedAccount) -> str:
    label = safe(account_label(item.account_name, item.account_id), _NAME_CHARACTERS)
    return f"• {label}, {safe(platform_name(item.platform), 60)}"


def digest(facts: DigestFacts) -> Message:
    """A client's morning digest. Views are no money: they have a line of their own and no part in the total."""
    spending = [figure for figure in facts.platforms if figure.measure == "spend"]
    total = total_of(spending)
    day = format_date(facts.day, "EEE d MMM y", locale=LOCALE)
    shown = _shown(total, total.yesterday, facts.reporting_currency)
    current = sum(figure.accounts_current for figure in facts.platforms)
    expected = sum(figure.accounts_expected for figure in facts.platforms)
    certified = f"{current} of {count(expected, 'account')} certified"
    lines = [_figure_line(total, "All ad platforms", facts)] if len(spending) > 1 else []
    lines += [_figure_line(figure, platform_name(figure.platform), facts) for figure in facts.platforms]
    held = [
        f"{_bullet(item)}: "
        f"{window(item.first_day, item.last_day, item.days)}: {safe(item.reason, _LINE_REASON_CHARACTERS)}"
        for item in facts.held
    ]
    restated = [
        f"{_bullet(item)}: "
        f"{count(item.days, 'day')} ({item.first_day} .. {item.last_day}), spend "
        f"{'+' if item.difference > 0 else ''}{safe(money(item.difference, item.currency))}"
        for item in facts.restated
    ]
    budget = MESSAGE_CHARACTERS // 3
    blocks = [header(f"{facts.client_name} · {day}"), *line_sections(lines or ["No account is expected."], budget)]
    if held:
        blocks += [section(f"*Held* ({count(len(held), 'account')})"), *line_sections(held, budget)]
    if restated:
        title = f"*Restated by the platforms* since {instant(facts.restated_since)}"
        blocks += [section(title), *line_sections(restated, budget)]
    blocks.append(context("Figures of certified account-days only; a held day is absent, never zero."))
    return message(
        f"{facts.client_name}, {day}: {f'spend {shown}, ' if spending else ''}{certified}, "
        f"{count(len(held), 'account')} held",
        blocks,
    )
