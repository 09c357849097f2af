"""Query parameters of TikTok: JSON in the query string, pretty-printed or in single quotes too, as connectors do it."""

import ast
from collections.abc import Mapping
from typing import Any

import orjson

from sandbox.wire.tiktok_errors import invalid, too_many_ids

DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE = 10, 1000
MOST_FILTER_IDS = 100


def decoded(name: str, text: str) -> Any:
    """The JSON value of a parameter; raises 40002 for anything else."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return ast.literal_eval(text.replace('\\"', '"'))
    except (ValueError, SyntaxError) as error:
        raise invalid(f"{name}: not a valid JSON value.") from error


def string_list(name: str, text: str | None) -> list[str] | None:
    """A JSON array as strings; None where the parameter is left out."""
    if not text:
        return None
    value = decoded(name, text)
    if not isinstance(value, list):
        raise invalid(f"{name}: must be an array.")
    return [str(each) for each in value]


def id_set(name: str, values: Any) -> set[str]:
    """Ids of a filter; raises 40011 for too many."""
    if not isinstance(values, list):
        raise invalid(f"{name}: must be an array.")
    if len(values) > MOST_FILTER_IDS:
        raise too_many_ids(name, MOST_FILTER_IDS)
    return {str(value) for value in values}


def flag(parameters: Mapping[str, str], name: str) -> bool:
    """A boolean parameter, false where it is left out."""
    return parameters.get(name, "").lower() == "true"


def page_of(parameters: Mapping[str, str], largest: int = LARGEST_PAGE_SIZE) -> tuple[int, int]:
    """Page number (from 1) and size that a request asks for."""
    numbers = []
    for name, default in (("page", 1), ("page_size", DEFAULT_PAGE_SIZE)):
        text = parameters.get(name) or str(default)
        if not text.isdecimal() or int(text) < 1:
            raise invalid(f"{name}: must be a number greater than or equal to 1.")
        numbers.append(int(text))
    page, size = numbers
    if size > largest:
        raise invalid(f"page_size: must be less than or equal to {largest}.")
    return page, size


def page_info(page: int, size: int, total: int) -> dict[str, int]:
    """What a list says of its pages."""
    return {"page": page, "page_size": size, "total_number": total, "total_page": -(-total // size)}
