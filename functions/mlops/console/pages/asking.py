"""Who may ask a model, and what moved its answer: shared by the pages that try models and that show predictions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mlops.console.charts.contributions import draw_contribution
from mlops.console.readers.answers import Explanation
from mlops.console.session.session import Session
from mlops.monitoring.report.texts import shorten

MOST_MOVED = 15
_LONGEST_NAME = 80


@dataclass(frozen=True)
class Moved:
    """A column with its cell, and what it contributed to the answer's score."""

    column: str
    cell: Any
    contribution: float
    picture: Markup


@dataclass(frozen=True)
class ExplanationView:
    """An explanation: the columns that moved the answer most, and what the `others` did together."""

    unit: str
    base: float
    moved: Sequence[Moved]
    others: float
    count_others: int

    @property
    def score(self) -> float:
        """What base and contributions add up to."""
        return self.base + sum(each.contribution for each in self.moved) + self.others


def may_ask(session: Session) -> bool:
    """Whether the session may have a version answer.

    That's for those who operate the models: they get answers with all digits, explanations and versions that the API
    may not offer to its clients, at no limited rate.
    """
    return session.may("operate")


def view_explanation(explanation: Explanation, row: Mapping[str, Any]) -> ExplanationView:
    """An explanation of the answer to a row, the column that moved it most first."""
    ordered = _by_size(explanation)
    largest = max((abs(value) for _, value in ordered), default=0.0)
    shown = [(name, value) for name, value in ordered[:MOST_MOVED] if value]
    others = ordered[len(shown) :]
    return ExplanationView(
        explanation.unit,
        explanation.base,
        [
            Moved(name, row.get(name), value, draw_contribution(shorten(name, _LONGEST_NAME), value, largest))
            for name, value in shown
        ],
        sum(value for _, value in others),
        len(others),
    )


EXPLANATION_HEADER = ("column", "cell", "contribution", "unit")


def explanation_rows(explanation: Explanation, row: Mapping[str, Any]) -> Iterable[tuple[Any, ...]]:
    """All of an explanation for a spreadsheet, the base first."""
    yield "base", None, explanation.base, explanation.unit
    for name, value in _by_size(explanation):
        yield name, row.get(name), value, explanation.unit


def _by_size(explanation: Explanation) -> list[tuple[str, float]]:
    return sorted(explanation.contributions.items(), key=lambda item: -abs(item[1]))
