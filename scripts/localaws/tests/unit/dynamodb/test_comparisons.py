"""Comparisons of attribute values in conditions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.dynamodb.comparisons import create_condition_expression_parser
from moto.dynamodb.models.dynamo_type import DynamoType, Item

from localaws.dynamodb import comparisons
from localaws.moto_patches import MotoPatches

ATTRIBUTES: dict[str, Any] = {
    "s": {"S": "héé"},
    "n": {"N": "10"},
    "b": {"B": "AP8="},
    "z": {"NULL": True},
    "l": {"L": [{"N": "1.0"}, {"S": "x"}]},
    "ns": {"NS": ["2", "1"]},
}


@pytest.fixture(autouse=True)
def installed() -> Iterator[None]:
    patches = MotoPatches()
    comparisons.install(patches)
    yield
    patches.restore()


def holds(condition: str, value: Any) -> bool:
    item = Item(DynamoType({"S": "k"}), None, ATTRIBUTES)
    return bool(create_condition_expression_parser(condition, {}, {":v": value}).parse().expr(item))


@pytest.mark.proves("dynamodb comparisons")
@pytest.mark.parametrize(
    ("condition", "value"),
    [
        ("n = :v", {"N": "10.0"}),
        ("n > :v", {"N": "9"}),
        ("n BETWEEN :v AND :v", {"N": "10"}),
        ("n <> :v", {"S": "10"}),
        ("absent <> :v", {"S": "10"}),
        ("s > :v", {"S": "hz"}),
        ("b >= :v", {"B": "AP8="}),
        ("b < :v", {"B": b"\x01"}),
        ("begins_with(b, :v)", {"B": "AA=="}),
        ("size(b) = :v", {"N": "2"}),
        ("size(s) = :v", {"N": "3"}),
        ("size(l) = :v", {"N": "2"}),
        (":v BETWEEN size(l) AND size(s)", {"N": "3"}),
        ("l = :v", {"L": [{"N": "1"}, {"S": "x"}]}),
        ("ns = :v", {"NS": ["1", "2.0"]}),
        ("z = :v", {"NULL": True}),
    ],
)
def test_values_of_one_type_are_compared(condition: str, value: Any) -> None:
    assert holds(condition, value)


@pytest.mark.proves("dynamodb comparisons")
@pytest.mark.parametrize(
    "condition", ["n < :v", "n > :v", "n = :v", "n IN (:v)", "n BETWEEN :v AND :v", "size(n) < :v"]
)
def test_values_of_different_types_are_neither_equal_nor_in_order(condition: str) -> None:
    assert not holds(condition, {"S": "10"})


@pytest.mark.proves("dynamodb comparisons")
@pytest.mark.parametrize("condition", ["absent = :v", "absent IN (:v)", "absent = gone", "size(absent) = :v"])
def test_what_is_missing_is_equal_to_nothing(condition: str) -> None:
    assert not holds(condition, {"NULL": True})
