"""Where a backup lies: a value that builds its own path and reads it back."""

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

_NAME = re.compile(
    r"^(?P<root>.+)/(?P<year>\d{4})/(?P<month>\d{2})/(?P<id>warehouse-(?P<at>\d{8}T\d{6}Z)-[0-9a-f]{8})\.dump\.zst$"
)
_INSTANT = "%Y%m%dT%H%M%SZ"


class BadLocationError(ValueError):
    """A text is no backup's location; the message shows the form."""


@dataclass(frozen=True)
class BackupLocation:
    """root: ``s3://bucket/prefix`` or an absolute directory, without a slash at the end."""

    root: str
    backup_id: str

    @classmethod
    def new(cls, root: str, at: datetime) -> Self:
        """A fresh location for a backup that starts now."""
        return cls(root.rstrip("/"), f"warehouse-{at.astimezone(UTC).strftime(_INSTANT)}-{secrets.token_hex(4)}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The location that ``str`` wrote. Raises BadLocationError."""
        match = _NAME.match(text)
        location = match and cls(match["root"], match["id"])
        if not location or str(location) != text:
            raise BadLocationError(
                f"{text!r} is no backup; the form is <root>/<year>/<month>/warehouse-<instant>-<8 hex digits>.dump.zst"
            )
        return location

    @property
    def started_at(self) -> datetime:
        """When the backup started, to the second."""
        return datetime.strptime(self.backup_id.split("-")[1], _INSTANT).replace(tzinfo=UTC)

    @property
    def archive(self) -> str:
        """Name of the archive below the root."""
        return f"{self.started_at:%Y/%m}/{self.backup_id}.dump.zst"

    @property
    def manifest(self) -> str:
        """Name of the manifest below the root."""
        return f"{self.started_at:%Y/%m}/{self.backup_id}.manifest.json"

    def __str__(self) -> str:
        return f"{self.root}/{self.archive}"
