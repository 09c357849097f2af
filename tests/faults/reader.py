"""A reader who looks all the time and must never see an account-day half replaced or half published."""

import json
import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal

import psycopg2

from tests.truth.raw_figures import TABLES, Figures, ObjectDay, figures_query

_PAUSE_SECONDS = 0.04
_NOT_THERE = (psycopg2.errors.UndefinedTable, psycopg2.errors.InvalidSchemaName)


@dataclass(frozen=True)
class Polls:
    """count: looks at a whole snapshot; seen: every distinct account-day that one of them held, by level.

    level -> account, day, spend, impressions, clicks as text.
    """

    count: int
    seen: Mapping[str, frozenset[tuple[str, ...]]]


@dataclass
class Reader:
    """A process that polls until it is told to stop."""

    pid: int
    answers: int

    @classmethod
    def started(cls, url: str, platform: str) -> "Reader":
        """Fork the reader."""
        answers, told = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(answers)
            try:
                _poll(url, platform, told)
            finally:
                os._exit(0)
        os.close(told)
        return cls(pid, answers)

    def stop(self) -> Polls:
        """End the polling; what was seen."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)
        text = b""
        while part := os.read(self.answers, 65536):
            text += part
        os.close(self.answers)
        os.waitpid(self.pid, 0)
        body = json.loads(text) if text else {"count": 0, "seen": {}}
        return Polls(
            body["count"], {level: frozenset(tuple(row) for row in rows) for level, rows in body["seen"].items()}
        )


def _account_days(platform: str, level: str) -> str:
    """Sums by account and day of a level, as text."""
    width = 2 + len(TABLES[platform][level][1])
    inner = figures_query(platform, level)
    names = ", ".join(f"c{number}" for number in range(1, width + 5))
    sums = ", ".join(f"sum(c{width + number})::text" for number in (2, 3, 4))
    return f"select c1, c2, {sums} from ({inner}) as object_days ({names}) group by c1, c2"


def _published_queries(platform: str) -> dict[str, str]:
    """Sums by account and day of the published tables, and rows whose version is not the published one.

    The ad level, with what is not at ad level, adds up to the campaigns; both are named by the level of their truth.
    """
    if platform == "instagram":
        tables = {
            "published instagram_account": ("fct_instagram_account_daily", "0::numeric", "views", "total_interactions")
        }
    else:
        tables = {
            f"published {name}": (f"fct_{name}_performance_daily", "spend", "impressions", "clicks")
            for name in ("campaign", "ad")
        }
    queries = {}
    for level, (table, *figures) in tables.items():
        sums = ", ".join(f"sum({figure})::text" for figure in figures)
        queries[level] = (
            f"select account_id, date_day::text, {sums} from analytics.{table} "
            f"where platform = '{platform}' group by account_id, date_day"
        )
        queries[f"versions {level}"] = (
            f"select fact.account_id, fact.date_day::text, '1', '1', '1' from analytics.{table} as fact "
            "left join ops.published_day as day on day.client_id = fact.client_id and day.platform = fact.platform "
            "and day.account_id = fact.account_id and day.date_day = fact.date_day "
            "and day.superseded_at is null and day.version = fact.version "
            f"where fact.platform = '{platform}' and day.version is null"
        )
    return queries


_IS_PUBLISHED = "select to_regclass('analytics.fct_campaign_performance_daily') is not null"


def _poll(url: str, platform: str, told: int) -> None:
    stopped = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    queries = {level: _account_days(platform, level) for level in TABLES[platform]}
    published = _published_queries(platform)
    seen: dict[str, set[tuple[str, ...]]] = {level: set() for level in (*queries, *published)}
    count, connection = 0, None
    while not stopped:
        try:
            connection = connection or psycopg2.connect(url)
            with connection.cursor() as cursor:
                cursor.execute("set transaction isolation level repeatable read")
                cursor.execute(_IS_PUBLISHED)
                ((is_published,),) = cursor.fetchall()
                for level, query in (queries | published if is_published else queries).items():
                    cursor.execute(query)
                    seen[level].update(cursor.fetchall())
            connection.rollback()
            count += 1
        except _NOT_THERE:
            if connection:
                connection.rollback()
        except psycopg2.Error:
            connection = None
        time.sleep(_PAUSE_SECONDS)
    body = json.dumps({"count": count, "seen": {level: sorted(rows) for level, rows in seen.items()}}).encode()
    while body:
        body = body[os.write(told, body) :]


def torn_reads(polls: Polls, truths: Sequence[Mapping[str, Mapping[ObjectDay, Figures]]]) -> Iterator[str]:
    """Account-days that a reader saw and that were true at no instant at which the platform was read."""
    for level, rows in polls.seen.items():
        of_truth = "campaign" if level == "published ad" else level.removeprefix("published ")
        true = {account_day for truth in truths for account_day in _summed(truth.get(of_truth, {})).items()}
        for account, day, spend, impressions, clicks in sorted(rows):
            figures = (Decimal(spend), int(impressions), int(clicks))
            if any(figures) and ((account, day), figures) not in true:
                yield f"{level} {account} {day}: {figures}"


def _summed(truth: Mapping[ObjectDay, Figures]) -> dict[tuple[str, str], Figures]:
    sums: dict[tuple[str, str], Figures] = {}
    for (account, day, *_), figures in truth.items():
        before = sums.get((account, day), (Decimal(0), 0, 0))
        sums[account, day] = (before[0] + figures[0], before[1] + figures[1], before[2] + figures[2])
    return sums
