"""What the parts found, a line of JSON each, so that an interrupted run goes on where it was stopped."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sandbox.incidents import KINDS
from tests.gate.incidents import SeedResult
from tests.gate.judging import Verdict


@dataclass(frozen=True)
class Result:
    """One part. faults: what is wrong in words, empty where right; figures: what the table shows."""

    part: str
    faults: tuple[str, ...]
    seconds: float
    figures: dict[str, Any] = field(default_factory=dict)

    def append_to(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self)) + "\n")


def read_results(path: Path) -> dict[str, Result]:
    """Part -> its latest result."""
    if not path.exists():
        return {}
    lines = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {
        line["part"]: Result(line["part"], tuple(line["faults"]), line["seconds"], line["figures"]) for line in lines
    }


def of_seed(played: SeedResult) -> Result:
    """A seed's result with every kind's outcome."""
    figures = {"kinds": {v.planted.kind: _outcome(v) for v in played.verdicts}, "others": played.other_accounts}
    return Result(f"seed {played.seed}", tuple(played.faults), played.seconds, figures)


def _outcome(verdict: Verdict) -> dict[str, Any]:
    return {
        "platform": verdict.planted.platform, "answer": verdict.answer, "stop": verdict.stop,
        "right": not verdict.faults and verdict.answer == KINDS[verdict.planted.kind].answer,
        "reason": verdict.reason,
    }  # fmt: skip
