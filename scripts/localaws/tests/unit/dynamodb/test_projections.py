"""Projections of items."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.dynamodb.projections import project

ITEM: dict[str, dict[str, Any]] = {
    "m": {"M": {"x": {"N": "1"}, "y": {"L": [{"S": "a"}, {"M": {"z": {"S": "b"}}}]}}},
    "l": {"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]},
    "a.b": {"S": "dotted"},
}


@pytest.mark.parametrize(
    ("paths", "found"),
    [
        ([("m", "x")], {"m": {"M": {"x": {"N": "1"}}}}),
        ([("l", 2), ("l", 0)], {"l": {"L": [{"N": "0"}, {"N": "2"}]}}),
        ([("m", "y", 1, "z")], {"m": {"M": {"y": {"L": [{"M": {"z": {"S": "b"}}}]}}}}),
        ([("a.b",)], {"a.b": {"S": "dotted"}}),
        ([("a", "b"), ("l", 9), ("m", "nope"), ("l", "x")], {}),
    ],
)
def test_a_projection_has_the_parts_that_its_paths_lead_to(paths: list[Any], found: dict[str, Any]) -> None:
    assert project(ITEM, paths) == found
