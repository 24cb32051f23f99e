"""Cross-validation of an estimator: its answers to the held-out rows, fold by fold."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd

from mlops.data.row_digests import row_units
from mlops.errors.data import rejection
from mlops.evaluation.metrics.answers import Answers, Floats, make_answers
from mlops.evaluation.metrics.catalog import find_metric
from mlops.evaluation.metrics.metric import Metric
from mlops.spec import ModelSpec
from mlops.training.compile.estimator import predict
from mlops.training.search.cores import Cores
from mlops.training.search.partition import split_rows


@dataclass(frozen=True, eq=False)
class HeldOut:
    """An estimator's answers to the rows of a fold that it wasn't fitted on.

    `decisions` is what calibration starts from, as scikit-learn has it: the decision function [n] or [n, k], or where
    there's none the probabilities, of the second class alone if there are two; None for a regression.
    """

    score: float
    answers: Answers
    decisions: Floats | None


def predict_held_out(estimator: Any, rows: pd.DataFrame, spec: ModelSpec, threshold: float | None = None) -> HeldOut:
    """A fitted estimator's answers to held-out rows. Raises DatasetRejected if they have no score."""
    predictions = predict(estimator, rows, spec.contract)
    answers = make_answers(predictions, rows, spec.contract, threshold, row_units(rows))
    metric: Metric[Any] = find_metric(spec.metric, spec.target.task)
    score = metric.value(answers)
    if not isfinite(score):
        message = (
            f"{spec.metric} isn't defined on a fold of {len(rows)} rows: their {spec.target.name} doesn't vary enough; "
            "use fewer folds, or another metric"
        )
        raise rejection("metric", message, column=spec.target.name)
    return HeldOut(score, answers, _decisions(estimator, rows, predictions, spec) if spec.target.labels else None)


class Folds:
    """The folds of a training table; other ones for each `repeat`."""

    def __init__(self, rows: pd.DataFrame, spec: ModelSpec, repeat: int = 0) -> None:
        self._spec = spec
        self._rows = rows
        self._parts = split_rows(rows, spec, repeat)
        self.repeat = repeat
        self.sign = find_metric(spec.metric, spec.target.task).sign
        """+1 where a greater score is better, -1 where a smaller one is."""

    def __len__(self) -> int:
        return len(self._parts)

    def run(self, estimators: Sequence[tuple[int, Any]], cores: Cores) -> list[HeldOut]:
        """Fit each estimator on the rows outside its fold, and have it answer those in the fold."""
        return cores.map(self._run, estimators)

    def _run(self, given: tuple[int, Any]) -> HeldOut:
        fold, estimator = given
        seen, held = self._parts[fold]
        rows = self._rows.iloc[seen]
        estimator.fit(rows[list(self._spec.contract.names)], rows[self._spec.target.name])
        threshold = self._spec.threshold if isinstance(self._spec.threshold, float) else None
        return predict_held_out(estimator, self._rows.iloc[held], self._spec, threshold)


def _decisions(estimator: Any, rows: pd.DataFrame, predictions: Floats, spec: ModelSpec) -> Floats:
    if hasattr(estimator, "decision_function"):
        decisions: Floats = estimator.decision_function(rows[list(spec.contract.names)])
        return decisions
    ordered = predictions[:, np.argsort(spec.target.labels)]
    return ordered[:, 1] if len(spec.target.labels) == 2 else ordered
