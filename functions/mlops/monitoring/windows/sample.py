"""A sample of rows that is the same in whatever order they come: those whose ids have the least hashes."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mlops.monitoring.windows.ids import Numbers


class LeastSample[Row]:
    """At most `size` rows of those that were offered, each drawn with the same chance.

    Rows whose hash is above `bound` can't come into the sample any more.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._rows: dict[int, Row] = {}
        self.bound = np.uint64(np.iinfo(np.uint64).max)

    def offer(self, keys: Numbers, pick: Callable[[NDArray[np.intp]], Sequence[Row]]) -> None:
        """Offer rows by the hashes of their ids [N]; `pick` gets the rows at some positions."""
        places = np.flatnonzero(keys <= self.bound)
        if not len(places):
            return
        self._rows.update(zip(keys[places].tolist(), pick(places), strict=True))
        if len(self._rows) > 2 * self._size:
            self._trim()

    def rows(self) -> list[Row]:
        """The sample, by hash."""
        self._trim()
        return [self._rows[key] for key in sorted(self._rows)]

    def _trim(self) -> None:
        if len(self._rows) <= self._size:
            return
        keys = np.fromiter(self._rows, np.uint64, len(self._rows))
        self.bound = np.partition(keys, self._size - 1)[self._size - 1]
        self._rows = {key: row for key, row in self._rows.items() if key <= self.bound}
