"""The keys of items: those of the table, and those of its indexes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from localaws.dynamodb.errors import InvalidRequest
from localaws.dynamodb.syntax import Placeholder, Update
from localaws.dynamodb.values import MAX_ITEM_SIZE, Value, check_value, item_size, type_of, value_size

_MAX_SIZES = {"HASH": 2048, "RANGE": 1024}
_MISMATCH = "The provided key element does not match the schema"
_INVALID = "One or more parameter values were invalid: "


def key_names(table: Any) -> list[str]:
    """The names of a table's key attributes: the partition key, then the sort key."""
    return [key["AttributeName"] for key in table.schema]


def index_keys(table: Any, index_name: str | None) -> dict[str, list[str]]:
    """HASH and RANGE → names of their attributes, in the table or an index; raises InvalidRequest if there's none."""
    schema = table.schema
    if index_name is not None:
        found = [each for each in _indexes(table) if each.name == index_name]
        if not found:
            raise InvalidRequest(f"The table does not have the specified index: {index_name}")
        schema = found[0].schema
    return {kind: [key["AttributeName"] for key in schema if key["KeyType"] == kind] for kind in ("HASH", "RANGE")}


def attribute_types(table: Any) -> dict[str, str]:
    """Name → type of the attributes that are keys of the table or of an index."""
    return {each["AttributeName"]: each["AttributeType"] for each in table.attr}


def projected(table: Any, index_name: str) -> tuple[bool, set[str] | None]:
    """Whether an index is local, and the attributes that it has; None if it has all."""
    index = next(each for each in _indexes(table) if each.name == index_name)
    kind = (index.projection or {}).get("ProjectionType", "ALL")
    names = {*key_names(table), *(key["AttributeName"] for key in index.schema)}
    if kind == "INCLUDE":
        names |= set(index.projection.get("NonKeyAttributes") or [])
    return index in table.indexes, None if kind == "ALL" else names


def check_key(table: Any, key: Mapping[str, Value]) -> None:
    """Raise InvalidRequest unless a key has the attributes of the table's key, and no others."""
    if set(key) != set(key_names(table)):
        raise InvalidRequest(_MISMATCH)
    _check_table_key(table, key, _MISMATCH)


def check_item(table: Any, item: Mapping[str, Value]) -> None:
    """Raise InvalidRequest unless an item has its keys and fits."""
    for value in item.values():
        check_value(value)
    for name in key_names(table):
        if name not in item:
            raise InvalidRequest(f"{_INVALID}Missing the key {name} in the item")
    _check_table_key(table, item, "")
    for name, value, index in _index_values(table, item):
        _check_index_key(table, name, value, index)
    if item_size(item) > MAX_ITEM_SIZE:
        raise InvalidRequest("Item size has exceeded the maximum allowed size")


def check_changed(table: Any, update: Update, values: Mapping[str, Value]) -> None:
    """Raise InvalidRequest if an update changes the item's key, or sets that of an index to a literal it can't be."""
    for path in update.paths:
        if path.steps[0] in key_names(table):
            raise InvalidRequest(
                f"{_INVALID}Cannot update attribute {path.steps[0]}. This attribute is part of the key"
            )
    literals = {
        str(path.steps[0]): values[operand.name]
        for path, operand in update.sections.get("SET", [])
        if isinstance(operand, Placeholder) and len(path.steps) == 1
    }
    for name, value, _ in _index_values(table, literals):
        if type_of(value) != attribute_types(table)[name]:
            raise InvalidRequest(
                f"{_INVALID}The update expression attempted to update the secondary index key to unsupported type"
            )


def _check_table_key(table: Any, item: Mapping[str, Value], mismatch: str) -> None:
    types = attribute_types(table)
    for key in table.schema:
        name, value = key["AttributeName"], item[key["AttributeName"]]
        check_value(value)
        if type_of(value) != types[name]:
            reason = f"{_INVALID}Type mismatch for key {name} expected: {types[name]} actual: {type_of(value)}"
            raise InvalidRequest(mismatch or reason)
        if type_of(value) != "N" and not value_size(value):
            raise InvalidRequest(
                "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
                f"empty string value. Key: {name}"
            )
        if value_size(value) > _MAX_SIZES[key["KeyType"]]:
            kind = "hashkey" if key["KeyType"] == "HASH" else "rangekey"
            raise InvalidRequest(
                f"{_INVALID}Size of {kind} has exceeded the maximum size limit of {_MAX_SIZES[key['KeyType']]} bytes"
            )


def _check_index_key(table: Any, name: str, value: Value, index: str) -> None:
    expected, actual = attribute_types(table)[name], type_of(value)
    if actual != expected:
        raise InvalidRequest(
            f"{_INVALID}Type mismatch for Index Key {name} Expected: {expected} Actual: {actual} IndexName: {index}"
        )
    if actual != "N" and not value_size(value):
        raise InvalidRequest(
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
            f"The AttributeValue for a key attribute cannot contain an empty string value. IndexName: {index}, "
            f"IndexKey: {name}"
        )


def _index_values(table: Any, item: Mapping[str, Value]) -> Iterator[tuple[str, Value, str]]:
    """The name and value of each attribute of an item that's a key of an index, and the index."""
    for index in _indexes(table):
        for key in index.schema:
            if key["AttributeName"] in item and key["AttributeName"] not in key_names(table):
                yield key["AttributeName"], item[key["AttributeName"]], index.name


def _indexes(table: Any) -> list[Any]:
    return [*table.global_indexes, *table.indexes]
