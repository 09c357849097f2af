"""What the product did with each planted incident, compared with what it must do."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sandbox.incidents import KINDS, Planted
from tests.gate.world import AccountDay, Figures, GateWorld

NOTHING: Figures = (Decimal(0), 0, 0)
_REASONS = """
select account_id, date_day, 'proof: ' || reason from ops.quarantine
union all
select account_id, date_day, 'gate: ' || reason from ops.held_day
union all
select distinct account_id, date_day, 'reading: ' || problem from ops.load_ledger where problem is not null
order by 1, 2, 3
"""


@dataclass(frozen=True)
class Verdict:
    """One incident's outcome. answer: held, warned or nothing, as it was; faults: what is wrong, empty where right."""

    planted: Planted
    answer: str
    stop: str
    reason: str
    faults: tuple[str, ...]


@dataclass(frozen=True)
class Rounds:
    """Truth when the clean round was read and when the poisoned one was, and what was published at the end."""

    newest: date
    clean: Mapping[AccountDay, Figures]
    poisoned: Mapping[AccountDay, Figures]
    published: Mapping[AccountDay, Figures]
    reasons: Mapping[AccountDay, Sequence[str]]

    @staticmethod
    def of(world: GateWorld, clean_at: datetime) -> "Rounds":
        reasons: dict[AccountDay, list[str]] = {}
        for account_id, day, reason in world.rows(_REASONS):
            reasons.setdefault((account_id, day), []).append(reason)
        now = world.now()
        return Rounds(
            now.date() - timedelta(days=1), world.truth(clean_at), world.truth(now), world.published(), reasons
        )


def judge(world: GateWorld, planted: Sequence[Planted], rounds: Rounds) -> list[Verdict]:
    """Every incident's verdict, in the order in which they were planted."""
    changed = world.wire.changed()
    return [_judge(world, each, rounds, changed.get(f"{each.kind}/{each.account_id}", 0)) for each in planted]


def _judge(world: GateWorld, planted: Planted, rounds: Rounds, changed: int) -> Verdict:
    kind = KINDS[planted.kind]
    faults = [] if changed else ["the wire changed nothing"]
    concerned = [day for day in planted.days if day <= rounds.newest]
    told = [reason for day in concerned for reason in rounds.reasons.get((planted.account_id, day), ())]
    stop = told[0].partition(": ")[0] if told else "none"
    answer = "held" if told else "nothing"
    if kind.answer == "held":
        unheld = [day for day in concerned if not rounds.reasons.get((planted.account_id, day))]
        faults += [f"{day} is not held" for day in unheld]
        faults += _wrong_days(planted, rounds, _last_good(planted, rounds))
    elif kind.answer == "warned":
        faults += [f"held: {reason}" for reason in told]
        faults += _wrong_days(planted, rounds, rounds.poisoned)
        warned = _fx_warnings(world, planted)
        answer = "warned" if warned and not told else answer
        faults += [] if warned else ["nobody was warned"]
        told = told or warned
    else:
        faults += [f"held: {reason}" for reason in told]
        faults += _wrong_days(planted, rounds, _as_told(planted, rounds))
    return Verdict(planted, answer, stop, told[0] if told else "", tuple(faults))


def _last_good(planted: Planted, rounds: Rounds) -> dict[AccountDay, Figures]:
    """Poisoned days as they were published before, the newest not at all; all others as they are now."""
    stale = set(planted.days)
    if KINDS[planted.kind].whole_account:
        stale = {day for account, day in rounds.poisoned if account == planted.account_id}
    right = {key: figures for key, figures in rounds.poisoned.items() if key[1] not in stale}
    return right | {
        key: rounds.clean[key] for key in rounds.clean if key[1] in stale and key[1] != rounds.newest
    }  # fmt: skip


def _as_told(planted: Planted, rounds: Rounds) -> dict[AccountDay, Figures]:
    """What the platform told is true, so it is what must be published."""
    factors = KINDS[planted.kind].factors or {}
    told = dict(rounds.poisoned)
    for day in planted.days:
        if figures := told.get((planted.account_id, day)):
            told[planted.account_id, day] = (
                figures[0] * Decimal(factors.get("spend", "1")),
                int(figures[1] * Decimal(factors.get("impressions", "1"))),
                int(figures[2] * Decimal(factors.get("clicks", "1"))),
            )
    return told


def _wrong_days(planted: Planted, rounds: Rounds, right: Mapping[AccountDay, Figures]) -> Iterator[str]:
    return differences({planted.account_id}, right, rounds.published)


def differences(
    accounts: set[str], right: Mapping[AccountDay, Figures], published: Mapping[AccountDay, Figures]
) -> Iterator[str]:
    """Account-days of the accounts that are published otherwise than is right; a day without figures equals none."""
    for key in sorted({key for key in (*right, *published) if key[0] in accounts}):
        expected, found = right.get(key, NOTHING), published.get(key, NOTHING)
        if expected != found:
            yield f"{key[0]} {key[1]}: published {_text(found)}, right is {_text(expected)}"


def _text(figures: Figures) -> str:
    return "nothing" if figures == NOTHING else f"{figures[0]:f}/{figures[1]}/{figures[2]}"


def _fx_warnings(world: GateWorld, planted: Planted) -> list[str]:
    """The warning that says so, on a day whose converted spend is unknown and not zero."""
    return [
        f"warning: {detail}"
        for (detail,) in world.rows(
            """select failure.detail from ops.check_failure as failure
            inner join analytics.fct_campaign_performance_daily as fact
                on fact.account_id = failure.account_id and fact.date_day = failure.date_day
            where failure.check_name like '%%fx_rate_present%%'
                and failure.account_id = %s and failure.date_day = any(%s)
            group by failure.detail having count(fact.spend_reporting) = 0 and count(fact.spend) > 0""",
            planted.account_id, list(planted.days),
        )
    ]  # fmt: skip
