"""How long a prediction's record may be: a text that a client sends may take six times its bytes when it is logged."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

from mlops.contract import Contract

_FIXED = 1_000  # bytes: the ids, the answer's names, and texts of ordinary length
_CELL = 60  # bytes of a number, date or short text, with its quotes and commas
_MAX_TEXT = 80  # bytes of a text in a record that would be too long


def longest_record(contract: Contract) -> int:
    """Bytes of a record's JSON that any row of ordinary texts stays within."""
    names = sum(len(to_json(name)) + _CELL for name in contract.names)
    # An answer and the challenger's both have a probability for each label.
    return _FIXED + names + 2 * sum(len(to_json(label)) + _CELL for label in contract.target.labels)


def shorten_texts(cells: Mapping[str, Any]) -> dict[str, Any]:
    """The cells, with each text cut to a length that is bounded after escaping."""
    return {name: _cut(cell) if isinstance(cell, str) else cell for name, cell in cells.items()}


def _cut(text: str) -> str:
    if len(text) <= _MAX_TEXT and len(to_json(text)) <= _MAX_TEXT:
        return text
    start, size = text[:_MAX_TEXT], 0
    for place, character in enumerate(start):
        size += len(to_json(character)) - 2
        if size > _MAX_TEXT:
            return f"{start[:place]}…"
    return f"{start}…"
