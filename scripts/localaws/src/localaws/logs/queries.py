"""The Insights queries of one account and region."""

import base64
import json
import uuid
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.logs.models import LogGroup, LogsBackend

from localaws.logs.errors import MalformedQuery
from localaws.logs.insights.events import Event
from localaws.logs.insights.query import Answer, run_query

MAX_ROWS = 100_000
_MAX_GROUPS = 50
_KEPT = 1000


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
    backend: LogsBackend, *, groups: list[str], text: str, start: int, end: int, limit: int | None, now: float
) -> Query:
    """Run a query over log groups (names or ARNs) from second `start` to the end of second `end`, and store its result.

    Raises MalformedQueryException, ResourceNotFoundException for a group that doesn't exist, and
    InvalidParameterException for a time range that ends before it starts or for too many groups.
    """
    if start > end:
        raise InvalidParameterException(f"The query's end time {end} is before its start time {start}")
    if len(groups) > _MAX_GROUPS:
        raise InvalidParameterException(f"A query reads at most {_MAX_GROUPS} log groups, not {len(groups)}")
    found = [find_group(backend, group) for group in groups]
    events = [event for group in found for event in _events(group, start * 1000, end * 1000 + 999)]
    events.sort(key=lambda event: event.timestamp)
    try:
        answer = run_query(text, events, int(now), limit)
    except MalformedQuery as error:
        raise MalformedQueryException(error) from error
    query = Query(str(uuid.uuid4()), text, tuple(group.name for group in found), int(now * 1000), answer)
    kept = _kept(backend)
    kept[query.query_id] = query
    for query_id in list(kept)[:-_KEPT]:
        kept.pop(query_id, None)
    return query


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


def _events(group: LogGroup, start: int, end: int) -> list[Event]:
    log = f"{group.account_id}:{group.name}"
    return [
        Event(
            timestamp=event.timestamp,
            message=event.message,
            stream=stream.log_stream_name,
            log=log,
            ingested=event.ingestion_time,
            pointer=_pointer(log, stream.log_stream_name, event.event_id),
        )
        for stream in list(group.streams.values())
        for event in list(stream.events)
        if start <= event.timestamp <= end
    ]


def _pointer(log: str, stream: str, event_id: int) -> str:
    return base64.b64encode(f"{log}:{stream}:{event_id}".encode()).decode()
