"""The usual candidates take every kind of column, with and without gaps, for every task, and compile exactly."""

import numpy as np
import pytest
from sklearn.base import clone

from mlops.contract import Contract
from mlops.spec.candidates import candidates_for
from mlops.training.compile import TOLERANCE
from tests.unit.mlops.training.compile import tables

TASKS = ("binary", "multiclass", "regression")
SETS: dict[str, tuple[str, ...]] = {
    "every kind": (),
    "numbers alone": ("area", "rooms", "built"),
    "texts alone": ("city", "heating"),
    "gaps alone": ("income", "garden"),
}


def names(contract: Contract) -> list[str]:
    return list(candidates_for(contract))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("columns", SETS)
def test_each_candidate_is_fitted_to_any_columns_and_compiles_exactly(task: str, columns: str) -> None:
    contract = tables.contract(task, *SETS[columns])
    for candidate in candidates_for(contract).values():
        estimator = clone(candidate.estimator)
        small = {name: 5 for name in estimator.get_params() if name in ("model__n_estimators", "model__max_iter")}
        if "LogisticRegression" in repr(estimator):
            small = {}
        found = tables.parity(estimator.set_params(**small), task, *SETS[columns], rows=120, limit=300)
        assert found.difference <= TOLERANCE


@pytest.mark.parametrize("task", TASKS)
def test_the_simplest_candidate_comes_first(task: str) -> None:
    assert names(tables.contract(task))[0] == "linear"


def test_the_candidates_learn_what_there_is_to_learn() -> None:
    contract = tables.contract("binary")
    train, test = tables.table(400, seed=1), tables.table(200, seed=5)
    truth = tables.target(test, "binary", seed=6)
    for candidate in candidates_for(contract).values():
        estimator = clone(candidate.estimator).fit(train, tables.target(train, "binary"))
        assert np.mean(estimator.predict(test) == truth) > 0.8
