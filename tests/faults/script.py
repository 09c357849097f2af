"""What happens to one installation: drawn from a seed alone, printed and read as one line of text."""

import json
import random
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.faulty_wire import possible
from tests.faults.kinds import KINDS

PLATFORM_NAMES = ("meta_ads", "google_ads", "tiktok_ads", "linkedin_ads", "instagram")
ROUNDS, MOST_FAULTS = 3, 6
# Last points of a run vary with the world; a fault drawn beyond them does not fire and is not counted.
LAST_POINT, LAST_REQUEST, LAST_WIRE_REQUEST = 180, 30, 24
# Noons after which three rounds cross the day on which clocks change: EU and US, spring and autumn of 2026 and 2025.
_CLOCK_CHANGES = ("2026-03-07", "2026-03-28", "2025-10-25", "2025-11-01", "2026-10-24", "2026-10-31")
_PLAIN_START = datetime(2026, 1, 12, 12, tzinfo=UTC)
_ANY_TIMES = 1_000_000
_TIMES = {"server_error": 3, "cyclic_cursor": _ANY_TIMES, "token_revoked": _ANY_TIMES, "job_stuck": _ANY_TIMES}


@dataclass(frozen=True)
class Fault:
    """at: number of the request or point; times: how often a wire fault happens; side: of a point."""

    kind: str
    at: int = 1
    times: int = 1
    side: str = "before"


@dataclass(frozen=True)
class Script:
    """rounds: of each scheduled round, the faults of its faulty runs; hours: how far the world moves before each."""

    seed: int
    platform: str
    start: str
    hours: tuple[int, ...]
    rounds: tuple[tuple[tuple[Fault, ...], ...], ...]
    seed_faults: tuple[str, ...] = ()

    @property
    def starts_at(self) -> datetime:
        return datetime.fromisoformat(self.start)

    def to_text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @staticmethod
    def from_text(text: str) -> "Script":
        body: dict[str, Any] = json.loads(text)
        rounds = tuple(tuple(tuple(Fault(**fault) for fault in run) for run in runs) for runs in body["rounds"])
        return Script(**{
            **body, "rounds": rounds, "hours": tuple(body["hours"]), "seed_faults": tuple(body["seed_faults"])
        })  # fmt: skip


def times_of(kind: str) -> int:
    """How often a wire fault of the kind happens once it has begun."""
    return _TIMES.get(kind, 1)


def _draw(kind: str, random_: random.Random) -> Fault:
    place = KINDS[kind].place
    last = {"wire": LAST_WIRE_REQUEST, "request": LAST_REQUEST, "point": LAST_POINT}.get(place, 1)
    at = random_.randint(0 if place == "wire" else 1, last)
    if kind in ("duplicate_page", "cyclic_cursor", "moved_row", "job_failed", "job_stuck"):
        at = random_.randint(0, 6)
    return Fault(kind, at, times_of(kind), random_.choice(("before", "after")))


def draw(seed: int) -> Script:
    """The script of a seed; each platform comes round every fifth seed."""
    random_ = random.Random(f"faults/{seed}")
    platform = PLATFORM_NAMES[seed % len(PLATFORM_NAMES)]
    seed_faults = []
    start = _PLAIN_START + timedelta(days=random_.randint(0, 250))
    if random_.random() < 0.12:
        start = datetime.fromisoformat(f"{random_.choice(_CLOCK_CHANGES)}T12:00:00+00:00")
        seed_faults.append("clock_change_day")
    if random_.random() < 0.12:
        seed_faults.append("upgrade")
    able = possible(platform)
    drawn = [
        kind.name for kind in KINDS.values() if kind.place != "seed" and (kind.place != "wire" or kind.name in able)
    ]
    rounds: list[list[list[Fault]]] = [[] for _ in range(ROUNDS)]
    for _ in range(random_.randint(0, MOST_FAULTS - len(seed_faults))):
        runs = random_.choice(rounds)
        if not runs or (len(runs) < 2 and random_.random() < 0.5):
            runs.append([])
        random_.choice(runs).append(_draw(random_.choice(drawn), random_))
    hours = tuple(random_.choice((24, 24, 24, 48, 41)) for _ in range(ROUNDS))
    return Script(
        seed, platform, start.isoformat(), hours, tuple(tuple(tuple(run) for run in runs) for runs in rounds),
        tuple(seed_faults),
    )  # fmt: skip


def single(platform: str, *faults: Fault, seed: int = 1, start: datetime = _PLAIN_START) -> Script:
    """A quiet first round, then the faults in the second."""
    return Script(seed, platform, start.isoformat(), (24, 24), ((), (faults,)))


def without_faults(script: Script) -> Script:
    """The same installation, undisturbed."""
    return replace(script, rounds=tuple(() for _ in script.rounds), seed_faults=())
