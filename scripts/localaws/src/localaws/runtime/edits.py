"""Watches code in place, so that it's scanned after an edit and not at each call."""

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
    """Gives the signature of the files under `roots` as they are at each call. Thread-safe.

    The kernel queues an edit before the call that makes it returns, so the queue, read at the time of the question,
    holds every edit made until then: a thread that reads it, as the watching libraries have, could be late. Where the
    kernel can't tell of each edit (shared folders, more folders than may be watched), the files are scanned each time.
    """

    def __init__(self, roots: list[str]) -> None:
        self._roots = roots
        self._lock = threading.Lock()
        self._mounts = Mounts([])
        self._known: Signature | None = None
        self._places: list[tuple[int, int]] = []
        self._inotify: INotify | None = None
        if roots:
            with contextlib.suppress(OSError):  # this user watches with as many programs as it may
                self._inotify = INotify(nonblocking=True)
        self._watched = False

    def signature(self) -> Signature:
        """Sign the code, from memory if nothing has changed."""
        with self._lock:
            edited = self._edited()
            if self._known is not None and not edited:
                return self._known
            self._known = None
            self._watched = self._inotify is not None or not self._roots
            self._mounts = Mounts.now()
            # Where the roots lie is noted first, and each folder is watched before it's read: what changes meanwhile
            # shows at the next call.
            self._places = self._located()
            found = sign(self._roots, self._watch)
            self._known = found if self._watched else None
            return found

    def close(self) -> None:
        """Watch no more."""
        if self._inotify is not None:
            self._inotify.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _edited(self) -> bool:
        told = False
        if self._inotify is not None:
            with contextlib.suppress(BlockingIOError):
                while os.read(self._inotify.fileno(), _QUEUE):
                    told = True
        # A folder above a root that was moved, or replaced by another, is watched by nobody.
        return told or self._located() != self._places

    def _located(self) -> list[tuple[int, int]]:
        states = map(os.stat, self._roots)
        return [(state.st_dev, state.st_ino) for state in states]

    def _watch(self, path: str) -> None:
        if self._inotify is None or not self._mounts.is_local(path):
            self._watched = False
            return
        try:
            self._inotify.add_watch(path, _EDITS)
        except OSError:  # a link that leads nowhere yet, or more watches than this user may have
            self._watched = False
