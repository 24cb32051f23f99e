"""Watches source folders with inotify, so that they're scanned after an edit and not at each call."""

import contextlib
import os
import threading
from typing import Self

from inotify_simple import INotify, flags

from localaws.runtime.filesystems import Mounts
from localaws.runtime.signature import Signature, sign

_EDITS = (
    flags.MODIFY
    | flags.ATTRIB
    | flags.CREATE
    | flags.DELETE
    | flags.DELETE_SELF
    | flags.MOVED_FROM
    | flags.MOVED_TO
    | flags.MOVE_SELF
)
_QUEUE = 1 << 16


class CodeWatch:
    """Returns the current signature of the files under `roots`, except those under the folder `without`. Thread-safe.

    The kernel queues an inotify event before the system call of the edit returns, so reading the queue in `signature`
    misses no earlier edit; a reader thread, as in watching libraries, could be late. Where inotify isn't reliable
    (shared folders, more folders than the limit of watches), the files are scanned each time.
    """

    def __init__(self, roots: list[str], without: str = "") -> None:
        self._roots, self._without = roots, without
        self._lock = threading.Lock()
        self._mounts = Mounts([])
        self._known: Signature | None = None
        self._places: list[tuple[int, int]] = []
        self._inotify: INotify | None = None
        if roots:
            with contextlib.suppress(OSError):  # the user's limit of inotify instances is reached
                self._inotify = INotify(nonblocking=True)
        self._watched = False

    def signature(self) -> Signature:
        """The signature, cached while nothing changes."""
        with self._lock:
            edited = self._edited()
            if self._known is not None and not edited:
                return self._known
            self._known = None
            self._watched = self._inotify is not None or not self._roots
            self._mounts = Mounts.now()
            # The identity of the roots is recorded first, and each folder is watched before it's read: a change during
            # the scan is seen at the next call.
            self._places = self._located()
            found = sign(self._roots, self._watch, self._without)
            self._known = found if self._watched else None
            return found

    def close(self) -> None:
        """Stop watching."""
        if self._inotify is not None:
            self._inotify.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _edited(self) -> bool:
        edited = False
        if self._inotify is not None:
            with contextlib.suppress(BlockingIOError):
                while os.read(self._inotify.fileno(), _QUEUE):
                    edited = True
        # Folders above a root aren't watched: compare the identity of the root in case one was moved or replaced.
        return edited or self._located() != self._places

    def _located(self) -> list[tuple[int, int]]:
        states = map(os.stat, self._roots)
        return [(state.st_dev, state.st_ino) for state in states]

    def _watch(self, path: str) -> None:
        if self._inotify is None or not self._mounts.is_local(path):
            self._watched = False
            return
        try:
            self._inotify.add_watch(path, _EDITS)
        except OSError:  # a dangling link, or the user's limit of watches is reached
            self._watched = False
