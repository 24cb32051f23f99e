from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.tree import DecisionTreeRegressor

from mlops.errors.training import CompilationFailed
from mlops.training.compile import TOLERANCE, check_parity, compile_estimator, probe_rows
from tests.unit.mlops.training.compile import breakage
from tests.unit.mlops.training.compile.tables import DENSE, NUMBERS, contract, table, target

FOREST = RandomForestClassifier(20, random_state=0)
BOOSTING = HistGradientBoostingClassifier(max_iter=20)


def fitted(model: Any, task: str, *names: str) -> tuple[Any, bytes, pd.DataFrame]:
    """A model, its graph, and the rows that it was fitted on."""
    rows = table()[list(contract(task, *names).names)]
    model.fit(rows, target(table(), task))
    return model, compile_estimator(model, contract(task, *names)), rows


@pytest.mark.parametrize(
    ("model", "wrong"),
    [(FOREST, breakage.without_casts), (BOOSTING, breakage.with_casts)],
    ids=["forest without float32", "boosting in float32"],
)
def test_the_wrong_precision_shows_on_probes_and_not_on_ordinary_rows(
    model: Any, wrong: Callable[[bytes], bytes]
) -> None:
    model, graph, rows = fitted(model, "binary", *DENSE)
    rows = rows.assign(area=rows["area"].round(1))  # not a number that float32 holds
    probes = probe_rows(model, contract("binary", *DENSE), rows, np.random.default_rng(3), 1500)
    assert check_parity(model, contract("binary", *DENSE), graph, probes).exact
    assert check_parity(model, contract("binary", *DENSE), wrong(graph), rows).exact
    assert check_parity(model, contract("binary", *DENSE), wrong(graph), probes).difference > 1000 * TOLERANCE


@pytest.mark.parametrize("model", [FOREST, BOOSTING], ids=["forest", "boosting"])
@pytest.mark.parametrize("wrong", [breakage.with_missing_sent_the_other_way, breakage.with_strict_comparisons])
def test_a_wrong_way_at_a_node_shows_on_probes(model: Any, wrong: Callable[[bytes], bytes]) -> None:
    model, graph, rows = fitted(model, "binary", *NUMBERS)
    probes = probe_rows(model, contract("binary", *NUMBERS), rows, np.random.default_rng(3), 1500)
    parity = check_parity(model, contract("binary", *NUMBERS), wrong(graph), probes)
    assert not parity.exact
    assert parity.worst is not None
    assert list(parity.worst) == NUMBERS


@pytest.mark.parametrize(
    ("model", "single"),
    [(DecisionTreeRegressor(max_leaf_nodes=30), True), (HistGradientBoostingClassifier(max_iter=1), False)],
    ids=["tree", "boosting"],
)
def test_each_threshold_that_is_moved_by_one_rounding_shows(model: Any, single: bool) -> None:
    task = "regression" if single else "binary"
    model, graph, rows = fitted(model, task, *DENSE)
    probes = probe_rows(model, contract(task, *DENSE), rows, np.random.default_rng(3), 5000)

    def up(value: float) -> float:
        return float(np.nextafter(np.float32(value), np.float32(np.inf)) if single else np.nextafter(value, np.inf))

    def down(value: float) -> float:
        return float(np.nextafter(np.float32(value), np.float32(-np.inf)) if single else np.nextafter(value, -np.inf))

    def shows(position: int, move: Callable[[float], float]) -> bool:
        moved = breakage.with_threshold_moved(graph, position, move)
        return not check_parity(model, contract(task, *DENSE), moved, probes).exact

    # The first number of boosting is its start, a tree that compares nothing. A float64 threshold lies between two
    # float32 numbers, and one of the two moves leaves it there.
    for position in range(0 if single else 1, breakage.thresholds(graph)):
        seen = [shows(position, up), shows(position, down)]
        assert any(seen) if single else all(seen)


def test_a_difference_names_its_worst_row() -> None:
    model, _, rows = fitted(LogisticRegression(max_iter=2000), "binary", "rooms")
    other = LogisticRegression(max_iter=2000, C=0.01).fit(rows, target(table(), "binary"))
    graph = compile_estimator(other, contract("binary", "rooms"))
    parity = check_parity(model, contract("binary", "rooms"), graph, rows)
    gaps = np.abs(model.predict_proba(rows) - other.predict_proba(rows)).max(axis=1)
    assert parity.difference == pytest.approx(gaps.max(), abs=1e-12)
    assert parity.worst == {"rooms": rows["rooms"].iloc[int(gaps.argmax())]}
    assert parity.rows == len(rows)


def test_large_values_are_compared_relatively() -> None:
    model, graph, rows = fitted(Ridge(), "regression", *DENSE)
    model.intercept_ += 1e-3  # of values about 1e5
    assert check_parity(model, contract("regression", *DENSE), graph, rows).exact
    model.intercept_ += 1.0
    assert not check_parity(model, contract("regression", *DENSE), graph, rows).exact


def test_an_answer_that_is_not_a_number_on_one_side_only_is_an_infinite_difference() -> None:
    model, graph, rows = fitted(Ridge(), "regression", *DENSE)
    model.intercept_ = np.nan
    assert check_parity(model, contract("regression", *DENSE), graph, rows).difference == np.inf


def test_an_estimator_that_refuses_missing_values_that_the_contract_allows_fails() -> None:
    model, graph, rows = fitted(LogisticRegression(max_iter=2000), "binary", *DENSE)
    with pytest.raises(CompilationFailed, match="refuses a row that the contract allows"):
        check_parity(model, contract("binary", *DENSE), graph, rows.assign(area=np.nan))


def test_nothing_is_not_compared() -> None:
    model, graph, rows = fitted(Ridge(), "regression", *DENSE)
    with pytest.raises(ValueError, match="no rows"):
        check_parity(model, contract("regression", *DENSE), graph, rows.head(0))
