"""Rows of a feedback file that can't be used: counted by reason, with examples, and every one listed."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from pydantic_core import to_json

MAX_EXAMPLES = 20


class RejectedRows:
    """Collects the rows; `lines` are JSON Lines of those that were added since they were last taken.

    A line has the row's number (from 0), the rule, what is wrong, and the cells that may be shown.
    """

    def __init__(self) -> None:
        self.reasons = Counter[str]()
        self.examples: list[dict[str, Any]] = []
        self._lines: list[bytes] = []

    def add(self, row: int, rule: str, message: str, shown: Mapping[str, str]) -> None:
        """A row that breaks a rule."""
        line = {"row": row, "rule": rule, "message": message, **shown}
        self.reasons[rule] += 1
        if len(self.examples) < MAX_EXAMPLES:
            self.examples.append(line)
        self._lines.append(to_json(line) + b"\n")

    def take_lines(self) -> bytes:
        """The lines that were added since the last call."""
        lines, self._lines = b"".join(self._lines), []
        return lines
