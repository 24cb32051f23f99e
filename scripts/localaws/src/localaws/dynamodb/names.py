"""The names that requests give to tables and indexes.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localaws.dynamodb.errors import InvalidRequest

_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")


def check_names(action: str, given: Mapping[str, Any]) -> None:
    """Raise InvalidRequest if CreateTable or UpdateTable gives a name that DynamoDB refuses."""
    for member, name in _new_names(action, given):
        if not _NAME.fullmatch(name):
            raise InvalidRequest(
                f"1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: Member must "
                "have 3 to 255 characters, which are letters, digits, '_', '-' and '.'"
            )


def _new_names(action: str, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The names that a request gives to a table and its indexes, and the members with them."""
    if action == "CreateTable":
        yield "tableName", str(given.get("TableName", "")).rsplit(":table/", 1)[-1]
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
            for position, index in enumerate(given.get(kind) or [], 1):
                yield f"{kind[0].lower()}{kind[1:]}.{position}.member.indexName", str(index["IndexName"])
    for position, update in enumerate(given.get("GlobalSecondaryIndexUpdates") or [], 1):
        if update.get("Create"):
            member = f"globalSecondaryIndexUpdates.{position}.member.create.indexName"
            yield member, str(update["Create"]["IndexName"])
