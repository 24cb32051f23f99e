"""Errors at the start of local AWS; each message has the cause and how to fix it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class LocalAwsError(Exception):
    """Local AWS can't start; `exit_code` is the exit code of the process."""

    exit_code = 1


class TemplateError(LocalAwsError):
    """The template can't be read, or CloudFormation would reject it."""

    exit_code = 2


class TransformFailed(TemplateError):
    """A transform rejects the template."""


@dataclass(frozen=True, order=True)
class Problem:
    """One unsupported or invalid part of a template."""

    line: int
    logical_id: str
    path: str
    what: str

    @property
    def place(self) -> str:
        """The resource and the path in it."""
        return f"{self.logical_id}.{self.path}" if self.path else self.logical_id

    def __str__(self) -> str:
        line = f"line {self.line}: " if self.line else ""
        return f"{line}{self.place}: {self.what}"


class TemplateRefused(LocalAwsError):
    """The template has unsupported parts, all of them listed in `problems`."""

    exit_code = 2

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = sorted(set(problems))
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        count = len(self.problems)
        super().__init__(
            f"{source} has {count} part{'s' if count > 1 else ''} that local AWS doesn't support:\n{listing}\n"
            "Nothing was started. Correct or remove these parts, move them to another template, or deploy to AWS."
        )


class TemplateInvalid(TemplateError):
    """CloudFormation would reject the template; `problems` lists the reasons."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{source} is invalid; AWS would reject it too.\n{listing}\nNothing was started.")


class PortInUse(LocalAwsError):
    """A port that local AWS needs is in use."""

    def __init__(self, port: int, option: str, holder: str | None) -> None:
        self.port = port
        by = f" by {holder}" if holder else ""
        super().__init__(f"Port {port} is in use{by}. Stop that process, or choose another port with {option} PORT.")
