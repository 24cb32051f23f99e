"""All plots of a version."""

from typing import Any

import numpy as np
import pandas as pd

from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Integers, ValueAnswers, make_answers
from mlops.evaluation.metrics.catalog import find_metric
from mlops.evaluation.metrics.metric import Metric
from mlops.pages.canvas import Plot
from mlops.training.artifacts.plots.classes import plot_calibration, plot_confusion, plot_precision_recall, plot_roc
from mlops.training.artifacts.plots.importance import Importance, permute_columns, plot_importance
from mlops.training.artifacts.plots.values import plot_predicted, plot_residuals
from mlops.training.evaluation.compiled_model import CompiledModel
from mlops.training.evaluation.measurement import Evaluation


def draw_plots(
    model: CompiledModel, test: pd.DataFrame, evaluation: Evaluation, rng: np.random.Generator, metric: str
) -> tuple[Plot, ...]:
    """The plots of the task on held-out rows, and the importance of each column in the metric of this name."""
    answers, estimates, target = evaluation.answers, evaluation.estimates, model.contract.target
    if isinstance(answers, ClassAnswers):
        drawn = [
            plot_confusion(answers),
            plot_roc(answers, estimates),
            plot_precision_recall(answers, estimates),
            plot_calibration(answers),
        ]
        by_label: Metric[Any] = find_metric(metric, target.task)
        return (
            *drawn,
            plot_importance(_class_importance(model, test, by_label, rng), by_label, len(model.contract.names)),
        )
    drawn = [plot_predicted(answers, target.name, target.unit), plot_residuals(answers, target.name, target.unit)]
    by_value: Metric[Any] = find_metric(metric, target.task)
    return (*drawn, plot_importance(_value_importance(model, test, by_value, rng), by_value, len(model.contract.names)))


def _class_importance(
    model: CompiledModel, test: pd.DataFrame, metric: Metric[ClassAnswers], rng: np.random.Generator
) -> list[Importance]:
    def answer(rows: pd.DataFrame, origin: Integers) -> ClassAnswers:
        found = _answer(model, rows, test, origin)
        assert isinstance(found, ClassAnswers)
        return found

    return permute_columns(test[list(model.contract.names)], answer, metric, rng)


def _value_importance(
    model: CompiledModel, test: pd.DataFrame, metric: Metric[ValueAnswers], rng: np.random.Generator
) -> list[Importance]:
    def answer(rows: pd.DataFrame, origin: Integers) -> ValueAnswers:
        found = _answer(model, rows, test, origin)
        assert isinstance(found, ValueAnswers)
        return found

    return permute_columns(test[list(model.contract.names)], answer, metric, rng)


def _answer(model: CompiledModel, rows: pd.DataFrame, test: pd.DataFrame, origin: Integers) -> Answers:
    return make_answers(model.predict(rows), test.iloc[origin], model.contract, model.threshold)
