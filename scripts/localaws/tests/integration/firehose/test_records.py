"""Records that are put to streams: what reaches S3, and what's refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

STACK = """
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Role: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: []}}}
  Plain:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      Tags: [{Key: team, Value: ml}]
      ExtendedS3DestinationConfiguration:
        BucketARN: !GetAtt Bucket.Arn
        RoleARN: !GetAtt Role.Arn
        Prefix: plain/
        BufferingHints: {SizeInMBs: 1, IntervalInSeconds: 60}
        CustomTimeZone: Asia/Tokyo
        S3BackupMode: Disabled
  Split:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      ExtendedS3DestinationConfiguration:
        BucketARN: !GetAtt Bucket.Arn
        RoleARN: !GetAtt Role.Arn
        Prefix: split/
        BufferingHints: {IntervalInSeconds: 60}
        ProcessingConfiguration:
          Enabled: true
          Processors:
            - Type: RecordDeAggregation
              Parameters:
                - {ParameterName: SubRecordType, ParameterValue: DELIMITED}
                - {ParameterName: Delimiter, ParameterValue: IyMjIw==}
            - {Type: AppendDelimiterToRecord}
Outputs:
  Bucket: {Value: !Ref Bucket}
  Role: {Value: !GetAtt Role.Arn}
  Plain: {Value: !Ref Plain}
  Split: {Value: !Ref Split}
"""


@pytest.fixture(scope="module")
def stack(
    deploy: Callable[[str, str], dict[str, str]], emptied: Callable[[str], None], tick: Callable[[str], None]
) -> Iterator[dict[str, str]]:
    """The outputs of the stack above."""
    outputs = deploy("put", STACK)
    yield outputs
    tick("2m")
    emptied(outputs["Bucket"])


@pytest.fixture
def firehose(cloud: Any) -> Any:
    return cloud.client("firehose")


@pytest.mark.proves(
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.BufferingHints.SizeInMBs",
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.CustomTimeZone",
)
def test_records_are_delivered_by_size_and_by_interval(
    stack: dict[str, str], firehose: Any, tick: Callable[[str], None], objects: Callable[[str], dict[str, bytes]]
) -> None:
    half = b"x" * 512 * 1024
    for record in (half, half, b"rest"):
        firehose.put_record(DeliveryStreamName=stack["Plain"], Record={"Data": record})
    assert list(objects(stack["Bucket"]).values()) == [half * 2]
    answer = firehose.put_record_batch(
        DeliveryStreamName=stack["Plain"], Records=[{"Data": b" of"}, {"Data": b"\x00\xff"}]
    )
    assert answer["FailedPutCount"] == 0
    assert len(answer["RequestResponses"]) == 2
    tick("61s")
    found = objects(stack["Bucket"])
    assert sorted(found.values(), key=len) == [b"rest of\x00\xff", half * 2]
    name = re.escape(stack["Plain"])
    form = rf"plain/\d{{4}}/\d\d/\d\d/\d\d/{name}-1-\d{{4}}(-\d\d){{5}}-[0-9a-f-]{{36}}"
    assert all(re.fullmatch(form, key) for key in found), list(found)


@pytest.mark.proves(
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.ProcessingConfiguration.Processors."
    "RecordDeAggregation.Parameters.Delimiter.ParameterValue",
)
def test_records_are_split_at_a_delimiter(
    stack: dict[str, str], firehose: Any, tick: Callable[[str], None], objects: Callable[[str], dict[str, bytes]]
) -> None:
    firehose.put_record(DeliveryStreamName=stack["Split"], Record={"Data": b"a####b####"})
    tick("61s")
    assert [body for key, body in objects(stack["Bucket"]).items() if key.startswith("split/")] == [b"a\nb\n"]


@pytest.mark.proves(
    "AWS::KinesisFirehose::DeliveryStream.ExtendedS3DestinationConfiguration.S3BackupMode",
    "AWS::KinesisFirehose::DeliveryStream.Tags",
)
def test_streams_are_described_and_listed(stack: dict[str, str], firehose: Any) -> None:
    assert {stack["Plain"], stack["Split"]} <= set(firehose.list_delivery_streams()["DeliveryStreamNames"])
    described = firehose.describe_delivery_stream(DeliveryStreamName=stack["Plain"])["DeliveryStreamDescription"]
    assert (described["DeliveryStreamStatus"], described["DeliveryStreamType"]) == ("ACTIVE", "DirectPut")
    to = described["Destinations"][0]["ExtendedS3DestinationDescription"]
    assert (to["Prefix"], to["BufferingHints"]) == ("plain/", {"SizeInMBs": 1, "IntervalInSeconds": 60})
    tags = firehose.list_tags_for_delivery_stream(DeliveryStreamName=stack["Plain"])["Tags"]
    assert {"Key": "team", "Value": "ml"} in tags


def test_an_update_of_the_stack_changes_the_stream_and_resets_what_was_removed(
    cloud: Any, stack: dict[str, str], firehose: Any, tick: Callable[[str], None], objects: Callable[[str], Any]
) -> None:
    client = cloud.client("cloudformation")
    body = STACK.replace("        Prefix: plain/\n", "").replace("{Key: team, Value: ml}", "{Key: stage, Value: test}")
    client.update_stack(StackName="put", TemplateBody=f"Transform: AWS::Serverless-2016-10-31\n{body}")
    assert client.describe_stacks(StackName="put")["Stacks"][0]["StackStatus"] == "UPDATE_COMPLETE"
    described = firehose.describe_delivery_stream(DeliveryStreamName=stack["Plain"])["DeliveryStreamDescription"]
    assert described["VersionId"] == "2"
    tags = firehose.list_tags_for_delivery_stream(DeliveryStreamName=stack["Plain"])["Tags"]
    assert "stage" in {tag["Key"] for tag in tags}
    assert "team" not in {tag["Key"] for tag in tags}
    firehose.put_record(DeliveryStreamName=stack["Plain"], Record={"Data": b"after"})
    tick("61s")
    (key,) = (key for key, content in objects(stack["Bucket"]).items() if content == b"after")
    assert re.match(rf"\d{{4}}/\d\d/\d\d/\d\d/{re.escape(stack['Plain'])}-2-", key)


def test_a_stream_made_by_the_api_waits_for_its_bucket(
    cloud: Any, stack: dict[str, str], firehose: Any, tick: Callable[[str], None], objects: Callable[[str], Any]
) -> None:
    destination = {"RoleARN": stack["Role"], "BucketARN": "arn:aws:s3:::firehose-late"}
    created = firehose.create_delivery_stream(
        DeliveryStreamName="late",
        ExtendedS3DestinationConfiguration=destination | {"BufferingHints": {"IntervalInSeconds": 60}},
    )
    assert created["DeliveryStreamARN"].endswith(":deliverystream/late")
    firehose.put_record(DeliveryStreamName="late", Record={"Data": b"kept"})
    tick("5m")
    cloud.client("s3").create_bucket(Bucket="firehose-late")
    tick("1m")
    assert list(objects("firehose-late").values()) == [b"kept"]
    firehose.put_record(DeliveryStreamName="late", Record={"Data": b"last"})
    firehose.delete_delivery_stream(DeliveryStreamName="late")
    assert sorted(objects("firehose-late").values()) == [b"kept", b"last"]
    with pytest.raises(firehose.exceptions.ResourceNotFoundException):
        firehose.put_record(DeliveryStreamName="late", Record={"Data": b"x"})


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"DeliveryStreamType": "KinesisStreamAsSource"}, "DirectPut only"),
        ({"S3DestinationConfiguration": {}}, "S3DestinationConfiguration isn't supported"),
        (
            {"HttpEndpointDestinationConfiguration": {"EndpointConfiguration": {"Url": "https://a.b"}}},
            "HttpEndpointDestinationConfiguration isn't supported",
        ),
        ({"DeliveryStreamEncryptionConfigurationInput": {"KeyType": "CUSTOMER_MANAGED_CMK"}}, "AWS_OWNED_CMK only"),
        ({"ExtendedS3DestinationConfiguration": {"CompressionFormat": "ZIP"}}, "CompressionFormat ZIP"),
        (
            {"ExtendedS3DestinationConfiguration": {"DataFormatConversionConfiguration": {"Enabled": True}}},
            "DataFormatConversionConfiguration isn't supported",
        ),
        ({"ExtendedS3DestinationConfiguration": {"Prefix": "!{timestamp:yyyy}/"}}, "ErrorOutputPrefix can't be null"),
    ],
)
def test_a_stream_that_could_not_be_delivered_is_refused(
    stack: dict[str, str], firehose: Any, options: dict[str, Any], error: str
) -> None:
    required = {"RoleARN": stack["Role"], "BucketARN": "arn:aws:s3:::b"}
    given = {"DeliveryStreamName": "refused", "ExtendedS3DestinationConfiguration": {}} | options
    for name in ("ExtendedS3DestinationConfiguration", "S3DestinationConfiguration"):
        if name in given:
            given[name] = required | given[name]
    if "HttpEndpointDestinationConfiguration" in given:
        given["HttpEndpointDestinationConfiguration"]["S3Configuration"] = required
    with pytest.raises(ClientError, match=error):
        firehose.create_delivery_stream(**given)
    assert "refused" not in firehose.list_delivery_streams()["DeliveryStreamNames"]


def test_the_limits_of_records_are_those_of_aws(stack: dict[str, str], firehose: Any) -> None:
    name = stack["Split"]
    with pytest.raises(ClientError, match="less than or equal to 1024000"):
        firehose.put_record(DeliveryStreamName=name, Record={"Data": b"x" * 1_024_001})
    with pytest.raises(ClientError, match="4 MB limit"):
        firehose.put_record_batch(DeliveryStreamName=name, Records=[{"Data": b"x" * 1_000_000}] * 5)
    with pytest.raises(ClientError, match="less than or equal to 500"):
        firehose.put_record_batch(DeliveryStreamName=name, Records=[{"Data": b"x"}] * 501)


def test_a_failed_update_leaves_the_stream_as_it_was(stack: dict[str, str], firehose: Any) -> None:
    described = firehose.describe_delivery_stream(DeliveryStreamName=stack["Split"])["DeliveryStreamDescription"]
    for update, error in (
        ({"CompressionFormat": "Snappy"}, "Snappy"),
        ({"DynamicPartitioningConfiguration": {"Enabled": True}}, "can't be enabled"),
    ):
        with pytest.raises(ClientError, match=error):
            firehose.update_destination(
                DeliveryStreamName=stack["Split"],
                CurrentDeliveryStreamVersionId=described["VersionId"],
                DestinationId=described["Destinations"][0]["DestinationId"],
                ExtendedS3DestinationUpdate=update,
            )
    again = firehose.describe_delivery_stream(DeliveryStreamName=stack["Split"])["DeliveryStreamDescription"]
    assert again["VersionId"] == described["VersionId"]
    assert again["Destinations"] == described["Destinations"]
