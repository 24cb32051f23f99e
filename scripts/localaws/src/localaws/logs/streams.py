"""Log streams whose events are on disk, in place of the lists of moto's streams."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from moto.core.base_backend import BaseBackend
from moto.core.utils import unix_time_millis
from moto.logs.exceptions import InvalidParameterException
from moto.logs.models import LogGroup, LogsBackend, LogStream

from localaws.logs.search import filtered, find_events
from localaws.logs.store import EVER, EventStore, GroupFile, Range, StoredEvent, in_order
from localaws.moto_patches import MotoPatches

_PAGE = 10_000
_ID_BITS = 56
# A position between events: before (b) or after (f) the event with this time and id.
_TOKEN = re.compile(r"([fb])/(\d{56})")


def install(patches: MotoPatches, events: EventStore) -> None:
    """Let moto's log groups and streams read and delete the events of `events`."""
    stored = _Stored(events)
    patches.replace_method(LogStream, "get_log_events", stored.get_log_events)
    patches.replace_method(LogStream, "filter_log_events", stored.filter_log_events)
    patches.replace_method(LogStream, "to_describe_dict", _described)
    patches.replace(LogGroup, "delete_log_stream", stored.deleting_stream)
    patches.replace(LogsBackend, "delete_log_group", stored.deleting_group)
    patches.add(LogsBackend, "reset", stored.resetting())


class _Stored:
    """The methods of moto's log streams, groups and backends, with the events of a store."""

    def __init__(self, events: EventStore) -> None:
        self._events = events

    def get_log_events(self, stream: LogStream, start: Any, end: Any, limit: Any, token: Any, head: Any) -> Any:
        """A page of a stream with its tokens."""
        first = EVER[0] if start is None else int(start)
        # Unlike FilterLogEvents, the end isn't part of the range.
        wanted = Range(first, EVER[1] if end is None else int(end) - 1, stream.log_stream_name.__eq__)
        return _page(self._file(stream.log_group), wanted, int(limit or _PAGE), token, bool(head))

    def filter_log_events(self, stream: LogStream, start: int, end: int, pattern: str) -> list[dict[str, Any]]:
        """The matching events of a stream, as moto's exports read them: 0 is no limit of time."""
        file = self._file(stream.log_group)
        if file is None:
            return []
        name = stream.log_stream_name
        found = find_events(file, pattern or "", keeps_stream=name.__eq__, start=start or None, end=end or None)
        return [filtered(event) for event in found]

    def deleting_stream(self, original: Callable[[LogGroup, str], None]) -> Callable[[LogGroup, str], None]:
        """Delete the events with their stream."""

        def delete_log_stream(group: LogGroup, log_stream_name: str) -> None:
            original(group, log_stream_name)
            file = self._file(group)
            if file:
                file.delete_stream(log_stream_name)

        return delete_log_stream

    def deleting_group(self, original: Callable[[LogsBackend, str], None]) -> Callable[[LogsBackend, str], None]:
        """Delete the events with their group."""

        def delete_log_group(backend: LogsBackend, log_group_name: str) -> None:
            original(backend, log_group_name)
            self._events.delete(backend.account_id, backend.region_name, log_group_name)

        return delete_log_group

    def resetting(self) -> Callable[[LogsBackend], None]:
        """Delete all events with the rest of moto's state."""

        def reset(backend: LogsBackend) -> None:
            self._events.delete_all(backend.account_id, backend.region_name)
            BaseBackend.reset(backend)

        return reset

    def _file(self, group: LogGroup) -> GroupFile | None:
        return self._events.find(group.account_id, group.region, group.name)


def _page(
    file: GroupFile | None, wanted: Range, limit: int, token: str | None, from_head: bool
) -> tuple[list[dict[str, Any]], str, str]:
    """A page of a stream in the order of time, with the tokens of the pages before and after it."""
    position = _read(token) if token else None
    forward = token[0] == "f" if token else from_head
    found = list(islice(_beyond(file, wanted, position, forward), limit)) if file else []
    if not forward:
        found.reverse()
    here = position or (0, 0)
    before, after = (found[0].place, found[-1].place) if found else (here, here)
    shown = [
        {"timestamp": event.timestamp, "message": event.message, "ingestionTime": event.ingested} for event in found
    ]
    return shown, f"b/{_number(before):056d}", f"f/{_number(after):056d}"


def _beyond(file: GroupFile, wanted: Range, position: tuple[int, int] | None, forward: bool) -> Iterator[StoredEvent]:
    if position is None:
        return in_order(file, wanted, newest_first=not forward)
    if forward:
        rest = Range(max(wanted.start, position[0]), wanted.end, wanted.wants)
        return (event for event in in_order(file, rest) if event.place > position)
    rest = Range(wanted.start, min(wanted.end, position[0]), wanted.wants)
    return (event for event in in_order(file, rest, newest_first=True) if event.place < position)


def _number(place: tuple[int, int]) -> int:
    return place[0] << _ID_BITS | place[1]


def _read(token: str) -> tuple[int, int]:
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise InvalidParameterException("The specified nextToken is invalid.")
    number = int(match[2])
    return number >> _ID_BITS, number & (1 << _ID_BITS) - 1


def _described(stream: Any) -> dict[str, Any]:
    """A stream as DescribeLogStreams returns it."""
    described = {
        "arn": stream.arn,
        "creationTime": int(unix_time_millis(stream.creation_time)),
        "logStreamName": stream.log_stream_name,
        "storedBytes": stream.stored_bytes,
    }
    if stream.last_event_timestamp is not None and stream.last_ingestion_time is not None:
        described |= {
            "firstEventTimestamp": stream.first_event_timestamp,
            "lastEventTimestamp": stream.last_event_timestamp,
            "lastIngestionTime": int(unix_time_millis(stream.last_ingestion_time)),
            "uploadSequenceToken": str(stream.upload_sequence_token),
        }
    return described
