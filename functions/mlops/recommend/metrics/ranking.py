"""How well each user's list finds what the user took; an item is relevant or it isn't.

K. Järvelin and J. Kekäläinen, TOIS 20 (2002), for NDCG. The best list has all relevant items, up to k, on top; recall
and average precision divide by all relevant items, as trec_eval does.
"""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

type Floats = NDArray[np.float64]
type Hits = NDArray[np.bool_]
type Counts = NDArray[np.int64]


def find_hits(lists: NDArray[np.int64], relevant: csr_array) -> Hits:
    """Which of the items in the lists [T, k] are relevant [T, I]; places without an item aren't."""
    items = relevant.shape[1]
    row = np.arange(len(lists), dtype=np.int64)[:, np.newaxis]
    wanted = np.repeat(row.ravel(), np.diff(relevant.indptr)) * items + relevant.indices
    return np.isin(row * items + lists, wanted) & (lists >= 0)


def ndcg(hits: Hits, relevant: Counts) -> Floats:
    """The discounted gain of each list of k over that of the best list; `relevant` [T] are counts of 1 or more."""
    discounts = 1 / np.log2(np.arange(2, hits.shape[1] + 2))
    ideal = np.cumsum(discounts)[np.minimum(relevant, hits.shape[1]) - 1]
    shares: Floats = hits @ discounts / ideal
    return shares


def recall(hits: Hits, relevant: Counts) -> Floats:
    """The share of the relevant items that each list has."""
    return hits.sum(axis=1) / relevant


def average_precision(hits: Hits, relevant: Counts) -> Floats:
    """The precision at the place of each hit, summed over hits, over the number of relevant items."""
    precision = np.cumsum(hits, axis=1) / np.arange(1, hits.shape[1] + 1)
    return (precision * hits).sum(axis=1) / relevant


RANKING_METRICS: Mapping[str, Callable[[Hits, Counts], Floats]] = {
    "ndcg": ndcg,
    "recall": recall,
    "map": average_precision,
}
"""Metric name → its value for each user; the metric is their mean."""
