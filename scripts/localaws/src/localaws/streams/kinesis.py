"""Streams of Kinesis as event sources.

https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
"""

from __future__ import annotations

import base64
from itertools import islice
from typing import Any

from moto.kinesis.models import kinesis_backends

from localaws.events.source_filters import RecordForm
from localaws.settings import ACCOUNT
from localaws.streams.source import Entry

FORM = RecordForm(
    frozenset({"approximateArrivalTimestamp", "data", "kinesisSchemaVersion", "partitionKey", "sequenceNumber"}), "data"
)


class KinesisSource:
    """A stream, by its ARN."""

    form = FORM
    batch_info = "KinesisBatchInfo"

    def __init__(self, arn: str, region: str) -> None:
        self.arn, self._region = arn, region
        self._name = arn.rpartition("/")[2]

    @property
    def exists(self) -> bool:
        """Whether there's a stream of this ARN."""
        return self._stream() is not None

    def shards(self) -> list[str]:
        """The ids of the shards; an empty list if the stream was deleted."""
        stream = self._stream()
        return list(stream.shards) if stream else []

    def position(self, shard: str, start: str, timestamp: float | None) -> int:
        """The position before the first record to read."""
        found = self._shard(shard)
        if start == "LATEST":
            return int(found.get_max_sequence_number())
        if start == "AT_TIMESTAMP" and timestamp is not None:
            earlier = [record.sequence_number for record in found.records.values() if record.created_at < timestamp]
            return int(earlier[-1]) if earlier else 0
        return 0

    def read(self, shard: str, after: int, limit: int) -> list[Entry]:
        """At most `limit` records behind a position."""
        records = list(self._shard(shard).records.values())
        behind = (record for record in records if record.sequence_number > after)
        return [self._entry(shard, record) for record in islice(behind, limit)]

    def _entry(self, shard: str, record: Any) -> Entry:
        content = {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record.partition_key,
            "sequenceNumber": str(record.sequence_number),
            "data": record.data if isinstance(record.data, str) else record.data.decode(),
            "approximateArrivalTimestamp": round(record.created_at, 3),
        }
        event = {
            "kinesis": content,
            "eventSource": "aws:kinesis",
            "eventVersion": "1.0",
            "eventID": f"{shard}:{record.sequence_number}",
            "eventName": "aws:kinesis:record",
            "invokeIdentityArn": f"arn:aws:iam::{ACCOUNT}:role/lambda",
            "awsRegion": self._region,
            "eventSourceARN": self.arn,
        }
        text = base64.b64decode(content["data"]).decode("utf-8", "replace")
        return Entry(record.sequence_number, record.created_at, event, {**content, "data": text})

    def _stream(self) -> Any:
        backend: Any = kinesis_backends[ACCOUNT][self._region]
        return backend.streams.get(self._name)

    def _shard(self, shard: str) -> Any:
        return self._stream().shards[shard]
