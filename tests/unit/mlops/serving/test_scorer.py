import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from mlops.artifact.inputs import Inputs
from mlops.contract import Column, Contract, Target
from mlops.errors.serving import InputRejected
from mlops.registry.store import Store
from mlops.registry.versions import Versions
from mlops.serving.rows.reader import RowReader
from mlops.serving.scorer import Scorer
from tests.unit.mlops.serving.artifacts import CONTRACT, MIXED, ROWS, linear_graph, probability, put_version, sum_graph

WHOLE = {"age": 30, "city": "Bern", "smokes": True, "size": "M", "since": "1970-01-11", "weight": 70.5}


def read(contract: Contract, *rows: dict[str, Any]) -> Sequence[dict[str, Any]]:
    return RowReader(contract, max_rows=100).read(json.dumps({"rows": rows}).encode())


def test_a_scorer_answers_as_arithmetic_does(store: Store) -> None:
    put_version(store, 1)
    scores = Scorer.load(Versions(store, "diagnosis"), 1, max_rows=10).score(ROWS)
    expected = [probability(row) for row in ROWS]
    assert [chances[1] for chances in scores.probabilities] == pytest.approx(expected, abs=1e-12)
    assert scores.labels == ["malignant" if chance > 0.5 else "benign" for chance in expected]


def test_of_equal_probabilities_the_first_label_wins(store: Store) -> None:
    put_version(store, 1)
    scores = Scorer.load(Versions(store, "diagnosis"), 1, max_rows=10).score(
        [{"mean radius": 1.0, "mean texture": 1.0}]
    )
    assert scores.probabilities == [[0.5, 0.5]]
    assert scores.labels == ["benign"]


def test_a_regression_answers_values(store: Store) -> None:
    contract = CONTRACT.model_copy(update={"target": Target(name="sum", task="regression")})
    golden = json.dumps({"rows": ROWS, "values": [sum(row.values()) for row in ROWS]}).encode()
    put_version(store, 1, contract=contract, graph=sum_graph(2), golden_rows=golden)
    scores = Scorer.load(Versions(store, "diagnosis"), 1, max_rows=10).score(ROWS[:3])
    assert scores.values == [0.0, 1.0, 2.0]


def test_an_answer_that_isnt_finite_is_an_error(store: Store) -> None:
    contract = CONTRACT.model_copy(update={"target": Target(name="sum", task="regression")})
    golden = json.dumps({"rows": ROWS, "values": [sum(row.values()) for row in ROWS]}).encode()
    put_version(store, 1, contract=contract, graph=sum_graph(2), golden_rows=golden)
    scorer = Scorer.load(Versions(store, "diagnosis"), 1, max_rows=10)
    with pytest.raises(ArithmeticError, match="infinity or NaN"):
        scorer.score([{"mean radius": float("inf"), "mean texture": 1.0}])


def test_the_number_of_golden_rows_isnt_limited_by_that_of_a_request(store: Store) -> None:
    put_version(store, 1, graph=linear_graph())
    assert Scorer.load(Versions(store, "diagnosis"), 1, max_rows=1).manifest.version == 1


def test_columns_of_each_kind_go_where_the_graph_expects_them() -> None:
    feed = Inputs(MIXED)(read(MIXED, WHOLE, {**WHOLE, "weight": None, "size": None, "smokes": False, "age": 31.0}))
    np.testing.assert_array_equal(feed["numbers"], [[30, 1, 10, 70.5], [31, 0, 10, np.nan]])
    assert feed["numbers"].dtype == np.float64
    assert feed["categories"].tolist() == [["Bern", "M"], ["Bern", ""]]


def test_an_optional_column_may_be_left_out() -> None:
    (row,) = read(MIXED, {name: value for name, value in WHOLE.items() if name not in ("weight", "size")})
    feed = Inputs(MIXED)([row])
    assert np.isnan(feed["numbers"][0, 3])
    assert feed["categories"].tolist() == [["Bern", ""]]


def test_the_fast_way_of_whole_numeric_rows_is_the_same_as_the_long_one() -> None:
    loose = CONTRACT.model_copy(
        update={"columns": (*CONTRACT.columns[:1], Column(name="mean texture", required=False))}
    )
    np.testing.assert_array_equal(Inputs(CONTRACT)(ROWS)["numbers"], Inputs(loose)(ROWS)["numbers"])


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("age", 30.5, "type"),
        ("age", True, "type"),
        ("age", 121, "maximum"),
        ("city", 3, "type"),
        ("smokes", 1, "type"),
        ("smokes", "true", "type"),
        ("size", "XL", "category"),
        ("since", "11.01.1970", "type"),
        ("since", 10, "type"),
        ("since", "1969-12-31", "minimum"),
        ("since", "2026-02-30", "type"),
    ],
)
def test_each_kind_refuses_what_isnt_of_it(column: str, value: Any, rule: str) -> None:
    with pytest.raises(InputRejected) as refusal:
        read(MIXED, {**WHOLE, column: value})
    (violation,) = refusal.value.violations
    assert (violation.column, violation.rule, violation.row) == (column, rule, 0)


def test_a_date_is_read_as_one() -> None:
    (row,) = read(MIXED, WHOLE)
    assert row["since"] == date(1970, 1, 11)
