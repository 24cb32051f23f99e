"""Groups the items of a Distributed Map into the inputs of its child executions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from localaws.stepfunctions.language.errors import RUNTIME, StateError
from localaws.stepfunctions.language.intrinsics import compact

_LARGEST = 262_144


def batches(items: Sequence[Any], most: int | None, size: int | None, common: Any) -> Iterator[tuple[int, Any]]:
    """The inputs of the children with the number of items in each; `common` is the batch input, if there's one.

    A batch ends before it has more than `most` items or its JSON is larger than `size` bytes. Raises StateError for an
    item that's too large for a batch.
    """
    around = {} if common is None else {"BatchInput": common}
    limit = min(size or _LARGEST, _LARGEST)
    empty = len(compact({**around, "Items": []}).encode())
    batch: list[Any] = []
    filled = empty
    for item in items:
        needed = len(compact(item).encode()) + 1
        if empty + needed - 1 > limit:
            raise StateError(RUNTIME, f"An item of {needed - 1} bytes doesn't fit into a batch of {limit} bytes.")
        if batch and (filled + needed - 1 > limit or len(batch) == most):
            yield len(batch), {**around, "Items": batch}
            batch, filled = [], empty
        batch.append(item)
        filled += needed
    if batch:
        yield len(batch), {**around, "Items": batch}
