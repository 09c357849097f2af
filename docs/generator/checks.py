"""docs/reference/checks.md: every check with its tier, what it means and what to do, from the contracts."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import yaml

from docs.generator.contracts import MODELS
from quality.contracts import Contract, QualityRule, contracts

_PLATFORMS = ("meta_ads", "google_ads", "tiktok_ads", "linkedin_ads", "instagram")
_Key = tuple[str, str, str, str]


def fact_checks() -> str:
    """A row per rule of the fact tables; tables that share it word for word stand together."""
    return _table(contracts("analytics", prefix="fct_"))


def payload_checks() -> str:
    """A row per rule of the raw reports."""
    return _table(contract for platform in _PLATFORMS for contract in contracts(f"raw_{platform}"))


def platform_differences() -> str:
    """Where a rule is defined otherwise for a platform, and why."""
    rows: dict[tuple[str, str, str], list[str]] = {}
    for contract in contracts("analytics", prefix="fct_"):
        for rule in contract.table.quality:
            for platform, reason in (rule.custom("exceptPlatforms") or {}).items():
                rows.setdefault((rule.name, platform, reason), []).append(contract.name)
    lines = (
        f"| `{check}` | {platform} | {reason} | {_listed(tables)} |"
        for (check, platform, reason), tables in sorted(rows.items())
    )
    return "\n".join(["| Check | Not on | Why | Tables |", "| --- | --- | --- | --- |", *lines])


def fields_that_must_be_sent() -> str:
    """Per platform the fields whose absence from a reading holds it."""
    lines = []
    for platform in _PLATFORMS:
        sent: dict[str, dict[str, None]] = {"always": {}, "usually": {}}
        for contract in contracts(f"raw_{platform}"):
            for column in contract.table.properties:
                if (kind := column.custom("sent")) in sent:
                    sent[kind][column.name] = None
        lines.append(f"| {platform} | {_listed(sent['always'])} | {_listed(sent['usually']) or '—'} |")
    head = "| Platform | In some row of every reading | In some row of every reading of 20 rows or more |"
    return "\n".join([head, "| --- | --- | --- |", *lines])


def dbt_tests() -> str:
    """The data tests beside the marts: named in the dbt YAMLs, which they stay in."""
    rows = [
        f"| `{test['name']}` | `{model}` | {'warn' if 'warning' in tags else 'block'} | {_cell(test['description'])} |"
        for model, test, tags in _data_tests()
    ]
    return "\n".join(["| Test | Table | Tier | What it says |", "| --- | --- | --- | --- |", *rows])


def _data_tests() -> Iterator[tuple[str, dict[str, Any], list[str]]]:
    for path in sorted(Path(MODELS / "marts").glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8"))["models"]:
            for entry in model.get("data_tests", []):
                [test] = entry.values()
                yield model["name"], test, test.get("config", {}).get("tags", [])


def _table(found: Iterable[Contract]) -> str:
    places: dict[_Key, list[str]] = {}
    for contract in found:
        for rule in contract.table.quality:
            places.setdefault(_key(rule), []).append(contract.table.physical_name)
    rows = [
        f"| `{name}` | {tier} | {_cell(meaning)} | {_cell(todo)} | {_tables(tables)} |"
        for (name, tier, meaning, todo), tables in places.items()
    ]
    head = "| Check | Tier | What it means | What to do when it fails | Where |"
    return "\n".join([head, "| --- | --- | --- | --- | --- |", *rows])


def _key(rule: QualityRule) -> _Key:
    return rule.name, rule.severity, rule.description, rule.custom("whatToDo")


def _tables(names: list[str]) -> str:
    """The tables; of raw reports, which are many, how many of which platform."""
    if not names[0].startswith("raw_"):
        return _listed(name.partition(".")[2] for name in names)
    schemas = dict.fromkeys(name.partition(".")[0] for name in names)
    return ", ".join(f"{sum(name.startswith(f'{schema}.') for name in names)} of `{schema}`" for schema in schemas)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
