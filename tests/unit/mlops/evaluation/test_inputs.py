import numpy as np
import pandas as pd
import pytest

from mlops.contract import Column, Contract, Target
from mlops.evaluation.inputs import encode_inputs

CONTRACT = Contract(
    columns=(
        Column(name="size"),
        Column(name="site", kind="category", categories=("north", "south")),
        Column(name="word", kind="category"),
        Column(name="member", kind="boolean"),
        Column(name="since", kind="date"),
        Column(name="email", kind="category", privacy="hash"),
    ),
    target=Target(name="price", task="regression"),
)


def _rows(**cells: object) -> pd.DataFrame:
    row = {"size": 1.5, "site": "south", "word": "a", "member": True, "since": "1970-01-11", "email": "x", **cells}
    return pd.DataFrame({name: [value, value] for name, value in row.items()})


def test_each_kind_of_column_becomes_a_number_and_private_ones_are_left_out() -> None:
    found = encode_inputs(_rows(), CONTRACT)
    assert found is not None
    assert found.shape == (2, 5)
    assert found[0, [0, 1, 3, 4]].tolist() == [1.5, 1.0, 1.0, 10.0]


def test_a_row_of_training_s_table_and_one_of_records_are_the_same_numbers() -> None:
    table, record = encode_inputs(_rows(member=1.0, since=10.0), CONTRACT), encode_inputs(_rows(), CONTRACT)
    assert np.array_equal(table, record)  # type: ignore[arg-type]


def test_any_text_is_always_the_same_number_and_others_are_others() -> None:
    one, same, other = (encode_inputs(_rows(word=word), CONTRACT) for word in ("a", "a", "b"))
    assert one is not None
    assert other is not None
    assert np.array_equal(one, same)  # type: ignore[arg-type]
    assert one[0, 2] != other[0, 2]


@pytest.mark.parametrize(
    ("cells", "place"),
    [({"size": None}, 0), ({"site": "east"}, 1), ({"site": None}, 1), ({"member": None}, 3), ({"since": None}, 4)],
)
def test_what_is_missing_or_unseen_is_not_a_number(cells: dict[str, object], place: int) -> None:
    found = encode_inputs(_rows(**cells), CONTRACT)
    assert found is not None
    assert np.isnan(found[0]).tolist() == [position == place for position in range(5)]


def test_a_contract_of_private_columns_has_no_inputs() -> None:
    private = Contract(columns=(Column(name="email", kind="category", privacy="drop"),), target=CONTRACT.target)
    assert encode_inputs(_rows(), private) is None
