"""Whoever knows one platform's folder knows them all."""

from pathlib import Path

import pytest

import ingestion.platforms
from ingestion.platforms import PLATFORMS

FILES = {"__init__", "client", "requests", "rows", "reports", "entities", "errors"}
# What a single platform has: report runs that are computed in the background, and conversion metrics by channel.
OWN = {"meta_ads": {"report_runs"}, "tiktok_ads": {"events"}}


@pytest.mark.parametrize("name", list(PLATFORMS))
def test_every_platforms_folder_has_the_same_files(name: str) -> None:
    folder = Path(ingestion.platforms.__file__).parent / name
    assert {path.stem for path in folder.glob("*.py")} == FILES | OWN.get(name, set())


def test_every_folder_is_a_registered_platform() -> None:
    folder = Path(ingestion.platforms.__file__).parent
    assert {path.name for path in folder.iterdir() if path.is_dir() and path.name != "__pycache__"} == set(PLATFORMS)


@pytest.mark.parametrize("name", list(PLATFORMS))
def test_a_platform_is_named_as_its_definition_and_proves_one_level_against_its_total(name: str) -> None:
    definition = PLATFORMS[name].definition
    assert definition.name == name
    assert definition.control not in definition.details
    proved = [report for report in definition.required_details if report.proved_by == "account_total"]
    assert len(proved) == (0 if name == "instagram" else 1)


@pytest.mark.parametrize("name", list(PLATFORMS))
def test_the_key_of_every_report_is_its_day_its_ids_and_every_breakdown(name: str) -> None:
    for report in PLATFORMS[name].definition.reports:
        expected = ["date_day", *(column.name for column in (*report.ids, *report.breakdowns))]
        assert list(report.key) == expected
        assert len({column.name for column in report.columns}) == len(report.columns), report.name
