"""Requests that make or configure tables: keys, names and expiry.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from localaws.dynamodb.errors import InvalidRequest

_INVALID = "One or more parameter values were invalid: "


def check_schemas(given: Mapping[str, Any]) -> None:
    """Raise InvalidRequest unless each key schema of CreateTable has partition keys, then sort keys, all different."""
    indexes = [each for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes") for each in given.get(kind) or []]
    for schema in (given["KeySchema"], *(index["KeySchema"] for index in indexes)):
        kinds = [key["KeyType"] for key in schema]
        if kinds[0] != "HASH" or kinds != sorted(kinds):
            raise InvalidRequest("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        if len({key["AttributeName"] for key in schema}) < len(schema):
            raise InvalidRequest("Both the Hash Key and the Range Key element in the KeySchema have the same name")
    names = [index["IndexName"] for index in indexes]
    if len(set(names)) < len(names):
        raise InvalidRequest(f"{_INVALID}Duplicate index name")
    ranged = any(key["KeyType"] == "RANGE" for key in given["KeySchema"])
    if given.get("LocalSecondaryIndexes") and not ranged:
        raise InvalidRequest(
            f"{_INVALID}Table KeySchema does not have a range key, which is required when specifying a "
            "LocalSecondaryIndex"
        )


def check_expiry(table: Any, given: Mapping[str, Any]) -> None:
    """Raise InvalidRequest if UpdateTimeToLive doesn't turn it on or off."""
    enabled = bool(given["TimeToLiveSpecification"]["Enabled"])
    if enabled == (table.ttl["TimeToLiveStatus"] == "ENABLED"):
        raise InvalidRequest(f"TimeToLive is already {'enabled' if enabled else 'disabled'}")
