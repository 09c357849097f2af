"""Wire rows become Arrow batches whose values are the text that stood on the wire."""

import pyarrow as pa

from ingestion.loading.batches import BATCH_ROWS, BatchWriter, Row, as_text, page_batch
from ingestion.platforms.google_ads.reports import CAMPAIGN_DAILY
from ingestion.platforms.meta_ads.reports import AD_DAILY
from ingestion.reports import Column


def test_nested_values_are_found_and_absent_ones_are_null() -> None:
    rows = [
        {"campaign": {"id": "1"}, "segments": {"date": "2026-11-09"}, "metrics": {"clicks": "3", "conversions": 1.5}},
        {"segments": {"date": "2026-11-09"}, "metrics": {}},
    ]
    table = page_batch(rows, CAMPAIGN_DAILY.columns, "42").to_pydict()
    assert table["_account"] == ["42", "42"]
    assert table["campaign_id"] == ["1", None]
    assert table["clicks"] == ["3", None]
    assert table["conversions"] == ["1.5", None]


def test_lists_are_landed_as_json_and_numbers_in_their_exact_form() -> None:
    row = {"date_start": "2026-11-09", "spend": "14.350", "actions": [{"action_type": "lead", "value": "2"}]}
    table = page_batch([row], AD_DAILY.columns, "42").to_pydict()
    assert table["spend"] == ["14.350"]
    assert table["actions"] == ['[{"action_type":"lead","value":"2"}]']
    assert [as_text(value) for value in (0.1, 12345678901234567, True, None, "x")] == [
        "0.1",
        "12345678901234567",
        "true",
        None,
        "x",
    ]


def test_a_column_of_mixed_types_keeps_each_value_in_its_own_form() -> None:
    rows: list[Row] = [{"name": "1.50"}, {}, {"name": 2}, {"name": False}, {"name": ["é"]}, {"name": None}]
    table = page_batch(rows, (Column("name", ("name",)), Column("inner", ("none", "inner"))), "42").to_pydict()
    assert table["name"] == ["1.50", None, "2", "false", '["é"]', None]
    assert table["inner"] == [None] * 6


def test_batches_are_emitted_at_a_fixed_size_and_nothing_is_lost() -> None:
    emitted: list[pa.Table] = []
    writer = BatchWriter("ad_daily", AD_DAILY.columns, "42", lambda table, rows: emitted.append(rows))
    page = [{"ad_id": str(number)} for number in range(500)]
    pages = BATCH_ROWS // 500 + 1
    for _ in range(pages):
        writer.add(page)
    assert [len(table) for table in emitted] == [BATCH_ROWS]
    writer.flush()
    writer.flush()
    assert sum(len(table) for table in emitted) == writer.rows_written == pages * 500
