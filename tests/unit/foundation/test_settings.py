"""Settings come from the environment and travel to child processes; the clock follows them."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from foundation.clock import FileClock, SystemClock, clock_from
from foundation.settings import Settings, environment_of, load_settings, require_warehouse_url


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A copy, since reading a .env file may add to the environment.
    monkeypatch.setattr(os, "environ", {name: value for name, value in os.environ.items() if name[:4] != "MDP_"})
    monkeypatch.chdir(tmp_path)


def test_real_platforms_are_the_default_and_a_base_url_replaces_them(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().meta_ads_base_url == "https://graph.facebook.com"
    assert load_settings().google_ads_base_url == "https://googleads.googleapis.com"
    monkeypatch.setenv("MDP_META_ADS_BASE_URL", "http://127.0.0.1:9/meta")
    assert load_settings().meta_ads_base_url == "http://127.0.0.1:9/meta"


def test_a_dot_env_file_beside_the_caller_counts_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text(
        "MDP_BACKUP_MIN_HOURS=6\nMDP_FX_BASE_URL=http://from-file\nOTHER=1\n", encoding="utf-8"
    )
    monkeypatch.setenv("MDP_FX_BASE_URL", "http://from-environment")
    assert (load_settings().backup_min_hours, load_settings().fx_base_url) == (6, "http://from-environment")


def test_relative_folders_become_absolute_so_that_children_mean_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MDP_DATA_DIR", "elsewhere")
    settings = load_settings()
    assert settings.data_dir == tmp_path / "elsewhere"
    assert settings.work_dir.is_relative_to(tmp_path / "elsewhere")


def test_the_environment_of_a_child_reads_back_as_the_same_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = Settings(
        data_dir=tmp_path / "data",
        warehouse_url="postgresql://u:p@h/db",
        clock_file=tmp_path / "clock",
        backup_min_hours=3,
    )
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    assert load_settings() == settings


def test_a_process_without_a_warehouse_is_told_how_to_start() -> None:
    with pytest.raises(RuntimeError, match="MDP_WAREHOUSE_URL is not set"):
        require_warehouse_url(load_settings())
    assert require_warehouse_url(Settings(warehouse_url="postgresql://h/db")) == "postgresql://h/db"


def test_the_clock_is_the_machines_unless_a_file_is_named(tmp_path: Path) -> None:
    assert isinstance(clock_from(None), SystemClock)
    assert abs(clock_from(None).now() - datetime.now(UTC)) < timedelta(seconds=5)
    file = tmp_path / "clock"
    file.write_text("2026-11-01T09:00:00-03:00\n", encoding="utf-8")
    clock = clock_from(file)
    assert clock.now() == datetime(2026, 11, 1, 12, tzinfo=UTC)
    assert clock.now().tzinfo is UTC
    file.write_text("2026-11-02T12:00:00+00:00", encoding="utf-8")
    assert clock.now() == datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_a_clock_file_without_an_offset_is_refused(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("2026-11-01T12:00:00", encoding="utf-8")
    with pytest.raises(ValueError, match="without a UTC offset"):
        FileClock(tmp_path / "clock").now()
