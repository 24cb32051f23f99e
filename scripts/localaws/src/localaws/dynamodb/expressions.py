"""The expressions of a request: each is parsed, and all names and values that are given must be used.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.dynamodb.conditions import check_key_condition, check_no_keys, check_operands
from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.keys import attribute_types, check_changed, index_keys, projected
from localaws.dynamodb.parser import Parser
from localaws.dynamodb.syntax import Call, Operand, Placeholder, Update
from localaws.dynamodb.values import Value, check_value, type_of

_NAMES, _VALUES = "ExpressionAttributeNames", "ExpressionAttributeValues"
_CONDITIONS = ("ConditionExpression", "FilterExpression")
_EXPRESSIONS = (*_CONDITIONS, "KeyConditionExpression", "UpdateExpression", "ProjectionExpression")
# Parameters of the time before expressions, which no expression can stand next to.
LEGACY = (
    "AttributesToGet",
    "AttributeUpdates",
    "ConditionalOperator",
    "Expected",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
)


def check_expressions(table: Any, request: Mapping[str, Any]) -> None:
    """Raise InvalidRequest if DynamoDB refuses an expression of a request to a table, or its names and values."""
    given = [name for name in _EXPRESSIONS if request.get(name) is not None]
    legacy = [name for name in LEGACY if request.get(name)]
    if given and legacy:
        raise InvalidRequest(
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
            f"{{{', '.join(legacy)}}} Expression parameters: {{{', '.join(given)}}}"
        )
    names, values = request.get(_NAMES), request.get(_VALUES)
    for parameter, content in ((_NAMES, names), (_VALUES, values)):
        if content is not None and not given:
            raise InvalidRequest(f"{parameter} can only be specified when using expressions")
        if content is not None and not content:
            raise InvalidRequest(f"{parameter} must not be empty")
    for value in (values or {}).values():
        check_value(value)
    parser = Parser(names or {}, values or {})
    _check_each(table, request, parser, values or {})
    for parameter, content, used in ((_NAMES, names, parser.used_names), (_VALUES, values, parser.used_values)):
        unused = sorted(set(content or {}) - used)
        if unused:
            raise InvalidRequest(f"Value provided in {parameter} unused in expressions: keys: {{{', '.join(unused)}}}")


def _check_each(table: Any, request: Mapping[str, Any], parser: Parser, values: Mapping[str, Value]) -> None:
    keys = index_keys(table, request.get("IndexName"))
    for kind in _CONDITIONS:
        if request.get(kind) is not None:
            condition = parser.condition(kind, request[kind])
            check_operands(kind, condition, values)
            if kind == "FilterExpression" and request.get("KeyConditionExpression") is not None:
                check_no_keys(condition, keys)
    if request.get("KeyConditionExpression") is not None:
        condition = parser.condition("KeyConditionExpression", request["KeyConditionExpression"])
        check_operands("KeyConditionExpression", condition, values)
        check_key_condition(condition, keys, attribute_types(table), values)
    if request.get("ProjectionExpression") is not None:
        paths = parser.projection("ProjectionExpression", request["ProjectionExpression"])
        if request.get("IndexName") is not None:
            check_projected(table, request["IndexName"], [str(path.steps[0]) for path in paths])
    elif request.get("IndexName") is not None and request.get("Select") == "ALL_ATTRIBUTES":
        check_projected(table, request["IndexName"], [])
    if request.get("UpdateExpression") is not None:
        update = parser.update("UpdateExpression", request["UpdateExpression"])
        check_changed(table, update, values)
        _check_update(update, values)


def check_projected(table: Any, index_name: str, names: list[str]) -> None:
    """Raise InvalidRequest if an index lacks attributes that are asked for by name, or all if there's none.

    Of a local index DynamoDB fetches them from the table, which local AWS doesn't do.
    """
    is_local, projection = projected(table, index_name)
    if projection is None or (names and projection.issuperset(names)):
        return
    if is_local:
        raise InvalidRequest(
            f"Local AWS doesn't support reading attributes through the local index {index_name} that it doesn't project"
        )
    missing = ", ".join(sorted(set(names) - projection)) or "all attributes"
    raise InvalidRequest(
        f"One or more parameter values were invalid: Global secondary index {index_name} does not project [{missing}]"
    )


def _check_update(update: Update, values: Mapping[str, Value]) -> None:
    """Raise InvalidRequest if a literal of an update can't be added, deleted, summed up or appended."""
    for section, allowed in (("ADD", ("N", "SS", "NS", "BS")), ("DELETE", ("SS", "NS", "BS"))):
        for _, operand in update.sections.get(section, []):
            _check_literal(section, operand, values, allowed)
    for _, operand in update.sections.get("SET", []):
        if isinstance(operand, Call):
            _check_call(operand, values)


def _check_call(call: Call, values: Mapping[str, Value]) -> None:
    for operand in call.operands:
        if isinstance(operand, Call):
            _check_call(operand, values)
        elif call.name in ("+", "-"):
            _check_literal(call.name, operand, values, ("N",))
        elif call.name == "list_append":
            _check_literal(call.name, operand, values, ("L",))


def _check_literal(
    function: str, operand: Operand | None, values: Mapping[str, Value], allowed: tuple[str, ...]
) -> None:
    if isinstance(operand, Placeholder) and type_of(values[operand.name]) not in allowed:
        raise InvalidRequest(
            f"Invalid UpdateExpression: Incorrect operand type for operator or function; operator: {function}, operand "
            f"type: {type_of(values[operand.name])}"
        )
