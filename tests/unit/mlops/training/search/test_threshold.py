"""The threshold is the one that suits the spec's metric or costs on held-out answers."""

from dataclasses import replace

import numpy as np
import pytest

from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.evaluation.metrics.decisions import ACCURACY, F1
from mlops.spec.search_space import Costs
from mlops.training.search.threshold import choose_threshold, mean_cost
from tests.unit.mlops.training.search.samples import make_answers


def folds(sharpness: float = 1.0, base: float = 0.0, rows: int = 400) -> list[ClassAnswers]:
    return [make_answers(rows, seed, sharpness=sharpness, base=base) for seed in range(5)]


def at(answers: ClassAnswers, threshold: float) -> ClassAnswers:
    return replace(answers, threshold=threshold)


def test_no_threshold_is_wanted_and_none_is_chosen() -> None:
    assert choose_threshold(folds(), None, "f1") is None


def test_a_threshold_that_the_spec_names_is_taken() -> None:
    assert choose_threshold(folds(), 0.3, "f1") == 0.3


def test_calibrated_answers_get_the_threshold_that_theory_gives_for_the_costs() -> None:
    assert choose_threshold(folds(), Costs(1, 9), "roc_auc") == pytest.approx(0.1, abs=0.02)
    assert choose_threshold(folds(), Costs(3, 1), "roc_auc") == pytest.approx(0.75, abs=0.02)


def test_costs_that_are_dear_on_one_side_move_the_threshold_and_save() -> None:
    costs = Costs(false_positive=1, false_negative=10)
    # Answers that claim too much: the threshold that theory gives is far off.
    tried = folds(sharpness=3.0)
    threshold = choose_threshold(tried, costs, "roc_auc")
    assert threshold is not None
    assert threshold < 1 / 11
    fresh = make_answers(20_000, 99, sharpness=3.0)
    assert mean_cost(at(fresh, threshold), costs) < 0.95 * mean_cost(at(fresh, 1 / 11), costs)
    assert mean_cost(at(fresh, threshold), costs) < 0.7 * mean_cost(at(fresh, 0.5), costs)


def test_f1_of_rare_positives_calls_for_less_than_a_half() -> None:
    tried = folds(base=-3.0, rows=2000)
    threshold = choose_threshold(tried, "metric", "f1")
    assert threshold is not None
    assert 0.1 < threshold < 0.45
    fresh = make_answers(50_000, 99, base=-3.0)
    assert F1.value(at(fresh, threshold)) > F1.value(at(fresh, 0.5)) + 0.02


def test_the_threshold_is_a_half_unless_another_is_clearly_better() -> None:
    assert choose_threshold(folds(rows=60), "metric", "accuracy") == 0.5


@pytest.mark.parametrize("wanted", ["metric", Costs(1, 4)])
@pytest.mark.parametrize("metric", ["accuracy", "f1"])
def test_what_is_chosen_is_the_best_of_all_thresholds_or_as_good(wanted: object, metric: str) -> None:
    tried = folds(sharpness=4.0, base=-1.0, rows=150)
    threshold = choose_threshold(tried, wanted, metric)  # type: ignore[arg-type]
    assert threshold is not None

    def worth(cut: float) -> float:
        if isinstance(wanted, Costs):
            return -float(np.mean([mean_cost(at(fold, cut), wanted) for fold in tried]))
        measure = {"accuracy": ACCURACY, "f1": F1}[metric]
        return float(np.mean([measure.value(at(fold, cut)) for fold in tried]))

    best = max(worth(cut) for cut in np.linspace(0.001, 0.999, 999))
    assert worth(threshold) == pytest.approx(best, abs=0.02)


def test_answers_that_are_all_the_same_have_a_threshold_too() -> None:
    truth = np.array([0, 1, 0, 0])
    same = ClassAnswers(truth, np.tile([0.7, 0.3], (4, 1)), ("no", "yes"))
    assert choose_threshold([same, same], "metric", "accuracy") == 0.5
    sure = ClassAnswers(truth, np.tile([0.0, 1.0], (4, 1)), ("no", "yes"))
    assert choose_threshold([sure, sure], Costs(1, 1), "accuracy") == 0.5


def test_the_positive_label_may_be_the_first() -> None:
    turned = [
        replace(fold, probabilities=fold.probabilities[:, ::-1], truth=1 - fold.truth, positive=0, labels=("yes", "no"))
        for fold in folds(sharpness=3.0)
    ]
    costs = Costs(1, 10)
    assert choose_threshold(turned, costs, "f1") == choose_threshold(folds(sharpness=3.0), costs, "f1")


def test_a_metric_without_a_threshold_of_its_own_is_served_by_that_of_f1() -> None:
    tried = folds(base=-3.0, rows=2000)
    assert choose_threshold(tried, "metric", "roc_auc") == choose_threshold(tried, "metric", "f1")


@pytest.mark.parametrize("metric", ["roc_auc", "f1"])
def test_by_default_only_a_rare_label_gets_a_threshold(metric: str) -> None:
    assert choose_threshold(folds(), "auto", metric) is None
    rare = folds(base=-4.5, rows=4000)
    threshold = choose_threshold(rare, "auto", metric)
    assert threshold == choose_threshold(rare, "metric", "f1")
    assert threshold is not None
    assert threshold < 0.45


def test_the_rare_label_may_be_the_negative_one() -> None:
    rare = folds(base=4.5, rows=4000)
    threshold = choose_threshold(rare, "auto", "roc_auc")
    assert threshold is not None
    assert threshold > 0.55, "the negative one is answered before it is the most probable"
    fresh = make_answers(50_000, 99, base=4.5)
    found = (at(fresh, threshold).decided == 0) & (fresh.truth == 0)
    assert found.sum() > 1.5 * ((fresh.decided == 0) & (fresh.truth == 0)).sum()


def test_more_labels_than_two_have_no_threshold() -> None:
    answers = ClassAnswers(np.arange(30) % 3, np.full((30, 3), 1 / 3), ("a", "b", "c"))
    assert choose_threshold([answers] * 5, "auto", "log_loss") is None
