"""Columns that are numbered, such as pixel_0_0 to pixel_7_7: one thing, of which one contract holds."""

import re
from collections.abc import Sequence

from mlops.contract import Column

MIN_MEMBERS = 8
_NUMBER = re.compile(r"\d+")


def stem(name: str) -> str:
    """A name without its numbers."""
    return _NUMBER.sub("#", name)


def unite(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns; many whose names differ in numbers only all get the widest range among them."""
    families: dict[tuple[object, ...], list[Column]] = {}
    for column in columns:
        if column.kind in ("number", "integer"):
            families.setdefault((stem(column.name), column.kind), []).append(column)
    ranges: dict[str, dict[str, float | bool]] = {}
    for family in families.values():
        if len(family) >= MIN_MEMBERS:
            widest = {
                "minimum": min(each.minimum or 0.0 for each in family),
                "maximum": max(each.maximum or 0.0 for each in family),
                "required": all(each.required for each in family),
            }
            ranges |= dict.fromkeys((member.name for member in family), widest)
    return tuple(column.model_copy(update=ranges.get(column.name, {})) for column in columns)
