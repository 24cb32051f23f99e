"""Kinesis: streams."""

from __future__ import annotations

from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_map
from localaws.resource_types.support import NO_CAPACITY, NOT_ENCRYPTED, Rules, done


class Stream:
    """AWS::Kinesis::Stream."""

    name = "AWS::Kinesis::Stream"
    replaced_by = frozenset({"Name", "ShardCount"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        **done("Name", "RetentionPeriodHours", "ShardCount", "Tags"),
        "StreamEncryption": NOT_ENCRYPTED,
        "StreamModeDetails": {
            "StreamMode": ["PROVISIONED", {"ON_DEMAND": NO_CAPACITY}],
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the stream."""
        kinesis, name = scope.clients("kinesis"), properties.get("Name") or scope.generated_name(128)
        mode = (properties.get("StreamModeDetails") or {}).get("StreamMode")
        counted = {} if mode == "ON_DEMAND" else {"ShardCount": int(properties.get("ShardCount", 1))}
        modes = {"StreamModeDetails": {"StreamMode": mode}} if mode else {}
        kinesis.create_stream(StreamName=name, **counted, **modes)
        self._retain(kinesis, name, 24, properties)
        tags = tag_map(properties.get("Tags"))
        if tags:
            kinesis.add_tags_to_stream(StreamName=name, Tags=tags)
        return self._deployed(kinesis, name)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Change the retention."""
        kinesis = scope.clients("kinesis")
        self._retain(kinesis, physical_id, int(old.get("RetentionPeriodHours", 24)), new)
        return self._deployed(kinesis, physical_id)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the stream and its records."""
        kinesis = scope.clients("kinesis")
        try:
            kinesis.delete_stream(StreamName=physical_id)
        except kinesis.exceptions.ResourceNotFoundException:
            return

    @staticmethod
    def _deployed(kinesis: Any, name: str) -> Deployed:
        summary = kinesis.describe_stream_summary(StreamName=name)
        return Deployed(name, {"Arn": summary["StreamDescriptionSummary"]["StreamARN"]})

    @staticmethod
    def _retain(kinesis: Any, name: str, before: int, properties: Properties) -> None:
        hours = int(properties.get("RetentionPeriodHours", 24))
        if hours > before:
            kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
        elif hours < before:
            kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
