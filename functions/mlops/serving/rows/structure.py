"""What a JSON body holds, counted in its bytes before anything is built from them.

A list costs two bytes to send and hundreds to build, so a body's lists, objects and names are counted first. The counts
of `bytes.count` are upper bounds, since texts may hold the same characters: only where a bound is exceeded is the body
looked at byte by byte, without its texts.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_QUOTE, _COLON, _COMMA = b'":,'
_OPEN_LIST, _OPEN_OBJECT, _CLOSE_OBJECT = b"[{}"
_BLANKS = np.zeros(256, dtype=bool)
_BLANKS[list(b" \t\r\n")] = True


@dataclass(frozen=True, slots=True)
class Structure:
    """The characters of a JSON body that stand outside its texts, without blanks: uint8 [N]."""

    characters: NDArray[np.uint8]

    @property
    def containers(self) -> int:
        """How many lists and objects there are."""
        return int(np.count_nonzero(self._is(_OPEN_LIST) | self._is(_OPEN_OBJECT)))

    @property
    def objects(self) -> int:
        """How many objects there are."""
        return int(np.count_nonzero(self._is(_OPEN_OBJECT)))

    @property
    def names(self) -> int:
        """How many names all objects have together."""
        return int(np.count_nonzero(self._is(_COLON)))

    @property
    def nested(self) -> int:
        """How many members of objects are lists or objects themselves."""
        opens = self._is(_OPEN_LIST) | self._is(_OPEN_OBJECT)
        return int(np.count_nonzero(self._is(_COLON)[:-1] & opens[1:]))

    def longest_object(self) -> int:
        """The most names between the start of an object and the end of the next one that ends: those of a flat object."""
        names = np.cumsum(self._is(_COLON))
        ends = np.flatnonzero(self._is(_CLOSE_OBJECT))
        starts = np.flatnonzero(self._is(_OPEN_OBJECT))
        before = starts[np.searchsorted(starts, ends) - 1] if len(starts) else starts
        count = min(len(before), len(ends))
        return int((names[ends[:count]] - names[before[:count]]).max(initial=0))

    def _is(self, character: int) -> NDArray[np.bool_]:
        return self.characters == character


def read_structure(body: bytes) -> Structure:
    """The structure of a body. One that isn't JSON has one too, of no meaning: its parser says what is wrong."""
    # Escaped quotes end no text. A run of backslashes is escaped backslashes, and perhaps the escape of what follows.
    plain = body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body
    characters = np.frombuffer(plain, dtype=np.uint8)
    quotes = characters == _QUOTE
    outside = ~np.logical_xor.accumulate(quotes)
    outside &= ~quotes
    outside &= ~_BLANKS[characters]
    return Structure(characters[outside])
