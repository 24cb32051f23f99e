"""The decision rule: which label the probabilities of a row mean."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mlops.contract import Target


def positive_index(target: Target) -> int:
    """The index of the label that a threshold applies to: the positive one, the second where none is named."""
    return target.labels.index(target.positive) if target.positive else 1


def make_decision(target: Target, threshold: float | None) -> Callable[[NDArray[np.float64]], NDArray[np.intp]]:
    """A function from the probabilities of the labels, [N, k], to the index of each row's label, [N].

    With a threshold it is the positive label where its probability reaches the threshold, else the other one; without
    one, the most probable label, the first of equals.
    """
    if threshold is None or not target.labels:
        return lambda probabilities: probabilities.argmax(axis=1)
    positive = positive_index(target)
    return lambda probabilities: np.where(probabilities[:, positive] >= threshold, positive, 1 - positive)
