"""The Insights queries of one account and region."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import JsonRESTError
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogGroup, LogsBackend

from localaws.logs.errors import MalformedQuery
from localaws.logs.insights.events import Event
from localaws.logs.store import EventStore, GroupFile, Range, in_order

if TYPE_CHECKING:
    from localaws.logs.insights.query import Answer

MAX_ROWS = 100_000
_MAX_GROUPS = 50
_KEPT, _KEPT_ROWS = 1000, 200_000


class MalformedQueryException(JsonRESTError):
    """AWS's error for an invalid query, with the position of the error."""

    def __init__(self, error: MalformedQuery) -> None:
        super().__init__("MalformedQueryException", str(error))
        location = {"startCharOffset": error.start, "endCharOffset": error.end}
        details = {"location": location, "message": error.message}
        self.description = json.dumps({**json.loads(self.description), "queryCompileError": details})


@dataclass(frozen=True)
class Query:
    """A query that has run. `created` is milliseconds since 1970."""

    query_id: str
    text: str
    groups: tuple[str, ...]
    created: int
    answer: Answer
    status: str = "Complete"

    def describe(self) -> dict[str, Any]:
        return {
            "queryLanguage": "CWLI",
            "queryId": self.query_id,
            "queryString": self.text,
            "status": self.status,
            "createTime": self.created,
            "logGroupName": self.groups[0],
        }

    @property
    def statistics(self) -> dict[str, float]:
        return {
            "recordsMatched": float(self.answer.matched),
            "recordsScanned": float(self.answer.scanned),
            "bytesScanned": float(self.answer.bytes_scanned),
            "estimatedRecordsSkipped": 0.0,
            "estimatedBytesSkipped": 0.0,
            "logGroupsScanned": float(len(self.groups)),
        }


def start(
    backend: LogsBackend,
    store: EventStore,
    *,
    groups: list[str],
    text: str,
    start: int,
    end: int,
    limit: int | None,
    now: float,
) -> Query:
    """Run a query over log groups (names or ARNs) from second `start` to the end of second `end`, and store its result.

    Raises MalformedQueryException, ResourceNotFoundException for a group that doesn't exist, and
    InvalidParameterException for a time range that ends before it starts or for too many groups.
    """
    # DuckDB and Arrow are imported by the first query.
    from localaws.logs.insights.query import run_query

    if start > end:
        raise InvalidParameterException(f"The query's end time {end} is before its start time {start}")
    if len(groups) > _MAX_GROUPS:
        raise InvalidParameterException(f"A query reads at most {_MAX_GROUPS} log groups, not {len(groups)}")
    found = [find_group(backend, group) for group in groups]
    source = _Source(found, store, Range(start * 1000, end * 1000 + 999))
    try:
        answer = run_query(text, source, int(now), limit)
    except MalformedQuery as error:
        raise MalformedQueryException(error) from error
    query = Query(str(uuid.uuid4()), text, tuple(group.name for group in found), int(now * 1000), answer)
    kept = _kept(backend)
    kept[query.query_id] = query
    _forget_oldest(kept)
    return query


def _forget_oldest(kept: dict[str, Query]) -> None:
    """Forget the oldest queries beyond a number of queries and of rows, but never the last one."""
    rows = 0
    for count, (query_id, query) in enumerate(reversed(list(kept.items()))):
        rows += len(query.answer.rows)
        if count >= _KEPT or (count and rows > _KEPT_ROWS):
            kept.pop(query_id, None)


def find(backend: LogsBackend, query_id: str) -> Query:
    """The query with that id. Raises ResourceNotFoundException."""
    query = _kept(backend).get(query_id)
    if query is None:
        raise ResourceNotFoundException(f"The specified query does not exist: {query_id}")
    return query


def started(backend: LogsBackend) -> list[Query]:
    """The stored queries, oldest first."""
    return list(_kept(backend).values())


def _kept(backend: LogsBackend) -> dict[str, Query]:
    """Stored in the backend, so that moto's reset deletes it."""
    kept: dict[str, Query] = vars(backend).setdefault("insights_queries", {})
    return kept


def find_group(backend: LogsBackend, identifier: str) -> LogGroup:
    """The log group with that name or ARN. Raises ResourceNotFoundException."""
    name = identifier
    if identifier.startswith("arn:"):
        name = identifier.partition(":log-group:")[2].removesuffix(":*")
    group = backend.groups.get(name)
    if group is None:
        raise ResourceNotFoundException(f"The specified log group does not exist: {identifier}")
    return group


@dataclass(frozen=True)
class _Source:
    """The events of log groups from millisecond `start` to `end` (both inclusive)."""

    groups: Sequence[LogGroup]
    store: EventStore
    wanted: Range

    def events(self, texts: Sequence[bytes]) -> Iterator[Event]:
        """The events by time; those that can't contain all `texts` are left out."""
        found = [self._events(group, file, texts) for group, file in self._files()]
        return found[0] if len(found) == 1 else merge(*found, key=lambda event: event.timestamp)

    def count(self) -> tuple[int, int]:
        """The numbers of events and of bytes."""
        counts = [file.count(self.wanted) for _, file in self._files()]
        return sum(events for events, _ in counts), sum(size for _, size in counts)

    def _files(self) -> Iterator[tuple[LogGroup, GroupFile]]:
        for group in self.groups:
            file = self.store.find(group.account_id, group.region, group.name)
            if file:
                yield group, file

    def _events(self, group: LogGroup, file: GroupFile, texts: Sequence[bytes]) -> Iterator[Event]:
        log = f"{group.account_id}:{group.name}"
        for event in in_order(file, self.wanted, texts):
            pointer = base64.b64encode(f"{log}:{event.stream}:{event.event_id}".encode()).decode()
            yield Event(event.timestamp, event.message, event.stream, log, event.ingested, pointer)
