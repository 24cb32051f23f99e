"""The stack's saved queries of the logs, and their rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mlops.console.readers.cache import Cache
from mlops.errors.operations import QueryFailed
from mlops.insights import Row, run_query

MOST_ROWS = 1_000
_MINUTE, _SECONDS = 60.0, 5.0
_MOST_SECONDS = 20.0
"""For which a page waits: a function behind an API has 29 seconds."""


@dataclass(frozen=True)
class SavedQuery:
    """A query definition of the stack: its name without the stack's, its text, and the log groups that it reads."""

    name: str
    text: str
    groups: tuple[str, ...]

    def of_model(self, model: str) -> str:
        """The text for the lines about a model alone."""
        return f'filter model = "{model}"\n| {self.text}'


class LogReader:
    """Runs the saved queries of a stack by `client`, boto3's of CloudWatch Logs; `warn` is called where that fails."""

    def __init__(self, client: Any, stack: str, cache: Cache, warn: Callable[[str], None]) -> None:
        self._client, self._prefix, self._cache, self._warn = client, f"{stack}/", cache, warn

    def queries(self) -> Mapping[str, SavedQuery]:
        """The queries by name. Raises QueryFailed."""
        return self._cache.get(("queries",), _MINUTE, self._list)

    def run(self, query: SavedQuery, model: str | None, since: timedelta, now: datetime) -> Sequence[Row]:
        """The rows of a query over the last time, of one model's lines or all. Raises QueryFailed."""
        text = query.text if model is None else query.of_model(model)
        period = ((now - since).timestamp(), now.timestamp() + 1)

        def ask() -> Sequence[Row]:
            return self._reporting(
                lambda: run_query(self._client, text, query.groups, period, limit=MOST_ROWS, wait=_MOST_SECONDS)
            )

        return self._cache.get(("rows", query.name, model, since), _SECONDS, ask)

    def _list(self) -> Mapping[str, SavedQuery]:
        found = self._reporting(
            lambda: self._client.describe_query_definitions(queryDefinitionNamePrefix=self._prefix)["queryDefinitions"]
        )
        named = [(each["name"].removeprefix(self._prefix), each) for each in found]
        return {
            name: SavedQuery(name, each["queryString"], tuple(each["logGroupNames"])) for name, each in sorted(named)
        }

    def _reporting[T](self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except (ClientError, BotoCoreError) as error:
            self._warn(f"CloudWatch Logs doesn't answer: {error}")
            raise QueryFailed("CloudWatch Logs doesn't answer; look again in a moment") from error
