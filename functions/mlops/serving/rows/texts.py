"""What an error repeats of a body."""

from typing import Any

_MAX_SHOWN = 80  # characters of a name or value


def shorten(text: str) -> str:
    """The text, cut where it is long."""
    return text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}…"


def show(cell: Any) -> str:
    """A cell that is a text, number or truth value, as Python writes it."""
    return shorten(repr(cell[: _MAX_SHOWN + 1] if isinstance(cell, str) else cell))
