"""Firehose: streams that deliver records to S3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_list, tag_map, truth
from localaws.resource_types.support import DONE, NOT_ENCRYPTED, Rules, done

_DESTINATION = "ExtendedS3DestinationConfiguration"
_PROCESSORS: Rules = {
    "$by": "Type",
    "Decompression": {
        "Parameters": {"$by": "ParameterName", "CompressionFormat": {"ParameterValue": ["GZIP"]}},
    },
    "CloudWatchLogProcessing": {
        "Parameters": {"$by": "ParameterName", "DataMessageExtraction": {"ParameterValue": ["true", "True"]}},
    },
    "RecordDeAggregation": {
        "Parameters": {
            "$by": "ParameterName",
            "SubRecordType": {"ParameterValue": ["JSON", "DELIMITED"]},
            "Delimiter": done("ParameterValue"),
        },
    },
    "MetadataExtraction": {
        "Parameters": {
            "$by": "ParameterName",
            "MetadataExtractionQuery": done("ParameterValue"),
            "JsonParsingEngine": {"ParameterValue": ["JQ-1.6"]},
        },
    },
    "AppendDelimiterToRecord": {
        "Parameters": {"$by": "ParameterName", "Delimiter": done("ParameterValue")},
    },
}


class DeliveryStream:
    """AWS::KinesisFirehose::DeliveryStream: from PutRecord or CloudWatch Logs to S3."""

    name = "AWS::KinesisFirehose::DeliveryStream"
    replaced_by = frozenset({"DeliveryStreamName", "DeliveryStreamType"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        **done("DeliveryStreamName", "Tags"),
        "DeliveryStreamEncryptionConfigurationInput": {"KeyType": [{"AWS_OWNED_CMK": NOT_ENCRYPTED}]},
        "DeliveryStreamType": ["DirectPut"],
        _DESTINATION: {
            **done("BucketARN", "CustomTimeZone", "ErrorOutputPrefix", "FileExtension", "Prefix"),
            "BufferingHints": done("IntervalInSeconds", "SizeInMBs"),
            "CloudWatchLoggingOptions": done("Enabled", "LogGroupName", "LogStreamName"),
            "CompressionFormat": ["UNCOMPRESSED", "GZIP"],
            "DynamicPartitioningConfiguration": {
                "Enabled": DONE,
                "RetryOptions": "an object is tried again until its bucket takes it, for 24 hours at most",
            },
            "EncryptionConfiguration": {"NoEncryptionConfig": NOT_ENCRYPTED},
            "ProcessingConfiguration": {"Enabled": DONE, "Processors": _PROCESSORS},
            "RoleARN": DONE,
            "S3BackupMode": ["Disabled"],
        },
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the stream, named as given or after the stack."""
        name = properties.get("DeliveryStreamName") or scope.generated_name(64)
        encryption = properties.get("DeliveryStreamEncryptionConfigurationInput")
        tags = tag_list(properties.get("Tags"))
        scope.clients("firehose").create_delivery_stream(
            DeliveryStreamName=name,
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration=_typed(properties.get(_DESTINATION) or {}),
            **({"DeliveryStreamEncryptionConfigurationInput": dict(encryption)} if encryption else {}),
            **({"Tags": tags} if tags else {}),
        )
        return _deployed(name, scope)

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Update the destination and tags; properties removed from the template get their defaults."""
        firehose = scope.clients("firehose")
        if old.get(_DESTINATION) != new.get(_DESTINATION):
            described = firehose.describe_delivery_stream(DeliveryStreamName=physical_id)["DeliveryStreamDescription"]
            firehose.update_destination(
                DeliveryStreamName=physical_id,
                CurrentDeliveryStreamVersionId=described["VersionId"],
                DestinationId=described["Destinations"][0]["DestinationId"],
                ExtendedS3DestinationUpdate=_DEFAULTS | _typed(new.get(_DESTINATION) or {}),
            )
        before, after = tag_map(old.get("Tags")), tag_map(new.get("Tags"))
        removed = sorted(before.keys() - after.keys())
        if removed:
            firehose.untag_delivery_stream(DeliveryStreamName=physical_id, TagKeys=removed)
        if after:
            firehose.tag_delivery_stream(DeliveryStreamName=physical_id, Tags=tag_list(new.get("Tags")))
        return _deployed(physical_id, scope)

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the stream; what it has buffered is delivered."""
        firehose = scope.clients("firehose")
        try:
            firehose.delete_delivery_stream(DeliveryStreamName=physical_id)
        except firehose.exceptions.ResourceNotFoundException:
            return


# What an update sets properties to that were removed from the template.
_DEFAULTS: dict[str, Any] = {
    "BufferingHints": {},
    "CloudWatchLoggingOptions": {"Enabled": False},
    "CompressionFormat": "UNCOMPRESSED",
    "CustomTimeZone": "UTC",
    "ErrorOutputPrefix": "",
    "FileExtension": "",
    "Prefix": "",
    "ProcessingConfiguration": {"Enabled": False},
}


def _deployed(name: str, scope: Scope) -> Deployed:
    return Deployed(name, {"Arn": f"arn:aws:firehose:{scope.region}:{scope.account}:deliverystream/{name}"})


def _typed(destination: Properties) -> dict[str, Any]:
    """The destination with numbers and booleans where a template may have strings."""
    typed = dict(destination)
    if "BufferingHints" in typed:
        typed["BufferingHints"] = {name: int(value) for name, value in typed["BufferingHints"].items()}
    for name in ("CloudWatchLoggingOptions", "DynamicPartitioningConfiguration", "ProcessingConfiguration"):
        if "Enabled" in typed.get(name, {}):
            typed[name] = {**typed[name], "Enabled": truth(typed[name]["Enabled"])}
    processing = typed.get("ProcessingConfiguration", {})
    if "Processors" in processing:
        processors = [_typed_processor(processor) for processor in processing["Processors"]]
        typed["ProcessingConfiguration"] = {**processing, "Processors": processors}
    partitioning = typed.get("DynamicPartitioningConfiguration", {})
    if "RetryOptions" in partitioning:
        seconds = {name: int(value) for name, value in partitioning["RetryOptions"].items()}
        typed["DynamicPartitioningConfiguration"] = {**partitioning, "RetryOptions": seconds}
    return typed


def _typed_processor(processor: Mapping[str, Any]) -> dict[str, Any]:
    parameters = [
        {"ParameterName": item["ParameterName"], "ParameterValue": _text(item["ParameterValue"])}
        for item in processor.get("Parameters", [])
    ]
    return {**processor, "Parameters": parameters}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
