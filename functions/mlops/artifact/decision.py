"""The decision rule: which label the probabilities of a row mean."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mlops.contract import Target


def positive_index(target: "Target") -> int:
    """The index of the label that a threshold applies to: the positive one, the second where none is named."""
    return target.labels.index(target.positive) if target.positive else 1


def decide(probabilities: NDArray[np.float64], positive: int, threshold: float | None) -> NDArray[np.intp]:
    """The index of each row's label, [N], from the probabilities of the labels, [N, k].

    With a threshold it is the positive label where its probability reaches the threshold, else the other one; without
    one, the most probable label, the first of equals.
    """
    if threshold is None:
        return probabilities.argmax(axis=1)
    return np.where(probabilities[:, positive] >= threshold, positive, 1 - positive)


def make_decision(target: "Target", threshold: float | None) -> Callable[[NDArray[np.float64]], NDArray[np.intp]]:
    """`decide` for a target and its threshold."""
    positive = positive_index(target) if target.labels else 0
    return lambda probabilities: decide(probabilities, positive, threshold)
