"""Reads the configuration of an S3 destination."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localaws.firehose.deaggregation import Split, split_by, split_json
from localaws.firehose.errors import InvalidDestination
from localaws.firehose.prefixes import Prefix, data_prefix, error_prefix
from localaws.firehose.processing import Pipeline
from localaws.firehose.queries import KeyQuery

_MEGABYTE = 1024 * 1024
_EXTENSIONS = {"UNCOMPRESSED": "", "GZIP": ".gz"}
_PROPERTIES = frozenset(
    {
        "BucketARN",
        "BufferingHints",
        "CloudWatchLoggingOptions",
        "CompressionFormat",
        "CustomTimeZone",
        "DynamicPartitioningConfiguration",
        "EncryptionConfiguration",
        "ErrorOutputPrefix",
        "FileExtension",
        "Prefix",
        "ProcessingConfiguration",
        "RoleARN",
        "S3BackupMode",
    }
)
# Processor type → its parameters.
_PROCESSORS: dict[str, frozenset[str]] = {
    "Decompression": frozenset({"CompressionFormat"}),
    "CloudWatchLogProcessing": frozenset({"DataMessageExtraction"}),
    "RecordDeAggregation": frozenset({"SubRecordType", "Delimiter"}),
    "MetadataExtraction": frozenset({"MetadataExtractionQuery", "JsonParsingEngine"}),
    "AppendDelimiterToRecord": frozenset({"Delimiter"}),
}


@dataclass(frozen=True)
class Destination:
    """Where and how a stream delivers. `interval` is in seconds, `size` in bytes before compression.

    `role` is the ARN of the role that delivers, `log` the log group and stream of errors.
    """

    role: str
    bucket: str
    prefix: Prefix
    error_prefix: Prefix
    interval: float
    size: int
    compress: bool
    extension: str
    zone: ZoneInfo
    pipeline: Pipeline
    log: tuple[str, str] | None

    @property
    def is_partitioned(self) -> bool:
        """Whether dynamic partitioning is enabled."""
        return self.pipeline.query is not None


def read(given: Mapping[str, Any]) -> Destination:
    """An S3 destination in the API's form; raises InvalidDestination."""
    for name in sorted(key for key, value in given.items() if key not in _PROPERTIES and value):
        raise InvalidDestination(f"{name} isn't supported by local AWS")
    if given.get("S3BackupMode", "Disabled") != "Disabled":
        raise InvalidDestination("S3BackupMode isn't supported by local AWS")
    if "KMSEncryptionConfig" in (given.get("EncryptionConfiguration") or {}):
        raise InvalidDestination("KMSEncryptionConfig isn't supported by local AWS: nothing is encrypted at rest")
    partitioned = bool((given.get("DynamicPartitioningConfiguration") or {}).get("Enabled"))
    text, errors = given.get("Prefix") or "", given.get("ErrorOutputPrefix") or ""
    prefix = data_prefix(text)
    size, interval = buffering(given.get("BufferingHints") or {}, partitioned=partitioned)
    compression = given.get("CompressionFormat") or "UNCOMPRESSED"
    if compression not in _EXTENSIONS:
        raise InvalidDestination(f"CompressionFormat {compression} isn't supported by local AWS")
    logging = given.get("CloudWatchLoggingOptions") or {}
    return Destination(
        role=given["RoleARN"],
        bucket=given["BucketARN"].rsplit(":", 1)[1],
        prefix=prefix,
        error_prefix=error_prefix(errors, text),
        interval=interval,
        size=size,
        compress=compression == "GZIP",
        extension=given.get("FileExtension") or _EXTENSIONS[compression],
        zone=time_zone(given.get("CustomTimeZone") or "UTC"),
        pipeline=_pipeline(given.get("ProcessingConfiguration") or {}, prefix, partitioned=partitioned),
        log=(logging["LogGroupName"], logging["LogStreamName"]) if logging.get("Enabled") else None,
    )


def buffering(hints: Mapping[str, Any], *, partitioned: bool) -> tuple[int, float]:
    """The size in bytes and the interval in seconds; raises InvalidDestination."""
    size, interval = int(hints.get("SizeInMBs", 128 if partitioned else 5)), int(hints.get("IntervalInSeconds", 300))
    if not 1 <= size <= 128:
        raise InvalidDestination("BufferingHints.SizeInMBs must be between 1 and 128")
    if partitioned and size < 64:
        raise InvalidDestination("BufferingHints.SizeInMBs must be at least 64 when Dynamic Partitioning is enabled.")
    if not 0 <= interval <= 900:
        raise InvalidDestination("BufferingHints.IntervalInSeconds must be between 0 and 900")
    return size * _MEGABYTE, float(interval)


def time_zone(name: str) -> ZoneInfo:
    """The time zone of prefixes; raises InvalidDestination."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidDestination(f"CustomTimeZone {name} isn't a time zone") from error


def _pipeline(given: Mapping[str, Any], prefix: Prefix, *, partitioned: bool) -> Pipeline:
    processors = _processors(given.get("Processors") or []) if given.get("Enabled") else {}
    query = processors.get("MetadataExtraction")
    if partitioned and not query:
        raise InvalidDestination("Processing Configuration has no MetadataExtraction, which Dynamic Partitioning needs")
    if partitioned and not prefix.keys:
        raise InvalidDestination(
            "S3 Prefix should contain Dynamic Partitioning namespaces when Dynamic Partitioning is enabled"
        )
    if prefix.keys and not partitioned:
        raise InvalidDestination("Prefix has partition keys, which need Dynamic Partitioning")
    if query and not partitioned:
        raise InvalidDestination("MetadataExtraction needs Dynamic Partitioning")
    if query and query.get("JsonParsingEngine") != "JQ-1.6":
        raise InvalidDestination("JsonParsingEngine must be JQ-1.6")
    if "Decompression" in processors and processors["Decompression"].get("CompressionFormat", "GZIP") != "GZIP":
        raise InvalidDestination("Decompression supports GZIP only")
    if "CloudWatchLogProcessing" in processors and "Decompression" not in processors:
        raise InvalidDestination("CloudWatchLogProcessing needs a Decompression processor")
    extraction = processors.get("CloudWatchLogProcessing", {}).get("DataMessageExtraction", "true")
    if extraction.lower() != "true":
        raise InvalidDestination("DataMessageExtraction must be true")
    delimiter = processors.get("AppendDelimiterToRecord")
    return Pipeline(
        decompress="Decompression" in processors,
        extract="CloudWatchLogProcessing" in processors,
        split=_split(processors.get("RecordDeAggregation")),
        query=KeyQuery(query.get("MetadataExtractionQuery", "")) if query else None,
        needed=prefix.keys,
        delimiter=b"" if delimiter is None else _unescaped(delimiter.get("Delimiter", "\n")),
    )


def _processors(given: list[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Processor type → its parameters."""
    found: dict[str, dict[str, str]] = {}
    for processor in given:
        kind = processor["Type"]
        parameters = {item["ParameterName"]: item["ParameterValue"] for item in processor.get("Parameters") or []}
        if kind not in _PROCESSORS:
            raise InvalidDestination(f"processors of type {kind} aren't supported by local AWS")
        for name in sorted(parameters.keys() - _PROCESSORS[kind]):
            raise InvalidDestination(f"parameter {name} of a {kind} processor isn't supported by local AWS")
        if kind in found:
            raise InvalidDestination(f"there's more than one {kind} processor")
        found[kind] = parameters
    return found


def _split(parameters: Mapping[str, str] | None) -> Split | None:
    if parameters is None:
        return None
    kind = parameters.get("SubRecordType")
    if kind == "JSON":
        return split_json
    if kind != "DELIMITED":
        raise InvalidDestination("SubRecordType of a RecordDeAggregation processor must be JSON or DELIMITED")
    try:
        delimiter = base64.b64decode(parameters.get("Delimiter", ""), validate=True)
    except binascii.Error as error:
        raise InvalidDestination("the delimiter of a RecordDeAggregation processor must be in base64") from error
    if not delimiter:
        raise InvalidDestination("a RecordDeAggregation processor of type DELIMITED needs a Delimiter")
    return split_by(delimiter)


def _unescaped(delimiter: str) -> bytes:
    """The delimiter with its escapes, such as the two characters of a line break, replaced."""
    for escape, character in (("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t")):
        delimiter = delimiter.replace(escape, character)
    return delimiter.encode()
