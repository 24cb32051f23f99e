"""The aggregate functions of `stats`, each with its SQL.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax-Stats.html
AWS approximates pct, median and large count_distinct; here they are exact, pct interpolates between neighbours,
and stddev is that of a sample.
"""

from localaws.logs.insights import syntax
from localaws.logs.insights.values import Kind, Value, as_number, as_text, malformed, sort_terms

_NUMERIC = {"avg": "avg", "sum": "sum", "median": "median", "stddev": "stddev_samp"}
AGGREGATES = frozenset(
    {"count", "count_distinct", "min", "max", "pct", "percentile", "earliest", "latest", "sortsfirst", "sortslast"}
    | _NUMERIC.keys()
)


def aggregate(call: syntax.Call, argument: Value | None, timestamp: Value | None) -> Value:
    """The value of an aggregate over a column; no column means count(*).

    `timestamp` is the time of the events, None when the rows are no longer events.
    """
    _check_arguments(call)
    if argument is None:
        return Value("CAST(count(*) AS DOUBLE)", Kind.NUMBER)
    if call.name == "count":
        return Value(f"CAST(count({as_text(argument)}) AS DOUBLE)", Kind.NUMBER)
    if call.name == "count_distinct":
        return Value(f"CAST(count(DISTINCT {as_text(argument)}) AS DOUBLE)", Kind.NUMBER)
    if call.name in _NUMERIC:
        return Value(f"{_NUMERIC[call.name]}({as_number(argument)})", Kind.NUMBER)
    if call.name in ("pct", "percentile"):
        return Value(f"quantile_cont({as_number(argument)}, {_share(call)})", Kind.NUMBER)
    if call.name in ("min", "max"):
        return _extreme(call.name, argument)
    if call.name in ("earliest", "latest"):
        if timestamp is None:
            raise malformed(f"{call.name}() needs @timestamp, which isn't available after stats", call)
        pick = "arg_min" if call.name == "earliest" else "arg_max"
        return Value(f"{pick}({argument.sql}, {timestamp.sql})", argument.kind)
    direction = "ASC" if call.name == "sortsfirst" else "DESC"
    order = ", ".join(sort_terms(argument, direction))
    return Value(f"first({argument.sql} ORDER BY {order})", argument.kind)


def _check_arguments(call: syntax.Call) -> None:
    count = len(call.arguments)
    star = count == 1 and isinstance(call.arguments[0], syntax.Star)
    if call.name == "count" and (count == 0 or star):
        return
    wanted = 2 if call.name in ("pct", "percentile") else 1
    if star or count != wanted:
        raise malformed(f"{call.name}() takes {wanted} argument{'s' if wanted > 1 else ''}: {call.text}", call)


def _share(call: syntax.Call) -> float:
    percent = call.arguments[1]
    if not isinstance(percent, syntax.Number) or not 0 <= percent.value <= 100:
        raise malformed(f"{call.name}() needs a percentage from 0 to 100 as its second argument", percent)
    return percent.value / 100


def _extreme(name: str, argument: Value) -> Value:
    """The smallest or largest number if any value is a number, else the first or last string."""
    if argument.kind not in (Kind.TEXT, Kind.JSON):
        return Value(f"{name}({argument.sql})", argument.kind)
    text = as_text(argument)
    return Value(f"coalesce(shown({name}({as_number(argument)})), {name}({text}))", Kind.TEXT)
