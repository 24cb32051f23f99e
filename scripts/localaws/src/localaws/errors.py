"""What can go wrong before local AWS runs; each error says the cause and the remedy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class LocalAwsError(Exception):
    """Local AWS can't start; `exit_code` is what the process should exit with."""

    exit_code = 1


class TemplateError(LocalAwsError):
    """The template can't be read, or says something that CloudFormation itself would reject."""

    exit_code = 2


@dataclass(frozen=True, order=True)
class Problem:
    """One thing in a template that local AWS can't do as AWS does."""

    line: int
    logical_id: str
    path: str
    what: str

    @property
    def place(self) -> str:
        """Where it is: the resource and the path in it."""
        return f"{self.logical_id}.{self.path}" if self.path else self.logical_id

    def __str__(self) -> str:
        line = f"line {self.line}: " if self.line else ""
        return f"{line}{self.place}: {self.what}"


class TemplateRefused(LocalAwsError):
    """The template asks for what local AWS doesn't do; `problems` lists all of it."""

    exit_code = 2

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = sorted(set(problems))
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        count = len(self.problems)
        super().__init__(
            f"{source} can't run on local AWS: {count} part{'s' if count > 1 else ''} of it "
            f"{'are' if count > 1 else 'is'} not supported.\n{listing}\n"
            "Nothing was started. Remove them, move them to a template of their own, or deploy to AWS."
        )


class TemplateInvalid(TemplateError):
    """The template contradicts itself, so that CloudFormation would reject it; `problems` lists where."""

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.problems = sorted(set(problems))
        listing = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{source} isn't valid; AWS would reject it too.\n{listing}\nNothing was started.")


class PortInUse(LocalAwsError):
    """A port that local AWS needs is taken."""

    def __init__(self, port: int, option: str, holder: str | None) -> None:
        self.port = port
        by = f" by {holder}" if holder else ""
        super().__init__(f"Port {port} is in use{by}. Stop that process, or choose another port with {option} PORT.")
