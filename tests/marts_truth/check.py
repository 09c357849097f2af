"""Every published table and report against its expected frame."""

from dataclasses import replace
from datetime import datetime

from tests.marts_truth import cases
from tests.marts_truth.client_files import read_all
from tests.marts_truth.compare import differences
from tests.marts_truth.expected.tables import AS_OF, ELSEWHERE, TABLES, UNIFIED
from tests.marts_truth.expected.truth import Truth
from tests.marts_truth.stage import Stage

_RELATIONS = """
select relname from pg_class
where relnamespace = 'analytics'::regnamespace and relkind in ('r', 'v', 'm', 'p') order by relname
"""
# Since when a row stands, and until when: what it says at the instants is compared.
_SPANS = {"valid_from": "bookkeeping of publications", "valid_to": "bookkeeping of publications"}


def truth_of(stage: Stage, *, until: datetime | None = None) -> Truth:
    """What was to be known at the last reading, or at an earlier one."""
    readings = tuple(reading for reading in stage.readings if until is None or reading <= until)
    return Truth(stage.worlds, read_all(stage.settings.clients_dir), readings)


def all_differences(stage: Stage) -> list[str]:
    """Empty where the warehouse is right. Tables that nobody works out are differences too."""
    truth = truth_of(stage)
    published = set(stage.frame(_RELATIONS)["relname"])
    found = [f"{name}: published and compared by nobody" for name in sorted(published - set(TABLES) - set(ELSEWHERE))]
    for name, make in TABLES.items():
        found += differences(name, make(truth), stage.frame(f"select * from analytics.{name}"))
    for name, make in UNIFIED.items():
        found += differences(name, make(truth), stage.frame(f"select * from ad_reporting.{name}"))
    return found


def past_differences(stage: Stage) -> list[str]:
    """What readers see of each earlier publication now is what was to be known then."""
    found: list[str] = []
    for instant in stage.readings:
        truth = truth_of(stage, until=instant)
        for name, make in AS_OF.items():
            expected = make(truth)
            expected = replace(expected, left_out={**expected.left_out, **_SPANS})
            asked = f"select * from analytics.{name}('{instant.isoformat()}')"
            found += differences(f"{name}({instant:%Y-%m-%d})", expected, stage.frame(asked))
    return found


def absent_cases(stage: Stage) -> list[str]:
    return cases.absent(truth_of(stage))
