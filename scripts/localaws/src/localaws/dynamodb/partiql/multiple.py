"""Runs several statements: BatchExecuteStatement and ExecuteTransaction.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.multiplestatements.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import ConditionalCheckFailed, TransactionCanceledException

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.keys import key_names
from localaws.dynamodb.partiql.errors import DuplicateItem
from localaws.dynamodb.partiql.execution import CAPACITY, Answer, Request, execute, parsed, picked, run
from localaws.dynamodb.partiql.expressions import whole_key
from localaws.dynamodb.partiql.reads import selected
from localaws.dynamodb.partiql.statements import Insert, Select, Statement
from localaws.dynamodb.partiql.writes import write_request
from localaws.dynamodb.syntax import Operand
from localaws.dynamodb.values import Value

_TRANSACTED = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete", "ConditionCheck": "ConditionCheck"}


def batch_execute_statement(handler: Any) -> ActionResult:
    """Replaces DynamoHandler.batch_execute_statement: a statement that fails leaves the others as they are."""
    given: Sequence[Request] = handler.body["Statements"]
    options = picked(handler.body, ["ReturnConsumedCapacity"])
    outcomes: list[Answer | Statement] = []
    for request in given:
        try:
            outcomes.append(parsed(request))
        except InvalidRequest as error:
            outcomes.append({"Error": _described(error)})
    _check_unmixed("BatchExecuteStatement", [each for each in outcomes if not isinstance(each, dict)])
    capacity: list[Any] = []
    found = []
    for request, outcome in zip(given, outcomes, strict=True):
        if not isinstance(outcome, dict):
            outcome = _of_batch(handler, outcome, {**request, **options}, capacity)
        found.append(outcome)
    return ActionResult({"Responses": found, **({CAPACITY: capacity} if capacity else {})})


def execute_transaction(handler: Any) -> ActionResult:
    """Replaces DynamoHandler.execute_transaction: all statements succeed, or none."""
    given: Sequence[Request] = handler.body["TransactStatements"]
    statements = []
    for number, request in enumerate(given):
        with _numbered(number):
            statements.append(parsed(request))
    _check_unmixed("ExecuteTransaction", statements)
    items = []
    for number, (statement, request) in enumerate(zip(statements, given, strict=True)):
        with _numbered(number):
            items.append(_transacted(handler, statement, request))
    options = picked(handler.body, ["ReturnConsumedCapacity"])
    if isinstance(statements[0], Select):
        answer = run(handler, "TransactGetItems", {"TransactItems": items, **options})
        reads = [each for each in statements if isinstance(each, Select)]
        found = [
            {"Item": selected(read, response["Item"])} if response.get("Item") else {}
            for read, response in zip(reads, answer["Responses"], strict=True)
        ]
    else:
        options |= picked(handler.body, ["ClientRequestToken"])
        with _duplicates(statements):
            answer = run(handler, "TransactWriteItems", {"TransactItems": items, **options})
        found = [{} for _ in statements]
    return ActionResult({"Responses": found, **picked(answer, [CAPACITY])})


def _of_batch(handler: Any, statement: Statement, request: Request, capacity: list[Any]) -> Answer:
    """The response of a batch to one of its statements; what it consumes is added to `capacity`."""
    try:
        if isinstance(statement, Select):
            _check_single(handler, statement, "BatchExecuteStatement")
        answer = execute(handler, statement, request)
    except (ServiceException, JsonRESTError) as error:
        return {"Error": _described(error)}
    capacity += [answer[CAPACITY]] if CAPACITY in answer else []
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
    return {_TRANSACTED[action]: {**asked, **picked(request, ["ReturnValuesOnConditionCheckFailure"])}}


def _check_single(handler: Any, select: Select, action: str) -> tuple[dict[str, Value], list[Operand]]:
    """The key of the item that a SELECT reads, and its other conditions; raises InvalidRequest unless it's one item."""
    names = key_names(handler.dynamodb_backend.get_table(select.table))
    refusal = InvalidRequest(f"Select statements within {action} must specify the primary key in the where clause.")
    if select.index is not None:
        raise refusal
    try:
        return whole_key(select.where, names, select.values)
    except InvalidRequest:
        raise refusal from None


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
