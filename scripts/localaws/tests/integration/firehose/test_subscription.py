"""Log events that reach S3 through a subscription and a stream, partitioned by their content."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

STACK = """
Parameters:
  Delay: {Type: Number, Default: 60}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Source: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: firehose-source}}
  Errors: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: firehose-errors}}
  ErrorStream:
    Type: AWS::Logs::LogStream
    Properties: {LogGroupName: !Ref Errors, LogStreamName: delivery}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}
  Stream:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      DeliveryStreamName: records
      DeliveryStreamType: DirectPut
      DeliveryStreamEncryptionConfigurationInput: {KeyType: AWS_OWNED_CMK}
      ExtendedS3DestinationConfiguration:
        BucketARN: !GetAtt Bucket.Arn
        RoleARN: !GetAtt Role.Arn
        Prefix: records/kind=!{partitionKeyFromQuery:kind}/day=!{partitionKeyFromQuery:day}/
        ErrorOutputPrefix: failed/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/
        FileExtension: .json.gz
        CompressionFormat: GZIP
        BufferingHints: {SizeInMBs: 64, IntervalInSeconds: !Ref Delay}
        DynamicPartitioningConfiguration: {Enabled: true, RetryOptions: {DurationInSeconds: 300}}
        ProcessingConfiguration:
          Enabled: true
          Processors:
            - Type: Decompression
              Parameters: [{ParameterName: CompressionFormat, ParameterValue: GZIP}]
            - Type: CloudWatchLogProcessing
              Parameters: [{ParameterName: DataMessageExtraction, ParameterValue: "true"}]
            - Type: RecordDeAggregation
              Parameters: [{ParameterName: SubRecordType, ParameterValue: JSON}]
            - Type: MetadataExtraction
              Parameters:
                - ParameterName: MetadataExtractionQuery
                  ParameterValue: "{kind: .record, day: .timestamp[0:10]}"
                - {ParameterName: JsonParsingEngine, ParameterValue: JQ-1.6}
            - Type: AppendDelimiterToRecord
              Parameters: [{ParameterName: Delimiter, ParameterValue: "\\\\n"}]
        CloudWatchLoggingOptions: {Enabled: true, LogGroupName: !Ref Errors, LogStreamName: delivery}
  Subscription:
    Type: AWS::Logs::SubscriptionFilter
    Properties:
      LogGroupName: !Ref Source
      FilterName: records
      FilterPattern: "{ $.record = * }"
      DestinationArn: !GetAtt Stream.Arn
      RoleArn: !GetAtt Role.Arn
Outputs:
  Bucket: {Value: !Ref Bucket}
  Stream: {Value: !Ref Stream}
"""
DAY = "2026-11-05T10:00:00Z"


@pytest.fixture(scope="module")
def bucket(
    deploy: Callable[[str, str], dict[str, str]], emptied: Callable[[str], None], tick: Callable[[str], None]
) -> Iterator[str]:
    """The bucket of the stack above."""
    name = deploy("subscribed", STACK)["Bucket"]
    yield name
    tick("2m")
    emptied(name)


@pytest.fixture
def delivered(
    bucket: str, emptied: Callable[[str], None], tick: Callable[[str], None], objects: Callable[[str], dict[str, bytes]]
) -> Callable[[], dict[str, bytes]]:
    """Moves the clock past the interval, and returns what has been delivered since the test began."""
    tick("2m")
    emptied(bucket)

    def read() -> dict[str, bytes]:
        tick("61s")
        return objects(bucket)

    return read


@pytest.mark.proves(
    "!GetAtt AWS::KinesisFirehose::DeliveryStream.Arn",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::KinesisFirehose::DeliveryStream.DeliveryStreamEncryptionConfigurationInput.KeyType",
    "AWS::KinesisFirehose::DeliveryStream.DeliveryStreamName",
    "AWS::KinesisFirehose::DeliveryStream.DeliveryStreamType",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.BucketARN",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.BufferingHints.IntervalInSeconds",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.CompressionFormat",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.DynamicPartitioningConfiguration.Enabled",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.FileExtension",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.Prefix",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Enabled",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors."
    "AppendDelimiterToRecord.Parameters.Delimiter.ParameterValue",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors."
    "CloudWatchLogProcessing.Parameters.DataMessageExtraction.ParameterValue",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors."
    "Decompression.Parameters.CompressionFormat.ParameterValue",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors."
    "MetadataExtraction.Parameters.JsonParsingEngine.ParameterValue",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors."
    "MetadataExtraction.Parameters.MetadataExtractionQuery.ParameterValue",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors."
    "RecordDeAggregation.Parameters.SubRecordType.ParameterValue",
    "AWS::Logs::SubscriptionFilter.DestinationArn",
)
def test_log_events_are_delivered_to_the_partitions_that_they_name(
    delivered: Callable[[], dict[str, bytes]], logged: Callable[..., None]
) -> None:
    predictions = [{"record": "prediction", "timestamp": DAY, "n": n} for n in range(3)]
    later = {"record": "prediction", "timestamp": "2026-11-06T00:00:00Z"}
    adoption = {"record": "adoption", "timestamp": DAY}
    logged("firehose-source", *predictions, "START", {"level": "INFO"}, later)
    logged("firehose-source", adoption, stream="other")
    found = {key.rsplit("/", 1)[0]: (key, body) for key, body in delivered().items()}
    assert {folder: body for folder, (_, body) in found.items()} == {
        "records/kind=prediction/day=2026-11-05": b"".join(json.dumps(item).encode() + b"\n" for item in predictions),
        "records/kind=prediction/day=2026-11-06": json.dumps(later).encode() + b"\n",
        "records/kind=adoption/day=2026-11-05": json.dumps(adoption).encode() + b"\n",
    }
    assert all(key.rsplit("/", 1)[1].startswith("records-1-") for key, _ in found.values())
    assert all(key.endswith(".json.gz") for key, _ in found.values())


def test_a_later_batch_becomes_another_object(
    delivered: Callable[[], dict[str, bytes]], logged: Callable[..., None]
) -> None:
    for n in range(2):
        logged("firehose-source", {"record": "prediction", "timestamp": DAY, "n": n})
        assert len(delivered()) == n + 1


@pytest.mark.proves(
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions.Enabled",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions.LogGroupName",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.CloudWatchLoggingOptions.LogStreamName",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ErrorOutputPrefix",
    "AWS::Logs::LogStream",
    "AWS::Logs::LogStream.LogGroupName",
    "AWS::Logs::LogStream.LogStreamName",
)
def test_an_event_without_a_partition_key_goes_to_the_error_prefix(
    cloud: Any, delivered: Callable[[], dict[str, bytes]], logged: Callable[..., None]
) -> None:
    broken = {"record": "prediction", "timestamp": None}
    logged("firehose-source", {"record": "prediction", "timestamp": DAY}, broken)
    found = delivered()
    assert len(found) == 2
    (key,) = (key for key in found if key.startswith("failed/processing-failed/"))
    (line,) = found[key].splitlines()
    document = json.loads(line)
    assert document["errorCode"] == "DynamicPartitioning.MetadataExtractionFailed"
    assert document["errorMessage"] == "partitionKeys values must not be null or empty"
    assert json.loads(gzip.decompress(base64.b64decode(document["rawData"]))) == broken
    events = cloud.client("logs").get_log_events(logGroupName="firehose-errors", logStreamName="delivery")["events"]
    assert json.loads(events[-1]["message"])["errorCode"] == "DynamicPartitioning.MetadataExtractionFailed"


def test_a_batch_of_more_than_500_events_fails_as_a_whole(
    delivered: Callable[[], dict[str, bytes]], logged: Callable[..., None]
) -> None:
    events = [{"record": "prediction", "timestamp": DAY, "n": n} for n in range(501)]
    logged("firehose-source", *events)
    ((key, body),) = delivered().items()
    assert key.startswith("failed/processing-failed/")
    batch = json.loads(gzip.decompress(base64.b64decode(json.loads(body)["rawData"])))
    assert [json.loads(event["message"])["n"] for event in batch["logEvents"]] == list(range(501))
    logged("firehose-source", *events[:500])
    assert sum(body.count(b"\n") for key, body in delivered().items() if key.startswith("records/")) == 500


def test_only_cloudwatch_logs_may_put_records_that_are_decompressed(cloud: Any, bucket: str) -> None:
    firehose = cloud.client("firehose")
    with pytest.raises(firehose.exceptions.InvalidSourceException, match="CloudWatch Logs"):
        firehose.put_record(DeliveryStreamName="records", Record={"Data": b"{}"})
