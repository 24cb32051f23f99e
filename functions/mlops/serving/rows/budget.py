"""How much a JSON body would build, counted in its bytes before anything is built from them.

An empty list takes three bytes to send and a hundred to build. So the lists, objects, names and values of a body are
counted first. Counts of bytes are upper bounds, since texts may hold the same characters: only a body above a bound is
read again without its texts, and one that is above it even so is cut where it exceeds the bound. What stands before the
cut is enough to name what is wrong, and is bounded itself.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SMALL = 4_096  # bytes; whatever such a body holds costs little
_MAX_LISTS = 400_000  # of one value each, where a client nests the values of every tensor
_SPARE = 10_000  # names or values above what a contract needs: a client may repeat a name, or send other members
_WINDOW = 32  # bytes a value, in which a list or object that isn't too long should end
_CHUNK = 65_536  # bytes that are read at once
_BLOCK = 131_072  # bytes that are counted at once
_QUOTE, _COMMA, _COLON, _OPEN_LIST, _OPEN_OBJECT, _CLOSE_LIST, _CLOSE_OBJECT = b'",:[{]}'
_STARTS = (_COMMA, _COLON, _OPEN_LIST, _OPEN_OBJECT)


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a body may build.

    `names` are those of an object on average, `listed` the values in its lists, and `longest` the values of a list or
    the names of an object that holds no other.
    """

    objects: int
    lists: int
    names: int
    listed: int
    longest: int

    def fit(self, body: bytes) -> bytes:
        """The body itself, or its start where the whole is above the budget."""
        if len(body) < SMALL or self._is_surely_within(body):
            return body
        end = self._find_end(body)
        return body if end is None else body[:end]

    def _is_surely_within(self, body: bytes) -> bool:
        objects, lists, names, commas = _count_all(body, (_OPEN_OBJECT, _OPEN_LIST, _COLON, _COMMA))
        if not self._holds(Counts(objects, lists, names, commas, 0)):
            return False
        if names <= _SPARE:
            return True
        # A text with a closing bracket could hide that a long object doesn't end: its brackets don't match then.
        ends = _count_all(body, (_CLOSE_OBJECT, _CLOSE_LIST))
        return ends == [objects, lists] and self._ends_everywhere(body)

    def _ends_everywhere(self, body: bytes) -> bool:
        """Whether a list or object ends in each window."""
        window = max(_CHUNK, _WINDOW * self.longest)
        start = 0
        while start + window < len(body):
            end = max(body.rfind(b"}", start, start + window), body.rfind(b"]", start, start + window))
            if end < 0:
                return False
            start = end + 1
        return True

    def _find_end(self, body: bytes) -> int | None:
        """Where the body exceeds the budget, before a value or the end of one."""
        total = Counts(0, 0, 0, 0, 0)
        for start, structure in _read_structure(body):
            total = total.add(structure)
            if not self._holds(total):
                # What made the difference stands in this part: a comma, a colon or an opening bracket.
                places = np.flatnonzero(np.isin(structure, _STARTS))
                return start + int(places[-1])
        return None

    def _holds(self, counted: "Counts") -> bool:
        return (
            counted.objects <= self.objects
            and counted.lists <= self.lists
            and counted.names <= counted.objects * self.names + _SPARE
            and counted.commas <= counted.names + self.listed + _SPARE
            and counted.run <= self.longest + _SPARE
        )


@dataclass(frozen=True, slots=True)
class Counts:
    """What was counted so far; `run` are the commas since the last end of a list or object."""

    objects: int
    lists: int
    names: int
    commas: int
    run: int

    def add(self, structure: NDArray[np.uint8]) -> "Counts":
        """The counts with those of the next part."""
        commas = structure == _COMMA
        ends = np.flatnonzero((structure == _CLOSE_OBJECT) | (structure == _CLOSE_LIST))
        found = int(np.count_nonzero(commas))
        run = int(np.count_nonzero(commas[ends[-1] :])) if len(ends) else self.run + found
        return Counts(
            self.objects + _count(structure, _OPEN_OBJECT),
            self.lists + _count(structure, _OPEN_LIST),
            self.names + _count(structure, _COLON),
            self.commas + found,
            run,
        )


def count_lists(body: bytes) -> int:
    """How many opening brackets there are, also in texts; bytes.count takes six times as long."""
    return _count_all(body, (_OPEN_LIST,))[0]


def _count_all(body: bytes, wanted: Sequence[int]) -> list[int]:
    """How often each character stands in the body, looked at in blocks that stay in the processor's cache."""
    characters = np.frombuffer(body, dtype=np.uint8)
    found = np.empty(_BLOCK, dtype=bool)
    counts = [0] * len(wanted)
    for start in range(0, len(body), _BLOCK):
        block = characters[start : start + _BLOCK]
        for place, character in enumerate(wanted):
            counts[place] += int(np.count_nonzero(np.equal(block, character, out=found[: len(block)])))
    return counts


def _count(characters: NDArray[np.uint8], character: int) -> int:
    return int(np.count_nonzero(characters == character))


def _read_structure(body: bytes) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """Parts of a body, each with its start, with 0 in place of texts. What isn't JSON has parts of no meaning."""
    start, within_text = 0, False
    while start < len(body):
        part = body[start : start + _CHUNK]
        # An escape isn't torn apart: a part ends after the character that its last backslash escapes.
        if (len(part) - len(part.rstrip(b"\\"))) % 2:
            part = body[start : start + len(part) + 1]
        plain = part.replace(b"\\\\", b"  ").replace(b'\\"', b"  ") if b"\\" in part else part
        characters = np.frombuffer(plain, dtype=np.uint8)
        texts = np.logical_xor.accumulate(characters == _QUOTE) ^ within_text
        within_text = bool(texts[-1])
        yield start, np.where(texts, np.uint8(0), characters)
        start += len(part)


def rows_budget(columns: int, max_rows: int) -> Budget:
    """Of `{"rows": [{column: cell, …}, …]}`, and of one row too many, so that it's counted as one."""
    return Budget(objects=max_rows + 2, lists=1, names=columns, listed=max_rows, longest=columns)


def frames_budget(columns: int, max_rows: int) -> Budget:
    """Of a data frame as rows with names, as rows of cells, or as columns, with an index."""
    return Budget(
        objects=max_rows + 4,
        lists=max_rows + columns + 4,
        names=columns,
        listed=(max_rows + 1) * columns + max_rows,
        longest=max(columns, max_rows),
    )


def tensors_budget(columns: int, max_rows: int) -> Budget:
    """Of a tensor a column, each perhaps with a list a row, or of one of all columns."""
    values = max_rows * columns
    return Budget(
        objects=6 * columns + 64,
        lists=min(values, _MAX_LISTS) + 4 * columns + 64,
        names=8,
        listed=values + 8 * columns,
        longest=values,
    )
