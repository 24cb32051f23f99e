"""What the evidence says of a candidate beside the champion."""

from dataclasses import replace
from statistics import mean, stdev

import numpy as np
import pytest
from scipy.stats import ttest_rel

from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.decisions import ACCURACY
from mlops.evaluation.metrics.probabilities import LOG_LOSS
from mlops.evaluation.metrics.ranking import ROC_AUC
from mlops.evaluation.metrics.values import MAE
from mlops.evaluation.slices import Slice
from mlops.registry.manifest.evidence import Difference
from mlops.training.evaluation.paired_comparison import compare
from tests.bench.false_promotions import POINTS_WORSE, Simulation, decide, worse_by
from tests.unit.mlops.evaluation.metrics.samples import draw_class_answers, draw_value_answers


def _with_hits(hits: np.ndarray) -> ClassAnswers:
    truth = np.arange(len(hits)) % 2
    decided = np.where(hits, truth, 1 - truth)
    return ClassAnswers(truth, 0.2 + 0.6 * np.eye(2)[decided], ("no", "yes"))


def _rng() -> np.random.Generator:
    return np.random.default_rng(11)


def test_a_candidate_right_on_many_more_rows_is_better() -> None:
    champion, candidate = _with_hits(np.arange(400) >= 100), _with_hits(np.arange(400) >= 40)
    found = compare(candidate, champion, ACCURACY, 0.01, _rng())
    assert found.overall.verdict == "better"
    assert found.overall.difference == pytest.approx(0.15)
    assert 0 < found.overall.low < 0.15 < found.overall.high
    assert found.better
    assert found.not_worse


def test_smaller_is_better_for_metrics_that_are_losses() -> None:
    champion, candidate = draw_value_answers(seed=1, noise=2.0), draw_value_answers(seed=1, noise=0.5)
    assert compare(candidate, champion, MAE, 0.1, _rng()).overall.verdict == "better"
    assert compare(champion, candidate, MAE, 0.1, _rng()).overall.verdict == "worse"


def test_a_candidate_that_is_the_champion_is_not_worse_and_not_better() -> None:
    answers = draw_class_answers(seed=1)
    found = compare(answers, answers, ROC_AUC, 0.01, _rng()).overall
    assert (found.verdict, found.difference, found.low, found.high) == ("not worse", 0, 0, 0)


def test_a_small_loss_within_the_margin_is_not_worse() -> None:
    champion, candidate = _with_hits(np.arange(4000) >= 400), _with_hits(np.arange(4000) >= 408)
    found = compare(candidate, champion, ACCURACY, 0.01, _rng()).overall
    assert found.difference == pytest.approx(-0.002)
    assert found.verdict == "not worse"
    assert compare(candidate, champion, ACCURACY, 0.0, _rng()).overall.verdict == "worse"


def test_a_loss_that_may_lie_within_the_margin_is_neither_worse_nor_not_worse() -> None:
    champion, candidate = _with_hits(np.arange(400) >= 40), _with_hits(np.arange(400) >= 52)
    found = compare(candidate, champion, ACCURACY, 0.02, _rng()).overall
    assert found.high < 0
    assert found.low < -0.02 < found.high
    assert found.verdict == "undecided"


def test_few_rows_decide_nothing() -> None:
    champion, candidate = _with_hits(np.arange(40) >= 8), _with_hits(np.arange(40) >= 7)
    found = compare(candidate, champion, ACCURACY, 0.01, _rng())
    assert found.overall.verdict == "undecided"
    assert not found.not_worse


def test_p_value_and_interval_are_those_of_the_paired_t_test_for_a_mean() -> None:
    champion, candidate = draw_value_answers(seed=5, noise=1.1), draw_value_answers(seed=5, noise=1.0)
    shifted = ValueAnswers(candidate.truth, candidate.predictions + np.random.default_rng(2).normal(0, 0.3, 120))
    found = compare(shifted, champion, MAE, 0.05, _rng(), resamples=20_000).overall
    expected = ttest_rel(np.abs(champion.residuals), np.abs(shifted.residuals), alternative="greater")
    both = ttest_rel(np.abs(champion.residuals), np.abs(shifted.residuals)).confidence_interval(0.95)
    assert found.p_better == pytest.approx(expected.pvalue, rel=0.1)
    assert (found.low, found.high) == pytest.approx((both.low, both.high), abs=0.003)


def test_a_row_that_is_hard_for_both_cancels_out() -> None:
    rng = np.random.default_rng(4)
    difficulty = rng.normal(0, 5, 300)
    truth = rng.normal(0, 1, 300)
    champion = ValueAnswers(truth, truth + difficulty)
    candidate = ValueAnswers(truth, truth + 0.97 * difficulty)
    assert compare(candidate, champion, MAE, 0.01, _rng()).overall.verdict == "better"


def test_a_broken_slice_is_harm_though_the_whole_is_better() -> None:
    place = np.arange(1000)
    broken = place < 100
    champion, candidate = _with_hits(place % 5 != 0), _with_hits(np.where(broken, place % 2 == 0, place % 50 != 0))
    slices = [Slice("site", "north", np.flatnonzero(broken)), Slice("site", "south", np.flatnonzero(~broken))]
    found = compare(candidate, champion, ACCURACY, 0.01, _rng(), slices)
    assert found.overall.verdict == "better"
    assert [part.where for part in found.harmed] == ["site = north"]
    assert not found.better
    assert not found.not_worse


def test_harm_by_luck_in_one_of_many_slices_is_not_harm() -> None:
    place = np.arange(1000)
    unlucky = (place < 40) & (place % 8 == 0)
    champion, candidate = _with_hits(place % 5 != 4), _with_hits((place % 5 != 4) & ~unlucky)
    slices = [Slice("shop", str(shop), np.arange(40 * shop, 40 * shop + 40)) for shop in range(25)]
    alone = compare(candidate, champion, ACCURACY, 0.01, _rng(), slices[:1])
    among_many = compare(candidate, champion, ACCURACY, 0.01, _rng(), slices)
    assert alone.slices[0].p_worse < 0.1
    assert among_many.slices[0].p_worse == pytest.approx(min(1, 25 * alone.slices[0].p_worse), rel=0.3)
    assert not among_many.harmed


def test_slices_where_the_metric_means_nothing_are_named() -> None:
    answers = draw_class_answers(seed=2)
    only_one_label = Slice("site", "east", np.flatnonzero(answers.truth == 0))
    found = compare(answers, answers, ROC_AUC, 0.01, _rng(), [only_one_label])
    assert found.untold == ("site = east",)
    assert found.slices == ()


def test_repeats_lessen_what_the_fits_have_by_chance_but_not_what_they_have_in_common() -> None:
    rng, truth = np.random.default_rng(5), draw_value_answers(seed=1, rows=400).truth

    def refit() -> ValueAnswers:
        return ValueAnswers(truth, truth + rng.normal(0, 1, 400))

    pairs = [(refit(), refit()) for _ in range(8)]
    single, widened = (compare(*pairs[0], MAE, 0.1, _rng(), inflation=size).overall for size in (1.0, 1.5))
    mean_gain = mean(compare(*pair, MAE, 0.1, _rng()).overall.difference for pair in pairs)
    repeated = compare(*pairs[0], MAE, 0.1, _rng(), repeats=pairs[1:]).overall
    assert repeated.difference == pytest.approx(mean_gain)
    assert repeated.high - repeated.low == pytest.approx((single.high - single.low) / 8**0.5, rel=0.2)
    both = compare(*pairs[0], MAE, 0.1, _rng(), repeats=pairs[1:], inflation=1.5).overall
    expected = (1 / 8 + 1.25) ** 0.5 / 1.5 * (widened.high - widened.low)
    assert both.high - both.low == pytest.approx(expected, rel=0.1)


def test_repeats_of_other_rows_are_refused() -> None:
    first, other = draw_value_answers(seed=1), draw_value_answers(seed=2)
    with pytest.raises(ValueError, match="repeats must answer the same rows"):
        compare(first, first, MAE, 0.1, _rng(), repeats=[(other, other)])


def test_the_evidence_is_ready_for_json_and_the_same_for_the_same_seed() -> None:
    one, other = draw_class_answers(seed=1), draw_class_answers(seed=1)
    first, again = (compare(one, other, LOG_LOSS, 0.01, _rng()) for _ in range(2))
    assert first == again
    assert Difference.model_validate_json(first.overall.model_dump_json()) == first.overall


def test_answers_to_other_rows_are_refused() -> None:
    answers = draw_class_answers(seed=1)
    with pytest.raises(ValueError, match="same rows in the same order"):
        compare(answers, draw_class_answers(seed=2), ACCURACY, 0.01, _rng())
    with pytest.raises(ValueError, match="same labels"):
        compare(answers, replace(answers, labels=("c", "d")), ACCURACY, 0.01, _rng())
    with pytest.raises(ValueError, match=r"0 or more, and this is -0.1"):
        compare(answers, answers, ACCURACY, -0.1, _rng())
    with pytest.raises(ValueError, match="use 200 or more"):
        compare(answers, answers, ACCURACY, 0.01, _rng(), resamples=50)


def test_a_metric_that_means_nothing_overall_is_refused() -> None:
    answers = draw_class_answers(seed=2)
    one_label = answers.take(np.flatnonzero(answers.truth == 0))
    with pytest.raises(ValueError, match="roc_auc is not defined"):
        compare(one_label, one_label, ROC_AUC, 0.01, _rng())


@pytest.mark.parametrize("metric", ["accuracy", "roc_auc"])
def test_equal_candidates_are_seldom_called_better(metric: str) -> None:
    assert decide(Simulation(), metric, rows=300, retrainings=200, seed=8).verdicts["better"] < 10


def test_candidates_5_points_worse_are_never_promoted() -> None:
    found = decide(worse_by(POINTS_WORSE, rows=100_000), "accuracy", 300, 200, seed=8)
    assert found.promoted == found.verdicts["better"] == found.verdicts["not worse"] == 0


def test_the_simulation_is_5_points_worse_in_truth() -> None:
    simulation = worse_by(POINTS_WORSE, rows=100_000)
    gaps = []
    for seed in range(5):
        candidate, champion = simulation.draw(100_000, np.random.default_rng(seed))
        gaps.append(ACCURACY.value(champion) - ACCURACY.value(candidate))
    assert mean(gaps) == pytest.approx(POINTS_WORSE, abs=0.003)
    assert stdev(gaps) < 0.003
