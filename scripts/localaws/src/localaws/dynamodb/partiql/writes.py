"""INSERT, UPDATE, DELETE and EXISTS as requests of the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.keys import key_names
from localaws.dynamodb.partiql.expressions import Expressions, conjunction, whole_key
from localaws.dynamodb.partiql.statements import Delete, Exists, Insert, Update
from localaws.dynamodb.projections import project
from localaws.dynamodb.syntax import Call, Path
from localaws.dynamodb.values import Value

Write = Insert | Update | Delete | Exists


def write_request(table: Any, statement: Write) -> tuple[str, dict[str, Any]]:
    """The action, e.g. PutItem, and its parameters; raises InvalidRequest for what DynamoDB refuses."""
    if isinstance(statement, Insert):
        return "PutItem", _insert(table, statement)
    if isinstance(statement, Update):
        return "UpdateItem", _update(table, statement)
    if isinstance(statement, Delete):
        return "DeleteItem", _delete(table, statement)
    return "ConditionCheck", _check(table, statement)


def returned(statement: Write, attributes: Mapping[str, Value]) -> list[dict[str, Value]]:
    """What a write returns of the attributes that its request does: the items of its answer, at most one."""
    if not isinstance(statement, Update | Delete) or statement.returning is None:
        return []
    found = dict(attributes)
    if isinstance(statement, Update) and statement.returning.extent == "MODIFIED":
        found = project(attributes, [path.steps for path in statement.changes.paths])
    return [found] if found else []


def _insert(table: Any, statement: Insert) -> dict[str, Any]:
    expressions = Expressions({})
    condition = expressions.condition(Call("attribute_not_exists", (_hash(table),)))
    return {
        "TableName": statement.table,
        "Item": statement.item,
        "ConditionExpression": condition,
        **expressions.parameters,
    }


def _update(table: Any, statement: Update) -> dict[str, Any]:
    key, others = whole_key(statement.where, key_names(table), statement.values)
    expressions = Expressions(statement.values)
    is_there = Call("attribute_exists", (_hash(table),))
    returning = statement.returning
    return {
        "TableName": statement.table,
        "Key": key,
        "UpdateExpression": expressions.update(statement.changes),
        "ConditionExpression": expressions.condition(conjunction([is_there, *others])),
        **expressions.parameters,
        **({"ReturnValues": f"ALL_{returning.moment}"} if returning else {}),
    }


def _delete(table: Any, statement: Delete) -> dict[str, Any]:
    key, others = whole_key(statement.where, key_names(table), statement.values)
    request: dict[str, Any] = {"TableName": statement.table, "Key": key}
    if others:
        # A deletion of what isn't there succeeds, whatever else it demands.
        is_gone = Call("attribute_not_exists", (_hash(table),))
        request |= _conditional(Call("OR", (is_gone, conjunction(others))), statement.values)
    if statement.returning:
        request["ReturnValues"] = "ALL_OLD"
    return request


def _check(table: Any, statement: Exists) -> dict[str, Any]:
    select = statement.select
    if select.index is not None:
        raise InvalidRequest("Operations on indices are not supported in transactions")
    refusal = InvalidRequest("EXISTS() must contain a single item read with additional condition")
    try:
        key, others = whole_key(select.where, key_names(table), select.values)
    except InvalidRequest:
        raise refusal from None
    if not others:
        raise refusal
    return {"TableName": select.table, "Key": key, **_conditional(conjunction(others), select.values)}


def _conditional(condition: Any, values: Mapping[str, Value]) -> dict[str, Any]:
    expressions = Expressions(values)
    return {"ConditionExpression": expressions.condition(condition), **expressions.parameters}


def _hash(table: Any) -> Path:
    """A path that leads to something in each item that's there."""
    return Path((key_names(table)[0],))
