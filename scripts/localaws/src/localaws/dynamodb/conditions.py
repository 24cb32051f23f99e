"""What DynamoDB refuses in conditions that are well-formed: operands of the wrong type, keys that aren't queried so.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.syntax import Call, Operand, Path, Placeholder
from localaws.dynamodb.values import Value, type_of

_ORDERED = ("S", "N", "B")
_COMPARATORS = ("=", "<", "<=", ">", ">=")
_TYPES = ("S", "SS", "N", "NS", "B", "BS", "BOOL", "NULL", "L", "M")


def check_operands(kind: str, condition: Operand, values: Mapping[str, Value]) -> None:
    """Raise InvalidRequest if a literal operand of a condition can't be one."""
    for call in _calls(condition):
        literals = [values[each.name] for each in call.operands if isinstance(each, Placeholder)]
        types = [type_of(literal) for literal in literals]
        if call.name in ("<", "<=", ">", ">=", "BETWEEN"):
            _check_types(kind, call.name, types, _ORDERED)
        elif call.name == "begins_with":
            _check_types(kind, call.name, types, ("S", "B"))
        elif call.name == "attribute_type" and literals[0].get("S") not in _TYPES:
            raise InvalidRequest(
                f"Invalid {kind}: Invalid attribute type name found; type: {literals[0].get('S')}, valid types: "
                f"{{{','.join(_TYPES)}}}"
            )
        if call.name == "BETWEEN" and len(literals) == 2 and isinstance(call.operands[0], Path):
            _check_bounds(kind, *literals)


def check_key_condition(
    condition: Operand, keys: Mapping[str, list[str]], types: Mapping[str, str], values: Mapping[str, Value]
) -> None:
    """Raise InvalidRequest unless a condition finds one partition, and at most one range of its sort keys.

    `keys` has the names of the HASH and RANGE keys, `types` the types of attributes.
    """
    operators: dict[str, str] = {}
    for part in condition.operands if isinstance(condition, Call) and condition.name == "AND" else (condition,):
        if not isinstance(part, Call) or part.name not in (*_COMPARATORS, "BETWEEN", "begins_with"):
            name = part.name if isinstance(part, Call) else ""
            raise InvalidRequest(f"Invalid operator used in KeyConditionExpression: {name}")
        name = _key_name(part, keys)
        if name in operators:
            raise InvalidRequest("KeyConditionExpressions must only contain one condition per key")
        operators[name] = part.name
        for operand in part.operands:
            if isinstance(operand, Placeholder) and type_of(values[operand.name]) != types[name]:
                raise InvalidRequest(
                    "One or more parameter values were invalid: Condition parameter type does not match schema type"
                )
    for name in keys["HASH"]:
        if name not in operators:
            raise _missed(name)
    ranges = [name for name in keys["RANGE"] if name in operators]
    if ranges != keys["RANGE"][: len(ranges)]:
        raise _missed(keys["RANGE"][0])
    if any(operators[name] != "=" for name in (*keys["HASH"], *ranges[:-1])):
        raise InvalidRequest("Query key condition not supported")


def check_no_keys(condition: Operand, keys: Mapping[str, list[str]]) -> None:
    """Raise InvalidRequest if the filter of a query uses a key of what's queried."""
    for path in paths_of(condition):
        if path.steps[0] in (*keys["HASH"], *keys["RANGE"]):
            raise InvalidRequest(
                f"Filter Expression can only contain non-primary key attributes: Primary key attribute: {path.steps[0]}"
            )


def _key_name(part: Call, keys: Mapping[str, list[str]]) -> str:
    """The name of the key that a part of a key condition is about."""
    for operand in part.operands:
        if (
            isinstance(operand, Path)
            and len(operand.steps) == 1
            and operand.steps[0] in (*keys["HASH"], *keys["RANGE"])
        ):
            return str(operand.steps[0])
    raise _missed(keys["HASH"][0])


def _missed(name: str) -> InvalidRequest:
    return InvalidRequest(f"Query condition missed key schema element: {name}")


def _check_types(kind: str, function: str, types: list[str], allowed: tuple[str, ...]) -> None:
    for found in types:
        if found not in allowed:
            raise InvalidRequest(
                f"Invalid {kind}: Incorrect operand type for operator or function; operator or function: {function}, "
                f"operand type: {found}"
            )


def _check_bounds(kind: str, low: Value, high: Value) -> None:
    one, two = type_of(low), type_of(high)
    if one != two:
        raise InvalidRequest(
            f"Invalid {kind}: The BETWEEN operator requires same data type for lower and upper bounds; lower bound "
            f"operand: AttributeValue: {dict(low)}, upper bound operand: AttributeValue: {dict(high)}"
        )
    lower, upper = (Decimal(each["N"]) if one == "N" else each[one] for each in (low, high))
    if lower > upper:
        raise InvalidRequest(
            f"Invalid {kind}: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
            f"lower bound operand: AttributeValue: {dict(low)}, upper bound operand: AttributeValue: {dict(high)}"
        )


def _calls(operand: Operand) -> Iterator[Call]:
    if isinstance(operand, Call):
        yield operand
        for each in operand.operands:
            yield from _calls(each)


def paths_of(operand: Operand) -> Iterator[Path]:
    """The document paths of a condition."""
    if isinstance(operand, Path):
        yield operand
    for call in _calls(operand):
        yield from (each for each in call.operands if isinstance(each, Path))
