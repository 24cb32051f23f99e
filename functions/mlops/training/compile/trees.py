"""Decision trees of any library."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mlops.training.compile.columns import Columns


@dataclass(frozen=True, slots=True)
class Tree:
    """A fitted decision tree, node by node; node 0 is the root.

    A row goes left where its feature <= threshold, or where it is missing and `missing_left`. `values` [nodes, outputs]
    count at leaves only. `cover` is how many training rows came to each node, by their weight.
    """

    feature: NDArray[np.int64]
    threshold: NDArray[np.float64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    missing_left: NDArray[np.bool_]
    leaf: NDArray[np.bool_]
    values: NDArray[np.float64]
    cover: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Splits:
    """Where an ensemble splits: its trees, and the columns that their features number.

    `features` is the estimator's feature behind each column: several columns share one that is split by sets of
    categories. With `single`, columns are compared in float32.
    """

    columns: Columns
    trees: tuple[Tree, ...]
    features: tuple[int, ...]
    single: bool
