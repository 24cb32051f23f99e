"""An object in S3 as a file that is read in ranges, as long as it's the one that the run began with."""

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import obstore
from obstore.exceptions import PreconditionError

from mlops.errors.batch import BatchInputChanged
from mlops.registry.store import Store

if TYPE_CHECKING:
    from obstore import GetOptions

BLOCK = 1 << 23
"""Bytes that are fetched at once."""


@dataclass(frozen=True)
class PinnedObject:
    """An object whose content is that of a given ETag. `uri` is its address, for people."""

    store: Store
    key: str
    uri: str
    size: int
    etag: str

    def read(self, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end`. Raises BatchInputChanged."""
        if start >= end:
            return b""
        options: GetOptions = {"range": (start, end), "if_match": self.etag}
        try:
            return bytes(obstore.get(self.store, self.key, options=options).bytes())
        except (PreconditionError, FileNotFoundError):
            raise BatchInputChanged(self.uri) from None

    def open(self, start: int = 0, end: int | None = None) -> io.BufferedReader:
        """A range of the object as a file, fetched in blocks as it's read."""
        return io.BufferedReader(self.open_unbuffered(start, end), BLOCK)

    def open_unbuffered(self, start: int = 0, end: int | None = None) -> io.RawIOBase:
        """A range of the object as a file of which exactly what is read is fetched."""
        return _Range(self, start, self.size if end is None else end)


class _Range(io.RawIOBase):
    """Reads a range of an object."""

    def __init__(self, content: PinnedObject, start: int, end: int) -> None:
        self._content, self._start, self._end = content, start, end
        self._place = start

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place - self._start

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        origin = {io.SEEK_SET: self._start, io.SEEK_CUR: self._place, io.SEEK_END: self._end}[whence]
        self._place = min(max(origin + offset, self._start), self._end)
        return self.tell()

    def readinto(self, buffer: Any) -> int:
        found = self._content.read(self._place, min(self._place + len(buffer), self._end))
        buffer[: len(found)] = found
        self._place += len(found)
        return len(found)

    def read(self, size: int = -1) -> bytes:
        end = self._end if size < 0 else min(self._place + size, self._end)
        found = self._content.read(self._place, end)
        self._place = end
        return found
