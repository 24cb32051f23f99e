"""The table of keys of a stack: every key by its digest, with what it grants."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Self

from cli.stack import Stack
from mlops.authorization.grants import Grant, Scope
from mlops.authorization.keys import digest, new_key


class KeyTable:
    """A KeysTable, through a boto3 client of DynamoDB; `now` is the time by the clock of who checks the keys."""

    def __init__(self, client: Any, table: str, now: Callable[[], datetime]) -> None:
        self._client, self._table, self._now = client, table, now

    @classmethod
    def of(cls, target: Stack) -> Self:
        """The table of a deployed stack. Raises as `Stack.outputs` does."""
        return cls(target.dynamodb, target.outputs["KeysTableName"], target.now)

    def now(self) -> int:
        """The time, in epoch seconds."""
        return int(self._now().timestamp())

    def all(self) -> Iterator[Grant]:
        """Every grant."""
        for page in self._client.get_paginator("scan").paginate(TableName=self._table, ConsistentRead=True):
            yield from (Grant.of_item(item) for item in page["Items"])

    def find(self, key: str) -> Grant | None:
        """The grant of a key, as it was last written."""
        wanted = {"digest": {"S": digest(key)}}
        found = self._client.get_item(TableName=self._table, Key=wanted, ConsistentRead=True)
        return Grant.of_item(found["Item"]) if "Item" in found else None

    def put(self, grant: Grant) -> None:
        """Write a grant."""
        self._client.put_item(TableName=self._table, Item=grant.item())

    def delete(self, key: str) -> None:
        """Delete the grant of a key; it's no error if there is none."""
        self._client.delete_item(TableName=self._table, Key={"digest": {"S": digest(key)}})

    def issue(
        self,
        name: str,
        scopes: Iterable[Scope],
        *,
        models: Iterable[str] = (),
        seconds: float | None = None,
        key: str | None = None,
    ) -> tuple[str, Grant]:
        """Write the grant of a new key, or of a given one, that expires after `seconds` or never; both."""
        issued, now = key or new_key(), self.now()
        expires = None if seconds is None else int(now + seconds)
        grant = Grant(digest(issued), name, frozenset(scopes), now, frozenset(models), expires)
        self.put(grant)
        return issued, grant
