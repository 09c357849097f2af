"""Meta's cursors: only ``paging.next`` says that there is more; past the end an answer has no cursors."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from sandbox.wire.meta_errors import invalid_cursor, invalid_parameter

DEFAULT_LIMIT = 25


def cursor_of(offset: int) -> str:
    """An opaque cursor for a position in a list."""
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=") + "ZD"


def offset_of(cursor: str) -> int:
    """The position of a cursor; raises error 2642 for anything that is no cursor."""
    text = cursor.removesuffix("ZD")
    try:
        return int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError) as error:
        raise invalid_cursor() from error


def page_bounds(parameters: Mapping[str, str]) -> tuple[int, int]:
    """First row and page size that a request asks for."""
    try:
        limit = int(parameters.get("limit") or DEFAULT_LIMIT)
    except ValueError as error:
        raise invalid_parameter("Param limit must be an integer") from error
    if limit < 1:
        raise invalid_parameter("Param limit must be positive")
    after = parameters.get("after")
    return (offset_of(after) if after else 0), limit


def envelope(data: list[Any], start: int, total: int, url: str, parameters: Mapping[str, str]) -> dict[str, Any]:
    """The answer for rows start.. of a list of ``total``; ``url`` is this request's address without query."""
    if not data:
        return {"data": []}
    stop = start + len(data)
    paging: dict[str, Any] = {"cursors": {"before": cursor_of(start), "after": cursor_of(stop)}}
    if stop < total:
        paging["next"] = f"{url}?{urlencode({**parameters, 'after': cursor_of(stop)})}"
    return {"data": data, "paging": paging}
