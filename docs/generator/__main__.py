"""`make docs`: the generated pages, the lineage picture and dbt's own site, without a warehouse."""

import subprocess
import sys
from pathlib import Path

from docs.generator.contracts import REPOSITORY
from docs.generator.lineage import LINEAGE, lineage_svg
from docs.generator.pages import pages
from transforms.building import DBT_PROJECT_DIR, location_arguments, prepare, prepared_manifest

SITE = REPOSITORY / "docs" / "site"


def main() -> None:
    """Write everything that is made from the dbt project."""
    for path, page in pages().items():
        _write(path, page())
    prepare(DBT_PROJECT_DIR)
    _write(LINEAGE, lineage_svg(prepared_manifest(DBT_PROJECT_DIR, "published")))
    _dbt("parse")
    # Without a catalog dbt asks no database; columns and their types are in the contracts.
    _dbt("docs", "generate", "--static", "--empty-catalog", "--no-compile")
    print(f"dbt's site: {(SITE / 'static_index.html').relative_to(REPOSITORY)}")


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    print(path.relative_to(REPOSITORY))


def _dbt(*arguments: str) -> None:
    dbt = Path(sys.executable).with_name("dbt")
    locations = location_arguments(DBT_PROJECT_DIR, SITE)
    subprocess.run([dbt, "--quiet", *arguments, "--target", "published", *locations], check=True)


if __name__ == "__main__":
    main()
