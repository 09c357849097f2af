"""The ledger test: as many lives and crash points as fit six minutes; ``make faults`` runs all of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from foundation.settings import REPOSITORY

# Mutants, ten lives and a part of each sweep are run whatever the time: about five minutes on a quiet core.
SECONDS, SEEDS = 300, 10

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1500)]


def test_nothing_is_lost_doubled_or_misplaced_whatever_goes_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A process of its own: lives are forked, and a test runner has threads. Measuring it would cost some of the lives.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    result = subprocess.run(
        [
            sys.executable, "-m", "tests.faults", "--sample", str(SEEDS), "--parts", "100", "--rounds", "4",
            "--fired", "0", "--jobs", "1", "--seconds", str(SECONDS), "--results", str(tmp_path / "results.jsonl"),
        ],
        cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    with capsys.disabled():
        print("\n" + "\n".join(line for line in result.stdout.splitlines() if line.startswith("|")), flush=True)
    assert result.returncode == 0, result.stdout[-6000:] + result.stderr[-3000:]
    found = dict(re.findall(r"\| ([a-z ,]+?) \| ([0-9,]+) \| ", result.stdout))
    assert int(found["seeded lives"]) >= SEEDS
    assert int(found["mutants killed"]) == 8
    assert int(found["crash points of loads, both sides"]) >= 5
    assert int(found["crash points of a publication, both sides"]) >= 1
