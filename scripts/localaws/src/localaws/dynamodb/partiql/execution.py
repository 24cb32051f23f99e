"""Runs one statement: ExecuteStatement.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExecuteStatement.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import ConditionalCheckFailed

from localaws.dynamodb import requests
from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.partiql.errors import DuplicateItem
from localaws.dynamodb.partiql.paging import Position, position_of, token_of
from localaws.dynamodb.partiql.parser import parse
from localaws.dynamodb.partiql.reads import search, selected
from localaws.dynamodb.partiql.statements import Exists, Insert, Select, Statement
from localaws.dynamodb.partiql.writes import Write, returned, write_request

CAPACITY = "ConsumedCapacity"
_METHODS = {
    "Query": "query",
    "Scan": "scan",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "TransactGetItems": "transact_get_items",
    "TransactWriteItems": "transact_write_items",
}
# The options of a request that the requests for its statement have too.
_OF_READS = ("ReturnConsumedCapacity", "ConsistentRead")
_OF_WRITES = ("ReturnConsumedCapacity", "ReturnValuesOnConditionCheckFailure")
Answer = dict[str, Any]
Request = Mapping[str, Any]


def execute_statement(handler: Any) -> ActionResult:
    """Replaces DynamoHandler.execute_statement."""
    request: Request = handler.body
    return ActionResult(execute(handler, parsed(request), request))


def parsed(request: Request) -> Statement:
    """The statement of a request; raises InvalidRequest if it's refused."""
    return parse(request["Statement"], request.get("Parameters") or ())


def execute(handler: Any, statement: Statement, request: Request) -> Answer:
    """The answer to the request with a statement."""
    if isinstance(statement, Exists):
        raise InvalidRequest("EXISTS can only be used in ExecuteTransaction write requests.")
    if isinstance(statement, Select):
        return _read(handler, statement, request)
    return _write(handler, statement, request)


def run(handler: Any, action: str, request: Request) -> Answer:
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


def _read(handler: Any, select: Select, request: Request) -> Answer:
    table = handler.dynamodb_backend.get_table(select.table)
    if request.get("ConsistentRead") and select.index in [index.name for index in table.global_indexes]:
        raise InvalidRequest("Strongly consistent read is not supported on Global Secondary Indexes")
    found = search(table, select)
    options = picked(request, _OF_READS)
    position: Position | None = position_of(request)
    left = request.get("Limit")
    pages = []
    while position is not None and (left is None or left > 0):
        asked = {**found.requests[position.search], **options}
        asked |= {"ExclusiveStartKey": position.key} if position.key else {}
        asked |= {"Limit": left} if left is not None else {}
        page = run(handler, found.action, asked)
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
    if CAPACITY in pages[-1]:
        answer[CAPACITY] = _summed([page[CAPACITY] for page in pages])
    return answer


def _write(handler: Any, statement: Write, request: Request) -> Answer:
    action, asked = write_request(handler.dynamodb_backend.get_table(statement.table), statement)
    asked |= picked(request, _OF_WRITES)
    try:
        answer = run(handler, action, asked)
    except ConditionalCheckFailed:
        if isinstance(statement, Insert):
            raise DuplicateItem(DuplicateItem.message) from None
        raise
    items = returned(statement, answer.get("Attributes") or {})
    return {"Items": items, **picked(answer, [CAPACITY])}


def picked(given: Request, names: Sequence[str]) -> Answer:
    """The members of a request or an answer with these names, as far as it has them."""
    return {name: given[name] for name in names if name in given}


def _summed(parts: Sequence[Any]) -> Any:
    """What several searches of one table consume together."""
    first = parts[0]
    if isinstance(first, Mapping):
        return {name: _summed([part[name] for part in parts]) for name in first}
    return first if isinstance(first, str) else sum(parts)
