"""Which items queries and scans look at, and where a page ends that has as many as its limit.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from moto.dynamodb.models.table import Table

from localaws.moto_patches import MotoPatches

_scanned: ContextVar[list[Any] | None] = ContextVar("scanned", default=None)
# What moto's methods take to drop and to shorten items that they looked at.
_UNFILTERED: dict[str, Any] = {
    "filters": {},
    "filter_kwargs": {},
    "filter_expression": None,
    "projection_expression": None,
    "projection_expressions": None,
}


def install(patches: MotoPatches) -> None:
    """Replace the searches of moto's tables."""
    for name in ("query", "scan"):
        patches.replace(Table, name, _noting)


@contextmanager
def noted() -> Iterator[list[Any]]:
    """The list gets the items that searches within the block look at, also those that their filters drop."""
    items: list[Any] = []
    token = _scanned.set(items)
    try:
        yield items
    finally:
        _scanned.reset(token)


def _noting(original: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(original)

    def search(table: Any, *args: Any, **options: Any) -> Any:
        found, count, last = original(table, *args, **options)
        bound = signature.bind(table, *args, **options)
        limit, noting = bound.arguments["limit"], _scanned.get()
        # DynamoDB doesn't look whether another item follows; moto does.
        is_full = last is None and count > 0 and count == limit
        if noting is None and not is_full:
            return found, count, last
        bound.arguments.update({name: value for name, value in _UNFILTERED.items() if name in bound.arguments})
        items = original(*bound.args, **bound.kwargs)[0]
        if noting is not None:
            noting += items
        if is_full:
            last = table._get_last_evaluated_key(items[-1], bound.arguments.get("index_name"))
        return found, count, last

    return search
