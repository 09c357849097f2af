"""The sunset calendar: what the settings ask for is in it, what the documentation shows is it."""

from datetime import date

import pytest

from foundation.settings import REPOSITORY, Settings
from ingestion.api_versions import days_until_sunset, version_in_use
from ingestion.platforms import PLATFORMS
from ingestion.reports import ApiVersion


@pytest.mark.parametrize("name", list(PLATFORMS))
def test_the_default_version_is_in_the_calendar_and_not_at_its_end(name: str) -> None:
    used = version_in_use(PLATFORMS[name], Settings())
    assert used in PLATFORMS[name].definition.api_versions
    left = days_until_sunset(used, date(2026, 11, 22))
    assert left is None or left > 90


def test_a_version_that_nobody_listed_says_so() -> None:
    used = version_in_use(PLATFORMS["meta_ads"], Settings(meta_ads_api_version="v7.0"))
    assert (used.ends_on, used.source) == (None, "not in the calendar")


def test_days_are_counted_to_the_first_day_on_which_the_version_fails() -> None:
    assert days_until_sunset(ApiVersion("v1", date(2026, 12, 1), "s"), date(2026, 11, 22)) == 9
    assert days_until_sunset(ApiVersion("v1", date(2026, 11, 22), "s"), date(2026, 11, 22)) == 0


def test_the_documented_calendar_is_the_one_that_the_product_uses() -> None:
    page = (REPOSITORY / "docs" / "reference" / "api-versions.md").read_text(encoding="utf-8")
    rows = {
        (cells[0], cells[1].removesuffix(" (default)"), cells[2])
        for cells in ([cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines())
        if len(cells) == 4 and cells[0] in PLATFORMS
    }
    assert rows == {
        (name, version.version, str(version.ends_on or "not known"))
        for name, platform in PLATFORMS.items()
        for version in platform.definition.api_versions
    }
