"""Which predictions came before: records are delivered at least once, and each prediction counts once."""

import numpy as np

from mlops.monitoring.windows.ids import Ids, Mask, Numbers

_BUCKET = 600_000  # milliseconds


class Seen:
    """The ids that came, 8 bytes each.

    They are kept by the time in them: ids that come together were mostly made together, so that little is moved.
    """

    def __init__(self) -> None:
        self._buckets: dict[int, Numbers] = {}

    def add(self, ids: Ids) -> Mask:
        """Which of the ids are new [N]; of equal ones among them the first is."""
        new = np.zeros(len(ids), dtype=np.bool_)
        buckets = ids.milliseconds // _BUCKET
        order = np.argsort(buckets, kind="stable")
        starts = np.flatnonzero(np.diff(buckets[order], prepend=-1))
        for rows in np.split(order, starts[1:]) if len(order) else ():
            bucket = int(buckets[rows[0]])
            known = self._buckets.get(bucket, np.zeros(0, np.uint64))
            keys, first = np.unique(ids.keys[rows], return_index=True)
            places = np.searchsorted(known, keys)
            is_new = np.ones(len(keys), dtype=np.bool_)
            inside = places < len(known)
            is_new[inside] = known[places[inside]] != keys[inside]
            new[rows[first[is_new]]] = True
            self._buckets[bucket] = np.insert(known, places[is_new], keys[is_new])
        return new
