"""What a spec leaves to training is refused where it can't be meant."""

import math

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops.errors.training import SpecInvalid
from mlops.spec.search_space import Between, Candidate, Costs, as_candidate
from tests.unit.mlops.samples import make_spec


def test_an_estimator_alone_is_a_candidate_with_nothing_to_search() -> None:
    estimator = LogisticRegression()
    assert as_candidate(estimator) == Candidate(estimator)
    candidate = Candidate(estimator, {"C": Between(0.1, 10, log=True)})
    assert as_candidate(candidate) is candidate


def test_a_parameter_that_the_estimator_lacks_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(ValueError, match="Pipeline has no parameter 'C'; did you mean "):
        Candidate(make_pipeline(StandardScaler(), LogisticRegression()), {"C": Between(0.1, 10)})
    with pytest.raises(ValueError, match="did you mean 'max_iter'"):
        Candidate(LogisticRegression(), {"maximum_iter": (100, 200)})


def test_a_parameter_with_no_choices_is_refused() -> None:
    with pytest.raises(ValueError, match="the choices for 'C' are empty"):
        Candidate(LogisticRegression(), {"C": ()})


@pytest.mark.parametrize(("low", "high", "log"), [(1, 1, False), (2, 1, False), (0, 1, True), (0, math.inf, False)])
def test_a_range_without_numbers_is_refused(low: float, high: float, log: bool) -> None:
    with pytest.raises(ValueError, match=r"from|above 0"):
        Between(low, high, log)


def test_a_range_between_whole_numbers_is_of_whole_numbers() -> None:
    assert Between(1, 10).whole
    assert not Between(1, 10.0).whole


@pytest.mark.parametrize("costs", [(0, 1), (1, 0), (-1, 1), (math.nan, 1)])
def test_costs_of_zero_are_refused(costs: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="both costs must be above 0"):
        Costs(*costs)


@pytest.mark.parametrize("metric", ["recall", "precision"])
def test_a_threshold_for_a_metric_without_an_optimal_one_is_refused(metric: str) -> None:
    with pytest.raises(SpecInvalid, match=f"{metric} has no optimal threshold of its own"):
        make_spec(metric=metric, threshold="metric")


@pytest.mark.parametrize("threshold", [0, 1, 1.5, -0.5])
def test_a_threshold_that_is_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(SpecInvalid, match="must lie between 0 and 1"):
        make_spec(threshold=threshold)


@pytest.mark.parametrize("threshold", [None, 0.3, Costs(1, 5), "metric", "auto"])
def test_a_threshold_that_can_be_chosen_is_taken(threshold: object) -> None:
    assert make_spec(threshold=threshold).threshold == threshold


def test_fewer_trials_than_candidates_are_refused() -> None:
    with pytest.raises(SpecInvalid, match="1 trials are too few to try 2 candidates"):
        make_spec(trials=1)
