"""The tables of converters: which estimator is converted by what, and which can't be and why."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

type Kind = type | str
"""An estimator's exact class, or the qualified name of one whose library isn't imported for the tables' sake."""
type Role = Literal["transform", "predict"]
type Rule = Callable[[Any], str | None]
"""Why an estimator with these parameters, fitted or not, has no exact conversion; None if nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class Part:
    """An estimator within another: its name there, and what it does for it."""

    name: str
    estimator: Any
    role: Role


def given_or(estimator: Any, default: Any) -> Any:
    """The estimator, or what stands for None. Whether an ensemble is true can't be asked before it is fitted."""
    return default if estimator is None else estimator


type Parts = Callable[[Any], Iterator[Part]]


@dataclass(frozen=True)
class Converters[T, P]:
    """Converters by estimator, the rules that refuse some, and the estimators within others.

    A class is looked up itself, not by its parents: a subclass may answer otherwise.
    """

    transformers: Mapping[Kind, T]
    predictors: Mapping[Kind, P]
    rules: Mapping[Kind, Rule]
    parts: Mapping[Kind, Parts]

    def refusal(self, estimator: Any, role: Role) -> str | None:
        """Why an estimator can't be converted, as far as its class and parameters tell; None if it can."""
        rule = find(self.rules, estimator)
        reason = rule(estimator) if rule else None
        if reason is not None:
            return reason
        known: Mapping[Kind, Any] = self.transformers if role == "transform" else self.predictors
        if find(known, estimator) is None:
            return "it has no exact conversion; docs/compile.md lists the estimators that have one"
        return None


def find[C](table: Mapping[Kind, C], estimator: Any) -> C | None:
    """What a table holds for the estimator's class."""
    kind = type(estimator)
    return table.get(kind) or table.get(f"{kind.__module__}.{kind.__qualname__}")
