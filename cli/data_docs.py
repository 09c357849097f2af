"""`mdp data-docs`: the first page of Great Expectations' Data Docs."""

from pathlib import Path

from foundation.settings import Settings
from quality.data_docs import index_page


def find_data_docs(settings: Settings) -> Path:
    """The page, or an error that says how to make it."""
    page = index_page(settings.data_dir)
    if not page.is_file():
        raise RuntimeError(
            f"there are no Data Docs in {settings.data_dir} yet: `mdp publish` and the scheduled publications make them"
        )
    return page
