"""docs/reference/settings.md and .env.example know every setting."""

from pathlib import Path

import pytest

from foundation.settings import REPOSITORY, Settings

_LINES = (REPOSITORY / "docs" / "reference" / "settings.md").read_text(encoding="utf-8").splitlines()
# A sandbox's own; nobody sets it by hand.
_NOT_FOR_ENV_FILES = {"clock_file"}


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_page_has_every_setting_with_its_default(name: str) -> None:
    cells = next(line.split("|") for line in _LINES if line.startswith(f"| `MDP_{name.upper()}` |"))
    default = Settings.model_fields[name].default
    if default is None:
        assert cells[2].strip().startswith("none")
    elif isinstance(default, Path):
        assert f"`{default.relative_to(REPOSITORY)}`" in cells[2]
    else:
        assert cells[2].strip() == f"`{default}`"


@pytest.mark.parametrize("name", sorted(Settings.model_fields.keys() - _NOT_FOR_ENV_FILES))
def test_the_example_environment_shows_every_setting(name: str) -> None:
    assert f"# MDP_{name.upper()}=" in (REPOSITORY / ".env.example").read_text(encoding="utf-8")
