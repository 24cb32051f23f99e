"""Saves and restores the items of DynamoDB's tables."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from localaws.resource_types.base import Clients
from localaws.settings import ACCOUNT

_INDEX = ("IndexName", "KeySchema", "Projection")


class Tables:
    """Reads and fills moto's tables. Nothing is imported for a local AWS without tables."""

    def __init__(self, clients: Clients, region: str) -> None:
        self._clients, self._region = clients, region

    def read(self) -> list[dict[str, Any]]:
        """Every table with its items."""
        return [
            {
                "name": table.name,
                "definition": _definition(table),
                "items": [_plain(dict(item.attrs)) for item in table.all_items()],
            }
            for table in self._tables().values()
        ]

    def names(self) -> set[str]:
        """The names of existing tables."""
        return set(self._tables())

    def create(self, kept: Mapping[str, Any]) -> None:
        """Create a table that belongs to no stack."""
        self._clients("dynamodb").create_table(**kept["definition"])

    def fill(self, kept: Mapping[str, Any]) -> None:
        """Restore a table's items, of which its stream tells nobody a second time."""
        from moto.dynamodb.models.dynamo_type import DynamoType, Item

        table = self._tables()[kept["name"]]
        for attributes in kept["items"]:
            key = DynamoType(attributes[table.hash_key_attr])
            if table.range_key_attr is None:
                table.items[key] = Item(key, None, attributes)
            else:
                place = DynamoType(attributes[table.range_key_attr])
                table.items[key][place] = Item(key, place, attributes)

    def _tables(self) -> dict[str, Any]:
        if "moto.dynamodb.models" not in sys.modules:
            return {}
        from moto.dynamodb.models import dynamodb_backends

        backend: Any = dynamodb_backends[ACCOUNT][self._region]
        return dict(backend.tables)


def _definition(table: Any) -> dict[str, Any]:
    """The parameters of CreateTable."""
    described = table.describe()["TableDescription"]
    indexes = {
        name: [{key: index[key] for key in _INDEX} for index in described.get(name) or []]
        for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
    }
    stream = table.stream_specification or {}
    return {
        "TableName": table.name,
        "AttributeDefinitions": table.attr,
        "KeySchema": table.schema,
        "BillingMode": "PAY_PER_REQUEST",
        **{name: given for name, given in indexes.items() if given},
        **({"StreamSpecification": stream} if stream.get("StreamEnabled") else {}),
    }


def _plain(value: Any) -> Any:
    """A value of DynamoDB's in the form of its API, such as {"S": "text"}; binary ones stay bytes."""
    if hasattr(value, "type") and hasattr(value, "value"):
        return {value.type: _plain(value.value)}
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(member) for member in value]
    return value
