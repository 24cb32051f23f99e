"""Probabilities are calibrated if held-out rows say that it makes them truer."""

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from mlops.contract import Target
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.probabilities import LOG_LOSS
from mlops.training.search.calibrator import UNCALIBRATED, calibrate_held_out, choose_calibration
from mlops.training.search.folds import HeldOut
from tests.unit.mlops.training.search.samples import chance, make_answers

BINARY = Target(name="kind", task="binary", labels=("no", "yes"))


def held(sharpness: float, rows: int = 300) -> list[HeldOut]:
    found = [make_answers(rows, seed, sharpness=sharpness) for seed in range(5)]
    return [HeldOut(0.0, each, np.log(each.probabilities[:, 1] / each.probabilities[:, 0])) for each in found]


def test_true_probabilities_are_left_alone() -> None:
    chosen, losses = choose_calibration(calibrate_held_out(held(1.0), BINARY))
    assert chosen == UNCALIBRATED
    assert set(losses) == {"none", "sigmoid", "isotonic"}


def test_probabilities_that_claim_too_much_are_calibrated() -> None:
    chosen, losses = choose_calibration(calibrate_held_out(held(4.0), BINARY))
    assert chosen == "sigmoid"
    assert losses["sigmoid"] < losses["none"] - 0.1


def test_a_form_that_no_sigmoid_has_is_isotonic() -> None:
    random = np.random.default_rng(0)
    folds = []
    for _ in range(5):
        score = random.uniform(-3, 3, 3000)
        step = np.where(score < -1, 0.05, np.where(score < 2, 0.5, 0.95))
        truth = (random.random(len(score)) < step).astype(np.intp)
        claimed = chance(score)
        folds.append(HeldOut(0.0, ClassAnswers(truth, np.column_stack([1 - claimed, claimed]), BINARY.labels), score))
    chosen, losses = choose_calibration(calibrate_held_out(folds, BINARY))
    assert chosen == "isotonic"
    assert losses["isotonic"] < losses["sigmoid"] < losses["none"]


def test_a_form_that_worsens_the_brier_score_is_not_chosen_for_its_log_loss() -> None:
    # One claim in a hundred is surely wrong, which log loss never forgives and the Brier score hardly notices.
    truth = np.array([1] + [0] * 99)
    sure = np.where(truth == 1, 1e-12, 0.01)
    careful = np.full(100, 0.15)
    options = {
        name: [ClassAnswers(truth, np.column_stack([1 - claimed, claimed]), BINARY.labels)] * 3
        for name, claimed in ((UNCALIBRATED, sure), ("sigmoid", careful))
    }
    chosen, losses = choose_calibration(options)
    assert losses["sigmoid"] < losses["none"]
    assert chosen == UNCALIBRATED


@pytest.mark.parametrize("form", ["sigmoid", "isotonic"])
@pytest.mark.parametrize("labels", [("b", "a"), ("c", "a", "b")])
def test_a_fold_is_calibrated_as_scikit_learn_does_it_with_the_other_folds(labels: tuple[str, ...], form: str) -> None:
    """On one fold's estimator, so that the decisions of all folds are those of a fitted model."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(300, 2))
    truth = np.array(sorted(labels))[np.digitize(inputs[:, 0] + random.normal(0, 1, 300), range(1, len(labels)))]
    model = LogisticRegression(C=100).fit(inputs, truth)
    order = [list(model.classes_).index(label) for label in labels]
    target = Target(name="kind", task="binary" if len(labels) == 2 else "multiclass", labels=labels)
    folds = []
    for part in np.array_split(np.arange(300), 3):
        positions = np.array([labels.index(label) for label in truth[part]])
        answers = ClassAnswers(positions, model.predict_proba(inputs[part])[:, order], labels)
        folds.append(HeldOut(0.0, answers, model.decision_function(inputs[part])))
    found = calibrate_held_out(folds, target)[form][0]
    wanted = CalibratedClassifierCV(FrozenEstimator(model), method=form, cv=2).fit(inputs[100:], truth[100:])
    np.testing.assert_allclose(found.probabilities, wanted.predict_proba(inputs[:100])[:, order], atol=1e-12)
    assert LOG_LOSS.value(found) > 0
