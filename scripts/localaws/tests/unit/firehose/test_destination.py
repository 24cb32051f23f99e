"""The configuration of a destination: defaults, limits and refusals."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.firehose.destination import Destination, read
from localaws.firehose.errors import InvalidDestination
from localaws.firehose.processing import Part

TYPE = "!{firehose:error-output-type}/"
BASE: dict[str, Any] = {"BucketARN": "arn:aws:s3:::bucket", "RoleARN": "arn:aws:iam::123456789012:role/r"}


def processor(kind: str, **parameters: str) -> dict[str, Any]:
    return {
        "Type": kind,
        "Parameters": [{"ParameterName": name, "ParameterValue": value} for name, value in parameters.items()],
    }


def processing(*processors: dict[str, Any]) -> dict[str, Any]:
    return {"ProcessingConfiguration": {"Enabled": True, "Processors": list(processors)}}


QUERY = processor("MetadataExtraction", MetadataExtractionQuery="{k: .k}", JsonParsingEngine="JQ-1.6")
PARTITIONED = {
    "Prefix": "!{partitionKeyFromQuery:k}/",
    "ErrorOutputPrefix": TYPE,
    "DynamicPartitioningConfiguration": {"Enabled": True},
    **processing(QUERY),
}


def reading(**options: Any) -> Destination:
    return read(BASE | options)


def test_the_defaults_are_those_of_aws() -> None:
    to = reading()
    assert (to.bucket, to.size, to.interval, to.compress, to.extension) == ("bucket", 5 * 1024 * 1024, 300.0, False, "")
    assert (str(to.zone), to.log, to.is_partitioned) == ("UTC", None, False)
    assert reading(**PARTITIONED).size == 128 * 1024 * 1024


def test_the_extension_is_that_of_the_compression_unless_given() -> None:
    assert reading(CompressionFormat="GZIP").extension == ".gz"
    assert reading(CompressionFormat="GZIP", FileExtension=".json.gz").extension == ".json.gz"


def test_processors_are_ignored_unless_processing_is_enabled() -> None:
    configuration = {"Enabled": False, "Processors": [processor("AppendDelimiterToRecord")]}
    assert reading(ProcessingConfiguration=configuration).pipeline.delimiter == b""


@pytest.mark.parametrize(
    ("given", "delimiter"),
    [({}, b"\n"), ({"Delimiter": "\\n"}, b"\n"), ({"Delimiter": "\\r\\n"}, b"\r\n"), ({"Delimiter": ";"}, b";")],
)
def test_a_delimiter_may_have_escapes(given: dict[str, str], delimiter: bytes) -> None:
    to = reading(**processing(processor("AppendDelimiterToRecord", **given)))
    assert to.pipeline.run(b"a") == [Part(b"a" + delimiter)]


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"DataFormatConversionConfiguration": {"Enabled": True}}, "DataFormatConversionConfiguration"),
        ({"S3BackupMode": "Enabled"}, "S3BackupMode"),
        ({"EncryptionConfiguration": {"KMSEncryptionConfig": {"AWSKMSKeyARN": "k"}}}, "KMSEncryptionConfig"),
        ({"CompressionFormat": "Snappy"}, "CompressionFormat Snappy"),
        ({"CustomTimeZone": "Mars/Base"}, "CustomTimeZone Mars/Base"),
        ({"BufferingHints": {"SizeInMBs": 0}}, "between 1 and 128"),
        ({"BufferingHints": {"IntervalInSeconds": 901}}, "between 0 and 900"),
        (PARTITIONED | {"BufferingHints": {"SizeInMBs": 63}}, "at least 64"),
        (PARTITIONED | {"ProcessingConfiguration": {"Enabled": False}}, "no MetadataExtraction"),
        (PARTITIONED | {"Prefix": "a/"}, "should contain Dynamic Partitioning namespaces"),
        (PARTITIONED | {"DynamicPartitioningConfiguration": {}}, "which need Dynamic Partitioning"),
        (processing(QUERY), "MetadataExtraction needs"),
        (processing(processor("Lambda", LambdaArn="f")), "type Lambda aren't supported"),
        (processing(processor("Decompression", CompressionFormat="ZIP")), "GZIP only"),
        (processing(processor("CloudWatchLogProcessing", DataMessageExtraction="true")), "needs a Decompression"),
        (
            processing(processor("Decompression"), processor("CloudWatchLogProcessing", DataMessageExtraction="false")),
            "must be true",
        ),
        (processing(processor("RecordDeAggregation", SubRecordType="CSV")), "JSON or DELIMITED"),
        (processing(processor("RecordDeAggregation", SubRecordType="DELIMITED")), "needs a Delimiter"),
        (processing(processor("RecordDeAggregation", SubRecordType="DELIMITED", Delimiter="#")), "base64"),
        (processing(processor("AppendDelimiterToRecord", Other="x")), "parameter Other"),
        (processing(processor("AppendDelimiterToRecord"), processor("AppendDelimiterToRecord")), "more than one"),
        (
            PARTITIONED | processing(processor("MetadataExtraction", MetadataExtractionQuery="{k: .k}")),
            "JsonParsingEngine must be",
        ),
    ],
)
def test_what_aws_rejects_or_local_aws_does_not_do_is_refused(options: dict[str, Any], reason: str) -> None:
    with pytest.raises(InvalidDestination, match=reason):
        reading(**options)
