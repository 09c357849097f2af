"""The publish flow as `mdp publish` runs it, with a stop-watch at every step."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from cli.session import PlatformSession
from foundation.database import Cursor, connect
from quality.data_docs import DataDocs
from quality.dbt_tests import record, required_tests
from quality.expectations import run_expectations
from quality.gate import Gate, GateSummary
from quality.reconciliation import certify
from transforms.building import DBT_PROJECT_DIR, build, flow_lock, prepare, prepared_manifest
from transforms.publication import PublicationSummary, publish
from transforms.versions import model_hash, open_build, refresh_account_days

AUDIT = ("dbt tests", "expectations", "certify", "gate")


@dataclass
class Flow:
    """What one flow did. seconds: by step; those of AUDIT are the audit."""

    pending: int
    gate: GateSummary
    published: PublicationSummary
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def audit(self) -> float:
        return sum(self.seconds[step] for step in AUDIT)

    @property
    def whole(self) -> float:
        return sum(self.seconds.values())


def timed_flow(session: PlatformSession) -> Flow:
    """Versions, build, checks, certificates, gate, publication."""
    prepare(DBT_PROJECT_DIR)
    build_id, seconds, now = str(uuid4()), dict[str, float](), session.clock.now()
    with flow_lock(session.warehouse_url), connect(session.warehouse_url) as connection:
        with _timed(seconds, "versions"):
            refresh_account_days(connection, model_hash=model_hash(DBT_PROJECT_DIR), now=now)
            pending = open_build(connection, build_id=build_id, now=now)
        with _timed(seconds, "dbt"):
            built = build(
                session.warehouse_url, DBT_PROJECT_DIR, session.settings.work_dir / "dbt",
                full_refresh=pending.full_refresh,
            )  # fmt: skip
        # dbt runs nodes side by side: tests are charged their share of all nodes' time.
        seconds["dbt tests"] = seconds["dbt"] * _share_of_tests(built.run_results)
        seconds["dbt"] -= seconds["dbt tests"]
        with _timed(seconds, "expectations"):
            record(connection, build_id=build_id, run_results=built.run_results, now=now)
            docs = DataDocs(session.settings.data_dir, build_id=build_id, now=now)
            run_expectations(session.warehouse_url, build_id=build_id, now=now, show=docs.add)
            docs.build()
        with _timed(seconds, "certify"):
            certify(connection, build_id=build_id, run_id=build_id, now=now)
        gate = Gate(build_id, required_tests(prepared_manifest(DBT_PROJECT_DIR)), now)

        def timed_gate(cursor: Cursor) -> None:
            with _timed(seconds, "gate"):
                gate(cursor)

        with _timed(seconds, "publish"):
            published = publish(connection, build_id=build_id, gate=timed_gate, now=now)
        seconds["publish"] -= seconds["gate"]
    assert gate.summary is not None
    return Flow(pending.account_days, gate.summary, published, seconds)


def _share_of_tests(run_results: Any) -> float:
    whole = tests = 0.0
    for node in run_results["results"]:
        whole += node["execution_time"]
        tests += node["execution_time"] if node["unique_id"].startswith("test.") else 0.0
    return tests / whole if whole else 0.0


@contextmanager
def _timed(seconds: dict[str, float], step: str) -> Iterator[None]:
    before = time.perf_counter()
    yield
    seconds[step] = time.perf_counter() - before
