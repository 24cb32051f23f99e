"""Temporary folders that the next start removes if this process is killed."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self


class Scratch:
    """A new folder in `parent`, locked while this process needs it: its lock ends with the process.

    As a context manager it's removed at the end.
    """

    def __init__(self, parent: Path, prefix: str) -> None:
        parent.mkdir(parents=True, exist_ok=True)
        self._descriptor: int | None = None
        while self._descriptor is None:
            self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
            # A start in this moment takes a folder without a lock for one of a process that was killed.
            self._descriptor = _lock(self.path)

    def remove(self) -> None:
        """Remove the folder, unless it was moved, and release the lock."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.remove()


def remove_abandoned(parent: Path, prefix: str = "") -> None:
    """Remove the folders in `parent`, whose names begin with `prefix`, of processes that were killed."""
    if not parent.is_dir():
        return
    for folder in parent.iterdir():
        if folder.name.startswith(prefix) and folder.is_dir() and not folder.is_symlink():
            descriptor = _lock(folder)
            if descriptor is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(descriptor)


def _lock(folder: Path) -> int | None:
    """Lock a folder; returns its descriptor, or None if it's locked or gone."""
    descriptor = None
    with contextlib.suppress(FileNotFoundError, BlockingIOError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The descriptor may be that of a folder that was removed before it was locked.
        if os.fstat(descriptor).st_ino == folder.stat().st_ino:
            return descriptor
    if descriptor is not None:
        os.close(descriptor)
    return None
