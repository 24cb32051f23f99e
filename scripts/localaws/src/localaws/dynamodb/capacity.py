"""The capacity that a request consumes, by the sizes of items; moto answers the same for all.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.dynamodb import responses

from localaws.dynamodb import searches
from localaws.dynamodb.keys import key_names
from localaws.dynamodb.projections import plain_value, project
from localaws.dynamodb.values import Value, item_size
from localaws.moto_patches import MotoPatches

_READ, _WRITTEN = 4096, 1024
_NAME = "ConsumedCapacity"
Item = Mapping[str, Value]
# The name of an index, None for the table itself → units.
Units = defaultdict[str | None, float]


def install(patches: MotoPatches) -> None:
    """Answer what each request consumes, if it asks for it."""
    handler = responses.DynamoHandler
    for name in ("put_item", "update_item", "delete_item", "batch_write_item", "transact_write_items"):
        patches.replace(handler, name, _writing)
    for name in ("get_item", "batch_get_item", "transact_get_items"):
        patches.replace(handler, name, _getting)
    for name in ("query", "scan"):
        patches.replace(handler, name, _searching)


def read_units(size: int, *, consistent: bool) -> float:
    """The units of reading so many bytes."""
    return max(1, math.ceil(size / _READ)) * (1.0 if consistent else 0.5)


def write_units(size: int) -> float:
    """The units of writing an item of so many bytes."""
    return float(max(1, math.ceil(size / _WRITTEN)))


def changed_units(table: Any, before: Item, after: Item) -> Units:
    """The units of a write that makes one item of the other, {} if there's none, in the table and its indexes."""
    units: Units = defaultdict(float)
    units[None] = write_units(max(item_size(before), item_size(after)))
    for index in (*table.indexes, *table.global_indexes):
        old, new = _entry(table, index, before), _entry(table, index, after)
        if old == new:
            continue
        moved = old and new and any(old[name] != new[name] for name in index.schema_key_attrs)
        sizes = [item_size(entry) for entry in (old, new) if entry]
        units[index.name] = sum(map(write_units, sizes)) if moved else write_units(max(sizes))
    return units


def _entry(table: Any, index: Any, item: Item) -> Item:
    """What an index has of an item, nothing if it lacks the index's key."""
    if any(name not in item for name in index.schema_key_attrs):
        return {}
    projection = index.projection or {}
    if projection.get("ProjectionType") not in ("KEYS_ONLY", "INCLUDE"):
        return item
    names = {*key_names(table), *index.schema_key_attrs, *(projection.get("NonKeyAttributes") or ())}
    return project(item, [[name] for name in names])


def _writing(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def write(handler: Any) -> Any:
        if not _wanted(handler):
            return _without(original(handler))
        writes = list(_writes(handler.body))
        before = [_stored(handler, name, item) for name, item in writes]
        answer = original(handler)
        consumed: dict[str, Units] = {}
        for (name, item), old in zip(writes, before, strict=True):
            table, new = handler.dynamodb_backend.get_table(name), _stored(handler, name, item)
            for index, units in changed_units(table, old, new).items():
                _of_table(consumed, name)[index] += units
        return _with(handler, answer, consumed, "WriteCapacityUnits")

    return write


def _writes(body: Mapping[str, Any]) -> Iterator[tuple[str, Item]]:
    """The tables and items, or keys, that a request writes or checks."""
    for name, requests in (body.get("RequestItems") or {}).items():
        for request in requests:
            put = request.get("PutRequest")
            yield name, put["Item"] if put else request["DeleteRequest"]["Key"]
    for each in body.get("TransactItems") or ():
        (action,) = (given for given in each.values() if given is not None)
        yield action["TableName"], action.get("Item") or action["Key"]
    if "TableName" in body:
        yield body["TableName"], body.get("Item") or body["Key"]


def _getting(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def get(handler: Any) -> Any:
        answer = original(handler)
        if not _wanted(handler):
            return _without(answer)
        consumed: dict[str, Units] = {}
        for name, key, consistent in _gets(handler.body):
            units = read_units(item_size(_stored(handler, name, key)), consistent=consistent)
            _of_table(consumed, name)[None] += units
        return _with(handler, answer, consumed, "ReadCapacityUnits")

    return get


def _gets(body: Mapping[str, Any]) -> Iterator[tuple[str, Item, bool]]:
    """The tables, keys and consistencies of a request's reads."""
    for name, request in (body.get("RequestItems") or {}).items():
        for key in request["Keys"]:
            yield name, key, bool(request.get("ConsistentRead"))
    for each in body.get("TransactItems") or ():
        yield each["Get"]["TableName"], each["Get"]["Key"], True
    if "TableName" in body:
        yield body["TableName"], body["Key"], bool(body.get("ConsistentRead"))


def _searching(original: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def search(handler: Any) -> Any:
        body = handler.body
        if not _wanted(handler):
            return _without(original(handler))
        with searches.noted() as scanned:
            answer = original(handler)
        index = body.get("IndexName")
        consumed: dict[str, Units] = {}
        size = sum(item_size(_plain(item)) for item in scanned)
        _of_table(consumed, body["TableName"])[index] += read_units(size, consistent=bool(body.get("ConsistentRead")))
        return _with(handler, answer, consumed, "ReadCapacityUnits")

    return search


def _with(handler: Any, answer: Any, consumed: Mapping[str, Units], kind: str) -> Any:
    """An answer with the capacity that its request consumed."""
    transacts = "TransactItems" in handler.body
    described = [_described(handler, name, units, kind if transacts else None) for name, units in consumed.items()]
    answer.result[_NAME] = described if transacts or "RequestItems" in handler.body else described[0]
    return answer


def _described(handler: Any, name: str, units: Units, kind: str | None) -> dict[str, Any]:
    factor = 2.0 if kind else 1.0

    def shown(count: float) -> dict[str, float]:
        return {"CapacityUnits": factor * count, **({kind: factor * count} if kind else {})}

    found: dict[str, Any] = {"TableName": name, **shown(sum(units.values()))}
    if handler.body["ReturnConsumedCapacity"] == "INDEXES":
        found["Table"] = shown(units[None])
        table = handler.dynamodb_backend.get_table(name)
        kinds = {"LocalSecondaryIndexes": table.indexes, "GlobalSecondaryIndexes": table.global_indexes}
        for member, indexes in kinds.items():
            used = {index.name: shown(units[index.name]) for index in indexes if index.name in units}
            if used:
                found[member] = used
    return found


def _without(answer: Any) -> Any:
    answer.result.pop(_NAME, None)
    return answer


def _wanted(handler: Any) -> bool:
    return handler.body.get("ReturnConsumedCapacity") in ("TOTAL", "INDEXES")


def _of_table(consumed: dict[str, Units], name: str) -> Units:
    return consumed.setdefault(name, defaultdict(float))


def _stored(handler: Any, name: str, item: Item) -> Item:
    """The item with the key of another, or {}."""
    backend = handler.dynamodb_backend
    found = backend.get_item(name, {key: item[key] for key in key_names(backend.get_table(name))})
    return _plain(found) if found else {}


def _plain(item: Any) -> dict[str, Any]:
    return {name: plain_value(value) for name, value in item.attrs.items()}
