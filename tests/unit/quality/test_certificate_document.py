"""The certificate's document, page and signature: values by hand, hostile names, any changed byte."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser
from typing import Any

import pytest
from pydantic import SecretStr

from quality.certificate_document.canonical import Document, canonical, readable
from quality.certificate_document.document import MonthFacts, build_document
from quality.certificate_document.page import amount, page
from quality.certificate_document.signature import CertificateKeyError, Key, keys_from, signed
from quality.certificate_document.verification import verify

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
KEY = Key(SecretStr("a" * 32))
OTHER_KEY = Key(SecretStr("b" * 32))
HOSTILE = '</script><script>alert(1)</script>\u202eEvil & "Co" \u2028<!--'


def day_row(number: int, state: str, **more: Any) -> dict[str, Any]:
    return {
        "platform": "meta_ads", "account_id": "77", "date_day": date(2026, 2, number), "state": state, "version": "v1",
        "data_as_of": NOW, "published_at": NOW, "held_since": None, "held_reason": None, "reason_code": None,
        "next_step": None, **more,
    }  # fmt: skip


def comparison(number: int, metric: str, ours: str, theirs: str | None, **more: Any) -> dict[str, Any]:
    return {
        "platform": "meta_ads", "account_id": "77", "date_day": date(2026, 2, number), "metric": metric,
        "warehouse_total": Decimal(ours), "platform_total": Decimal(theirs) if theirs else None,
        "difference": Decimal(ours) - Decimal(theirs) if theirs else None, "tolerance": Decimal("0.02"),
        "verdict": "certified", "reason_code": None, "read_at": NOW, "control_request_ids": ["req-1"],
        "detail_request_ids": ["req-2"], "is_published": True, **more,
    }  # fmt: skip


def facts(name: str = "Acme", **more: Any) -> MonthFacts:
    """Three days of an account: two certified (10.00 and 2.50 of spend; a cent apart on the second), one held."""
    values: dict[str, Any] = {
        "client": {"client_id": "acme", "name": name, "reporting_currency": "EUR"},
        "month": date(2026, 2, 1),
        "accounts": [{"platform": "meta_ads", "account_id": "77", "name": name, "currency": "EUR",
                      "timezone": "Europe/Madrid", "restatement_days": 29}],
        "days": [
            day_row(1, "final"),
            day_row(2, "provisional"),
            day_row(3, "held", version=None, held_since=NOW, held_reason="differs", reason_code="unexplained",
                    next_step="read it again"),
        ],
        "comparisons": [
            comparison(1, "spend", "10.00", "10.00"),
            comparison(1, "clicks", "1200", "1200"),
            comparison(2, "spend", "2.50", "2.51", reason_code="restated_between_calls"),
            comparison(3, "spend", "7.00", "9.00", verdict="held", reason_code="deleted_entity", is_published=False),
        ],
        "restatements": [
            {"platform": "meta_ads", "account_id": "77", "date_day": date(2026, 2, 2), "metric": "spend",
             "old_value": Decimal("2.00"), "new_value": Decimal("2.50"), "difference": Decimal("0.50"),
             "detected_at": NOW, "was_published": True},
        ],
        "months": [],
        "conversions": [],
    }  # fmt: skip
    return MonthFacts(**(values | more))


def document(name: str = "Acme", now: datetime = NOW, **more: Any) -> Document:
    return build_document(facts(name, **more), generated_at=now, product_version="9.9")


def files(name: str = "Acme", key: Key = KEY) -> tuple[str, str]:
    envelope = signed(document(name), key)
    return page(envelope), readable(envelope)


def words_of(html: str) -> str:
    """What a reader sees."""

    class Reader(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.words = 0, list[str]()

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            self.hidden += tag in {"script", "style"}

        def handle_endtag(self, tag: str) -> None:
            self.hidden -= tag in {"script", "style"}

        def handle_data(self, data: str) -> None:
            if not self.hidden:
                self.words += data.split()

    reader = Reader()
    reader.feed(html)
    return " ".join(reader.words)


def test_totals_are_sums_of_the_published_days_alone() -> None:
    assert document()["accounts"][0]["totals"] == [
        {"metric": "spend", "days": 2, "warehouse_total": "12.5", "platform_total": "12.51", "difference": "-0.01",
         "reason_codes": ["restated_between_calls"]},
        {"metric": "clicks", "days": 1, "warehouse_total": "1200", "platform_total": "1200", "difference": "0",
         "reason_codes": []},
    ]  # fmt: skip


def test_a_day_under_an_override_is_not_certified_and_names_who_answers_for_it() -> None:
    overridden = day_row(
        3, "overridden", held_since=NOW, held_reason="spend differs by 2.00", override_by="Ana Lima",
        override_reason="invoice 4711 says so", override_until=datetime(2026, 3, 17, 12, tzinfo=UTC),
    )  # fmt: skip
    told = document(days=[day_row(1, "final"), overridden])
    assert (told["summary"]["due"], told["summary"]["certified"]) == (2, 1)
    (day,) = [day for day in told["accounts"][0]["days"] if day["state"] == "overridden"]
    assert day["reason"] == (
        "Ana Lima answers for the day until 2026-03-17T12:00:00Z: invoice 4711 says so. "
        "The checks say: spend differs by 2.00"
    )
    assert "Ana Lima answers for the day" in words_of(page(signed(told, KEY)))


def test_the_summary_counts_account_days_and_comparisons() -> None:
    assert document()["summary"] == {
        "account_days": {"final": 1, "held": 1, "provisional": 1}, "due": 3, "certified": 2, "comparisons": 3,
        "comparisons_equal": 2, "comparisons_with_known_cause": 1, "restated_account_days": 1,
    }  # fmt: skip


def test_a_held_day_has_its_reason_its_next_step_and_the_figures_that_differ() -> None:
    held = document()["accounts"][0]["days"][2]
    assert (held["state"], held["reason_code"], held["next_step"]) == ("held", "deleted_entity", "read it again")
    assert held["comparisons"][0]["difference"] == "-2"
    assert (held["control_request_ids"], held["detail_request_ids"]) == (["req-1"], ["req-2"])


def test_the_page_says_plainly_what_the_document_holds() -> None:
    words = words_of(files()[0])
    assert "2 of 3 account-days are certified" in words
    assert "Spend 2 12.50 12.51 \u22120.01" in words
    assert "3 Feb 2026" in words
    assert "read it again" in words
    # 28 February and 29 days of restatement.
    assert "Not yet settled until 29 Mar 2026." in words
    assert "2 Feb 2026 Spend 2.00 2.50 +0.50" in words


def test_the_page_of_a_month_that_stands_entirely_says_so() -> None:
    clean = document(days=[day_row(1, "final")], comparisons=[comparison(1, "spend", "1", "1")], restatements=[])
    words = words_of(page(signed(clean, KEY)))
    assert "All 1 due account-days are certified" in words
    assert "None: every due day of every account is certified." in words


def test_a_settled_month_stands_beside_the_platforms_own_total() -> None:
    row = {
        "platform": "meta_ads", "account_id": "77", "metric": "spend", "first_day": date(2026, 2, 1),
        "last_day": date(2026, 2, 28), "warehouse_total": Decimal("12.5"), "platform_total": Decimal("12.51"),
        "difference": Decimal("-0.01"), "verdict": "certified", "reason": None, "read_at": NOW, "request_ids": ["r"],
    }  # fmt: skip
    words = words_of(page(signed(document(months=[row]), KEY)))
    assert "Spend 12.50 12.51 \u22120.01 equal" in words
    assert "Not yet settled" not in words


def test_two_runs_differ_in_the_instant_of_issue_alone() -> None:
    assert files() == files()
    later = document(now=datetime(2026, 3, 11, tzinfo=UTC))
    assert {**later, "generated_at": None} == {**document(), "generated_at": None}
    assert later["generated_at"] == "2026-03-11T00:00:00Z"


def test_nothing_on_the_page_runs_or_is_fetched() -> None:
    html = files(HOSTILE)[0]
    assert re.findall(r"<script[^>]*>", html) == ['<script type="application/json" id="certificate">']
    assert not re.search(r'(?:src|href)="(?!#)', html)
    assert "default-src 'none'" in html


def test_a_hostile_name_stays_text_and_is_kept_as_it_is_in_the_facts() -> None:
    html, text = files(HOSTILE)
    assert "alert(1)</script>" not in html.replace("&lt;/script&gt;", "")
    assert "[U+202E]Evil" in html
    assert "\u202e" not in html.split('<script type="application/json"')[0]
    assert json.loads(text)["document"]["client"]["name"] == HOSTILE
    assert verify(html.encode(), [KEY]).outcome == "valid"
    assert verify(text.encode(), [KEY]).outcome == "valid"


@pytest.mark.parametrize("which", [0, 1])
def test_a_changed_byte_anywhere_is_found(which: int) -> None:
    content = files()[which].encode()
    assert verify(content, [KEY]).outcome == "valid"
    # Every byte of the JSON, every fifth of the page: tags, figures, embedded facts, signature.
    for position in {*range(0, len(content), 1 if which else 5), len(content) - 1}:
        changed = bytearray(content)
        changed[position] ^= 1
        assert verify(bytes(changed), [KEY]).outcome != "valid", position
    for shorter_or_longer in (content[:-1], content + b"\n", content + b" ", b" " + content, b""):
        assert verify(shorter_or_longer, [KEY]).outcome == "altered"


def test_a_figure_changed_on_the_page_alone_is_found() -> None:
    html = files()[0]
    assert html.count(">12.50<") == 1
    found = verify(html.replace(">12.50<", ">92.50<").encode(), [KEY])
    assert found.outcome == "altered"
    assert "visible page" in found.detail


def test_a_figure_changed_on_the_page_and_in_its_facts_is_found() -> None:
    html = files()[0].replace(">12.50<", ">92.50<").replace('"warehouse_total":"12.5"', '"warehouse_total":"92.5"')
    found = verify(html.encode(), [KEY])
    assert found.outcome == "altered"
    assert "not those that were signed" in found.detail


@pytest.mark.parametrize(
    "content", [b"{}", b"[]", b"null", b'{"document": {"schema": NaN}, "signature": {}}', b"\xff", b"<html></html>",
                b'{"document":{"schema":"\\ud800"},"signature":{"key_id":"x","value":"y"}}', b"[" * 100_000],
)  # fmt: skip
def test_whatever_is_no_certificate_is_called_altered(content: bytes) -> None:
    assert verify(content, [KEY]).outcome == "altered"


def test_a_key_that_is_not_here_is_told_from_a_changed_file() -> None:
    found = verify(files(key=OTHER_KEY)[0].encode(), [KEY])
    assert found.outcome == "unknown"
    assert OTHER_KEY.key_id in found.detail
    assert KEY.key_id in found.detail


def test_after_a_rotation_old_certificates_verify_and_new_ones_carry_the_new_key() -> None:
    rotated = keys_from(SecretStr(f"{'b' * 32},{'a' * 32}"))
    assert [key.key_id for key in rotated] == [OTHER_KEY.key_id, KEY.key_id]
    assert verify(files(key=KEY)[0].encode(), rotated).outcome == "valid"
    assert signed(document(), rotated[0])["signature"]["key_id"] == OTHER_KEY.key_id


@pytest.mark.parametrize("text", [None, "", " ,\n", "a" * 31, f"{'a' * 32},short"])
def test_a_key_that_is_missing_or_short_is_refused_with_the_way_to_make_one(text: str | None) -> None:
    with pytest.raises(CertificateKeyError, match="openssl rand -hex 32"):
        keys_from(SecretStr(text) if text is not None else None)


def test_the_signature_is_the_hmac_that_any_other_program_works_out() -> None:
    # printf '{"a":"é","b":1}' | openssl dgst -sha256 -hmac aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    assert canonical({"b": 1, "a": "é"}) == '{"a":"é","b":1}'.encode()
    assert KEY.sign({"b": 1, "a": "é"}) == "3d9dd416e31e1f28d967f778add90218cf4ee52c9a4cb803e3f8dba1825bdfb6"


def test_amounts_are_written_as_people_write_them() -> None:
    assert amount("1234.5", "spend", "EUR") == "1,234.50"
    assert amount("1234", "ad_spend", "JPY") == "1,234"
    assert amount("-0.01", "spend", "EUR", signed=True) == "\u22120.01"
    assert amount("3", "clicks", "EUR", signed=True) == "+3"
    assert amount("0.005", "spend", "EUR") == "0.005"
    assert amount(None, "spend", "EUR") == "–"
