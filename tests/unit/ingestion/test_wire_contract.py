"""What an answer must hold: a used field that is gone is told, and a new one is found wherever it stands."""

from datetime import date

import pytest

from ingestion.accounts import AccountRef
from ingestion.errors import AccountReadError
from ingestion.loading.wire_contract import WireFields, missing_fields, require_sent
from ingestion.platforms import PLATFORMS

META, GOOGLE = PLATFORMS["meta_ads"].definition, PLATFORMS["google_ads"].definition
CAMPAIGNS = META.proved_level
ALL_SENT = {"date_day": 3, "campaign_id": 3, "account_currency": 3, "impressions": 3, "spend": 3, "clicks": 3}


def test_an_answer_that_has_every_used_field_in_some_row_is_whole() -> None:
    assert missing_fields(META, CAMPAIGNS, ALL_SENT, 3) == []


def test_a_field_that_no_row_has_is_missing() -> None:
    assert missing_fields(META, CAMPAIGNS, {**ALL_SENT, "spend": 0}, 3) == ["spend"]


def test_no_row_is_missing_nothing() -> None:
    assert missing_fields(META, CAMPAIGNS, {}, 0) == []


@pytest.mark.parametrize(("rows", "missing"), [(19, []), (20, ["clicks"])])
def test_a_field_that_rows_may_lack_is_missing_from_a_reading_of_some_size(rows: int, missing: list[str]) -> None:
    assert missing_fields(META, CAMPAIGNS, {**ALL_SENT, "clicks": 0}, rows) == missing


def test_the_problem_names_account_report_and_field_and_where_the_contract_stands() -> None:
    account = AccountRef("acme", "meta_ads", "1", "EUR", "UTC", "agency", None, date(2026, 1, 1), None)
    with pytest.raises(AccountReadError) as raised:
        require_sent(META, CAMPAIGNS, account, {**ALL_SENT, "spend": 0}, 3)
    problem = raised.value.problem
    assert (problem.error_class, problem.code) == ("schema", "missing_field")
    assert problem.message == "campaign_daily of acme meta_ads 1: none of 3 rows has spend"
    assert "quality/contracts/raw_meta_ads/campaign_daily.odcs.yaml" in problem.next_step


def test_fields_that_are_asked_for_or_always_come_along_are_not_new() -> None:
    row = {"account_id": "1", "date_start": "2026-11-01", "date_stop": "2026-11-01", "spend": "1", "impressions": "2"}
    assert WireFields(META, CAMPAIGNS).unknown([row, row]) is None


def test_a_new_field_is_told_with_its_value_and_the_row_it_stands_in() -> None:
    rows = [{"spend": "1"}, {"spend": "2", "attention_score": {"v": 7}}]
    assert WireFields(META, CAMPAIGNS).unknown(rows) == [None, {"attention_score": {"v": 7}}]


def test_a_new_field_inside_an_object_is_told_with_its_whole_path() -> None:
    rows = [{"metrics": {"clicks": "1"}}, {"metrics": {"clicks": "1", "attention": "9"}, "segments": {"date": "x"}}, {}]
    fields = WireFields(GOOGLE, GOOGLE.proved_level)
    assert fields.unknown(rows) == [None, {"metrics.attention": "9"}, None]
