"""The capacity that reads and writes of items consume."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from localaws.dynamodb.capacity import changed_units, read_units, write_units

ITEM: dict[str, Any] = {"p": {"S": "a"}, "g": {"S": "x"}, "n": {"N": "1"}}


@pytest.mark.proves("dynamodb capacity")
@pytest.mark.parametrize(
    ("size", "consistent", "units"),
    [(0, False, 0.5), (0, True, 1.0), (4096, False, 0.5), (4096, True, 1.0), (4097, False, 1.0), (8193, True, 3.0)],
)
def test_a_unit_reads_four_kilobytes_consistently(size: int, consistent: bool, units: float) -> None:
    assert read_units(size, consistent=consistent) == units


@pytest.mark.proves("dynamodb capacity")
@pytest.mark.parametrize(("size", "units"), [(0, 1.0), (1024, 1.0), (1025, 2.0), (2500, 3.0)])
def test_a_unit_writes_one_kilobyte(size: int, units: float) -> None:
    assert write_units(size) == units


@pytest.mark.proves("dynamodb capacity")
@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        ({}, ITEM, 1.0),
        (ITEM, {}, 1.0),
        (ITEM, ITEM, None),
        (ITEM, {**ITEM, "n": {"N": "2"}}, 1.0),
        (ITEM, {**ITEM, "other": {"S": "y"}}, None),
        (ITEM, {**ITEM, "g": {"S": "y"}}, 2.0),
        ({"p": {"S": "a"}}, {"p": {"S": "a"}, "n": {"N": "1"}}, None),
    ],
    ids=["new", "deleted", "same", "attribute", "unprojected", "moved", "outside"],
)
def test_an_index_is_written_if_what_it_has_of_an_item_changes(
    before: dict[str, Any], after: dict[str, Any], units: float | None
) -> None:
    projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["n"]}
    index = SimpleNamespace(name="i", schema_key_attrs=["g"], projection=projection)
    table = SimpleNamespace(indexes=[], global_indexes=[index], schema=[{"AttributeName": "p"}])

    assert changed_units(table, before, after).get("i") == units
