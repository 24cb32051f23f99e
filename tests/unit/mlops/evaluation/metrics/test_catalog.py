"""Every metric, against scikit-learn on weighted rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as reference

from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS, find_metric, measure, metrics_for
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers, draw_value_answers

Reference = Callable[[ClassAnswers, Any], float]


def _of_labels(score: Callable[..., float]) -> Reference:
    def judge(answers: ClassAnswers, weights: Any) -> float:
        average = {"average": "binary", "pos_label": answers.positive} if answers.binary else {"average": "macro"}
        return score(answers.truth, answers.decided, sample_weight=weights, zero_division=0, **average)

    return judge


def _of_order(score: Callable[..., float]) -> Reference:
    def judge(answers: ClassAnswers, weights: Any) -> float:
        labels = [answers.positive] if answers.binary else range(len(answers.labels))
        return float(
            np.mean(
                [
                    score(answers.truth == label, answers.probabilities[:, label], sample_weight=weights)
                    for label in labels
                ]
            )
        )

    return judge


CLASS_REFERENCES: dict[str, Reference] = {
    "accuracy": lambda answers, weights: reference.accuracy_score(
        answers.truth, answers.decided, sample_weight=weights
    ),
    "precision": _of_labels(reference.precision_score),
    "recall": _of_labels(reference.recall_score),
    "f1": _of_labels(reference.f1_score),
    "roc_auc": _of_order(reference.roc_auc_score),
    "pr_auc": _of_order(reference.average_precision_score),
    "log_loss": lambda answers, weights: reference.log_loss(
        answers.truth, answers.probabilities, sample_weight=weights, labels=range(len(answers.labels))
    ),
    "brier": lambda answers, weights: reference.brier_score_loss(
        answers.truth,
        answers.probabilities if len(answers.labels) > 2 else answers.probabilities[:, 1],
        sample_weight=weights,
        labels=range(len(answers.labels)),
    ),
}
VALUE_REFERENCES: dict[str, Callable[..., float]] = {
    "mae": reference.mean_absolute_error,
    "rmse": reference.root_mean_squared_error,
    "r2": reference.r2_score,
    "pinball": reference.mean_pinball_loss,
}


def _resamples(rows: int) -> np.ndarray:
    weights = np.random.default_rng(5).multinomial(rows, np.full(rows, 1 / rows), size=20).astype(float)
    weights[:, :8] += 1  # every label stays in every resample
    return weights


@pytest.mark.parametrize("ties", [False, True], ids=["distinct scores", "tied scores"])
@pytest.mark.parametrize("classes", [2, 3, 6])
@pytest.mark.parametrize("name", CLASS_REFERENCES)
def test_every_resample_of_a_class_metric_agrees_with_scikit_learn(name: str, classes: int, ties: bool) -> None:
    answers = draw_class_answers(seed=classes, classes=classes, ties=ties)
    metric = next(metric for metric in CLASS_METRICS if metric.name == name)
    weights = _resamples(len(answers))
    expected = [CLASS_REFERENCES[name](answers, row) for row in weights]
    np.testing.assert_allclose(metric.prepare(answers)(weights), expected, atol=1e-12)


@pytest.mark.parametrize("name", VALUE_REFERENCES)
def test_every_resample_of_a_value_metric_agrees_with_scikit_learn(name: str) -> None:
    answers = draw_value_answers(seed=1)
    metric = next(metric for metric in VALUE_METRICS if metric.name == name)
    weights = _resamples(len(answers))
    expected = [VALUE_REFERENCES[name](answers.truth, answers.predictions, sample_weight=row) for row in weights]
    np.testing.assert_allclose(metric.prepare(answers)(weights), expected, atol=1e-12)


def test_a_metric_is_the_same_for_doubled_rows_and_doubled_weights() -> None:
    answers = draw_class_answers(seed=3, classes=3)
    doubled = answers.take(np.r_[np.arange(len(answers)), np.arange(40)])
    weights = np.ones((1, len(answers)))
    weights[0, :40] = 2
    # The bins of the calibration error depend on the rows.
    metrics = [metric for metric in CLASS_METRICS if metric.name != "calibration_error"]
    assert len(metrics) == len(CLASS_METRICS) - 1
    for metric in metrics:
        assert metric.prepare(answers)(weights)[0] == pytest.approx(metric.value(doubled)), metric.name


def test_each_metric_knows_whether_greater_or_smaller_is_better() -> None:
    lower = {metric.name for task in ("binary", "regression") for metric in metrics_for(task) if metric.sign < 0}
    assert lower == {"log_loss", "brier", "calibration_error", "mae", "rmse", "pinball"}


def test_better_answers_score_better_in_every_metric() -> None:
    fair, truth = draw_class_answers(seed=4, rows=400, classes=3), np.eye(3)
    sure = ClassAnswers(fair.truth, 0.98 * truth[fair.truth] + 0.02 / 3, fair.labels)
    good, poor = draw_value_answers(seed=4, noise=0.5), draw_value_answers(seed=4, noise=2.0)
    for metric in CLASS_METRICS:
        assert metric.sign * (metric.value(sure) - metric.value(fair)) > 0, metric.name
    for measure_of in VALUE_METRICS:
        assert measure_of.sign * (measure_of.value(good) - measure_of.value(poor)) > 0, measure_of.name


def test_measure_gives_every_metric_of_the_task() -> None:
    assert list(measure(draw_class_answers(seed=1))) == [metric.name for metric in CLASS_METRICS]
    assert list(measure(draw_value_answers(seed=1))) == [metric.name for metric in VALUE_METRICS]


def test_an_unknown_metric_is_named_with_the_likely_one() -> None:
    assert find_metric("rmse", "regression").name == "rmse"
    with pytest.raises(ValueError, match=r"no metric 'roc-auc' for a binary target: did you mean 'roc_auc'\?"):
        find_metric("roc-auc", "binary")
    with pytest.raises(ValueError, match="There are mae, rmse, r2, pinball"):
        find_metric("accuracy", "regression")
