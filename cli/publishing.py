"""`mdp build` and `mdp publish`: the publish flow without Dagster, step by step as orchestration runs it."""

from dataclasses import asdict
from typing import Any
from uuid import uuid4

from cli.loading import load_client_files
from cli.session import PlatformSession
from foundation.database import connect
from quality.anomalies.warehouse import warn_of_anomalies
from quality.data_docs import DataDocs
from quality.dbt_tests import record, required_tests
from quality.expectations import run_expectations
from quality.gate import Gate
from quality.reconciliation import certify
from quality.settled_months import certify_months
from transforms.building import DBT_PROJECT_DIR, build, flow_lock, prepare, prepared_manifest
from transforms.publication import publish
from transforms.reports import ensure_report_views
from transforms.versions import model_hash, open_build, refresh_account_days


def run_build(session: PlatformSession) -> dict[str, Any]:
    """Build and check what is pending. Returns counts for the screen."""
    with flow_lock(session.warehouse_url):
        return _build(session, str(uuid4()))


def run_publish(session: PlatformSession) -> dict[str, Any]:
    """The whole flow. Returns counts for the screen."""
    build_id = str(uuid4())
    with flow_lock(session.warehouse_url):
        built = _build(session, build_id)
        now = session.clock.now()
        with connect(session.warehouse_url) as connection:
            certified = certify(connection, build_id=build_id, run_id=build_id, now=now)
            gate = Gate(build_id, required_tests(prepared_manifest(DBT_PROJECT_DIR)), now)
            published = publish(connection, build_id=build_id, gate=gate, now=now)
            months = certify_months(connection, now=now)
        ensure_report_views(
            session.warehouse_url,
            target_dir=session.settings.work_dir / "dbt_reports",
            now=now,
            settings=session.settings.ad_reporting_variables,
        )
        with connect(session.warehouse_url) as connection:
            warnings = warn_of_anomalies(connection, now=now)
    return {
        **built,
        "certificates": asdict(certified),
        "gate": asdict(gate.summary) if gate.summary else None,
        "publication": asdict(published),
        "anomalies": asdict(warnings),
        "settled_months": asdict(months),
    }


def _build(session: PlatformSession, build_id: str) -> dict[str, Any]:
    prepare(DBT_PROJECT_DIR)
    load_client_files(session)
    now = session.clock.now()
    with connect(session.warehouse_url) as connection:
        moved = refresh_account_days(connection, model_hash=model_hash(DBT_PROJECT_DIR), now=now)
        pending = open_build(connection, build_id=build_id, now=now)
        result = build(
            session.warehouse_url,
            DBT_PROJECT_DIR,
            session.settings.work_dir / "dbt",
            full_refresh=pending.full_refresh,
        )
        record(connection, build_id=build_id, run_results=result.run_results, now=now)
    docs = DataDocs(session.settings.data_dir, build_id=build_id, now=now)
    outcomes = run_expectations(session.warehouse_url, build_id=build_id, now=now, show=docs.add)
    docs.build()
    return {
        "build_id": build_id,
        "account_days_reversioned": moved,
        "account_days_built": pending.account_days,
        "checks_not_passed": {outcome.name: outcome.detail for outcome in outcomes if outcome.status != "passed"},
    }
