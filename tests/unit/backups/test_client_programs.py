"""pg_dump must fit the server, and passwords stay off the command line."""

from pathlib import Path

import pytest

from backups.contents import TableContents
from backups.programs import ClientProgramError, choose, connection_arguments
from backups.restoring import compare


def installation(directory: Path, version: str, *, tls: bool = True) -> Path:
    directory.mkdir()
    for name, script in {
        "pg_dump": f'echo "pg_dump (PostgreSQL) {version}"',
        "pg_restore": "true",
        "pg_isready": f"exit {2 if tls else 3}",
    }.items():
        program = directory / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        program.chmod(0o755)
    return directory


def test_the_first_installation_at_least_as_new_as_the_server_is_used(tmp_path: Path) -> None:
    old, fitting, newer = (installation(tmp_path / v, f"{v}.3 (Debian)") for v in ("15", "17", "18"))
    assert choose("postgresql://h/d", 16, [tmp_path / "none", old, fitting, newer]).directory == fitting


def test_a_client_older_than_the_server_is_refused_with_what_to_install(tmp_path: Path) -> None:
    old = installation(tmp_path / "15", "15.19")
    with pytest.raises(ClientProgramError, match=r"server is PostgreSQL 18.*version 15.*client programs"):
        choose("postgresql://h/d", 18, [old])


def test_a_server_over_tls_needs_a_client_that_speaks_it(tmp_path: Path) -> None:
    plain, tls = installation(tmp_path / "a", "18.6", tls=False), installation(tmp_path / "b", "18.6")
    assert choose("postgresql://h/d?sslmode=require", 18, [plain, tls]).directory == tls
    assert choose("postgresql://h/d", 18, [plain, tls]).directory == plain
    with pytest.raises(ClientProgramError, match="without TLS"):
        choose("postgresql://h/d?sslmode=verify-full", 18, [plain])


def test_the_password_is_in_the_environment_and_not_in_the_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOST", "elsewhere")
    arguments, environment = connection_arguments("postgresql://u:p%40ss@host:5433/db?sslmode=disable")
    assert environment["PGPASSWORD"] == "p@ss"
    assert "PGHOST" not in environment
    assert "p@ss" not in " ".join(arguments)
    assert "port=5433" in arguments[-1]
    assert "sslmode=disable" in arguments[-1]


def test_a_comparison_names_changed_missing_and_additional_tables() -> None:
    expected = {"a.same": {"rows": 1, "checksum": "5"}, "a.changed": {"rows": 1, "checksum": "5"},
                "a.missing": {"rows": 0, "checksum": "0"}}  # fmt: skip
    restored = {"a.same": TableContents(1, "5"), "a.changed": TableContents(1, "6"), "a.new": TableContents(0, "0")}
    differing = [table.table for table in compare(expected, restored) if not table.agrees]
    assert differing == ["a.changed", "a.missing", "a.new"]
