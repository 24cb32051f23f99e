"""KeysTable: a grant by the digest of its key."""

from collections.abc import Callable, Mapping
from typing import Any

from mlops.authorization.grants import Grant
from mlops.errors.authorization import KeysUnavailable, TableUnavailable

_READ_SECONDS = 2.0
_WRITE_SECONDS = 0.5

# An operation, its body, and the seconds for which it's tried → the answer. Raises TableUnavailable.
type Call = Callable[[str, Mapping[str, Any], float], dict[str, Any]]


class KeysTable:
    """Reads grants, and writes when each was last used; `warn` is called where that can't be written."""

    def __init__(self, table: str, call: Call, warn: Callable[[str], None]) -> None:
        self._table, self._call, self._warn = table, call, warn

    def find(self, digest: str) -> Grant | None:
        """The grant, as it was last written. Raises KeysUnavailable."""
        query = {"TableName": self._table, "ConsistentRead": True, "Key": {"digest": {"S": digest}}}
        try:
            answer = self._call("GetItem", query, _READ_SECONDS)
        except (TableUnavailable, OSError) as error:
            raise KeysUnavailable(str(error)) from error
        return Grant.of_item(answer["Item"]) if "Item" in answer else None

    def touch(self, grant: Grant, now: int) -> None:
        """Write that a key was used. It's no reason to refuse a request if that fails."""
        update = {
            "TableName": self._table,
            "Key": {"digest": {"S": grant.digest}},
            "UpdateExpression": "SET last_used = :now",
            # A deleted key isn't made again.
            "ConditionExpression": "attribute_exists(digest)",
            "ExpressionAttributeValues": {":now": {"N": str(now)}},
        }
        try:
            self._call("UpdateItem", update, _WRITE_SECONDS)
        except (TableUnavailable, OSError) as error:
            self._warn(f"The last use of the key {grant.name!r} could not be written: {error}")
