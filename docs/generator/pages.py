"""Markdown of the reference pages: a template with what people wrote, tables from the contracts in its places."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from docs.generator.checks import (
    dbt_tests,
    fact_checks,
    fields_that_must_be_sent,
    payload_checks,
    platform_differences,
)
from docs.generator.contracts import REPOSITORY, Model, metrics, models

TEMPLATES = Path(__file__).parent / "templates"
REFERENCE = REPOSITORY / "docs" / "reference"
PLATFORMS = {
    "meta_ads": "Meta", "google_ads": "Google Ads", "tiktok_ads": "TikTok", "linkedin_ads": "LinkedIn",
    "instagram": "Instagram",
}  # fmt: skip
_NOTICE = "<!-- Made by `make docs` from {source} and docs/generator/templates/{template}: change those. -->\n"
_MOVES = {
    "account_day": "with its account-day, once that is certified",
    "account": "as a whole account, unless one of its days is held",
    "always": "with every publication",
    "": "a view: shows what is published at that moment",
}


def tables_page() -> str:
    """docs/reference/tables.md."""
    marts, reports = models("marts"), models("reports")
    parts = {
        "reports": _sections(reports),
        "facts": _sections(model for model in marts if model.name.startswith("fct_")),
        "dimensions": _sections(model for model in marts if model.name.startswith("dim_")),
        "others": _sections(model for model in marts if not model.name.startswith(("fct_", "dim_"))),
        "index": _index(reports, marts),
    }
    return _page("tables.md", "the dbt contracts", parts)


def ad_reporting_page() -> str:
    """docs/reference/ad-reporting-tables.md."""
    return _page("ad-reporting-tables.md", "the dbt contracts", {"models": _sections(models("ad_reporting"))})


def checks_page() -> str:
    """docs/reference/checks.md."""
    parts = {
        "payload": payload_checks(),
        "sent": fields_that_must_be_sent(),
        "facts": fact_checks(),
        "platforms": platform_differences(),
        "dbt": dbt_tests(),
    }
    return _page("checks.md", "quality/contracts", parts)


def metrics_page() -> str:
    """docs/reference/metrics.md."""
    found = metrics()
    shown = [metric for metric in found if not _meta(metric).get("input_only")]
    parts = {
        "sums": _metric_table(metric for metric in shown if _meta(metric)["additivity"] == "sum"),
        "ratios": _ratio_table(metric for metric in shown if _meta(metric)["additivity"] == "ratio_of_sums"),
        "others": _metric_table(metric for metric in shown if _meta(metric)["additivity"] == "none"),
        "inputs": ", ".join(f"`{metric['name']}`" for metric in found if _meta(metric).get("input_only")),
        "definitions": _definition_table(shown),
    }
    return _page("metrics.md", "dbt_project/models/semantic", parts)


def pages() -> dict[Path, Callable[[], str]]:
    """Every generated page and what writes it."""
    written: dict[Path, Callable[[], str]] = {
        REFERENCE / "tables.md": tables_page,
        REFERENCE / "checks.md": checks_page,
        REFERENCE / "metrics.md": metrics_page,
    }
    return written | ({REFERENCE / "ad-reporting-tables.md": ad_reporting_page} if models("ad_reporting") else {})


def _page(template: str, source: str, parts: Mapping[str, str]) -> str:
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    unknown = set(re.findall(r"^\{(\w+)\}$", text, re.MULTILINE)) - parts.keys()
    if unknown:
        raise ValueError(f"{template} has places that nothing fills: {sorted(unknown)}")
    filled = re.sub(r"^\{(\w+)\}$", lambda place: parts[place[1]], text, flags=re.MULTILINE)
    return _NOTICE.format(source=source, template=template) + re.sub(r"\n{3,}", "\n\n", filled)


def _sections(shown: Iterable[Model]) -> str:
    return "\n\n".join(_section(model) for model in shown)


def _section(model: Model) -> str:
    key = f"Key: `{', '.join(model.key)}`. " if model.key else ""
    rows = (f"| `{name}` | {data_type} | {_cell(meaning)} |" for name, data_type, meaning in model.columns)
    return "\n".join(
        [
            f"### `{model.name}`", "", model.description, "", f"{key}Moves: {_MOVES[model.published_by]}.", "",
            "| Column | Type | Meaning |", "| --- | --- | --- |", *rows,
        ]
    )  # fmt: skip


def _index(reports: Iterable[Model], marts: Iterable[Model]) -> str:
    rows = (
        f"| [`{model.name}`](#{model.name}) | {_cell(_first_sentence(model.description))} |"
        for model in (*reports, *sorted(marts, key=lambda model: (not model.name.startswith("fct_"), model.name)))
    )
    return "\n".join(["| Table | What it is |", "| --- | --- |", *rows])


def _metric_table(shown: Iterable[dict[str, Any]]) -> str:
    rows = (
        f"| `{metric['name']}` | {_meta(metric)['unit']} | {_cell(_one_line(metric['description']))} "
        f"| {_cell(_meta(metric)['date_basis'])} | {_cell(_meta(metric).get('attribution_basis', ''))} |"
        for metric in shown
    )
    head = "| Metric | Unit | Meaning | Stands on | Attribution |"
    return "\n".join([head, "| --- | --- | --- | --- | --- |", *rows])


def _ratio_table(shown: Iterable[dict[str, Any]]) -> str:
    rows = (
        f"| `{metric['name']}` | {_meta(metric)['unit']} | `{metric['type_params']['numerator']}` / "
        f"`{metric['type_params']['denominator']}` | {_cell(_one_line(metric['description']))} |"
        for metric in shown
    )
    return "\n".join(["| Metric | Unit | Sums | Meaning |", "| --- | --- | --- | --- |", *rows])


def _definition_table(shown: Iterable[dict[str, Any]]) -> str:
    defined = [metric for metric in shown if "definition" in _meta(metric)]
    used = [name for name in PLATFORMS if any(name in _meta(metric)["definition"] for metric in defined)]
    rows = (
        " | ".join([f"| `{metric['name']}`", *(_cell(_meta(metric)["definition"].get(name, "—")) for name in used)])
        + " |"
        for metric in defined
    )
    head = " | ".join(["| Metric", *(PLATFORMS[name] for name in used)]) + " |"
    return "\n".join([head, "|" + " --- |" * (len(used) + 1), *rows])


def _meta(metric: Mapping[str, Any]) -> dict[str, Any]:
    meta: dict[str, Any] = metric["config"]["meta"]
    return meta


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.])\s", text, maxsplit=1)[0]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
