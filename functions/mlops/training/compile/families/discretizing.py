"""Numbers cut at edges: KBinsDiscretizer and Binarizer."""

import numpy as np
from sklearn.preprocessing import Binarizer, KBinsDiscretizer

from mlops.training.compile.columns import Columns
from mlops.training.compile.numerics import count_reached
from mlops.training.compile.tensors import Tensor, joined, numbers
from mlops.training.compile.walk import Transformer, Walk


def _binned(estimator: KBinsDiscretizer, columns: Columns, walk: Walk) -> Columns:
    bins, like = [], []
    for column, edges, count in zip(
        walk.numbers(columns), estimator.bin_edges_, estimator.n_bins_.tolist(), strict=True
    ):
        inner = np.asarray(edges[1:-1], dtype=np.float64)
        walk.mark(column, inner)
        number = numbers((column,), walk)
        position = count_reached(number, inner) if len(inner) else (number * 0.0).whole()
        if estimator.encode == "ordinal":
            bins.append(position.double())
            like.append(column)
        else:
            bins.append(position.equals(position.constant([range(count)], np.int64)).double())
            like += [column] * count
    return joined(bins).columns(tuple(like))


def _binary(estimator: Binarizer, columns: Columns, walk: Walk) -> Columns:
    for column in columns:
        walk.mark(column, [estimator.threshold])
    above: Tensor = numbers(columns, walk) > float(estimator.threshold)
    return above.double().columns(columns)


TRANSFORMERS: dict[type, Transformer] = {KBinsDiscretizer: _binned, Binarizer: _binary}
