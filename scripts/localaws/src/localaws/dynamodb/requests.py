"""Requests to tables that moto accepts, but DynamoDB refuses.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import ResourceNotFoundException

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.expressions import LEGACY, check_expressions
from localaws.dynamodb.keys import check_item, check_key, key_names
from localaws.dynamodb.names import check_names
from localaws.dynamodb.tables import check_expiry, check_schemas
from localaws.dynamodb.values import Value, check_value, item_size, with_canonical_numbers

MAX_TRANSACTION = 100
_MAX_TRANSACTION_SIZE = 4 * 1024 * 1024
_MAX_BATCH = {"BatchWriteItem": 25, "TransactWriteItems": MAX_TRANSACTION, "TransactGetItems": MAX_TRANSACTION}
_SINGLE = ("PutItem", "GetItem", "UpdateItem", "DeleteItem", "Query", "Scan")
# The members of requests that hold values.
_VALUES = ("Item", "Key", "ExclusiveStartKey", "ExpressionAttributeValues", "RequestItems", "TransactItems", *LEGACY)
Request = Mapping[str, Any]


def checked(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap DynamoHandler.call_action to check a request first, and to make its numbers canonical."""

    def call_action(handler: Any) -> Any:
        given: Request = getattr(handler, "params", None) or {}
        try:
            check(handler._get_action(), given, handler.dynamodb_backend.get_table)
        except InvalidRequest as error:
            return handler.serialized(ActionResult(error))
        except ResourceNotFoundException:
            # moto has an answer of its own for each action.
            return original(handler)
        if given:
            handler.params = canonical(given)
        return original(handler)

    return call_action


def canonical(request: Request) -> dict[str, Any]:
    """A request with all of its numbers canonical."""
    return {name: with_canonical_numbers(value) if name in _VALUES else value for name, value in request.items()}


def check(action: str, given: Request, table_of: Callable[[str], Any]) -> None:
    """Raise InvalidRequest if DynamoDB refuses a request to tables that `table_of` finds by their names."""
    if action in ("CreateTable", "UpdateTable"):
        check_names(action, given)
        if action == "CreateTable":
            check_schemas(given)
    elif action == "UpdateTimeToLive":
        check_expiry(table_of(given["TableName"]), given)
    elif action in _SINGLE:
        _check_single(action, table_of(given["TableName"]), given)
    elif action == "BatchGetItem":
        for name, request in given.get("RequestItems", {}).items():
            table = table_of(name)
            check_expressions(table, request)
            for key in request["Keys"]:
                check_key(table, key)
    elif action == "BatchWriteItem":
        _check_batch(given, table_of)
    elif action in ("TransactWriteItems", "TransactGetItems"):
        _check_transaction(action, given, table_of)


def _check_single(action: str, table: Any, request: Request) -> None:
    if "Key" in request:
        check_key(table, request["Key"])
    if action == "PutItem":
        check_item(table, request["Item"])
    for value in _further_values(request):
        check_value(value)
    if action in ("Query", "Scan"):
        check_reading(table, request)
    check_expressions(table, request)


def _further_values(request: Request) -> Iterator[Value]:
    """The values of a request that no key, item or expression has."""
    yield from (request.get("ExclusiveStartKey") or {}).values()
    for legacy in LEGACY:
        given = request.get(legacy)
        for condition in given.values() if isinstance(given, Mapping) else ():
            yield from condition.get("AttributeValueList") or ()
            if condition.get("Value"):
                yield condition["Value"]


def check_reading(table: Any, request: Request) -> None:
    """Raise InvalidRequest if DynamoDB refuses a query or scan, whatever its expressions."""
    _check_selection(request)
    index_name = request.get("IndexName")
    limit = request.get("Limit")
    if limit is not None and limit < 1:
        raise InvalidRequest(
            f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have "
            "value greater than or equal to 1"
        )
    known = {index.name for index in [*table.global_indexes, *table.indexes]}
    if index_name is not None and index_name not in known:
        raise InvalidRequest(f"The table does not have the specified index: {index_name}")
    start = request.get("ExclusiveStartKey")
    if start and not set(key_names(table)) <= set(start):
        raise InvalidRequest("The provided starting key is invalid: The provided key element does not match the schema")
    is_global = any(index.name == index_name for index in table.global_indexes)
    if is_global and request.get("ConsistentRead"):
        raise InvalidRequest("Consistent reads are not supported on global secondary indexes")


def enabling_stream(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Wrap DynamoHandler.update_table: a stream can't be enabled twice, or disabled without one.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html
    """

    def update_table(handler: Any) -> Any:
        wanted = (handler.body.get("StreamSpecification") or {}).get("StreamEnabled")
        name = handler.body["TableName"]
        table = handler.dynamodb_backend.tables.get(name.rpartition("/")[2])
        if table is not None and wanted is not None:
            has = bool((table.stream_specification or {}).get("StreamEnabled"))
            if has and wanted:
                raise InvalidRequest(f"Table already has an enabled stream: TableName: {name}")
            if not has and not wanted:
                raise InvalidRequest(f"Table has no stream to disable: TableName: {name}")
        return original(handler)

    return update_table


def _check_selection(request: Request) -> None:
    """Raise if Select doesn't agree with the projection.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
    """
    select = request.get("Select")
    projected = request.get("ProjectionExpression") or request.get("AttributesToGet")
    if select == "SPECIFIC_ATTRIBUTES" and not projected:
        raise InvalidRequest(
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
        )
    if projected and select not in (None, "SPECIFIC_ATTRIBUTES"):
        raise InvalidRequest(f"Cannot specify the AttributesToGet when choosing to get {select}")


def _check_batch(given: Request, table_of: Callable[[str], Any]) -> None:
    """Check a batch of puts and deletions, none of which may be of an item of another."""
    requests = given.get("RequestItems", {})
    _check_count("BatchWriteItem", sum(len(each) for each in requests.values()))
    for name, writes in requests.items():
        table = table_of(name)
        keys = []
        for write in writes:
            if write.get("PutRequest"):
                item = write["PutRequest"]["Item"]
                check_item(table, item)
            else:
                item = write["DeleteRequest"]["Key"]
                check_key(table, item)
            keys.append(_identity(table, item))
        if len(set(keys)) < len(keys):
            raise InvalidRequest("Provided list of item keys contains duplicates")


def _check_transaction(action: str, given: Request, table_of: Callable[[str], Any]) -> None:
    _check_count(action, len(given.get("TransactItems") or []))
    seen, size = set(), 0
    for kind, request in _actions(given):
        table = table_of(request["TableName"])
        item = request["Item"] if kind == "Put" else request["Key"]
        if kind == "Put":
            check_item(table, item)
        else:
            check_key(table, item)
        check_expressions(table, request)
        size += item_size(item)
        seen.add((table.name, _identity(table, item)))
    if len(seen) < len(given["TransactItems"]):
        raise InvalidRequest("Transaction request cannot include multiple operations on one item")
    if size > _MAX_TRANSACTION_SIZE:
        raise InvalidRequest("Member must have a total size less than or equal to 4194304")


def _actions(given: Request) -> Iterator[tuple[str, Request]]:
    for each in given["TransactItems"]:
        kinds = [(kind, request) for kind, request in each.items() if request is not None]
        if len(kinds) != 1:
            raise InvalidRequest(
                "TransactItems can only contain one of Check, Put, Update or Delete",
            )
        yield kinds[0]


def _check_count(action: str, count: int) -> None:
    if not 1 <= count <= _MAX_BATCH[action]:
        member = "requestItems" if action == "BatchWriteItem" else "transactItems"
        limit = "greater than or equal to 1" if not count else f"less than or equal to {_MAX_BATCH[action]}"
        raise InvalidRequest(
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have "
            f"length {limit}"
        )


def _identity(table: Any, item: Request) -> str:
    """What the key of an item is, in one text."""
    key = with_canonical_numbers({name: item[name] for name in key_names(table)})
    return json.dumps(key, sort_keys=True, default=str)
