"""Lambda: event source mappings."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, truth
from localaws.resource_types.support import FILTERS, STREAM_OPTIONS, Rules, done


class EventSourceMapping:
    """AWS::Lambda::EventSourceMapping of a queue, or of a stream of DynamoDB or Kinesis."""

    name = "AWS::Lambda::EventSourceMapping"
    replaced_by = frozenset({"EventSourceArn", "StartingPosition", "StartingPositionTimestamp"})
    attributes = ("Id",)
    properties: ClassVar[Rules] = {
        **done("BatchSize", "Enabled", "EventSourceArn", "FunctionName", "MaximumBatchingWindowInSeconds"),
        **STREAM_OPTIONS,
        "FilterCriteria": FILTERS,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "ScalingConfig": done("MaximumConcurrency"),
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Start polling the queue, or reading the stream."""
        mapping = scope.clients("lambda").create_event_source_mapping(
            EventSourceArn=properties["EventSourceArn"], **_start(properties), **_options(properties)
        )
        return Deployed(mapping["UUID"], {"Id": mapping["UUID"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the options of polling."""
        defaults: dict[str, Any] = {
            "BatchSize": 10,
            "FilterCriteria": {},
            "FunctionResponseTypes": [],
            "MaximumBatchingWindowInSeconds": 0,
        }
        options = {key: value for key, value in defaults.items() if key in old} | _options(new)
        scope.clients("lambda").update_event_source_mapping(UUID=physical_id, **options)
        return Deployed(physical_id, {"Id": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Stop polling the queue."""
        client = scope.clients("lambda")
        try:
            client.delete_event_source_mapping(UUID=physical_id)
        except client.exceptions.ResourceNotFoundException:
            return


def _start(properties: Properties) -> dict[str, Any]:
    start = {"StartingPosition": properties["StartingPosition"]} if properties.get("StartingPosition") else {}
    if "StartingPositionTimestamp" in properties:
        start["StartingPositionTimestamp"] = float(properties["StartingPositionTimestamp"])
    return start


def _options(properties: Properties) -> dict[str, Any]:
    options: dict[str, Any] = {
        "FunctionName": properties["FunctionName"],
        "Enabled": truth(properties.get("Enabled", True)),
    }
    for number in (
        "BatchSize",
        "MaximumBatchingWindowInSeconds",
        "MaximumRecordAgeInSeconds",
        "MaximumRetryAttempts",
        "ParallelizationFactor",
    ):
        if number in properties:
            options[number] = int(properties[number])
    if "BisectBatchOnFunctionError" in properties:
        options["BisectBatchOnFunctionError"] = truth(properties["BisectBatchOnFunctionError"])
    if "DestinationConfig" in properties:
        options["DestinationConfig"] = properties["DestinationConfig"]
    if "FunctionResponseTypes" in properties:
        options["FunctionResponseTypes"] = properties["FunctionResponseTypes"]
    if "FilterCriteria" in properties:
        # A pattern may be an object in a template, while the API requires JSON text.
        patterns = [item.get("Pattern", {}) for item in properties["FilterCriteria"].get("Filters", [])]
        texts = [{"Pattern": item if isinstance(item, str) else json.dumps(item)} for item in patterns]
        options["FilterCriteria"] = {"Filters": texts}
    if "ScalingConfig" in properties:
        options["ScalingConfig"] = {"MaximumConcurrency": int(properties["ScalingConfig"]["MaximumConcurrency"])}
    return options
