"""A reader that looks at whole snapshots while the product publishes, and asks of every row whether it was audited."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg2

_PAUSE_SECONDS = 0.5
# A version may be seen only if it was published and each of its metrics was certified.
_UNAUDITED = """
select fact.account_id, fact.date_day, fact.version
from (
    select distinct client_id, platform, account_id, date_day, version
    from analytics.fct_campaign_performance_daily
) as fact
left join ops.published_day as day
    on day.client_id = fact.client_id and day.platform = fact.platform and day.account_id = fact.account_id
    and day.date_day = fact.date_day and day.version = fact.version and day.superseded_at is null
left join (
    select client_id, platform, account_id, date_day, version, bool_and(verdict = 'certified') as certified
    from ops.certificate group by client_id, platform, account_id, date_day, version
) as certificate
    on certificate.client_id = fact.client_id and certificate.platform = fact.platform
    and certificate.account_id = fact.account_id and certificate.date_day = fact.date_day
    and certificate.version = fact.version
where day.version is null or certificate.certified is not true
"""


@dataclass
class Looks:
    """What a reader has seen. count: whole snapshots; publications: how many different ones among them."""

    count: int = 0
    publications: set[int] = field(default_factory=set)
    unaudited: set[tuple[str, str, str]] = field(default_factory=set)


@contextmanager
def reading(warehouse_url: str) -> Iterator[Looks]:
    """A reader that polls until the end of the block."""
    looks, stop = Looks(), threading.Event()
    thread = threading.Thread(target=_poll, args=(warehouse_url, looks, stop), daemon=True)
    thread.start()
    try:
        yield looks
    finally:
        stop.set()
        thread.join()


def _poll(url: str, looks: Looks, stop: threading.Event) -> None:
    connection = psycopg2.connect(url)
    connection.set_session(isolation_level="REPEATABLE READ", readonly=True)
    while not stop.wait(_PAUSE_SECONDS):
        with connection, connection.cursor() as cursor:
            cursor.execute("select to_regclass('analytics.fct_campaign_performance_daily') is not null")
            if not (cursor.fetchone() or (False,))[0]:
                continue
            cursor.execute("select coalesce(max(publication_id), 0) from ops.publication")
            looks.publications.update(publication for (publication,) in cursor.fetchall())
            cursor.execute(_UNAUDITED)
            looks.unaudited.update((account, str(day), version) for account, day, version in cursor.fetchall())
            looks.count += 1
    connection.close()
