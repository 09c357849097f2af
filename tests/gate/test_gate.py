"""One seed with every kind of incident at once; `make gate` plays ten, a clean half year and the mutants."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from foundation.embedded_postgres import EmbeddedPostgres
from sandbox.incidents import KINDS
from sandbox.incidents.bending import Bend, a_tenth_lost, as_the_day_before
from sandbox.incidents.rows import WRITINGS
from tests.gate.incidents import FIRST_SEED, SeedResult, play
from tests.scratch import MIGRATED, database_copy

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
_META = WRITINGS["meta_ads"]
_DAY = date(2026, 9, 3)


@pytest.fixture(scope="module")
def played(postgres: EmbeddedPostgres) -> Iterator[SeedResult]:
    """A clean round and a poisoned one."""
    with (
        tempfile.TemporaryDirectory(prefix="mdp-gate-") as name,
        pytest.MonkeyPatch.context() as patch,
        database_copy(postgres.url("postgres"), "gate_seed", MIGRATED) as url,
    ):
        yield play(FIRST_SEED, Path(name) / "world", url, patch.setenv, heals=False)


def test_every_incident_is_held_or_warned_of_and_every_look_alike_is_published(played: SeedResult) -> None:
    assert not played.faults, "\n".join(played.faults)
    assert {verdict.planted.kind for verdict in played.verdicts} == set(KINDS)


def test_held_days_say_why_in_a_sentence(played: SeedResult) -> None:
    for verdict in played.verdicts:
        if KINDS[verdict.planted.kind].answer == "held":
            assert len(verdict.reason.split()) >= 6, verdict


def test_accounts_beside_the_poisoned_ones_were_there_to_be_compared(played: SeedResult) -> None:
    assert played.other_accounts >= 5


def test_there_are_twenty_kinds_that_must_be_held_and_look_alikes_that_must_not() -> None:
    answers = [kind.answer for kind in KINDS.values()]
    assert answers.count("held") >= 20
    assert answers.count("nothing") >= 5


def _rows(*figures: tuple[str, int]) -> list[dict[str, str]]:
    return [
        {"date_start": day, "date_stop": day, "campaign_id": "1", "spend": "1.00", "impressions": str(impressions),
         "clicks": "1"}
        for day, impressions in figures
    ]  # fmt: skip


def test_an_incident_of_a_seed_is_always_the_same_one() -> None:
    rows = _rows(*[("2026-09-03", number) for number in range(1, 21)])
    bend = Bend(_META, frozenset({_DAY}), seed=7)
    first = [row["impressions"] for row in a_tenth_lost(bend, list(rows))]
    assert len(first) == 18
    assert first == [row["impressions"] for row in a_tenth_lost(bend, list(rows))]


def test_a_stale_copy_has_the_figures_of_the_day_before() -> None:
    bent = as_the_day_before(Bend(_META, frozenset({_DAY}), seed=7), _rows(("2026-09-02", 20), ("2026-09-03", 30)))
    assert [(row["date_start"], row["impressions"]) for row in bent] == [("2026-09-02", "20"), ("2026-09-03", "20")]
