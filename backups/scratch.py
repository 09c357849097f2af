"""Scratch space of dumps and verifications, which hold an archive for as long as they run."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from foundation.settings import Settings


@contextmanager
def scratch_directory(settings: Settings, purpose: str, *, alone: bool = True) -> Iterator[Path]:
    """A directory that only its owner reads, gone at the end.

    alone: the caller holds the lock of this purpose, so what stands there was left by a killed process and goes first.
    """
    settings.work_dir.mkdir(parents=True, exist_ok=True)
    if alone:
        for orphan in settings.work_dir.glob(f"{purpose}-*"):
            shutil.rmtree(orphan, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f"{purpose}-", dir=settings.work_dir) as directory:
        yield Path(directory)
