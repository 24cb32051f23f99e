"""The findings in a template: what's unsupported, and what's accepted without effect."""

from __future__ import annotations

from dataclasses import dataclass, field

from localaws.errors import Problem
from localaws.template.load import Template, Where


@dataclass
class Findings:
    """Problems and notes, each with its line."""

    template: Template
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)

    def refuse(self, where: Where, what: str) -> None:
        """Add something unsupported."""
        self.problems.append(self._problem(where, what))

    def note(self, where: Where, what: str) -> None:
        """Add something that's accepted without effect."""
        self.notes.append(self._problem(where, what))

    def _problem(self, where: Where, what: str) -> Problem:
        line = self.template.line(where)
        if where[0] != "Resources":
            return Problem(line, str(where[0]), _path(where[1:]), what)
        inner = where[3:] if len(where) > 2 and where[2] == "Properties" else where[2:]
        return Problem(line, str(where[1]), _path(inner), what)


def _path(where: Where) -> str:
    text = ""
    for step in where:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")
