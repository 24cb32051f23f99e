"""What changed between two versions, row by row: found by a function that reads their datasets, once for each pair."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import obstore
from botocore.exceptions import BotoCoreError, ClientError
from pydantic_core import from_json

from mlops.artifact.names import changes_key
from mlops.console.readers.cache import Cache
from mlops.errors.operations import ComparisonUnavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

type Changes = Mapping[str, Any]

PATIENCE = timedelta(minutes=5)
"""How long a comparison may take: what isn't there by then failed, and may be asked for again."""
_FOR_EVER = float("inf")


class ChangesReader:
    """Reads the records bucket, and asks the function `name` by `client`, boto3's of Lambda, for what isn't there.

    `warn` is called where that fails.
    """

    def __init__(
        self,
        store: "ObjectStore",
        client: Any,
        name: str,
        cache: Cache,
        now: Callable[[], datetime],
        warn: Callable[[str], None],
    ) -> None:
        self._store, self._client, self._name = store, client, name
        self._cache, self._now, self._warn = cache, now, warn

    def find(self, model: str, first: int, second: int) -> Changes | None:
        """What changed from a version to a later one; None if nobody has asked for it, or it isn't found yet."""
        key = ("changes", model, first, second)
        found: Changes | None = self._cache.find(key)
        if found is not None:
            return found
        try:
            content = bytes(obstore.get(self._store, changes_key(model, first, second)).bytes())
        except FileNotFoundError:
            return None
        document: Changes = from_json(content)
        return self._cache.get(key, _FOR_EVER, lambda: document)

    def ask(self, model: str, first: int, second: int) -> datetime:
        """Have two versions compared, once in PATIENCE; returns when it was asked for. Raises ComparisonUnavailable."""
        key = ("changes asked for", model, first, second)
        return self._cache.get(key, PATIENCE.total_seconds(), lambda: self._invoke(model, first, second))

    def _invoke(self, model: str, first: int, second: int) -> datetime:
        payload = json.dumps({"model": model, "versions": [first, second]})
        try:
            # It may take longer than a page may: the function keeps what it finds.
            self._client.invoke(FunctionName=self._name, InvocationType="Event", Payload=payload)
        except (ClientError, BotoCoreError) as error:
            self._warn(f"the function that compares versions can't be asked: {error}")
            raise ComparisonUnavailable("the function that does it can't be asked now") from error
        return self._now()
