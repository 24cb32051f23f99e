"""Large JSON bodies: a long run of numbers comes out of the text as a NumPy array, never as a million Python objects.

simdjson, which does it, is imported for the first of them. A body that it can't read, or not in this form, is read by
pydantic's parser, as a small body is: its errors name what is wrong.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic_core import from_json, to_json

from mlops.errors.serving import BodyTooLarge
from mlops.serving.rows.budget import Budget, count_lists

if TYPE_CHECKING:
    import simdjson

type Numbers = NDArray[Any]  # of int64, uint64 or float64
type Place = tuple[str, ...]

LARGE = 4_096  # bytes; less is read as fast by either
EACH = "[]"
"""In a place: each element of an array."""


def read_json(body: bytes, places: Sequence[Place], max_rows: int | None = None) -> Any:
    """The document. In a large one the arrays at `places`, paths from its root, are NumPy arrays if they are numbers.

    Such an array is [N], or [N, k] if its elements are arrays of k numbers; its type is float64 if a number has a point
    or an exponent. Raises ValueError with the reason, and BodyTooLarge if such an array has more than `max_rows`
    arrays.
    """
    if len(body) >= LARGE:
        document = _Reading(max_rows).read(body, places)
        if document is not None:
            return document
    return from_json(body)


def read_bounded(body: bytes, places: Sequence[Place], budget: Budget, max_rows: int) -> tuple[Any, bool]:
    """The document as read_json reads it, and True; or what the start of a body above its budget holds, and False.

    Raises what read_json raises.
    """
    start = budget.fit(body)
    if start is body:
        return read_json(body, places, max_rows), True
    return from_json(start, allow_partial=True), False


class _Reading:
    """Reads one body, and counts the arrays of it that became NumPy's."""

    def __init__(self, max_rows: int | None) -> None:
        self._arrays = 0
        self._max_rows = max_rows

    def read(self, body: bytes, places: Sequence[Place]) -> Any | None:
        import simdjson  # most processes never see a large body

        self._simdjson = simdjson
        try:
            document = self._convert(simdjson.Parser().parse(body), places)
        except (LookupError, ValueError, RuntimeError):
            return None
        # simdjson takes numbers out of an array however deep they are nested: the brackets are counted to see that
        # none were.
        rest = to_json(document, fallback=lambda _: None).count(b"[")
        return document if count_lists(body) == rest + self._arrays and not body.startswith(_BOM) else None

    def _convert(self, element: Any, places: Sequence[Place]) -> Any:
        if isinstance(element, self._simdjson.Object):
            if not any(places):
                return element.as_dict()
            names = list(element)
            if len(set(names)) < len(names):
                raise ValueError("a name stands twice")
            if any("\0" in name for name in names):  # simdjson would look for it up to there
                raise ValueError("a name has a NUL")
            return {
                name: self._convert(element[name], [place[1:] for place in places if place[:1] == (name,)])
                for name in names
            }
        if isinstance(element, self._simdjson.Array):
            if () in places and (numbers := self._take_numbers(element)) is not None:
                return numbers
            below = [place[1:] for place in places if place[:1] == (EACH,)]
            return [self._convert(each, below) for each in element] if below else element.as_list()
        return element

    def _take_numbers(self, array: "simdjson.Array") -> Numbers | None:
        width = None
        if len(array) and isinstance(array[0], self._simdjson.Array):
            if self._max_rows is not None and len(array) > self._max_rows:
                raise BodyTooLarge("rows", self._max_rows, len(array))
            widths = {len(row) if isinstance(row, self._simdjson.Array) else -1 for row in array}
            width = widths.pop()
            if widths or width < 1:
                return None
        numbers = _flatten(array)
        if numbers is None or numbers.size != len(array) * (width or 1):
            return None
        self._arrays += 1 if width is None else 1 + len(array)
        return numbers if width is None else numbers.reshape(-1, width)


_KINDS: tuple[tuple[Literal["i", "u", "d"], Any], ...] = (("i", np.int64), ("u", np.uint64), ("d", np.float64))
_BOM = b"\xef\xbb\xbf"


def _flatten(array: "simdjson.Array") -> Numbers | None:
    """All numbers in an array, or None if it holds anything else."""
    for letter, kind in _KINDS:
        try:
            return np.frombuffer(array.as_buffer(of_type=letter), dtype=kind)
        except (TypeError, ValueError):
            continue
    return None
