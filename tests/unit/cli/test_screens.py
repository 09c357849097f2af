"""What the command line shows: tables that hold, text that is text, errors that are one sentence."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
import typer
from rich.console import Console, RenderableType
from typer.testing import CliRunner

from cli.main import app
from cli.output import plain_errors
from cli.overview import ClientPlatform, RestatedDay, as_json, held_lines, overview_table, restatement_table
from foundation.registry import RegistryError

ROW = ClientPlatform(
    client_id="aurora-moda", platform="meta_ads", accounts=2, ad_days=1209, account_currency="BRL",
    spend=Decimal("129272.69"), reporting_currency="USD", spend_reporting=Decimal("24907.1"), views=None,
    interactions=None, certified_days=180, held_days=0, pending_days=0, held_reason=None,
)  # fmt: skip
INSTAGRAM = replace(
    ROW, platform="instagram", accounts=1, ad_days=None, spend=None, spend_reporting=None, views=1_234_567,
    interactions=45_678, pending_days=2,
)  # fmt: skip


def _shown(renderable: RenderableType, width: int = 120) -> str:
    console = Console(width=width, record=True, file=StringIO())
    console.print(renderable)
    return console.export_text()


def test_a_row_shows_both_currencies_and_what_is_certified() -> None:
    text = _shown(overview_table([ROW]))
    for part in ("aurora-moda", "meta_ads", "1,209", "129,272.69 BRL", "24,907.10 USD", "180"):
        assert part in text


def test_an_instagram_row_shows_views_and_interactions_and_no_money() -> None:
    [line] = [line for line in _shown(overview_table([ROW, INSTAGRAM])).splitlines() if "instagram" in line]
    figures = ["1,234,567", "views", "45,678", "interactions"]
    assert line.split() == ["aurora-moda", "instagram", "1", "-", *figures, "180", "+2", "pending", "-"]


@pytest.mark.parametrize("client_id", ["aurora-moda", "north-peak-outdoor"])
def test_names_and_figures_stay_whole_on_100_columns(client_id: str) -> None:
    linkedin = replace(ROW, platform="linkedin_ads", spend=Decimal("1234567.89"), ad_days=48_200, held_days=90)
    rows = [replace(row, client_id=client_id) for row in (ROW, linkedin, INSTAGRAM)]
    lines = _shown(overview_table(rows), width=100).splitlines()
    shown = [line.split() for line in lines if client_id in line]
    assert [line[1] for line in shown] == ["meta_ads", "linkedin_ads", "instagram"]
    assert {"48,200", "1,234,567.89", "24,907.10", "90"} <= set(shown[1])
    assert {"1,234,567", "45,678", "180"} <= set(shown[2])
    assert "…" not in "".join(lines)


def test_without_a_rate_the_converted_amount_is_a_dash_and_never_zero() -> None:
    text = _shown(overview_table([replace(ROW, spend_reporting=None)]))
    assert "0.00 USD" not in text
    assert "129,272.69 BRL" in text


def test_pending_days_are_told_beside_the_certified_ones() -> None:
    assert "+3 pending" in _shown(overview_table([replace(ROW, pending_days=3)]))


def test_a_held_reason_is_shown_as_text_whatever_stands_in_it() -> None:
    lines = held_lines([replace(ROW, held_days=4, held_reason="ad [bold]<!channel>[/x] is odd"), ROW])
    assert len(lines) == 1
    assert "ad [bold]<!channel>[/x] is odd" in _shown(lines[0])


def test_restated_days_are_ordered_by_how_much_money_moved() -> None:
    small = RestatedDay(
        "aurora-moda",
        "meta_ads",
        "1",
        date(2026, 11, 1),
        "BRL",
        Decimal("10.00"),
        Decimal("10.01"),
        ("clicks", "spend"),
    )
    large = replace(small, date_day=date(2026, 11, 2), new_spend=Decimal("4.00"))
    text = _shown(restatement_table([small, large]))
    assert text.index("2026-11-02") < text.index("2026-11-01")
    assert "-6.00" in text
    assert "clicks" in text


def test_json_keeps_money_as_text_so_that_no_reader_rounds_it() -> None:
    assert as_json([ROW])[0]["spend"] == "129272.69"


def test_an_error_that_a_user_can_mend_is_a_sentence_and_exit_code_1(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, plain_errors():
        raise RegistryError("aurora.yaml: currency: '[/x]' is no ISO 4217 currency")
    assert ended.value.exit_code == 1
    shown = capsys.readouterr().err
    assert "'[/x]' is no ISO 4217 currency" in shown
    assert "Traceback" not in shown


def test_help_lists_every_command() -> None:
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    for command in ("demo", "sandbox", "sync", "build", "publish", "status", "backup", "db", "doctor", "daily", "ui"):
        assert command in result.output


def test_a_backup_of_a_lost_warehouse_needs_its_checksum() -> None:
    result = CliRunner().invoke(app, ["backup", "restore", "again", "--location", "s3://bucket/x"])
    assert result.exit_code == 2
    assert "go together" in result.output
