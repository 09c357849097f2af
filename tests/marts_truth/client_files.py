"""Client files of a cast: what the sandbox writes for its clients, and conversion rules that nobody has by default."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from sandbox import client_files
from tests.marts_truth.worlds import JoinedWorlds

# Half of the history carts count on Meta, and calls never count on Google Ads: by place of the client in the cast.
CARTS_COUNT, CALLS_DO_NOT = 0, 1


def write_client_files(worlds: JoinedWorlds, directory: Path) -> None:
    directory.mkdir()
    for place, path in enumerate(client_files.write_client_files(worlds, directory)):  # type: ignore[arg-type]
        rules = _rules(place, worlds.clients[place].active_from, worlds.cast.days)
        if rules:
            file = read(path) | {"conversions": rules}
            path.write_text(yaml.safe_dump(file, sort_keys=False, allow_unicode=True), encoding="utf-8")


def read(path: Path) -> dict[str, Any]:
    """One client file as plain data."""
    file: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return file


def read_all(directory: Path) -> dict[str, dict[str, Any]]:
    """Client id -> its file."""
    return {path.stem: read(path) for path in sorted(directory.glob("*.yaml"))}


def _rules(place: int, first_day: date, days: int) -> list[dict[str, Any]]:
    if place == CARTS_COUNT:
        carts = ["omni_add_to_cart", "add_to_cart"]
        return [
            {
                "family": "add_to_cart", "platform": "meta_ads", "tiers": [[name] for name in carts], "counts": True,
                "from": first_day + timedelta(days=days // 2),
            }
        ]  # fmt: skip
    if place == CALLS_DO_NOT:
        return [{"family": "lead", "platform": "google_ads", "events": ["PHONE_CALL_LEAD"], "counts": False}]
    return []
