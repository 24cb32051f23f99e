"""A model's answers to rows whose truth is known."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from mlops.artifact.decision import decide, positive_index
from mlops.contract import Contract, Target

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.intp]

SUM_TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class ClassAnswers:
    """A classifier's answers.

    `truth` [n] holds positions in `labels`, `probabilities` [n, k] has a column a label, in their order. `positive` is
    the position of the label that binary precision, recall and ranking refer to. `threshold` is the probability
    from which a binary answer is positive; without one the most probable label wins, the first of equals. `units` [n]
    numbers the units that rows belong to, such as patients; without it each row is one.
    """

    truth: Integers
    probabilities: Floats
    labels: tuple[str, ...]
    positive: int = 1
    threshold: float | None = None
    units: Integers | None = None

    def __post_init__(self) -> None:
        rows, classes = len(self.truth), len(self.labels)
        if rows == 0:
            raise ValueError("there are no rows: give at least one answered row")
        if self.probabilities.shape != (rows, classes):
            raise ValueError(
                f"{rows} rows and {classes} labels need probabilities of shape {(rows, classes)}, "
                f"these have {self.probabilities.shape}"
            )
        if self.truth.min() < 0 or self.truth.max() >= classes:
            raise ValueError(f"truth holds positions outside the {classes} labels {self.labels}")
        if not np.isfinite(self.probabilities).all() or (self.probabilities < 0).any():
            raise ValueError("a probability is negative, infinite or not a number")
        if (np.abs(self.probabilities.sum(axis=1) - 1) > SUM_TOLERANCE).any():
            raise ValueError("the probabilities of a row don't add up to one: pass probabilities, not scores")
        if self.threshold is not None and classes != 2:
            raise ValueError(f"a threshold decides between two labels, and there are {classes}")

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def binary(self) -> bool:
        """Whether there are just two labels."""
        return len(self.labels) == 2

    @property
    def decided(self) -> Integers:
        """The position of each row's predicted label [n]."""
        return decide(self.probabilities, self.positive, self.threshold)

    @property
    def hits(self) -> npt.NDArray[np.bool_]:
        """Whether each row's predicted label is the true one [n]."""
        hits: npt.NDArray[np.bool_] = self.decided == self.truth
        return hits

    def take(self, rows: Integers) -> Self:
        """The answers of some rows."""
        return replace(
            self, truth=self.truth[rows], probabilities=self.probabilities[rows], units=_taken(self.units, rows)
        )


@dataclass(frozen=True, eq=False)
class ValueAnswers:
    """A regression's answers: `truth` [n] and `predictions` [n], in the target's unit; `units` as in ClassAnswers."""

    truth: Floats
    predictions: Floats
    units: Integers | None = None

    def __post_init__(self) -> None:
        if len(self.truth) == 0:
            raise ValueError("there are no rows: give at least one answered row")
        if self.truth.ndim != 1 or self.truth.shape != self.predictions.shape:
            raise ValueError(
                f"truth {self.truth.shape} and predictions {self.predictions.shape} must have the same flat shape"
            )
        if not (np.isfinite(self.truth).all() and np.isfinite(self.predictions).all()):
            raise ValueError("a true or predicted value is infinite or not a number")

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def residuals(self) -> Floats:
        """Truth minus prediction [n]."""
        return self.truth - self.predictions

    def take(self, rows: Integers) -> Self:
        """The answers of some rows."""
        return replace(self, truth=self.truth[rows], predictions=self.predictions[rows], units=_taken(self.units, rows))


Answers = ClassAnswers | ValueAnswers


def _taken(units: Integers | None, rows: Integers) -> Integers | None:
    return None if units is None else units[rows]


def make_answers(
    predictions: Floats,
    rows: "pd.DataFrame",
    contract: Contract,
    threshold: float | None = None,
    units: Integers | None = None,
) -> Answers:
    """Predictions ([rows, k] probabilities or [rows] values) with the truth of the rows that they are for."""
    truth = rows[contract.target.name]
    if not contract.target.labels:
        return replace(value_answers(truth.to_numpy(np.float64), predictions), units=units)
    return replace(class_answers(contract.target, list(truth), predictions, threshold), units=units)


def class_answers(
    target: Target, truth: Sequence[str], probabilities: npt.ArrayLike, threshold: float | None = None
) -> ClassAnswers:
    """A classifier's answers to rows whose true labels are `truth`, for a contract's target.

    A binary target that names no positive label takes its second one. Raises ValueError for a label that the
    target doesn't know.
    """
    position = {label: place for place, label in enumerate(target.labels)}
    unknown = sorted({str(label) for label in truth if label not in position})
    if unknown:
        raise ValueError(f"labels {unknown} are not among those of target {target.name!r}: {list(target.labels)}")
    return ClassAnswers(
        np.array([position[label] for label in truth], dtype=np.intp),
        np.asarray(probabilities, dtype=np.float64),
        target.labels,
        positive=positive_index(target),
        threshold=threshold,
    )


def join_answers(parts: Sequence[ClassAnswers]) -> ClassAnswers:
    """A classifier's answers to the rows of all parts, one part after the other; none is of a unit."""
    return replace(
        parts[0],
        truth=np.concatenate([part.truth for part in parts]),
        probabilities=np.concatenate([part.probabilities for part in parts]),
        units=None,
    )


def value_answers(truth: npt.ArrayLike, predictions: npt.ArrayLike) -> ValueAnswers:
    """A regression's answers to rows whose true values are `truth`."""
    return ValueAnswers(np.asarray(truth, dtype=np.float64), np.asarray(predictions, dtype=np.float64))
