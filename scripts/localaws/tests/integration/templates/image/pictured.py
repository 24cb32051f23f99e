"""Returns which of its handlers was called."""

from typing import Any


def default(event: dict[str, Any], context: Any) -> Any:
    return "the image's own"


def chosen(event: dict[str, Any], context: Any) -> Any:
    return "the function's"
