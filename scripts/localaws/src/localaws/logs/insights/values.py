"""SQL values with their kinds in Logs Insights, and the conversions between kinds.

All fields of a log are strings; a value is converted to a number where one is required, and is missing (NULL) if that
fails. Conditions are two-valued, as on AWS: a comparison with a missing field is false, `!=` is its negation.
"""

from dataclasses import dataclass
from enum import Enum, auto

from localaws.logs.errors import MalformedQuery
from localaws.logs.insights import syntax


class Kind(Enum):
    """How a value is stored and shown."""

    TEXT = auto()
    NUMBER = auto()
    REPORTED = auto()  # a number discovered in a REPORT line, shown in Java's notation (1.28E8)
    BOOLEAN = auto()
    TIME = auto()  # milliseconds since 1970 in UTC
    JSON = auto()


@dataclass(frozen=True)
class Value:
    """A SQL expression and its kind. Strings of a query are never part of `sql`: they're parameters."""

    sql: str
    kind: Kind


MACROS = (
    r"""CREATE MACRO num(x) AS CASE WHEN NOT contains(x, '_') AND isfinite(TRY_CAST(x AS DOUBLE))
        THEN TRY_CAST(x AS DOUBLE) END""",
    # AWS shows computed numbers with at most four decimals.
    r"""CREATE MACRO shown(x) AS CASE WHEN isfinite(x) THEN
        regexp_replace(regexp_replace(printf('%.4f', x), '\.?0+$', ''), '^-0$', '0') END""",
    r"""CREATE MACRO exponent(x) AS CAST(floor(log10(x)) AS INTEGER)""",
    r"""CREATE MACRO reported(x) AS CASE WHEN x >= 1e7
        THEN CAST(round(x / pow(10, exponent(x)), 12) AS VARCHAR) || 'E' || exponent(x) ELSE CAST(x AS VARCHAR) END""",
    r"""CREATE MACRO moment(x) AS strftime(make_timestamp(x * 1000), '%Y-%m-%d %H:%M:%S.%g')""",
    # A leaf of a JSON document as AWS discovers it: booleans are 1 and 0; null, objects and arrays aren't fields.
    r"""CREATE MACRO leaf(x) AS CASE json_type(x)
        WHEN 'BOOLEAN' THEN CASE WHEN x::VARCHAR = 'true' THEN '1' ELSE '0' END
        WHEN 'OBJECT' THEN NULL WHEN 'ARRAY' THEN NULL WHEN 'NULL' THEN NULL ELSE x ->> '$' END""",
    r"""CREATE MACRO document(x) AS CASE WHEN json_valid(x) THEN CAST(x AS JSON) END""",
    # Natural order: runs of digits compare by length, then by value.
    r"""CREATE MACRO chunks(x) AS list_transform(regexp_extract_all(x, '[0-9]+|[^0-9]+'),
        lambda c: CASE WHEN regexp_matches(c, '^[0-9]') THEN printf('%06d', length(ltrim(c, '0'))) || ltrim(c, '0')
        ELSE c END)""",
)


def as_text(value: Value) -> str:
    """SQL for the value as Logs Insights displays it."""
    match value.kind:
        case Kind.TEXT:
            return value.sql
        case Kind.NUMBER:
            return f"shown({value.sql})"
        case Kind.REPORTED:
            return f"reported({value.sql})"
        case Kind.BOOLEAN:
            return f"CASE WHEN {value.sql} THEN '1' ELSE '0' END"
        case Kind.TIME:
            return f"moment({value.sql})"
        case Kind.JSON:
            return f"coalesce(leaf({value.sql}), CAST({value.sql} AS VARCHAR))"


def as_number(value: Value) -> str:
    """SQL for the value as a DOUBLE, NULL if it isn't a number."""
    match value.kind:
        case Kind.TEXT:
            return f"num({value.sql})"
        case Kind.JSON:
            return f"num(leaf({value.sql}))"
        case _:
            return f"CAST({value.sql} AS DOUBLE)"


def as_condition(value: Value, node: syntax.Node) -> str:
    """SQL for the value as a condition that is never NULL."""
    match value.kind:
        case Kind.BOOLEAN:
            return value.sql
        case Kind.NUMBER | Kind.REPORTED:
            return f"coalesce({value.sql} <> 0, false)"
        case _:
            raise malformed("this isn't a condition; compare it, as in x = 1, or use ispresent(x)", node)


def sort_terms(value: Value, direction: str) -> list[str]:
    """ORDER BY terms in AWS's natural order: ascending, strings before numbers; missing values are always last."""
    if value.kind not in (Kind.TEXT, Kind.JSON):
        return [f"{value.sql} {direction} NULLS LAST"]
    text, number = as_text(value), as_number(value)
    return [
        f"({text} IS NULL) ASC",
        f"({number} IS NOT NULL) {direction}",
        f"{number} {direction} NULLS LAST",
        f"CASE WHEN {number} IS NULL THEN chunks({text}) END {direction} NULLS LAST",
    ]


def compare(node: syntax.Binary, left: Value, right: Value) -> Value:
    """A comparison: of numbers if one side is a number or both can be parsed as one, else of strings."""
    if node.operator == "!=":
        return Value(f"(NOT {_compared('=', node, left, right)})", Kind.BOOLEAN)
    return Value(_compared(node.operator, node, left, right), Kind.BOOLEAN)


def _compared(operator: str, node: syntax.Binary, left: Value, right: Value) -> str:
    textual = (Kind.TEXT, Kind.JSON)
    for side, literal in ((left, node.right), (right, node.left)):
        if side.kind is Kind.TIME and isinstance(literal, syntax.Text):
            raise malformed("a time can only be compared with milliseconds since 1970, not with a string", literal)
    numbers = f"{as_number(left)} {operator} {as_number(right)}"
    texts = f"{as_text(left)} {operator} {as_text(right)}"
    if left.kind not in textual or right.kind not in textual:
        return f"coalesce({numbers}, false)"
    if operator == "=" and (isinstance(node.left, syntax.Text) or isinstance(node.right, syntax.Text)):
        return f"coalesce({texts}, false)"
    return f"coalesce({numbers}, {texts}, false)"


def malformed(message: str, node: syntax.Node) -> MalformedQuery:
    """An error at the node's position."""
    return MalformedQuery(message, node.start, node.end)
