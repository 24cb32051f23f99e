"""What an answer or a log line repeats of a refused request: bounded after escaping, since a character may take six."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic_core import to_json

from mlops.errors.violations import Violation

MAX_VIOLATIONS = 100
_MAX_MESSAGE = 500  # characters


def list_violations(violations: Sequence[Violation], count: int, size: int) -> list[dict[str, Any]]:
    """The first violations: at most `count`, and at most `size` bytes of JSON."""
    return [*_list(violations[:count], size)]


def shorten_message(message: str) -> str:
    """The message, cut where it is long."""
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}…"


def _list(violations: Sequence[Violation], size: int) -> Iterator[dict[str, Any]]:
    for violation in violations:
        listed = violation.to_dict()
        listed["message"] = shorten_message(violation.message)
        size -= len(to_json(listed))
        if size < 0:
            return
        yield listed
