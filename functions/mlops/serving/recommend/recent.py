"""The table of recent events: what users did in the last days, so that the next recommendation knows it.

An item of the table is one event: the same event written again replaces itself, and concurrent writers never meet. It
lies under its user's hash, in the order of events' times.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Any

from mlops.dynamodb import DynamoDb
from mlops.errors.authorization import TableUnavailable

MAX_READ = 500
"""Events of a user that are read, the latest ones."""
READ_SECONDS = 0.5
WRITE_SECONDS = 5.0
_BATCH = 25  # items that one call writes at most
_DAY = 86_400
_FIRST_PAUSE = 0.02  # seconds before what a call left is written again; doubled each time


@dataclass(frozen=True, slots=True)
class UserEvent:
    """What a user did with an item: `item` and `name` as in the contract, `time` in ms since 1970.

    `id` names it; `rating` is None where it has none.
    """

    id: str
    item: str
    name: str
    time: int
    rating: float | None = None


class RecentEvents:
    """Reads and writes users' recent events, which are kept for `days`; users are given by their hashes."""

    def __init__(
        self,
        table: str,
        client: DynamoDb,
        days: float,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._table = table
        self._client = client
        self._seconds = days * _DAY
        self._clock = clock
        self._sleep = sleep

    def read(self, model: str, user: bytes) -> list[UserEvent]:
        """The user's latest events, with all that were acknowledged before. Raises TableUnavailable."""
        query = {
            "TableName": self._table,
            "ConsistentRead": True,
            "ScanIndexForward": False,
            "Limit": MAX_READ,
            "KeyConditionExpression": "#u = :u",
            "ExpressionAttributeNames": {"#u": "user"},
            "ExpressionAttributeValues": {":u": {"S": _key(model, user)}},
        }
        answer = self._client.call("Query", query, READ_SECONDS)
        now = self._clock()
        # DynamoDB deletes what has expired within days.
        return [read_item(item) for item in answer["Items"] if float(item["expires"]["N"]) > now]

    def write(self, model: str, events: Sequence[tuple[bytes, UserEvent]]) -> None:
        """Write events, each with its user's hash; when it returns, every reader finds them. Raises TableUnavailable.

        An event that is older than what is kept is left out.
        """
        now = self._clock()
        items = {}
        for user, event in events:
            expires = event.time / 1000 + self._seconds
            if expires > now:
                item = _write(model, user, event, int(expires))
                items[item["user"]["S"], item["event"]["S"]] = item
        until = time.monotonic() + WRITE_SECONDS
        for batch in batched(items.values(), _BATCH, strict=False):
            self._write_batch([{"PutRequest": {"Item": item}} for item in batch], until)

    def _write_batch(self, waiting: list[Any], until: float) -> None:
        pause = _FIRST_PAUSE
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise TableUnavailable("BatchWriteItem", f"{len(waiting)} events weren't taken in time")
            answer = self._client.call("BatchWriteItem", {"RequestItems": {self._table: waiting}}, left)
            waiting = answer.get("UnprocessedItems", {}).get(self._table, [])
            if not waiting:
                return
            self._sleep(pause)
            pause *= 2


def _key(model: str, user: bytes) -> str:
    return f"{model}#{user.hex()}"


def _write(model: str, user: bytes, event: UserEvent, expires: int) -> dict[str, Any]:
    rating = {} if event.rating is None else {"rating": {"N": repr(event.rating)}}
    return {
        "user": {"S": _key(model, user)},
        "event": {"S": f"{event.time:015d}#{event.id}"},
        "item": {"S": event.item},
        "name": {"S": event.name},
        "expires": {"N": str(expires)},
        **rating,
    }


def read_item(item: Mapping[str, Any]) -> UserEvent:
    """The event that an item of the table is."""
    moment, _, name = item["event"]["S"].partition("#")
    rating = float(item["rating"]["N"]) if "rating" in item else None
    return UserEvent(name, item["item"]["S"], item["name"]["S"], int(moment), rating)
