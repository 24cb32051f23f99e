"""A key of the API for as long as a check lasts: what is closed to others would answer it 401, whatever its code."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from mlops.authorization.grants import Grant
from mlops.authorization.keys import digest, new_key

NAME = "release check"
SECONDS = 600
"""After which it expires, where it couldn't be deleted."""


class CheckKeys:
    """Makes keys in the API's table; `client` is boto3's for DynamoDB."""

    def __init__(self, client: Any, table: str, now: Callable[[], float] = time.time) -> None:
        self._client, self._table, self._now = client, table, now

    @contextmanager
    def issued(self) -> Iterator[str]:
        """A key that may read, and is deleted at the end."""
        key, now = new_key(), int(self._now())
        grant = Grant(digest(key), NAME, frozenset(("read",)), now, expires=now + SECONDS)
        self._client.put_item(TableName=self._table, Item=grant.item())
        try:
            yield key
        finally:
            self._client.delete_item(TableName=self._table, Key={"digest": {"S": grant.digest}})
