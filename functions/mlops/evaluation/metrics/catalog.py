"""All metrics by name."""

from difflib import get_close_matches

from mlops.contract import Task
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.decisions import ACCURACY, F1, PRECISION, RECALL
from mlops.evaluation.metrics.metric import Metric
from mlops.evaluation.metrics.probabilities import BRIER, CALIBRATION_ERROR, LOG_LOSS
from mlops.evaluation.metrics.ranking import PR_AUC, ROC_AUC
from mlops.evaluation.metrics.values import MAE, PINBALL, R2, RMSE

CLASS_METRICS: tuple[Metric[ClassAnswers], ...] = (
    ACCURACY,
    PRECISION,
    RECALL,
    F1,
    ROC_AUC,
    PR_AUC,
    LOG_LOSS,
    BRIER,
    CALIBRATION_ERROR,
)
VALUE_METRICS: tuple[Metric[ValueAnswers], ...] = (MAE, RMSE, R2, PINBALL)
SIGNS = {each.name: each.sign for each in CLASS_METRICS} | {each.name: each.sign for each in VALUE_METRICS}
"""+1 for a metric of which greater is better, -1 for one of which smaller is."""
RELATIVE = ("mae", "rmse", "pinball")
"""Metrics in the target's unit: for them a spec's margin is a share of the metric's value."""


def absolute_margin(name: str, margin: float, value: float) -> float:
    """A margin in the metric's unit, for the value that a model has."""
    return margin * abs(value) if name in RELATIVE else margin


def metrics_for(task: Task) -> tuple[Metric[ClassAnswers], ...] | tuple[Metric[ValueAnswers], ...]:
    """The metrics that a task is judged by."""
    return VALUE_METRICS if task == "regression" else CLASS_METRICS


def find_metric(name: str, task: Task) -> Metric[ClassAnswers] | Metric[ValueAnswers]:
    """The metric of this name. Raises ValueError, with the names there are, if the task has none such."""
    known = {metric.name: metric for metric in metrics_for(task)}
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise ValueError(f"no metric {name!r} for a {task} target: {hint}There are {', '.join(known)}.")
    return known[name]


def measure(answers: Answers) -> dict[str, float]:
    """Every metric of the answers, by name; NaN where one isn't defined for them."""
    if isinstance(answers, ClassAnswers):
        return {metric.name: metric.value(answers) for metric in CLASS_METRICS}
    return {metric.name: metric.value(answers) for metric in VALUE_METRICS}
