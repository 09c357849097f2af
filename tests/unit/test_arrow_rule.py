"""The arrow rule of the house: who may import whom, read from the source."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {
    "foundation", "ingestion", "transforms", "quality", "alerting", "backups", "orchestration", "cli", "sandbox",
}  # fmt: skip
INDEPENDENT = ("ingestion", "transforms", "quality", "alerting", "backups")
ALLOWED = {
    "foundation": {"foundation"},
    **{name: {name, "foundation"} for name in INDEPENDENT},
    "sandbox": {"sandbox"},
    "orchestration": {"orchestration", "foundation", *INDEPENDENT},
    "cli": {"cli", "foundation", "orchestration", "sandbox", *INDEPENDENT},
}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.partition(".")[0] for name in names}


def _files(package: str) -> list[Path]:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files, f"{package} has no files"
    return files


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_what_the_arrow_rule_allows(package: str) -> None:
    for path in _files(package):
        ours = _imports(path) & PACKAGES
        assert ours <= ALLOWED[package], f"{path.relative_to(ROOT)} imports {sorted(ours - ALLOWED[package])}"


def test_only_orchestration_imports_dagster() -> None:
    for package in sorted(PACKAGES - {"orchestration"}):
        for path in _files(package):
            found = {name for name in _imports(path) if name.startswith("dagster")}
            assert not found, f"{path.relative_to(ROOT)} imports {found}"


def test_package_and_module_names_say_what_they_are() -> None:
    vague = {"utils", "util", "helpers", "common", "core", "manager", "base", "misc"}
    for package in PACKAGES:
        for path in _files(package):
            assert path.stem not in vague, path
            assert path.parent.name not in vague, path
