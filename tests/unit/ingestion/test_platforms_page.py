"""docs/reference/platforms.md says what the definitions say."""

import re
from pathlib import Path

import pytest

from ingestion.platforms import PLATFORMS
from ingestion.reports import PlatformDefinition, Report

_PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "platforms.md").read_text(encoding="utf-8")
_OVERVIEW = {
    cells[0]: cells[1:]
    for line in _PAGE.partition("## How to read")[0].splitlines()
    if line.startswith("| ") and (cells := [cell.strip() for cell in line.strip("| ").split(" |")])
}


def _section(definition: PlatformDefinition) -> str:
    return next(part for part in _PAGE.split("\n## ") if f"(`{definition.raw_schema}`)" in part.splitlines()[0])


def _rows(definition: PlatformDefinition) -> dict[str, tuple[str, str, str]]:
    """Report -> what the page says of when it counts, its window and how far back it is kept."""
    found: dict[str, tuple[str, str, str]] = {}
    for line in _section(definition).splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 7 and cells[0].startswith("`"):
            found |= dict.fromkeys(re.findall(r"`(\w+)`", cells[0]), (cells[3], cells[5], cells[6]))
    return found


def _expected(report: Report) -> tuple[str, str, str]:
    if report.derived_from:
        return f"with `{report.derived_from}`", "", ""
    if report.snapshot_hours:
        return f"optional, every {report.snapshot_hours} h", "snapshot", ""
    own = [f"{days} days" if days else "" for days in (report.restatement_days, report.retention_days)]
    return "required" if report.required else "optional", own[0], own[1]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_page_lists_every_report_with_its_own_window_and_retention(platform: str) -> None:
    definition = PLATFORMS[platform].definition
    assert _rows(definition) == {report.name: _expected(report) for report in definition.reports}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_page_lists_every_entity(platform: str) -> None:
    definition = PLATFORMS[platform].definition
    text = _section(definition).partition("**Entities**: ")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", text)) == {entity.name for entity in definition.entities}


def test_the_overview_has_the_platforms_own_rules() -> None:
    definitions = [platform.definition for platform in PLATFORMS.values()]
    assert _OVERVIEW["due after the day's end"] == [f"{each.due_after_hours} h" for each in definitions]
    assert _OVERVIEW["trailing window, read again daily"] == [f"{each.restatement_days} days" for each in definitions]
    kept = [f"{each.retention_days:,} days" if each.retention_days else "no limit known" for each in definitions]
    assert _OVERVIEW["reachable history"] == kept
    zones = {"account": "the account", "utc": "UTC", "pacific": "Pacific time"}
    assert _OVERVIEW["a day ends at midnight of"] == [zones[each.day_zone] for each in definitions]
