"""A matrix is the same rows: whatever the cells are, they are taken or refused as they would be one by one."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlops.artifact.matrix import Matrix
from mlops.contract import Column, Contract, Target
from mlops.errors.serving import InputRejected
from mlops.serving.rows.reader import RowReader

NAMES = ("size", "count", "weight")
CONTRACT = Contract(
    columns=(
        Column(name="size", minimum=-1.5, maximum=100),
        Column(name="count", kind="integer", minimum=0),
        Column(name="weight", required=False),
    ),
    target=Target(name="price", task="regression"),
)
READER = RowReader(CONTRACT, max_rows=5)

numbers = (
    st.floats() | st.integers(-2, 3) | st.integers() | st.sampled_from([-1.5, 100, 100.00000001, 10**400, 2**53 + 1])
)
cells = numbers | st.none() | st.booleans() | st.sampled_from(["5", "", [1]])
good = st.tuples(
    st.floats(-1.5, 100), st.integers(0, 2**60) | st.just(3.0), st.floats(allow_nan=False, allow_infinity=False)
)


def one_by_one(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sequence[dict[str, Any]]:
    """The rows, or what is wrong with them, by the check that looks at each cell."""
    named = [{name: None if cell != cell else cell for name, cell in zip(names, row, strict=True)} for row in rows]
    try:
        return READER.read(json.dumps({"rows": named}).encode())
    except InputRejected as error:
        return [violation.to_dict() for violation in error.violations]


def at_once(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sequence[dict[str, Any]]:
    try:
        return list(READER.check_cells(names, rows))
    except InputRejected as error:
        return [violation.to_dict() for violation in error.violations]


@given(st.permutations(NAMES), st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=5))
def test_any_cells_are_taken_or_refused_as_they_are_one_by_one(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    assert at_once(names, rows) == one_by_one(names, rows)


@given(st.permutations(range(3)), st.lists(good, min_size=1, max_size=5))
def test_rows_that_keep_the_contract_become_one_matrix_in_its_order(
    order: list[int], rows: list[tuple[Any, ...]]
) -> None:
    names = [NAMES[index] for index in order]
    taken = READER.check_cells(names, [[row[index] for index in order] for row in rows])
    assert isinstance(taken, Matrix)
    assert taken.numbers.tolist() == [[float(cell) for cell in row] for row in rows]
    assert list(taken) == one_by_one(NAMES, rows)


def test_a_matrix_is_a_sequence_of_rows() -> None:
    taken = READER.check_cells(NAMES, [[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    assert taken[1] == {"size": 4.0, "count": 5.0, "weight": 6.0}
    assert isinstance(taken[1:], Matrix)
    assert list(taken[1:]) == [taken[1], taken[2]]
    assert len(taken[1:]) == 2


@pytest.mark.parametrize("kind", ["category", "boolean", "date"])
def test_a_contract_with_other_columns_than_numbers_makes_no_matrix(kind: Any) -> None:
    contract = CONTRACT.model_copy(update={"columns": (Column(name="size"), Column(name="other", kind=kind))})
    value = {"category": "a", "boolean": True, "date": "2026-11-24"}[kind]
    assert isinstance(RowReader(contract, 5).check_cells(["size", "other"], [[1.0, value]]), list)
