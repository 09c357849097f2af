"""The crash points of a backup: dump, uploads to an S3 service, records and verification."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

from backups.dump import create_backup
from backups.verify import verify_backup
from foundation.database import connect
from foundation.embedded_postgres import free_port
from foundation.settings import Settings
from tests.faults.checker import Verdict
from tests.faults.child import Attempt, attempt, kill_hard
from tests.faults.cluster import Cluster
from tests.faults.drive import Installation
from tests.faults.points import Strike
from tests.faults.sweep import START, Sweep, SweptPoint, a_day_later, chosen, copy_of, finished

BUCKET = "agency-backups"
_ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}
_BACKUP_SECONDS = 120.0
_TAKEN_AT = START + timedelta(days=1, hours=3)


@contextmanager
def _s3_service() -> Iterator[str]:
    """An S3 service in a forked process."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    pid = os.fork()
    if pid == 0:
        try:
            from moto.server import ThreadedMotoServer

            for output in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), output)
            ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False).start()
            time.sleep(3600)
        finally:
            os._exit(0)
    try:
        _wait_until_up(url)
        yield url
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _wait_until_up(url: str, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urlopen(url, timeout=1):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def _make_bucket(endpoint: str) -> None:
    import boto3

    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)


def _back_up(case: Installation, settings: Settings, hours: int, strikes: tuple[Strike, ...] = ()) -> Attempt:
    """One backup and its verification in a process of its own; its result says whether the restored tables agree."""

    def job() -> bool:
        now = _TAKEN_AT + timedelta(hours=hours)
        record = create_backup(settings, case.url, now=now)
        return verify_backup(settings, case.url, now=now, backup_id=record.backup_id).agrees

    return attempt(job, case.world.directory, strikes, seconds=_BACKUP_SECONDS)


def sweep_backup(cluster: Cluster, directory: Path, platform: str, part: int, parts: int) -> Sweep:
    """Stop a backup on either side of each of its points; the next one must be complete, and the books right."""
    started = time.monotonic()
    os.environ.update(_ENVIRONMENT)
    with _s3_service() as endpoint, a_day_later(cluster, directory, platform) as base:
        finished(attempt(lambda: _make_bucket(endpoint), directory))

        def settings_of(name: str) -> Settings:
            return base.settings.model_copy(
                update={"backup_url": f"s3://{BUCKET}/{name}", "backup_s3_endpoint_url": endpoint}
            )

        plain = copy_of(base)
        labels = finished(_back_up(plain, settings_of("plain"), 0)).points
        cluster.drop(plain.url)
        sweep = Sweep(len(labels))
        for number, side in chosen(len(labels), part, parts):
            case, settings = copy_of(base), settings_of(f"{side}-{number}")
            _back_up(case, settings, 0, (Strike(number, side, kill_hard),))
            again = _back_up(case, settings, 1)
            verdict = Verdict()
            if again.state != "finished" or again.result is not True:
                verdict.note("stuck", f"the next backup {again.state}, agrees: {again.result} {again.error[-800:]}")
            verdict.add(_books(case.url))
            sweep.swept.append(SweptPoint(number, side, labels[number - 1], verdict, 1, 2))
            cluster.drop(case.url)
    sweep.seconds = time.monotonic() - started
    return sweep


def _books(url: str) -> Verdict:
    """No record that still says running, one that is verified, and no scratch database left behind."""
    verdict = Verdict(compared=1)
    with connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("select status from ops.backup order by started_at")
        states = [status for (status,) in cursor.fetchall()]
        if "running" in states or states[-1:] != ["verified"]:
            verdict.note("wrong", f"ops.backup says {states}")
        cursor.execute("select datname from pg_database where starts_with(datname, 'mdp_verify_')")
        for (name,) in cursor.fetchall():
            verdict.note("ghost", f"left behind: {name}")
    return verdict
