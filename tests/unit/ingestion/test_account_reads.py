"""What many accounts hand over at once: small batches of a table travel together, large ones as they come."""

from collections import defaultdict
from datetime import date

import pyarrow as pa

from ingestion.accounts import AccountRef
from ingestion.due import AccountTask
from ingestion.loading.batches import Emit
from ingestion.loading.landing import GATHERED_ROWS, AccountReads
from ingestion.loading.reading import AccountRead

ACCOUNTS = [
    AccountRef("nova", "meta_ads", str(number), "USD", "UTC", "agency", None, date(2026, 1, 1), None, None)
    for number in range(30)
]


def _rows(account: AccountRef, rows: int) -> pa.Table:
    return pa.table({"_account": [account.account_id] * rows})


def test_small_batches_of_many_accounts_come_as_one_of_each_table() -> None:
    def read(task: AccountTask, emit: Emit) -> AccountRead:
        for table, rows in (("ads", 3), ("report_reads", 1)):
            emit(table, _rows(task.account, rows))
        return AccountRead(task.account)

    reads = AccountReads([AccountTask(account, ()) for account in ACCOUNTS], read)
    found = dict(reads.batches())
    assert {table: rows.num_rows for table, rows in found.items()} == {"ads": 90, "report_reads": 30}
    assert sorted(found["report_reads"]["_account"].to_pylist(), key=int) == [str(number) for number in range(30)]
    assert set(reads.results) == {account.account_id for account in ACCOUNTS}


def test_rows_wait_only_until_they_are_worth_a_batch() -> None:
    def read(task: AccountTask, emit: Emit) -> AccountRead:
        for _ in range(4):
            emit("ad_daily", _rows(task.account, GATHERED_ROWS // 2))
        return AccountRead(task.account)

    handed_over: dict[str, list[int]] = defaultdict(list)
    for table, rows in AccountReads([AccountTask(account, ()) for account in ACCOUNTS[:3]], read).batches():
        handed_over[table].append(rows.num_rows)
    assert handed_over == {"ad_daily": [GATHERED_ROWS] * 6}
