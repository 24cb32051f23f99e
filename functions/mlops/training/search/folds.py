"""Cross-validation of one estimator: what it answers to rows that it hasn't seen, fold by fold."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import KFold, StratifiedKFold

from mlops.errors import DatasetRejected, Violation
from mlops.spec import ModelSpec
from mlops.training.evaluate import judge, predict
from mlops.training.metrics.answers import Answers, Floats
from mlops.training.metrics.catalog import find_metric
from mlops.training.metrics.metric import Metric
from mlops.training.search.cores import Cores


@dataclass(frozen=True, eq=False)
class Held:
    """What an estimator answered in a fold that it wasn't fitted on.

    `decisions` is what calibration starts from, as scikit-learn has it: the decision function [n] or [n, k], or where
    there's none the probabilities, of the second class alone if there are two; None for a regression.
    """

    score: float
    answers: Answers
    decisions: Floats | None


class Folds:
    """The folds of a training table. Classes are spread evenly; the same rows and seed make the same folds."""

    def __init__(self, rows: pd.DataFrame, spec: ModelSpec) -> None:
        self._spec = spec
        self._rows = rows
        self._inputs = rows[list(spec.contract.names)]
        self._truth = rows[spec.target.name]
        self._labels = spec.target.labels
        self._threshold = spec.threshold if isinstance(spec.threshold, float) else None
        self._metric: Metric[Any] = find_metric(spec.metric, spec.target.task)
        kind = StratifiedKFold if self._labels else KFold
        splitter = kind(spec.folds, shuffle=True, random_state=spec.seed)
        self._parts: list[tuple[NDArray[np.intp], NDArray[np.intp]]] = list(splitter.split(self._inputs, self._truth))

    def __len__(self) -> int:
        return len(self._parts)

    @property
    def sign(self) -> int:
        """+1 where a greater score is better, -1 where a smaller one is."""
        return self._metric.sign

    def run(self, estimators: Sequence[tuple[int, Any]], cores: Cores) -> list[Held]:
        """Fit each estimator on its fold's other rows, and see what it answers to those held out."""
        return cores.map(self._run, estimators)

    def _run(self, given: tuple[int, Any]) -> Held:
        fold, estimator = given
        seen, held = self._parts[fold]
        contract = self._spec.contract
        estimator.fit(self._inputs.iloc[seen], self._truth.iloc[seen])
        rows = self._rows.iloc[held]
        predictions = predict(estimator, rows, contract)
        answers = judge(predictions, rows, contract, self._threshold)
        score = self._metric.value(answers)
        if not isfinite(score):
            message = (
                f"{self._spec.metric} isn't defined in fold {fold + 1} of {len(self)}; the rows are too much alike"
            )
            raise DatasetRejected(message, [Violation(rule="metric", column=contract.target.name, message=message)])
        return Held(score, answers, self._decisions(estimator, rows, predictions) if self._labels else None)

    def _decisions(self, estimator: Any, rows: pd.DataFrame, predictions: Floats) -> Floats:
        if hasattr(estimator, "decision_function"):
            decisions: Floats = estimator.decision_function(rows[self._inputs.columns])
            return decisions
        ordered = predictions[:, np.argsort(self._labels)]
        return ordered[:, 1] if len(self._labels) == 2 else ordered
