"""Deletes items whose time to live is over, each full hour of local AWS's clock; AWS does so within a few days.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
"""

from __future__ import annotations

from typing import Any

from moto.dynamodb.models import dynamodb_backends

from localaws.settings import ACCOUNT

_HOUR = 3600
# Items whose time is longer ago are left, in case that the attribute is none.
_OLDEST = 5 * 365 * 86_400
# The records of streams have it for what DynamoDB itself deleted.
_SERVICE = {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}


class Expiry:
    """The deletion of expired items, in the timetable."""

    def __init__(self, region: str) -> None:
        self._region = region

    def next_due(self, after: float) -> float | None:
        """The next full hour, if a table has a time to live."""
        return (after // _HOUR + 1) * _HOUR if any(map(_attribute, self._tables())) else None

    def run(self, moment: float) -> None:
        """Delete what has expired at `moment`."""
        for table in self._tables():
            name = _attribute(table)
            for item in table.all_items() if name else ():
                if has_expired(item.attrs.get(name), moment):
                    _delete(table, item)

    def _tables(self) -> list[Any]:
        backend: Any = dynamodb_backends[ACCOUNT][self._region]
        return list(backend.tables.values())


def has_expired(value: Any, moment: float) -> bool:
    """Whether an attribute is a time in the five years before `moment`, in seconds since the epoch."""
    return value is not None and value.type == "N" and moment - _OLDEST <= float(value.value) <= moment


def _attribute(table: Any) -> str | None:
    """The attribute that has the time to live of a table's items; None if they have none."""
    return table.ttl.get("AttributeName") if table.ttl["TimeToLiveStatus"] == "ENABLED" else None


def _delete(table: Any, item: Any) -> None:
    shard = table.stream_shard
    before = len(shard.items) if shard else 0
    table.delete_item(item.hash_key, item.range_key)
    for record in shard.items[before:] if shard else ():
        record.record["userIdentity"] = _SERVICE
