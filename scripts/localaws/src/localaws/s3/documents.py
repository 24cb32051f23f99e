"""Documents of requests, in which one value may stand in the place of a list."""

from __future__ import annotations

from typing import Any


def listed(value: Any) -> list[Any]:
    """The values of an element that's missing, or there once or more often."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
