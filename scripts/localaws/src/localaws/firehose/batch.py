"""A batch of records that becomes one object."""

from __future__ import annotations

import gzip
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from localaws.firehose.destination import Destination


@dataclass(frozen=True)
class Stream:
    """A stream with its current configuration, whose `version` counts up."""

    name: str
    arn: str
    version: str
    destination: Destination


@dataclass(eq=False)
class Batch:
    """Records of one stream and partition; those that failed, in a batch by `error_type`, are documents of the failure.

    `opened` is when the first record arrived and `due` when the batch is delivered next, both in epoch seconds.
    """

    stream: Stream
    keys: Mapping[str, str]
    error_type: str
    opened: float
    due: float
    prefix: str
    name: str
    records: list[bytes] = field(default_factory=list)
    size: int = 0

    @classmethod
    def open(cls, stream: Stream, keys: Mapping[str, str], error_type: str, now: float) -> Batch:
        """An empty batch, whose first record arrives now."""
        to = stream.destination
        moment = datetime.fromtimestamp(now, to.zone)
        prefix = to.error_prefix.evaluate(moment, {}, error_type) if error_type else to.prefix.evaluate(moment, keys)
        name = f"{stream.name}-{stream.version}-{moment:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}{to.extension}"
        return cls(stream, keys, error_type, now, now + to.interval, prefix, name)

    @property
    def key(self) -> str:
        """The key of the object."""
        return self.prefix + self.name

    @property
    def is_full(self) -> bool:
        """Whether it has the size at which it's delivered."""
        return self.size >= self.stream.destination.size

    def add(self, record: bytes) -> None:
        """Add a record."""
        self.records.append(record)
        self.size += len(record)

    def content(self) -> bytes:
        """The content of the object."""
        joined = b"".join(self.records)
        return gzip.compress(joined, mtime=0) if self.stream.destination.compress else joined

    def state(self) -> dict[str, Any]:
        """What `restored` needs."""
        return {
            "keys": dict(self.keys),
            "error_type": self.error_type,
            "opened": self.opened,
            "prefix": self.prefix,
            "name": self.name,
            "records": list(self.records),
        }

    @classmethod
    def restored(cls, stream: Stream, state: Mapping[str, Any]) -> Batch:
        """A batch of an earlier process; it keeps its key, so that it's never delivered as two objects."""
        batch = cls.open(stream, state["keys"], state["error_type"], state["opened"])
        batch.prefix, batch.name = state["prefix"], state["name"]
        for record in state["records"]:
            batch.add(record)
        return batch
