"""Runs statements: ExecuteStatement, BatchExecuteStatement and ExecuteTransaction.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.responses import ActionResult
from moto.dynamodb import responses
from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException

from localaws.dynamodb import requests
from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.keys import key_names
from localaws.dynamodb.partiql.errors import DuplicateItem
from localaws.dynamodb.partiql.expressions import whole_key
from localaws.dynamodb.partiql.paging import Position, position_of, token_of
from localaws.dynamodb.partiql.parser import parse
from localaws.dynamodb.partiql.reads import search, selected
from localaws.dynamodb.partiql.statements import Exists, Insert, Select, Statement
from localaws.dynamodb.partiql.writes import Write, returned, write_request
from localaws.moto_patches import MotoPatches

_METHODS = {
    "Query": "query",
    "Scan": "scan",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "TransactGetItems": "transact_get_items",
    "TransactWriteItems": "transact_write_items",
}
_TRANSACTED = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete", "ConditionCheck": "ConditionCheck"}
_OPTIONS = ("ReturnConsumedCapacity", "ConsistentRead")
_ON_FAILURE = "ReturnValuesOnConditionCheckFailure"
_CAPACITY = "ConsumedCapacity"
_MAX_BATCH = 25
Answer = dict[str, Any]
Request = Mapping[str, Any]


def install(patches: MotoPatches) -> None:
    """Replace moto's execution of statements."""
    for name, method in (
        ("execute_statement", execute_statement),
        ("batch_execute_statement", batch_execute_statement),
        ("execute_transaction", execute_transaction),
    ):
        patches.replace_method(responses.DynamoHandler, name, method)


def execute_statement(handler: Any) -> ActionResult:
    """Replaces DynamoHandler.execute_statement."""
    request: Request = handler.body
    return ActionResult(_execute(handler, _parsed(request), request))


def batch_execute_statement(handler: Any) -> ActionResult:
    """Replaces DynamoHandler.batch_execute_statement: a statement that fails leaves the others as they are."""
    given: Sequence[Request] = handler.body["Statements"]
    _check_count("statements", given, _MAX_BATCH)
    options = {name: handler.body[name] for name in _OPTIONS[:1] if name in handler.body}
    outcomes: list[Answer | Statement] = []
    for request in given:
        try:
            outcomes.append(_parsed(request))
        except InvalidRequest as error:
            outcomes.append({"Error": _described(error)})
    _check_unmixed("BatchExecuteStatement", [each for each in outcomes if not isinstance(each, dict)])
    capacity: list[Any] = []
    found = []
    for request, outcome in zip(given, outcomes, strict=True):
        if not isinstance(outcome, dict):
            outcome = _of_batch(handler, outcome, {**request, **options}, capacity)
        found.append(outcome)
    return ActionResult({"Responses": found, **({_CAPACITY: capacity} if capacity else {})})


def execute_transaction(handler: Any) -> ActionResult:
    """Replaces DynamoHandler.execute_transaction: all statements succeed, or none."""
    given: Sequence[Request] = handler.body["TransactStatements"]
    _check_count("transactStatements", given, requests.MAX_TRANSACTION)
    statements = []
    for number, request in enumerate(given):
        with _numbered(number):
            statements.append(_parsed(request))
    _check_unmixed("ExecuteTransaction", statements)
    items = []
    for number, (statement, request) in enumerate(zip(statements, given, strict=True)):
        with _numbered(number):
            items.append(_transacted(handler, statement, request))
    options = {name: handler.body[name] for name in _OPTIONS[:1] if name in handler.body}
    if isinstance(statements[0], Select):
        answer = _run(handler, "TransactGetItems", {"TransactItems": items, **options})
        reads = [each for each in statements if isinstance(each, Select)]
        found = [
            {"Item": selected(read, response["Item"])} if response.get("Item") else {}
            for read, response in zip(reads, answer["Responses"], strict=True)
        ]
    else:
        if handler.body.get("ClientRequestToken"):
            options["ClientRequestToken"] = handler.body["ClientRequestToken"]
        with _duplicates(statements):
            answer = _run(handler, "TransactWriteItems", {"TransactItems": items, **options})
        found = [{} for _ in statements]
    return ActionResult({"Responses": found, **{name: answer[name] for name in (_CAPACITY,) if name in answer}})


def _parsed(request: Request) -> Statement:
    return parse(request["Statement"], request.get("Parameters") or ())


def _execute(handler: Any, statement: Statement, request: Request) -> Answer:
    if isinstance(statement, Exists):
        raise InvalidRequest("EXISTS can only be used in ExecuteTransaction write requests.")
    if isinstance(statement, Select):
        return _read(handler, statement, request)
    return _write(handler, statement, request)


def _read(handler: Any, select: Select, request: Request) -> Answer:
    table = handler.dynamodb_backend.get_table(select.table)
    if request.get("ConsistentRead") and select.index in [index.name for index in table.global_indexes]:
        raise InvalidRequest("Strongly consistent read is not supported on Global Secondary Indexes")
    found = search(table, select)
    options = {name: request[name] for name in _OPTIONS if name in request}
    position: Position | None = position_of(request)
    left = request.get("Limit")
    pages = []
    while position is not None and (left is None or left > 0):
        asked = {**found.requests[position.search], **options}
        asked |= {"ExclusiveStartKey": position.key} if position.key else {}
        asked |= {"Limit": left} if left is not None else {}
        page = _run(handler, found.action, asked)
        pages.append(page)
        left = None if left is None else left - page["ScannedCount"]
        position = position.after(page, len(found.requests))
        if "LastEvaluatedKey" in page:
            break
    answer: Answer = {"Items": [selected(select, item) for page in pages for item in page["Items"]]}
    if position is not None:
        answer["NextToken"] = token_of(position, request)
    if "LastEvaluatedKey" in pages[-1]:
        answer["LastEvaluatedKey"] = pages[-1]["LastEvaluatedKey"]
    if _CAPACITY in pages[-1]:
        answer[_CAPACITY] = _summed([page[_CAPACITY] for page in pages])
    return answer


def _write(handler: Any, statement: Write, request: Request) -> Answer:
    action, asked = write_request(handler.dynamodb_backend.get_table(statement.table), statement)
    asked |= {name: request[name] for name in (_OPTIONS[0], _ON_FAILURE) if name in request}
    try:
        answer = _run(handler, action, asked)
    except ConditionalCheckFailed:
        if isinstance(statement, Insert):
            raise DuplicateItem(DuplicateItem.message) from None
        raise
    items = returned(statement, answer.get("Attributes") or {})
    return {"Items": items, **({_CAPACITY: answer[_CAPACITY]} if _CAPACITY in answer else {})}


def _of_batch(handler: Any, statement: Statement, request: Request, capacity: list[Any]) -> Answer:
    """The response of a batch to one of its statements; what it consumes is added to `capacity`."""
    try:
        if isinstance(statement, Select):
            _check_single(handler, statement, "BatchExecuteStatement")
        answer = _execute(handler, statement, request)
    except (ServiceException, JsonRESTError) as error:
        return {"Error": _described(error)}
    capacity += [answer[_CAPACITY]] if _CAPACITY in answer else []
    return {"TableName": statement.table, **({"Item": answer["Items"][0]} if answer["Items"] else {})}


def _transacted(handler: Any, statement: Statement, request: Request) -> Answer:
    """A statement as a part of a transaction."""
    if isinstance(statement, Select):
        if statement.index is not None:
            raise InvalidRequest("Reads on indices are not supported within transactions.")
        key, others = _check_single(handler, statement, "ExecuteTransaction")
        if others:
            raise InvalidRequest("Local AWS doesn't support conditions other than the key in reads of transactions")
        return {"Get": {"TableName": statement.table, "Key": key}}
    if getattr(statement, "returning", None):
        raise InvalidRequest("RETURNING clause is not supported in ExecuteTransaction.")
    action, asked = write_request(handler.dynamodb_backend.get_table(statement.table), statement)
    return {_TRANSACTED[action]: {**asked, **{name: request[name] for name in (_ON_FAILURE,) if name in request}}}


def _check_single(handler: Any, select: Select, action: str) -> tuple[Any, Any]:
    """The key of the item that a SELECT reads, and its other conditions; raises InvalidRequest unless it's one item."""
    names = key_names(handler.dynamodb_backend.get_table(select.table))
    try:
        return whole_key(select.where, names, select.values)
    except InvalidRequest:
        raise InvalidRequest(
            f"Select statements within {action} must specify the primary key in the where clause."
        ) from None


def _run(handler: Any, action: str, request: Request) -> Answer:
    """The answer to a request of the API that stands for a statement."""
    if action in ("Query", "Scan"):
        requests.check_reading(handler.dynamodb_backend.get_table(request["TableName"]), request)
    else:
        requests.check(action, request, handler.dynamodb_backend.get_table)
    outer = handler.body, handler.params
    handler.body = handler.params = requests.canonical(request)
    try:
        answer: Answer = getattr(handler, _METHODS[action])().result
    finally:
        handler.body, handler.params = outer
    return answer


def _check_count(member: str, given: Sequence[Request], most: int) -> None:
    if not 1 <= len(given) <= most:
        limit = "greater than or equal to 1" if not given else f"less than or equal to {most}"
        raise InvalidRequest(
            f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have length "
            f"{limit}"
        )


def _check_unmixed(action: str, statements: Sequence[Statement]) -> None:
    if len({isinstance(statement, Select) for statement in statements}) > 1:
        raise InvalidRequest(f"{action} API does not support both read and write operations in the same request.")


@contextmanager
def _numbered(number: int) -> Iterator[None]:
    """What's refused within the block is a statement of a transaction."""
    try:
        yield
    except InvalidRequest as error:
        raise InvalidRequest(f"Validation failed in TransactStatements[{number}]: {error.message}") from None


@contextmanager
def _duplicates(statements: Sequence[Statement]) -> Iterator[None]:
    """The condition of an INSERT that fails within the block is named by its own code."""
    try:
        yield
    except TransactionCanceledException as error:
        reasons: list[tuple[str | None, str | None, Any]] = []
        for statement, reason in zip(statements, json.loads(error.description)["CancellationReasons"], strict=True):
            if reason["Code"] == "None":
                reasons.append((None, None, None))
            elif isinstance(statement, Insert) and reason["Code"] == "ConditionalCheckFailed":
                reasons.append(("DuplicateItem", DuplicateItem.message, reason.get("Item")))
            else:
                reasons.append((reason["Code"], reason["Message"], reason.get("Item")))
        raise TransactionCanceledException(reasons) from None


def _described(error: ServiceException | JsonRESTError) -> Answer:
    """The error of a statement of a batch."""
    name = error.code if isinstance(error, ServiceException) else str(error.error_type).rpartition("#")[2]
    code = "ValidationError" if name == "ValidationException" else str(name).removesuffix("Exception")
    found = {"Code": code, "Message": str(error.message)}
    if isinstance(error, ConditionalCheckFailed):
        item = json.loads(error.description).get("Item")
        found |= {"Item": item} if item else {}
    return found


def _summed(parts: Sequence[Any]) -> Any:
    """What several searches of one table consume together."""
    first = parts[0]
    if isinstance(first, Mapping):
        return {name: _summed([part[name] for part in parts]) for name in first}
    return first if isinstance(first, str) else sum(parts)
