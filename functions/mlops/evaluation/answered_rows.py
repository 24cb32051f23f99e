"""Rows with a model's answers: those held out at training, as a version keeps them, and those of a window."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, Integers, ValueAnswers

MOST_ROWS = 50_000
MOST_CELLS = 1_000_000


@dataclass(frozen=True, eq=False)
class AnsweredRows:
    """A model's answers to rows that it wasn't fitted on.

    `inputs` [n, d] are numbers that describe each row (missing: NaN), as `encode_inputs` makes them; None where there
    are none. `ordered` says whether the rows stand in the order of time.
    """

    answers: Answers
    inputs: Floats | None = None
    ordered: bool = False

    def __post_init__(self) -> None:
        if self.inputs is not None and len(self.inputs) != len(self.answers):
            raise ValueError(f"{len(self.answers)} answers have inputs of {len(self.inputs)} rows")

    def __len__(self) -> int:
        return len(self.answers)

    def take(self, rows: Integers) -> "AnsweredRows":
        """Some of the rows, by position."""
        return AnsweredRows(self.answers.take(rows), None if self.inputs is None else self.inputs[rows], self.ordered)

    def sample(self, most: int, rng: np.random.Generator) -> "AnsweredRows":
        """At most so many rows, drawn at random where there are more, in the order they had."""
        if len(self) <= most:
            return self
        return self.take(np.sort(rng.choice(len(self), most, replace=False)))

    def without_inputs(self) -> "AnsweredRows":
        """The answers alone."""
        return AnsweredRows(self.answers, None, self.ordered)


def sample_held_out(
    rows: AnsweredRows, rng: np.random.Generator, most: int = MOST_ROWS, cells: int = MOST_CELLS
) -> AnsweredRows:
    """At most so many rows, and numbers in them: a sample where there are more."""
    width = 2 if isinstance(rows.answers, ValueAnswers) else 1 + len(rows.answers.labels)
    width += 0 if rows.inputs is None else rows.inputs.shape[1]
    return rows.sample(min(most, cells // width), rng)


def dump_rows(rows: AnsweredRows) -> bytes:
    """The rows as a file (compressed .npz, no pickles) whose bytes follow from its content."""
    answers = rows.answers
    arrays: dict[str, NDArray[Any]] = {"ordered": np.array(rows.ordered)}
    if isinstance(answers, ClassAnswers):
        arrays["truth"] = answers.truth.astype(np.int32)
        arrays["probabilities"] = answers.probabilities
        arrays["labels"] = np.array(answers.labels, dtype=np.str_)
        arrays["positive"] = np.array(answers.positive)
        arrays["threshold"] = np.array(np.nan if answers.threshold is None else answers.threshold)
    else:
        arrays["truth"], arrays["predictions"] = answers.truth, answers.predictions
    if rows.inputs is not None:
        arrays["inputs"] = rows.inputs.astype(np.float32)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def load_rows(content: bytes) -> AnsweredRows:
    """The rows from their file. Raises ValueError or KeyError for a file that `dump_rows` didn't make."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = dict(file)
    inputs = arrays["inputs"].astype(np.float64) if "inputs" in arrays else None
    return AnsweredRows(_answers(arrays), inputs, bool(arrays["ordered"]))


def _answers(arrays: dict[str, NDArray[Any]]) -> Answers:
    if "predictions" in arrays:
        return ValueAnswers(arrays["truth"].astype(np.float64), arrays["predictions"].astype(np.float64))
    threshold = float(arrays["threshold"])
    return ClassAnswers(
        arrays["truth"].astype(np.intp),
        arrays["probabilities"].astype(np.float64),
        tuple(str(label) for label in arrays["labels"]),
        int(arrays["positive"]),
        None if np.isnan(threshold) else threshold,
    )
