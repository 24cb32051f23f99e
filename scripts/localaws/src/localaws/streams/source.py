"""A stream that an event source mapping reads: its shards, and their records in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from localaws.events.source_filters import RecordForm


@dataclass(frozen=True)
class Entry:
    """A record: its position in its shard, when it arrived (epoch seconds), the event's record and what filters see."""

    sequence: int
    at: float
    record: Mapping[str, Any]
    filtered: Mapping[str, Any]


class Source(Protocol):
    """A stream. `batch_info` is the member of a failure's message that describes the batch."""

    arn: str
    form: RecordForm
    batch_info: str

    def shards(self) -> list[str]:
        """The ids of the shards; an empty list if the stream was deleted."""

    def position(self, shard: str, start: str, timestamp: float | None) -> int:
        """The position before the first record to read: from `TRIM_HORIZON`, `LATEST` or `AT_TIMESTAMP`."""

    def read(self, shard: str, after: int, limit: int) -> list[Entry]:
        """At most `limit` records behind a position."""
