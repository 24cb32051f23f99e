"""Streams of DynamoDB tables as event sources, and their capture in Kinesis.

https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
"""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from moto.core.utils import unix_time
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import StreamRecord, StreamShard
from moto.kinesis.models import kinesis_backends

from localaws.events.source_filters import RecordForm
from localaws.settings import ACCOUNT
from localaws.streams.source import Entry

FORM = RecordForm(
    frozenset({"awsRegion", "dynamodb", "eventID", "eventName", "eventSource", "eventSourceARN", "eventVersion"})
)


class TableSource:
    """The stream of a table, by its ARN."""

    form = FORM
    batch_info = "DDBStreamBatchInfo"

    def __init__(self, arn: str, region: str) -> None:
        self.arn, self._region = arn, region
        self._name, _, self._label = arn.split(":table/")[1].partition("/stream/")

    @property
    def exists(self) -> bool:
        """Whether the table has this stream."""
        return self._shard() is not None

    def shards(self) -> list[str]:
        """The id of the shard; an empty list if the stream was disabled or the table deleted."""
        shard = self._shard()
        return [shard.id] if shard else []

    def position(self, shard: str, start: str, timestamp: float | None) -> int:  # noqa: ARG002 (there's one shard)
        """The position before the first record to read."""
        found = self._shard()
        first = int(found.starting_sequence_number) - 1
        return first + len(found.items) if start == "LATEST" else first

    def read(self, shard: str, after: int, limit: int) -> list[Entry]:  # noqa: ARG002 (there's one shard)
        """At most `limit` records behind a position."""
        found = self._shard()
        index = after + 1 - int(found.starting_sequence_number)
        return [self._entry(record.record) for record in found.items[index : index + limit]]

    def _entry(self, record: dict[str, Any]) -> Entry:
        at = unix_time(record["dynamodb"]["ApproximateCreationDateTime"])
        content = {**record["dynamodb"], "ApproximateCreationDateTime": int(at)}
        event = {**record, "awsRegion": self._region, "dynamodb": content, "eventSourceARN": self.arn}
        if "userIdentity" in record:
            # In events of functions its members begin with small letters.
            event["userIdentity"] = {name[0].lower() + name[1:]: text for name, text in record["userIdentity"].items()}
        return Entry(int(content["SequenceNumber"]), at, event, event)

    def _shard(self) -> Any:
        backend: Any = dynamodb_backends[ACCOUNT][self._region]
        table = backend.tables.get(self._name)
        return table.stream_shard if table and table.latest_stream_label == self._label else None


def add_change(shard: Any, old: Any, new: Any) -> None:
    """Add a change of an item to a table's stream, and to the Kinesis stream that captures it; none if nothing changed.

    It replaces moto's method, which calls functions at once.
    """
    if old is not None and new is not None and old.to_json() == new.to_json():
        return
    name = "INSERT" if old is None else "REMOVE" if new is None else "MODIFY"
    view = (shard.table.stream_specification or {}).get("StreamViewType")
    if view:
        sequence = len(shard.items) + shard.starting_sequence_number
        shard.items.append(StreamRecord(shard.table, view, name, old, new, sequence))
    captured = getattr(shard.table, "localaws_kinesis", None)
    if captured:
        _capture(captured, StreamRecord(shard.table, "NEW_AND_OLD_IMAGES", name, old, new, 0).record, shard.table)


def capture_changes(table: Any, stream_arn: str) -> None:
    """Copy the changes of a table to a Kinesis stream."""
    table.localaws_kinesis = stream_arn
    if table.stream_shard is None:
        table.stream_shard = StreamShard(table.account_id, table)


def _capture(arn: str, record: dict[str, Any], table: Any) -> None:
    at: datetime = record["dynamodb"]["ApproximateCreationDateTime"]
    content = {
        key: value for key, value in record["dynamodb"].items() if key not in ("StreamViewType", "SequenceNumber")
    }
    content["ApproximateCreationDateTime"] = int(unix_time(at) * 1000)
    event = {
        "awsRegion": table.region_name,
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": table.name,
        "dynamodb": content,
        "eventSource": "aws:dynamodb",
    }
    backend: Any = kinesis_backends[ACCOUNT][table.region_name]
    data = base64.b64encode(json.dumps(event).encode()).decode()
    key = json.dumps(content["Keys"], sort_keys=True)
    backend.put_record(arn, arn.rpartition("/")[2], key, None, data)
