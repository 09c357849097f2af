"""Versions of the Marketing API: the first part of a path, and until when each is served."""

from datetime import date

from sandbox.wire.meta_errors import deprecated_version, unknown_version

# First day on which it fails; the Graph API under the same number lives longer.
_ENDS: dict[str, date | None] = {
    "v26.0": None, "v25.0": None, "v24.0": date(2026, 10, 6), "v23.0": date(2026, 6, 9),
}  # fmt: skip
_OLDEST_WITH_AN_END = 23


def without_version(parts: list[str], today: date, *, lenient: bool) -> list[str]:
    """A path's parts without its version. Lenient: every version is served. Raises MetaError for one that is not."""
    if not parts or not _is_version(parts[0]):
        return parts
    version = parts[0]
    if not lenient:
        if version not in _ENDS:
            raise deprecated_version(version) if _number(version) < _OLDEST_WITH_AN_END else unknown_version(version)
        ends = _ENDS[version]
        if ends is not None and today >= ends:
            raise deprecated_version(version)
    return parts[1:]


def _is_version(part: str) -> bool:
    whole, point, rest = part[1:].partition(".")
    return part[:1] == "v" and whole.isdigit() and (not point or rest.isdigit())


def _number(version: str) -> int:
    return int(version[1:].partition(".")[0])
