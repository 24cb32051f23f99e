"""Patches moto's DynamoDB: its streams call functions at once, and its queries read whole tables.

Adds the capture of changes in Kinesis.
"""

from __future__ import annotations

import json
from typing import Any

from moto.dynamodb.models.table import StreamShard, Table
from moto.dynamodb.responses import DynamoHandler

from localaws.moto_patches import MotoPatches
from localaws.streams.dynamodb import add_change, capture_changes
from localaws.streams.queries import query_partition


def install(patches: MotoPatches) -> None:
    """Replace moto's capture of changes, and its queries."""
    patches.replace(Table, "query", query_partition)
    patches.replace_method(StreamShard, "add", add_change)
    patches.add(DynamoHandler, "enable_kinesis_streaming_destination", _enable)
    patches.add(DynamoHandler, "describe_kinesis_streaming_destination", _describe)
    patches.add(DynamoHandler, "disable_kinesis_streaming_destination", _disable)


def _enable(handler: Any) -> str:
    table, arn = _named(handler), handler.body["StreamArn"]
    capture_changes(table, arn)
    return json.dumps({"TableName": table.name, "StreamArn": arn, "DestinationStatus": "ACTIVE"})


def _disable(handler: Any) -> str:
    table = _named(handler)
    table.localaws_kinesis = None
    return json.dumps(
        {"TableName": table.name, "StreamArn": handler.body["StreamArn"], "DestinationStatus": "DISABLED"}
    )


def _describe(handler: Any) -> str:
    table = _named(handler)
    arn = getattr(table, "localaws_kinesis", None)
    found = [{"StreamArn": arn, "DestinationStatus": "ACTIVE"}] if arn else []
    return json.dumps({"TableName": table.name, "KinesisDataStreamDestinations": found})


def _named(handler: Any) -> Any:
    return handler.dynamodb_backend.get_table(handler.body["TableName"])
