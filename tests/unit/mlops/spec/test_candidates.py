"""The usual candidates take every kind of column, with and without gaps, for every task, and compile exactly."""

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import issparse
from sklearn.base import clone

from mlops.contract import Column, Contract, Target, Task
from mlops.errors.training import SpecInvalid
from mlops.spec.boosting import installed_libraries
from mlops.spec.candidates import MAX_TEXTS, candidates_for
from mlops.spec.table import number, table_spec, value
from mlops.training.artifacts.estimator import dump_estimator
from mlops.training.compile import TOLERANCE
from mlops.training.search.estimators import make_estimator
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


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("candidate", ["linear", "random-forest", "gradient-boosting"])
def test_texts_by_the_mean_of_the_target_compile_exactly(task: str, candidate: str) -> None:
    found = candidates_for(tables.contract(task), target_encoded=("city", "heating"))[candidate]
    estimator = make_estimator(found.estimator, {}, seed=0, rows=120)
    small = {name: 5 for name in estimator.get_params() if name in ("model__n_estimators", "model__max_iter")}
    estimator.set_params(**({} if "LogisticRegression" in repr(estimator) else small))
    assert "TargetEncoder" in repr(estimator)
    assert tables.parity(estimator, task, rows=120, limit=300).difference <= TOLERANCE
    assert dump_estimator(estimator)


@pytest.mark.parametrize("candidate", ["linear-log", "gradient-boosting-log"])
def test_a_logarithmic_target_is_tried_too_and_compiles_exactly(candidate: str) -> None:
    contract = tables.contract("regression")
    found = candidates_for(contract, log_target=True)
    assert [*found][:3] == names(contract)
    (estimator, space) = found[candidate].estimator, found[candidate].search
    assert {*space} <= {*estimator.get_params()}
    estimator = make_estimator(estimator, {}, seed=0, rows=120)
    if "max_iter" in repr(estimator) or "Boosting" in repr(estimator):
        estimator.set_params(regressor__model__max_iter=5)
    assert tables.parity(estimator, "regression", rows=120, limit=300).difference <= TOLERANCE


def test_only_the_most_frequent_of_many_texts_have_columns_of_their_own() -> None:
    contract = Contract(
        columns=(Column(name="name", kind="category"),),
        target=Target(name="y", task="binary", labels=("no", "yes")),
    )
    table = pd.DataFrame({"name": [f"name {row % 900}" for row in range(1_800)]})
    truth = np.where(np.arange(1_800) % 3 == 0, "yes", "no")
    linear = clone(candidates_for(contract)["linear"].estimator).fit(table, truth)
    prepared = linear[0].transform(table)
    assert prepared.shape == (1_800, MAX_TEXTS)
    assert issparse(prepared)


@pytest.mark.parametrize("library", installed_libraries())
@pytest.mark.parametrize("task", ["binary", "regression"])
def test_boosting_libraries_are_offered_where_they_are_installed(library: str, task: Task) -> None:
    found = candidates_for(tables.contract(task), boosting=(library,))
    assert [*found][-1] == library
    assert type(found[library].estimator[-1]).__module__.startswith(library)
    assert {*found[library].search} <= {*found[library].estimator.get_params()}


def test_a_boosting_library_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="no boosting library 'treeboost'; choose among xgboost, lightgbm, catboost"):
        candidates_for(tables.contract("binary"), boosting=("treeboost",))


def test_a_spec_that_encodes_a_column_of_numbers_by_the_target_is_refused() -> None:
    with pytest.raises(SpecInvalid, match="target_encoded names size, and no category column is named so"):
        table_spec("leaves", value("price"), number("size"), target_encoded=("size",))
