"""The candidate that cross-validates best on the training rows wins, with the spec's seed."""

import pandas as pd
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlops.data.check import check
from mlops.data.read import read_csv
from mlops.training.evaluate import predict
from mlops.training.fit import fit
from mlops.tuning import Candidate
from tests.unit.mlops.samples import make_csv, make_spec


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return check(read_csv(make_csv()), make_spec())


def test_the_best_candidate_wins_wherever_it_stands(rows: pd.DataFrame) -> None:
    best, worst = LogisticRegression(), DummyClassifier()
    for candidates in ({"best": best, "worst": worst}, {"worst": worst, "best": best}):
        fitted = fit(rows, make_spec(candidates=candidates))
        assert fitted.name == "best"
        assert fitted.scores["best"] == 1
        assert fitted.scores["worst"] < 0.7


def test_at_a_tie_the_first_wins(rows: pd.DataFrame) -> None:
    twins = {"first": DummyClassifier(), "second": DummyClassifier()}
    assert fit(rows, make_spec(candidates=twins)).name == "first"


def test_less_log_loss_is_better(rows: pd.DataFrame) -> None:
    candidates = {"worst": DummyClassifier(), "best": make_pipeline(StandardScaler(), LogisticRegression())}
    assert fit(rows, make_spec(candidates=candidates, metric="log_loss")).name == "best"


def test_a_candidate_may_stand_in_a_candidate_with_its_search_space(rows: pd.DataFrame) -> None:
    assert fit(rows, make_spec(candidates={"linear": Candidate(LogisticRegression())})).name == "linear"


def test_the_seed_is_the_specs_and_the_specs_own_estimators_stay_as_they_are(rows: pd.DataFrame) -> None:
    forest = RandomForestClassifier(n_estimators=5)
    spec = make_spec(candidates={"forest": make_pipeline(StandardScaler(), forest)}, seed=3)
    once, again = fit(rows, spec), fit(rows, spec)
    assert once.parameters["randomforestclassifier__random_state"] == 3
    first, second = (predict(each.estimator, rows, spec.contract) for each in (once, again))
    assert (first == second).all()
    assert forest.random_state is None
    assert not hasattr(forest, "estimators_")


def test_parameters_are_plain_values(rows: pd.DataFrame) -> None:
    parameters = fit(rows, make_spec()).parameters
    assert parameters["logisticregression__C"] == 1.0
    assert all(isinstance(value, str | int | float | bool | None) for value in parameters.values())
