"""What was found in a template: what can't be done, and what's only accepted."""

from __future__ import annotations

from dataclasses import dataclass, field

from localaws.errors import Problem
from localaws.template.load import Template, Where


@dataclass
class Findings:
    """Problems and remarks, each with the line that it's at."""

    template: Template
    problems: list[Problem] = field(default_factory=list)
    remarks: list[Problem] = field(default_factory=list)

    def refuse(self, where: Where, what: str) -> None:
        """Note what can't be done."""
        self.problems.append(self._problem(where, what))

    def remark(self, where: Where, what: str) -> None:
        """Note what's accepted without being done."""
        self.remarks.append(self._problem(where, what))

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
