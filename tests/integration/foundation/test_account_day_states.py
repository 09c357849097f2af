"""What it costs to ask for the states of account-days."""

from collections.abc import Iterator
from typing import Any

import pytest

from foundation.database import connect

pytestmark = pytest.mark.integration

ACCOUNTS, DAYS = 20, 300
# One client's accounts have a long published history; the database's clock stands the day after it.
_HISTORY = """
insert into ops.clock (now_at) values ('2026-11-20 12:00+00');
insert into ops.platform_rule values ('meta_ads', 28, 3, 'account');
insert into raw_registry.client values
('acme', 'Acme', 'active', 'EUR', 'UTC', null, '2024-01-01', null, 'h', '2024-01-01'),
('other', 'Other', 'active', 'EUR', 'UTC', null, '2024-01-01', null, 'h', '2024-01-01');
insert into raw_registry.account (
    client_id, platform, account_id, name, currency, timezone, credential, active_from, content_hash, loaded_at
)
select
    case when number = 1 then 'other' else 'acme' end, 'meta_ads', number::text, 'a', 'EUR', 'UTC', 'agency',
    date '2026-11-20' - %(days)s, 'h', '2024-01-01'
from generate_series(1, %(accounts)s) as number;
insert into ops.publication (run_id, published_at, account_days, held_account_days, row_counts)
values ('r', '2026-11-20 06:00+00', 1, 0, '{}');
insert into ops.published_day (client_id, platform, account_id, date_day, version, published_at, publication_id)
select client_id, platform, account_id, date '2026-11-20' - back, 'v', '2026-11-20 06:00+00', 1
from raw_registry.account, generate_series(1, %(days)s) as back;
"""


def _scans(node: dict[str, Any], table: str) -> Iterator[dict[str, Any]]:
    if node.get("Relation Name") == table:
        yield node
    for child in node.get("Plans", ()):
        yield from _scans(child, table)


@pytest.mark.parametrize(
    ("asked", "days"),
    [("true", ACCOUNTS * (DAYS + 1)), ("client_id = 'other'", DAYS + 1), ("date_day > '2026-11-10'", 200)],
)
def test_each_day_costs_one_probe_of_what_is_published_however_long_the_history_is(
    warehouse_url: str, asked: str, days: int
) -> None:
    with connect(warehouse_url) as connection, connection.cursor() as cursor:
        cursor.execute(_HISTORY, {"accounts": ACCOUNTS, "days": DAYS})
        cursor.execute("analyze ops.published_day, raw_registry.account")
        cursor.execute(f"select count(*) from analytics.account_day_state where {asked}")
        assert cursor.fetchall() == [(days,)]
        cursor.execute(f"explain (analyze, format json) select * from analytics.account_day_state where {asked}")
        ((plan,),) = cursor.fetchall()
    reads = [scan for scan in _scans(plan[0]["Plan"], "published_day") if scan["Actual Loops"]]
    assert reads
    seen = sum((scan["Actual Rows"] + scan.get("Rows Removed by Filter", 0)) * scan["Actual Loops"] for scan in reads)
    assert seen <= days
