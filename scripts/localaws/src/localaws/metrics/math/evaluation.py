"""Evaluates metric math expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from localaws.metrics.math import functions
from localaws.metrics.math.parser import Array, Call, Malformed, Name, Negation, Node, Number, Operation, Text
from localaws.metrics.math.values import Grid, Series, Value, combine

_OPERATIONS: dict[str, Callable[[float, float], float | None]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right if right else None,
    "^": lambda left, right: _power(left, right),
    "==": lambda left, right: float(left == right),
    "!=": lambda left, right: float(left != right),
    "<": lambda left, right: float(left < right),
    "<=": lambda left, right: float(left <= right),
    ">": lambda left, right: float(left > right),
    ">=": lambda left, right: float(left >= right),
    "AND": lambda left, right: float(bool(left) and bool(right)),
    "OR": lambda left, right: float(bool(left) or bool(right)),
}
NOT_SUPPORTED = frozenset({"ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "SEARCH"})


@dataclass(frozen=True)
class Scope:
    """The context of an expression: the time grid, the metrics by id, and the results of other expressions."""

    grid: Grid
    metrics: Mapping[str, Series]
    results: Mapping[str, Value]


def evaluate(node: Node, scope: Scope) -> Value:
    """The value of an expression. Raises Malformed."""
    match node:
        case Number():
            return node.value
        case Name():
            if node.value in scope.metrics:
                return scope.metrics[node.value]
            if node.value in scope.results:
                return scope.results[node.value]
            raise Malformed(f"No metric or expression has the id {node.value}.")
        case Array():
            return [series for item in node.items for series in _many(evaluate(item, scope))]
        case Negation():
            return combine(-1.0, evaluate(node.operand, scope), _OPERATIONS["*"])
        case Operation():
            return combine(evaluate(node.left, scope), evaluate(node.right, scope), _OPERATIONS[node.operator])
        case Call():
            return _call(node, scope)
        case Text():
            raise Malformed(f"A string is allowed in METRICS() only: {node.value!r}.")


def _call(node: Call, scope: Scope) -> Value:
    if node.name in NOT_SUPPORTED:
        raise Malformed(f"The function {node.name} isn't supported by local AWS.")
    if node.name == "METRICS":
        return _metrics(node, scope)
    function = functions.FUNCTIONS.get(node.name)
    if function is None:
        raise Malformed(f"The function {node.name} doesn't exist.")
    # Keywords such as DESC and REPEAT aren't values: they're passed to the function as they are.
    arguments = [
        argument.value
        if isinstance(argument, Name) and argument.value in functions.WORDS
        else evaluate(argument, scope)
        for argument in node.arguments
    ]
    if not function.least <= len(arguments) <= function.most:
        raise Malformed(f"{node.name} doesn't take {len(arguments)} arguments.")
    return function.compute(scope.grid, *arguments)


def _metrics(node: Call, scope: Scope) -> list[Series]:
    if not node.arguments:
        return list(scope.metrics.values())
    (part,) = node.arguments if len(node.arguments) == 1 else (None,)
    if not isinstance(part, Text):
        raise Malformed("METRICS takes at most one string.")
    return [series for name, series in scope.metrics.items() if part.value in name]


def _many(value: Value) -> list[Series]:
    if isinstance(value, float):
        raise Malformed("An array contains time series, not numbers.")
    return value if isinstance(value, list) else [value]


def _power(base: float, exponent: float) -> float | None:
    try:
        result = base**exponent
    except (OverflowError, ZeroDivisionError):
        return None
    return None if isinstance(result, complex) else float(result)
