"""The certificate out of a real warehouse: what the books say is what the files say."""

import json
import os
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest
from build_world import BUILD, DAY, NOW, BuildWorld
from typer.testing import CliRunner

from cli.certificates import output_paths, write_certificate
from cli.main import app
from cli.session import PlatformSession
from foundation.settings import Settings
from quality.certificate_document.facts import read_month
from quality.reconciliation import certify
from tests.integration.ingestion.ad_world import FixedClock

pytestmark = pytest.mark.integration

MARCH = date(2026, 3, 1)


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MDP_CERTIFICATE_KEY", "k" * 32)
    monkeypatch.setenv("MDP_ENV_FILE", "")


def certified_world(world: BuildWorld) -> None:
    """5 March: 21.00 of spend published. 6 March: a cent's worth of clicks too many, held."""
    world.account("1")
    world.account_day("1", ads=2, spend="10.50")
    world.account_day("1", DAY + timedelta(days=1), ads=1)
    world.control_totals("1", DAY + timedelta(days=1), clicks="8")
    world.run("update ops.load_ledger set request_ids = array['call-' || report]")
    certify(world.connection, build_id=BUILD, run_id="run-1", now=NOW)
    world.publish("1")


def test_certificates_keep_the_cause_and_the_request_ids(world: BuildWorld) -> None:
    certified_world(world)
    rows = world.rows(
        "select date_day, metric, reason_code, control_request_ids, detail_request_ids from ops.certificate "
        "where metric in ('clicks', 'ad_clicks', 'spend') order by 1, 2"
    )
    control = ["call-account_daily"]
    assert rows == [
        (DAY, "ad_clicks", None, control, ["call-ad_daily"]),
        (DAY, "clicks", None, control, ["call-campaign_daily"]),
        (DAY, "spend", None, control, ["call-campaign_daily"]),
        (DAY + timedelta(days=1), "ad_clicks", "unexplained", control, ["call-ad_daily"]),
        (DAY + timedelta(days=1), "clicks", "unexplained", control, ["call-campaign_daily"]),
        (DAY + timedelta(days=1), "spend", None, control, ["call-campaign_daily"]),
    ]


def test_what_is_at_no_ad_and_a_total_that_moved_stand_on_certified_rows(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1", ads=2)
    world.run("update analytics_build.fct_ad_performance_daily set ad_id = 'not-at-ad-level/C1' where ad_id = 'A1'")
    world.account("2")
    world.account_day("2")
    world.run("update ops.load_ledger set total_moved = true where account_id = '2'")
    certify(world.connection, build_id=BUILD, run_id="run-1", now=NOW)
    rows = world.rows("select distinct account_id, left(metric, 3) = 'ad_', verdict, reason_code from ops.certificate")
    assert set(rows) == {
        ("1", False, "certified", None),
        ("1", True, "certified", "no_ad_level"),
        ("2", False, "certified", "restated_between_calls"),
        ("2", True, "certified", "restated_between_calls"),
    }


def test_a_reading_that_is_not_complete_is_the_cause_of_a_hold(world: BuildWorld) -> None:
    world.account("1")
    world.account_day("1")
    world.run("update ops.load_ledger set complete = false where report = 'campaign_daily'")
    certify(world.connection, build_id=BUILD, run_id="run-1", now=NOW)
    held = world.rows("select distinct reason_code from ops.certificate where verdict = 'held'")
    assert held == [("incomplete_page",)]


def session_of(warehouse_url: str, data_dir: Path) -> PlatformSession:
    settings = Settings(data_dir=data_dir, clients_dir=data_dir, warehouse_url=warehouse_url)
    return PlatformSession(settings, warehouse_url, FixedClock(NOW))


def test_both_files_say_what_the_books_say_and_verify(world: BuildWorld, warehouse_url: str, tmp_path: Path) -> None:
    certified_world(world)
    written = write_certificate(session_of(warehouse_url, tmp_path), "acme", "2026-03", None)
    assert written.html == tmp_path / "certificates" / "acme-2026-03.html"
    assert stat.S_IMODE(written.html.stat().st_mode) == 0o644
    assert sorted(path.name for path in written.html.parent.iterdir()) == ["acme-2026-03.html", "acme-2026-03.json"]
    document = json.loads(written.json.read_text(encoding="utf-8"))["document"]
    (account,) = document["accounts"]
    spend = next(total for total in account["totals"] if total["metric"] == "spend")
    assert spend == {
        "metric": "spend", "days": 1, "warehouse_total": "21", "platform_total": "21", "difference": "0",
        "reason_codes": [],
    }  # fmt: skip
    assert len(account["days"]) == 31
    clicks = [row for row in account["days"][5]["comparisons"] if row["metric"] == "clicks"]
    assert [(row["difference"], row["verdict"], row["is_published"]) for row in clicks] == [("-1", "held", False)]
    assert account["days"][4]["control_request_ids"] == ["call-account_daily"]
    assert [day["state"] for day in account["days"] if day["version"]] == ["final"]
    for file in (written.html, written.json):
        assert CliRunner().invoke(app, ["certificate", "verify", str(file)]).exit_code == 0
    first = written.html.read_bytes()
    write_certificate(session_of(warehouse_url, tmp_path), "acme", "2026-03", None)
    assert written.html.read_bytes() == first


def test_verify_tells_valid_altered_and_unknown_by_its_exit_code(
    world: BuildWorld, warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certified_world(world)
    html = write_certificate(session_of(warehouse_url, tmp_path), "acme", "2026-03", tmp_path / "x.html").html
    altered = tmp_path / "altered.html"
    altered.write_bytes(html.read_bytes().replace(b"21.00", b"31.00"))
    found = CliRunner().invoke(app, ["certificate", "verify", str(altered)])
    assert (found.exit_code, found.output.split(":")[0]) == (1, "ALTERED")
    monkeypatch.setenv("MDP_CERTIFICATE_KEY", "another key of thirty-two bytes!!")
    found = CliRunner().invoke(app, ["certificate", "verify", str(html), "--json"])
    assert (found.exit_code, json.loads(found.output)["outcome"]) == (2, "unknown")
    monkeypatch.setenv("MDP_CERTIFICATE_KEY", "another key of thirty-two bytes!!," + "k" * 32)
    assert CliRunner().invoke(app, ["certificate", "verify", str(html)]).exit_code == 0
    assert CliRunner().invoke(app, ["certificate", "verify", str(tmp_path / "nothing.html")]).exit_code == 2


@pytest.mark.parametrize(
    ("client", "month", "says"),
    [
        ("nobody", "2026-03", "there is no client 'nobody' in the warehouse; known clients: acme"),
        ("acme", "2025-12", "no account-day of acme lies in 2025-12: its accounts begin on 2026-01-01"),
        ("acme", "2026-13", "'2026-13' is no month; write the year and the month's number, such as 2026-10"),
        ("acme", "March", "'March' is no month"),
        ("acme", "2026-3", "'2026-3' is no month"),
    ],
)
def test_what_cannot_be_certified_is_said_plainly(
    world: BuildWorld, warehouse_url: str, tmp_path: Path, client: str, month: str, says: str
) -> None:
    world.account("1")
    with pytest.raises(ValueError, match=says):
        write_certificate(session_of(warehouse_url, tmp_path), client, month, None)
    assert not (tmp_path / "certificates").exists()


def test_without_a_key_the_command_says_how_to_make_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MDP_CERTIFICATE_KEY")
    found = CliRunner().invoke(app, ["certificate", "acme", "--month", "2026-03"])
    assert found.exit_code == 1
    assert "openssl rand -hex 32" in " ".join(found.output.split())


def test_an_output_is_a_folder_or_a_file_of_either_kind() -> None:
    assert output_paths(Path("out"), "acme", "2026-03") == (
        Path("out/acme-2026-03.html"),
        Path("out/acme-2026-03.json"),
    )
    assert output_paths(Path("out/march.json"), "acme", "2026-03") == (Path("out/march.html"), Path("out/march.json"))


def test_a_failed_write_leaves_the_former_file(
    world: BuildWorld, warehouse_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certified_world(world)
    html = write_certificate(session_of(warehouse_url, tmp_path), "acme", "2026-03", tmp_path).html
    before = html.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_certificate(session_of(warehouse_url, tmp_path), "acme", "2026-03", tmp_path)
    assert html.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_facts_are_read_without_writing(world: BuildWorld) -> None:
    certified_world(world)
    facts = read_month(world.connection, "acme", MARCH)
    assert [row["date_day"] for row in facts.days if row["version"]] == [DAY]
    assert {row["verdict"] for row in facts.comparisons} == {"certified", "held"}
