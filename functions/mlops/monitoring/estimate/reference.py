"""The reference: held-out answers with their truth, which training writes and the estimates are learnt from."""

import io
from dataclasses import dataclass

import numpy as np

from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, ValueAnswers

MOST_ROWS = 50_000
MOST_CELLS = 1_000_000


@dataclass(frozen=True, eq=False)
class Reference:
    """Answers to rows that the model wasn't fitted on.

    `inputs` [n, d] are numbers that describe each row (missing: NaN), which regressions need to tell apart where their
    errors are large; the same columns in the same order describe a window's rows. Only inputs that may be kept in
    records are of use. `ordered` says whether the rows stand in the order of time: only then can they show how stable
    the estimates are from one stretch of time to the next.
    """

    answers: Answers
    inputs: Floats | None = None
    ordered: bool = False

    def __post_init__(self) -> None:
        if self.inputs is not None and len(self.inputs) != len(self.answers):
            raise ValueError(f"{len(self.answers)} answers have inputs of {len(self.inputs)} rows")

    def __len__(self) -> int:
        return len(self.answers)

    def take(self, rows: np.typing.NDArray[np.intp]) -> "Reference":
        """Some of the rows, by position."""
        return Reference(self.answers.take(rows), None if self.inputs is None else self.inputs[rows], self.ordered)


def cap(reference: Reference, rng: np.random.Generator, rows: int = MOST_ROWS, cells: int = MOST_CELLS) -> Reference:
    """At most `rows` rows and `cells` numbers: a sample where there are more, in the order they had."""
    width = 2 if isinstance(reference.answers, ValueAnswers) else 1 + len(reference.answers.labels)
    width += 0 if reference.inputs is None else reference.inputs.shape[1]
    most = min(rows, cells // width)
    if len(reference) <= most:
        return reference
    return reference.take(np.sort(rng.choice(len(reference), most, replace=False)))


def write(reference: Reference) -> bytes:
    """The reference as a file (compressed .npz, no pickles) whose bytes follow from its content."""
    answers = reference.answers
    arrays: dict[str, np.typing.NDArray[np.generic]] = {
        "truth": answers.truth.astype(np.int32) if isinstance(answers, ClassAnswers) else answers.truth,
        "ordered": np.array(reference.ordered),
    }
    if isinstance(answers, ClassAnswers):
        arrays["probabilities"] = answers.probabilities
        arrays["labels"] = np.array(answers.labels, dtype=np.str_)
        arrays["positive"] = np.array(answers.positive)
        arrays["threshold"] = np.array(np.nan if answers.threshold is None else answers.threshold)
    else:
        arrays["predictions"] = answers.predictions
    if reference.inputs is not None:
        arrays["inputs"] = reference.inputs.astype(np.float32)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **arrays)
    return file.getvalue()


def read(content: bytes) -> Reference:
    """The reference from its file. Raises ValueError or KeyError for a file that `write` didn't make."""
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = dict(file)
    inputs = arrays["inputs"].astype(np.float64) if "inputs" in arrays else None
    return Reference(_answers(arrays), inputs, bool(arrays["ordered"]))


def _answers(arrays: dict[str, np.typing.NDArray[np.generic]]) -> Answers:
    if "predictions" in arrays:
        return ValueAnswers(arrays["truth"].astype(np.float64), arrays["predictions"].astype(np.float64))
    threshold = float(arrays["threshold"].astype(np.float64))
    return ClassAnswers(
        arrays["truth"].astype(np.intp),
        arrays["probabilities"].astype(np.float64),
        tuple(str(label) for label in arrays["labels"]),
        int(arrays["positive"].astype(np.intp)),
        None if np.isnan(threshold) else threshold,
    )
