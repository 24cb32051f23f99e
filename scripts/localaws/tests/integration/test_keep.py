"""State that's kept from one start to the next."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


def stop(cloud: Any) -> str:
    cloud.process.send_signal(signal.SIGTERM)
    output, _ = cloud.process.communicate(timeout=30)
    assert cloud.process.returncode == 0, output
    return str(output)


@pytest.mark.proves("logs on disk")
def test_the_state_is_restored_at_the_next_start(start: Callable[..., Any], tmp_path: Path) -> None:
    keep = ("--keep", str(tmp_path / "kept"))
    first = start("loop.yaml", *keep)
    outputs = first.outputs()
    s3, sqs, ssm = (first.client(service) for service in ("s3", "sqs", "ssm"))
    inbox = {"Bucket": outputs["Inbox"], "Key": "a.csv", "Metadata": {"who": "me"}}
    put = [s3.put_object(Body=body, **inbox) for body in (b"1", b"2")]
    s3.put_object(Bucket=outputs["Inbox"], Key="gone", Body=b"3")
    marker = s3.delete_object(Bucket=outputs["Inbox"], Key="gone")["VersionId"]
    s3.create_bucket(Bucket="of-no-stack")
    s3.put_object(Bucket="of-no-stack", Key="k", Body=b"x" * 100_000, Tagging="t=1")
    for number in range(3):
        sqs.send_message(QueueUrl=outputs["Failures"], MessageBody=json.dumps({"n": number}))
    sqs.receive_message(QueueUrl=outputs["Failures"], VisibilityTimeout=600)  # one is in flight
    ordered = sqs.create_queue(QueueName="mine.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    binary = {"b": {"DataType": "Binary", "BinaryValue": b"\x00\xff"}}
    sqs.send_message(
        QueueUrl=ordered, MessageBody="0", MessageGroupId="g", MessageDeduplicationId="d", MessageAttributes=binary
    )
    ssm.put_parameter(Name="/local/setting", Value="changed by hand", Type="String", Overwrite=True)
    first.client("lambda").invoke(FunctionName=outputs["Echo"], Payload=b'{"marker": "before"}')
    assert first.logged(outputs["EchoLogs"], "before")
    first.client("cloudformation").create_stack(
        StackName="second", TemplateBody=json.dumps({"Resources": {"Q": {"Type": "AWS::SQS::Queue"}}})
    )
    seen = first.drain(outputs["Seen"], lambda found: len(found) >= 4)
    stop(first)

    second = start("loop.yaml", *keep)
    assert "stack second deployed again" in "\n".join(second.printed)
    again = second.outputs()
    same = ("Inbox", "Plain", "Echo", "EchoLogs", "Setting")
    assert {name: again[name] for name in same} == {name: outputs[name] for name in same}
    s3, sqs = second.client("s3"), second.client("sqs")
    listed = s3.list_object_versions(Bucket=again["Inbox"])
    versions = [version["VersionId"] for version in listed["Versions"] if version["Key"] == "a.csv"]
    assert versions == [put[1]["VersionId"], put[0]["VersionId"]]
    old = s3.get_object(Bucket=again["Inbox"], Key="a.csv", VersionId=put[0]["VersionId"])
    assert (old["Body"].read(), old["Metadata"], old["ETag"]) == (b"1", {"who": "me"}, put[0]["ETag"])
    newest = s3.head_object(Bucket=again["Inbox"], Key="a.csv", ChecksumMode="ENABLED")
    assert newest["ChecksumCRC32"] == put[1]["ChecksumCRC32"]
    assert [item["VersionId"] for item in listed["DeleteMarkers"]] == [marker]
    assert len(s3.get_object(Bucket="of-no-stack", Key="k")["Body"].read()) == 100_000
    assert s3.get_object_tagging(Bucket="of-no-stack", Key="k")["TagSet"] == [{"Key": "t", "Value": "1"}]
    assert sorted(item["n"] for item in second.drain(again["Failures"], lambda found: len(found) == 3)) == [0, 1, 2]
    url = sqs.get_queue_url(QueueName="mine.fifo")["QueueUrl"]
    (message,) = sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]["b"]["BinaryValue"]) == ("0", b"\x00\xff")
    assert second.client("ssm").get_parameter(Name="/local/setting")["Parameter"]["Value"] == "changed by hand"
    assert second.logged(again["EchoLogs"], "before")
    # No notification is sent again: the objects have been processed.
    assert len(seen) >= 4
    assert second.drain(again["Seen"], bool, seconds=2) == []


STREAM = """
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Stream:
    Type: AWS::KinesisFirehose::DeliveryStream
    Properties:
      ExtendedS3DestinationConfiguration:
        BucketARN: !GetAtt Bucket.Arn
        RoleARN: arn:aws:iam::123456789012:role/any
        BufferingHints: {IntervalInSeconds: 900}
"""


def test_records_that_a_stream_has_not_delivered_yet_are_kept(start: Callable[..., Any], tmp_path: Path) -> None:
    keep = ("--keep", str(tmp_path / "kept"))
    first = start(None, *keep)
    cloudformation = first.client("cloudformation")
    cloudformation.create_stack(StackName="streaming", TemplateBody=STREAM)
    (name,) = first.client("firehose").list_delivery_streams()["DeliveryStreamNames"]
    first.client("firehose").put_record(DeliveryStreamName=name, Record={"Data": b"\x00not yet"})
    stop(first)

    second = start(None, *keep)
    assert second.client("firehose").list_delivery_streams()["DeliveryStreamNames"] == [name]
    resource = second.client("cloudformation").describe_stack_resource(
        StackName="streaming", LogicalResourceId="Bucket"
    )
    bucket = resource["StackResourceDetail"]["PhysicalResourceId"]
    assert second.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert second.run("python", "-m", "localaws", "tick", "15m", "--port", str(second.port)).returncode == 0
    (item,) = second.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert second.client("s3").get_object(Bucket=bucket, Key=item["Key"])["Body"].read() == b"\x00not yet"
    stop(second)


def test_only_one_local_aws_at_a_time_uses_a_state_folder(start: Callable[..., Any], tmp_path: Path) -> None:
    keep = ("--keep", str(tmp_path / "kept"))
    first = start(None, *keep)
    second = start(None, *keep, wait=False)
    output, _ = second.process.communicate(timeout=30)
    assert second.process.returncode == 1
    assert "Another local AWS uses the folder" in output
    stop(first)


def test_without_a_folder_no_state_is_saved(start: Callable[..., Any]) -> None:
    first = start(None)
    first.client("s3").create_bucket(Bucket="forgotten")
    stop(first)
    names = [bucket["Name"] for bucket in start(None).client("s3").list_buckets()["Buckets"]]
    assert "forgotten" not in names
