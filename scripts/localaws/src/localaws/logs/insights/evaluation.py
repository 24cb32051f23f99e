"""Compiles the expressions of a query to SQL values."""

from localaws.logs.insights import periods, syntax
from localaws.logs.insights.aggregates import AGGREGATES
from localaws.logs.insights.functions import FUNCTIONS, Function
from localaws.logs.insights.scope import Scope
from localaws.logs.insights.values import Kind, Value, as_condition, as_number, as_text, compare, malformed

SPECIAL_FUNCTIONS = ("now", "bin", "datefloor", "dateceil", "coalesce")
_MISPLACED: dict[type[syntax.Node], str] = {
    syntax.Regex: "a /regular expression/ is allowed after like or =~, and in parse",
    syntax.Period: "a period is allowed in bin(), datefloor() and dateceil()",
    syntax.Star: "* is allowed in count(*) only",
}


def evaluate(node: syntax.Node, scope: Scope, now: int) -> Value:
    """The SQL value of an expression; `scope` has its fields; `now` is epoch seconds.

    Raises MalformedQuery naming an unknown function or field.
    """
    match node:
        case syntax.Field():
            return scope.find(node)
        case syntax.Number():
            return Value(f"CAST({node.value!r} AS DOUBLE)", Kind.NUMBER)
        case syntax.Text():
            return Value(scope.parameters.text(node.value), Kind.TEXT)
        case syntax.Negate():
            return Value(f"(-{as_number(evaluate(node.operand, scope, now))})", Kind.NUMBER)
        case syntax.Not():
            operand = evaluate(node.operand, scope, now)
            return Value(f"(NOT {as_condition(operand, node.operand)})", Kind.BOOLEAN)
        case syntax.Binary():
            return _binary(node, evaluate(node.left, scope, now), evaluate(node.right, scope, now))
        case syntax.Like():
            return _like(node, as_text(evaluate(node.subject, scope, now)), scope)
        case syntax.In():
            options = (_equals(node.subject, option) for option in node.options)
            tests = [evaluate(option, scope, now).sql for option in options]
            return Value(f"({' OR '.join(tests)})", Kind.BOOLEAN)
        case syntax.Call():
            return _call(node, scope, now)
        case _:
            raise malformed(_MISPLACED[type(node)], node)


def _equals(subject: syntax.Node, option: syntax.Node) -> syntax.Binary:
    return syntax.Binary(operator="=", left=subject, right=option, start=option.start, end=option.end)


def _binary(node: syntax.Binary, left: Value, right: Value) -> Value:
    if node.operator in ("and", "or"):
        conditions = as_condition(left, node.left), as_condition(right, node.right)
        return Value(f"({conditions[0]} {node.operator.upper()} {conditions[1]})", Kind.BOOLEAN)
    if node.operator in ("=", "!=", "<", "<=", ">", ">="):
        return compare(node, left, right)
    numbers = as_number(left), as_number(right)
    if node.operator in ("/", "%"):
        return Value(f"({numbers[0]} {node.operator} nullif({numbers[1]}, 0))", Kind.NUMBER)
    if node.operator == "^":
        return Value(f"pow({numbers[0]}, {numbers[1]})", Kind.NUMBER)
    return Value(f"({numbers[0]} {node.operator} {numbers[1]})", Kind.NUMBER)


def _like(node: syntax.Like, subject: str, scope: Scope) -> Value:
    if isinstance(node.pattern, syntax.Text):
        return Value(f"coalesce(contains({subject}, {scope.parameters.text(node.pattern.value)}), false)", Kind.BOOLEAN)
    pattern = scope.parameters.regex(node.pattern)
    return Value(f"coalesce(regexp_matches({subject}, {pattern}), false)", Kind.BOOLEAN)


def _call(node: syntax.Call, scope: Scope, now: int) -> Value:
    if not scope.over_events and node.text in scope.columns:
        return scope.columns[node.text]  # `sort count(*)` and `sort bin(5m)` refer to the column of stats
    if node.name in AGGREGATES:
        raise malformed(f"the aggregate {node.text} is allowed in stats only, and not inside another aggregate", node)
    if node.name == "now":
        if node.arguments:
            raise malformed("now() takes no argument", node)
        return Value(f"CAST({now} AS DOUBLE)", Kind.NUMBER)
    if node.name in ("bin", "datefloor", "dateceil"):
        return _rounded(node, scope, now)
    if node.name == "coalesce":
        return _coalesce(node, [evaluate(argument, scope, now) for argument in node.arguments])
    check_function(node)
    function = FUNCTIONS[node.name]
    count = len(node.arguments)
    if count < function.least or (function.most is not None and count > function.most):
        raise malformed(f"{node.name}() doesn't take {count} arguments: {node.text}", node)
    return _applied(function, [evaluate(argument, scope, now) for argument in node.arguments])


def check_function(node: syntax.Call) -> None:
    """Raise MalformedQuery for an unknown function."""
    if node.name not in FUNCTIONS and node.name not in SPECIAL_FUNCTIONS:
        raise malformed(f"the function {node.text.partition('(')[0].strip()}() isn't supported by local AWS", node)


def _applied(function: Function, values: list[Value]) -> Value:
    arguments = [
        as_number(value) if function.letter(position) == "n" else as_text(value)
        for position, value in enumerate(values)
    ]
    template = function.optional if len(arguments) > function.least and function.optional else function.sql
    return Value(template.format(*arguments, all=", ".join(arguments)), function.kind)


def _rounded(node: syntax.Call, scope: Scope, now: int) -> Value:
    arguments = list(node.arguments)
    if node.name == "bin":
        arguments.insert(0, syntax.Field(name="@timestamp", start=node.start, end=node.end))
    if len(arguments) != 2:
        needed = "a period" if node.name == "bin" else "a time and a period"
        raise malformed(f"{node.name}() takes {needed}: {node.text}", node)
    moment = evaluate(arguments[0], scope, now)
    if moment.kind is not Kind.TIME:
        moment = _applied(FUNCTIONS["frommillis"], [moment])
    rounding = periods.ceil if node.name == "dateceil" else periods.floor
    return Value(rounding(moment.sql, arguments[1]), Kind.TIME)


def _coalesce(node: syntax.Call, values: list[Value]) -> Value:
    if not values:
        raise malformed("coalesce() needs an argument", node)
    if len({value.kind for value in values}) == 1:
        return Value(f"coalesce({', '.join(value.sql for value in values)})", values[0].kind)
    return Value(f"coalesce({', '.join(as_text(value) for value in values)})", Kind.TEXT)
