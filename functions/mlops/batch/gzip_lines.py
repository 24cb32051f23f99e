"""Lines that are compressed as they come, so that many take little memory."""

import zlib
from collections.abc import Iterable

_LEVEL = 1  # the lines of a batch are many, and soon merged or forgotten
_GZIP = 31  # zlib's window bits for gzip


class GzipLines:
    """Lines as gzip without a time stamp: the same lines, added alike, are the same bytes."""

    def __init__(self) -> None:
        self._compressor = zlib.compressobj(_LEVEL, wbits=_GZIP)
        self._pieces: list[bytes] = []
        self.is_empty = True

    def add(self, lines: Iterable[bytes]) -> None:
        """Add lines, each with its end."""
        text = b"".join(lines)
        if text:
            self._pieces.append(self._compressor.compress(text))
            self.is_empty = False

    def close(self) -> bytes:
        """The content; nothing can be added afterwards."""
        return b"".join([*self._pieces, self._compressor.flush()])
