"""Great Expectations' Data Docs: a static site of the suites and of the newest results, for whoever opens a browser.

The site is for reading only: no verdict is taken from it, and a site that cannot be built holds nothing.
"""

import logging
import os
import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from foundation.redaction import known_secrets, redact_all, redact_sample

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext
    from great_expectations.data_context.types.resource_identifiers import (
        ValidationResultIdentifier,
    )

DIRECTORY = "data-docs"
KEPT_BUILDS = 10
_SITE = "site"
_SITE_NAME = "data_docs"
_RESULTS = "results"
# What a query selects of a failing row is named here; the example may be a text that people typed.
_SHOWN_KEYS = frozenset({"client_id", "platform", "account_id", "date_day"})
_REMOTE_LOGO = re.compile(r"https://great-expectations-web-assets[^\s\"')]*")
_LOG = logging.getLogger(__name__)


def index_page(data_dir: Path) -> Path:
    """Where the site begins, whether it has been built or not."""
    return data_dir / DIRECTORY / _SITE / "index.html"


class DataDocs:
    """The site's next state: results are added while the checks run, then the site is built once."""

    def __init__(self, data_dir: Path, *, build_id: str, now: datetime) -> None:
        self._directory = data_dir / DIRECTORY
        self._index = index_page(data_dir)
        self._build_id = build_id
        self._now = now
        self._results: list[ExpectationSuiteValidationResult] = []
        self._pages: dict[str, Path] = {}

    def add(self, result: "ExpectationSuiteValidationResult") -> None:
        """A suite's result of this build."""
        self._results.append(result)

    def page(self, suite: str) -> Path | None:
        """The page of a suite's result, once the site is built."""
        return self._pages.get(suite)

    def build(self) -> Path | None:
        """Write the pages of this build, drop those of old builds; the first page, or None if it failed."""
        try:
            return self._build()
        # Pages are for reading: whatever keeps them from being written must not keep the gate from deciding.
        except Exception:
            _LOG.warning("Data Docs could not be built", exc_info=True)
            return None

    def _build(self) -> Path:
        from great_expectations.core import ExpectationSuite
        from great_expectations.data_context.types.resource_identifiers import ExpectationSuiteIdentifier

        context = _site_context(self._directory)
        pages = self._index.parent / "validations"
        # The library takes both kinds in one list, which its own types do not say.
        written: list[Any] = []
        for result in self._results:
            shown = _redacted(result, self._build_id, self._now)
            key = _key(shown.suite_name, self._build_id, self._now)
            context.stores["validation_results_store"].set(key, shown)
            suite = ExpectationSuite(
                name=shown.suite_name,
                expectations=[
                    found.expectation_config.to_domain_obj() for found in shown.results if found.expectation_config
                ],
            )
            context.suites.add(suite)
            written += [key, ExpectationSuiteIdentifier(shown.suite_name)]
        _drop_old_builds(self._directory / _RESULTS)
        context.build_data_docs(site_names=[_SITE_NAME], resource_identifiers=written)
        _drop_old_builds(pages)
        suites = [result.suite_name for result in self._results]
        self._pages = {
            suite: page for suite in suites for page in pages.glob(f"{suite}/{self._build_id}/*/{suite}.html")
        }
        suite_pages = [self._index.parent / "expectations" / f"{suite}.html" for suite in suites]
        for page in (self._index, *suite_pages, *self._pages.values()):
            _use_own_logo(page, self._index.parent)
        return self._index


def _key(suite: str, build_id: str, now: datetime) -> "ValidationResultIdentifier":
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    return ValidationResultIdentifier(
        expectation_suite_identifier=ExpectationSuiteIdentifier(suite),
        run_id=RunIdentifier(run_name=build_id, run_time=now),
        batch_identifier=suite,
    )


def _site_context(directory: Path) -> "EphemeralDataContext":
    """A context that keeps results and pages as files and knows no warehouse."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "False")
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    defaults = InMemoryStoreBackendDefaults()
    defaults.stores["validation_results_store"] = {
        "class_name": "ValidationResultsStore",
        "store_backend": _files(directory / _RESULTS),
    }
    config = DataContextConfig(
        store_backend_defaults=defaults,
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False),
        data_docs_sites={
            _SITE_NAME: {
                "class_name": "SiteBuilder",
                "show_how_to_buttons": False,
                "store_backend": _files(directory / _SITE),
                "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            }
        },
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _files(directory: Path) -> dict[str, Any]:
    directory.mkdir(parents=True, exist_ok=True)
    return {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(directory)}


def _redacted(
    result: "ExpectationSuiteValidationResult", build_id: str, now: datetime
) -> "ExpectationSuiteValidationResult":
    """The result without texts of failing rows but their keys, and without anything shaped like a secret."""
    from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema

    known = known_secrets()
    plain = redact_all(cast(Any, result).to_json_dict(), known, redact_sample)
    plain["meta"]["run_id"] = {"run_name": build_id, "run_time": now.isoformat()}
    for each in plain["results"]:
        # With its id an expectation belongs to the suite of the checks' own context, which no other may take in.
        each["expectation_config"].pop("id", None)
        details = each.get("result", {}).get("details") or {}
        if rows := details.get("unexpected_rows"):
            details["unexpected_rows"] = [
                {name: value for name, value in row.items() if name in _SHOWN_KEYS} for row in rows
            ]
    return cast("ExpectationSuiteValidationResult", expectationSuiteValidationResultSchema.load(plain))


def _use_own_logo(page: Path, site: Path) -> None:
    """The pages' template asks the vendor's server for logos, with the time in the address; the site has a copy."""
    own = os.path.relpath(site / "static" / "images" / "logo-long.png", page.parent)
    page.write_text(_REMOTE_LOGO.sub(own, page.read_text(encoding="utf-8")), encoding="utf-8")


def _drop_old_builds(directory: Path) -> None:
    """Keep the newest builds of each suite; files lie in <suite>/<build>/<instant>."""
    for suite in (path for path in directory.iterdir() if path.is_dir()):
        # Instants sort as text; a build without one has no page left.
        builds = sorted(
            (path for path in suite.iterdir() if path.is_dir()),
            key=lambda build: max((instant.name for instant in build.iterdir()), default=""),
            reverse=True,
        )
        for old in builds[KEPT_BUILDS:]:
            shutil.rmtree(old)
