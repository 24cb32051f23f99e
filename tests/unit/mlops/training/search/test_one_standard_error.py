"""The simplest option wins that is as good as the best, by the differences over folds."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from mlops.training.search.one_standard_error import simplest_within_error, standard_error


def test_a_simpler_option_that_differs_by_less_than_its_noise_wins() -> None:
    simple, better = [0.80, 0.84, 0.79, 0.83, 0.80], [0.83, 0.82, 0.80, 0.83, 0.80]
    assert np.mean(better) > np.mean(simple)
    assert simplest_within_error([simple, better]) == 0


def test_a_complex_option_that_is_better_in_every_fold_wins_though_folds_differ_more_than_options() -> None:
    simple = [0.70, 0.90, 0.60, 0.80, 0.75]
    better = [score + gain for score, gain in zip(simple, [0.03, 0.02, 0.03, 0.02, 0.03], strict=True)]
    assert simplest_within_error([simple, better]) == 1


def test_the_first_of_those_that_are_as_good_wins() -> None:
    worst, good, best = [0.5, 0.5, 0.5], [0.79, 0.81, 0.80], [0.80, 0.80, 0.81]
    assert simplest_within_error([worst, good, best]) == 1
    assert simplest_within_error([best, good, worst]) == 0


def test_of_options_with_the_same_scores_the_first_wins() -> None:
    assert simplest_within_error([[0.5, 0.7], [0.5, 0.7]]) == 0


def test_simplicity_costs_no_more_than_the_most_however_noisy_the_folds() -> None:
    simple, better = [0.60, 0.95, 0.55, 0.99, 0.61], [0.90, 0.80, 0.70, 0.90, 0.90]
    assert simplest_within_error([simple, better]) == 0
    assert simplest_within_error([simple, better], most=0.05) == 1
    assert simplest_within_error([simple, better], most=0.2) == 0


def test_repeats_make_the_error_smaller_but_not_as_independent_folds_would() -> None:
    differences = np.random.default_rng(0).normal(size=15)
    thrice, once = standard_error(differences, repeats=3), standard_error(differences)
    spread = float(differences.std(ddof=1))
    assert thrice == pytest.approx(spread * np.sqrt(1 / 15 + 1 / 4))
    assert thrice > once


def test_the_error_is_that_of_nadeau_and_bengio() -> None:
    scores = np.random.default_rng(0).normal(size=(2, 10))
    differences = scores[0] - scores[1]
    # Their test is the paired t-test with 1/k + 1/(k - 1) in place of 1/k.
    naive = differences.mean() / ttest_rel(*scores).statistic
    assert standard_error(differences) == pytest.approx(naive * np.sqrt(10 * (1 / 10 + 1 / 9)))


def test_of_equal_candidates_the_simpler_wins_far_more_often_than_half_the_time() -> None:
    random = np.random.default_rng(1)
    folds = random.normal(0.8, 0.05, size=(500, 1, 5)) + random.normal(0, 0.01, size=(500, 2, 5))
    assert np.mean([simplest_within_error(pair) == 0 for pair in folds.tolist()]) > 0.75
