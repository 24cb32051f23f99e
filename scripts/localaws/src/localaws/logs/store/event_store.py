"""The files of all log groups."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from localaws.logs.store.connections import Key, read_key
from localaws.logs.store.group_file import GroupFile

_SUFFIX = ".sqlite"
_OPEN = 16


class EventStore:
    """The events of all log groups, in a folder that's made when the first event arrives.

    Only the groups that were written to last stay open: hundreds of open files would need memory and descriptors.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._groups: dict[Key, GroupFile] = {}
        self._open: OrderedDict[GroupFile, None] = OrderedDict()
        self._lock = threading.RLock()

    def group(self, account: str, region: str, name: str) -> GroupFile:
        """The events of a log group; its file is created if it's missing."""
        key = (account, region, name)
        with self._lock:
            found = self._groups.get(key)
            if found is None:
                path = self._path(key)
                path.parent.mkdir(parents=True, exist_ok=True)
                found = self._groups[key] = GroupFile(path, key, self._written)
            return found

    def find(self, account: str, region: str, name: str) -> GroupFile | None:
        """The events of a log group, or None if it has never had any."""
        key = (account, region, name)
        with self._lock:
            return self.group(*key) if key in self._groups or self._path(key).exists() else None

    def delete(self, account: str, region: str, name: str) -> None:
        """Delete the events of a log group and free their space."""
        key = (account, region, name)
        with self._lock:
            found = self.find(*key)
            if found:
                found.delete()
                del self._groups[key]
                self._open.pop(found, None)

    def delete_all(self, account: str, region: str) -> None:
        """Delete the events of all log groups of an account and a region."""
        for key in self.known():
            if key[:2] == (account, region):
                self.delete(*key)

    def known(self) -> list[Key]:
        """The account, the region and the name of each log group that has a file."""
        with self._lock:
            return [read_key(path) for path in self._files()]

    def close(self) -> None:
        """Close all files; a later use opens them again."""
        with self._lock:
            self._close_but(0)

    def _written(self, group: GroupFile) -> None:
        with self._lock:
            self._open[group] = None
            self._open.move_to_end(group)
            self._close_but(_OPEN)

    def _close_but(self, newest: int) -> None:
        while len(self._open) > newest:
            self._open.popitem(last=False)[0].close()

    def _files(self) -> Iterator[Path]:
        return self._folder.glob(f"*{_SUFFIX}")

    def _path(self, key: Key) -> Path:
        # Names of log groups have slashes and up to 512 characters.
        return self._folder / (hashlib.sha256("\n".join(key).encode()).hexdigest()[:40] + _SUFFIX)
