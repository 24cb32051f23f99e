import numpy as np
import pytest

from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import measure
from mlops.monitoring.loss.row_losses import row_losses


@pytest.fixture
def classes() -> ClassAnswers:
    rng = np.random.default_rng(0)
    chance = rng.uniform(0.05, 0.95, 300)
    truth = (rng.random(300) < chance).astype(np.intp)
    return ClassAnswers(truth, np.column_stack([1 - chance, chance]), ("no", "yes"), threshold=0.4)


@pytest.fixture
def values() -> ValueAnswers:
    rng = np.random.default_rng(0)
    return ValueAnswers(rng.normal(0, 2, 300), rng.normal(0, 1, 300))


@pytest.mark.parametrize("metric", ["accuracy", "precision", "recall"])
def test_the_mean_loss_is_one_minus_a_share_of_successes(classes: ClassAnswers, metric: str) -> None:
    losses = row_losses(metric, classes)
    assert losses is not None
    assert losses.mean() == pytest.approx(1 - measure(classes)[metric])


@pytest.mark.parametrize("metric", ["brier", "log_loss"])
def test_the_mean_loss_is_a_metric_of_probabilities_itself(classes: ClassAnswers, metric: str) -> None:
    losses = row_losses(metric, classes)
    assert losses is not None
    assert losses.mean() == pytest.approx(measure(classes)[metric])


@pytest.mark.parametrize(("metric", "power"), [("mae", 1), ("pinball", 1), ("rmse", 2)])
def test_the_mean_loss_is_the_error_itself_or_its_square(values: ValueAnswers, metric: str, power: int) -> None:
    losses = row_losses(metric, values)
    assert losses is not None
    assert losses.mean() == pytest.approx(measure(values)[metric] ** power)


def test_metrics_that_are_no_mean_over_rows_have_no_row_losses(classes: ClassAnswers, values: ValueAnswers) -> None:
    assert [row_losses(name, classes) for name in ("roc_auc", "pr_auc", "f1", "calibration_error")] == [None] * 4
    assert row_losses("r2", values) is None


def test_with_many_labels_precision_has_no_row_losses_and_brier_is_the_whole_distance() -> None:
    answers = ClassAnswers(np.array([2, 0]), np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]), ("a", "b", "c"))
    assert row_losses("precision", answers) is None
    brier = row_losses("brier", answers)
    assert brier is not None
    assert brier.tolist() == pytest.approx([1.5, 0.0])
