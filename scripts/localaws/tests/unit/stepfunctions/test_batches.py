"""Items in batches, and how many may fail."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws.stepfunctions.distributed.batches import batches
from localaws.stepfunctions.distributed.map_run import Child, MapRun
from localaws.stepfunctions.execution import Execution, Machine
from localaws.stepfunctions.language.errors import StateError

MACHINE = Machine("arn", "m", "role", "STANDARD", {})


@pytest.mark.proves("distributed batches")
def test_items_are_grouped_by_number() -> None:
    found = list(batches([1, 2, 3, 4, 5], 2, None, {"x": 1}))
    assert found == [
        (2, {"BatchInput": {"x": 1}, "Items": [1, 2]}),
        (2, {"BatchInput": {"x": 1}, "Items": [3, 4]}),
        (1, {"BatchInput": {"x": 1}, "Items": [5]}),
    ]
    assert list(batches([], 2, None, None)) == []


@pytest.mark.proves("distributed batches")
def test_a_batch_is_not_larger_than_its_limit() -> None:
    items = ["x" * size for size in (5, 5, 1, 20, 3, 3, 3)]
    found = list(batches(items, None, 35, None))
    assert [item for _, batch in found for item in batch["Items"]] == items
    sizes = [len(json.dumps(batch, separators=(",", ":"))) for _, batch in found]
    assert max(sizes) <= 35
    assert sizes[0] + len(',"' + "x" * 20 + '"') > 35
    with pytest.raises(StateError, match="doesn't fit"):
        list(batches(["x" * 40], None, 35, None))


def run_of(statuses: list[str], items: int = 1, **tolerated: Any) -> MapRun:
    children = []
    for status in statuses:
        execution = Execution("arn", "e", MACHINE, "{}", 0.0, status=status)
        children.append(Child("{}", items, None if status == "PENDING" else execution))
    return MapRun("arn:run", "arn:parent", MACHINE, children, 1, 0.0, **tolerated)


@pytest.mark.proves("distributed tolerated failures")
@pytest.mark.parametrize(
    ("failed", "tolerated", "expected"),
    [
        (0, {}, False),
        (1, {}, True),
        (2, {"tolerated_count": 2}, False),
        (3, {"tolerated_count": 2}, True),
        (2, {"tolerated_percentage": 20}, False),
        (3, {"tolerated_percentage": 20}, True),
        (3, {"tolerated_percentage": 50, "tolerated_count": 2}, True),
        (3, {"tolerated_percentage": 20, "tolerated_count": 5}, True),
        (10, {"tolerated_percentage": 100}, False),
    ],
)
def test_failures_are_tolerated_by_count_and_by_percentage(
    failed: int, tolerated: dict[str, Any], expected: bool
) -> None:
    statuses = ["FAILED"] * failed + ["SUCCEEDED"] * (10 - failed)
    assert run_of(statuses, **tolerated).is_exceeded is expected
    assert (
        run_of(statuses, 5, **{**tolerated, "tolerated_count": 5 * tolerated.get("tolerated_count", 0)}).is_exceeded
        is expected
    )


def test_children_and_items_are_counted_by_status() -> None:
    run = run_of(["FAILED", "SUCCEEDED", "SUCCEEDED", "PENDING", "RUNNING"], 3)
    counts = run.counts(of_items=True)
    assert (counts["failed"], counts["succeeded"], counts["pending"], counts["running"], counts["total"]) == (
        3,
        6,
        3,
        3,
        15,
    )
    assert run.counts(of_items=False)["total"] == 5
