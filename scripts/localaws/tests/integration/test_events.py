"""S3 events, rules and their targets."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError


def of_key(events: list[Any], key: str) -> list[Any]:
    return [event for event in events if event.get("detail", {}).get("object", {}).get("key") == key]


def follow(cloud: Any, outputs: dict[str, str], bucket: str, key: str, count: int) -> list[Any]:
    """The events of `key`, with those of a marker put after them to show that no more come."""
    s3 = cloud.client("s3")
    marker = f"{key}.marker"
    s3.put_object(Bucket=bucket, Key=marker, Body=b"")
    events = cloud.drain(outputs["Seen"], lambda seen: bool(of_key(seen, marker)) and len(of_key(seen, key)) >= count)
    return of_key(events, key)


def test_a_put_sends_one_event_with_correct_details(cloud: Any, outputs: dict[str, str]) -> None:
    key = "in/ü ber+1.csv"
    put = cloud.client("s3").put_object(Bucket=outputs["Inbox"], Key=key, Body=b"12345")
    (event,) = follow(cloud, outputs, outputs["Inbox"], key, 1)
    assert (event["source"], event["detail-type"]) == ("aws.s3", "Object Created")
    assert event["resources"] == [f"arn:aws:s3:::{outputs['Inbox']}"]
    assert event["time"].endswith("Z") and "T" in event["time"]
    detail = event["detail"]
    assert detail["bucket"] == {"name": outputs["Inbox"]}
    assert detail["object"]["size"] == 5
    assert detail["object"]["etag"] == put["ETag"].strip('"')
    assert detail["object"]["version-id"] == put["VersionId"]
    assert detail["reason"] == "PutObject"


def test_sequencers_grow_with_each_put_of_a_key(cloud: Any, outputs: dict[str, str]) -> None:
    for body in (b"a", b"b", b"c"):
        cloud.client("s3").put_object(Bucket=outputs["Inbox"], Key="in/again", Body=body)
    events = follow(cloud, outputs, outputs["Inbox"], "in/again", 3)
    sequencers = [event["detail"]["object"]["sequencer"] for event in events]
    versions = {event["detail"]["object"]["version-id"] for event in events}
    assert len(set(sequencers)) == len(versions) == 3


def test_a_multipart_upload_sends_one_event(cloud: Any, outputs: dict[str, str]) -> None:
    s3 = cloud.client("s3")
    bucket = outputs["Inbox"]
    upload = s3.create_multipart_upload(Bucket=bucket, Key="in/big")["UploadId"]
    parts = []
    for number, body in ((1, b"x" * 5 * 2**20), (2, b"end")):
        part = s3.upload_part(Bucket=bucket, Key="in/big", UploadId=upload, PartNumber=number, Body=body)
        parts.append({"PartNumber": number, "ETag": part["ETag"]})
    s3.complete_multipart_upload(Bucket=bucket, Key="in/big", UploadId=upload, MultipartUpload={"Parts": parts})
    (event,) = follow(cloud, outputs, bucket, "in/big", 1)
    assert event["detail"]["reason"] == "CompleteMultipartUpload"
    assert event["detail"]["object"]["size"] == 5 * 2**20 + 3


def test_a_copy_sends_one_event(cloud: Any, outputs: dict[str, str]) -> None:
    s3 = cloud.client("s3")
    s3.put_object(Bucket=outputs["Plain"], Key="from", Body=b"1")
    s3.copy_object(Bucket=outputs["Plain"], Key="to", CopySource={"Bucket": outputs["Plain"], "Key": "from"})
    (event,) = follow(cloud, outputs, outputs["Plain"], "to", 1)
    assert event["detail"]["reason"] == "CopyObject"
    assert "version-id" not in event["detail"]["object"]


def test_deletion_events_have_the_kind_of_deletion(cloud: Any, outputs: dict[str, str]) -> None:
    s3 = cloud.client("s3")
    put = s3.put_object(Bucket=outputs["Inbox"], Key="gone", Body=b"1")
    s3.put_object(Bucket=outputs["Inbox"], Key="gone", Body=b"2")
    marker = s3.delete_object(Bucket=outputs["Inbox"], Key="gone")
    s3.delete_object(Bucket=outputs["Inbox"], Key="gone", VersionId=put["VersionId"])
    events = follow(cloud, outputs, outputs["Inbox"], "gone", 4)
    deleted = [event["detail"] for event in events if event["detail-type"] == "Object Deleted"]
    told = {(detail["deletion-type"], detail["object"]["version-id"]) for detail in deleted}
    assert told == {
        ("Delete Marker Created", marker["VersionId"]),
        ("Permanently Deleted", put["VersionId"]),
    }
    s3.put_object(Bucket=outputs["Plain"], Key="plain-gone", Body=b"1")
    s3.delete_object(Bucket=outputs["Plain"], Key="plain-gone")
    kinds = [event["detail-type"] for event in follow(cloud, outputs, outputs["Plain"], "plain-gone", 2)]
    assert sorted(kinds) == ["Object Created", "Object Deleted"]


def test_metadata_and_tags_are_set_before_the_event_of_an_object_is_sent(cloud: Any, outputs: dict[str, str]) -> None:
    s3 = cloud.client("s3")
    s3.put_object(Bucket=outputs["Inbox"], Key="meta", Body=b"1", Metadata={"who": "me"}, Tagging="a=b")
    follow(cloud, outputs, outputs["Inbox"], "meta", 1)
    assert s3.head_object(Bucket=outputs["Inbox"], Key="meta")["Metadata"] == {"who": "me"}
    assert s3.get_object_tagging(Bucket=outputs["Inbox"], Key="meta")["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_custom_events_reach_matching_enabled_rules_with_each_targets_input(
    cloud: Any, outputs: dict[str, str]
) -> None:
    def entry(name: str, size: int) -> dict[str, str]:
        return {"Source": "test.rules", "DetailType": "Test", "Detail": json.dumps({"name": name, "size": size})}

    answer = cloud.client("events").put_events(Entries=[entry("small", 5), entry("large", 50)])
    assert answer["FailedEntryCount"] == 0
    named = cloud.drain(outputs["Seen"], lambda seen: any("named" in event for event in seen))
    assert [event for event in named if "named" in event] == [{"named": "large"}]
    # The disabled rule, which matches both, would have sent the events whole.
    assert not [event for event in named if event.get("source") == "test.rules"]
    (line,) = cloud.logged(outputs["EchoLogs"], '"test.rules"')
    assert json.loads(line)["seen"]["detail"] == {"name": "large", "size": 50}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"ScheduleExpression": "rate(1 minutes)"}, "rate"),
        ({"EventPattern": '{"source": [{"sounds-like": "x"}]}'}, "sounds-like"),
        ({"EventPattern": '{"source": []}'}, "source"),
        ({"EventPattern": "{"}, "JSON"),
    ],
)
def test_unsupported_rules_are_refused_by_name(cloud: Any, options: dict[str, str], names: str) -> None:
    with pytest.raises(ClientError, match=names):
        cloud.client("events").put_rule(Name="refused", **options)


@pytest.mark.proves("events unknown targets")
@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:kinesis:us-east-1:123456789012:stream/s",
        "arn:aws:events:us-east-1:123456789012:target/create-snapshot",
        "arn:aws:events:us-east-1:123456789012:api-destination/d",
        "arn:aws:events:us-east-1:123456789012:event-bus/",
    ],
)
def test_an_unsupported_target_is_refused_by_name(cloud: Any, arn: str) -> None:
    events = cloud.client("events")
    events.put_rule(Name="to-nowhere", EventPattern='{"source": ["nobody"]}')
    with pytest.raises(ClientError, match=f"not to {arn}"):
        events.put_targets(Rule="to-nowhere", Targets=[{"Id": "k", "Arn": arn}])


@pytest.fixture
def letters(cloud: Any) -> Any:
    """A function that sends an event to a target, and returns the attributes of the letter in its dead-letter queue."""
    events, sqs = cloud.client("events"), cloud.client("sqs")
    name = f"rule-letters-{uuid.uuid4().hex[:12]}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = f"arn:aws:sqs:us-east-1:123456789012:{name}"
    rule = events.put_rule(Name="undeliverable", EventPattern='{"source": ["test.letters"]}')["RuleArn"]

    def send(**target: Any) -> tuple[Any, dict[str, str]]:
        events.put_targets(Rule="undeliverable", Targets=[{"Id": "one", "DeadLetterConfig": {"Arn": arn}, **target}])
        entry = {"Source": "test.letters", "DetailType": "Test", "Detail": '{"text": "said \\"no\\""}'}
        events.put_events(Entries=[entry])
        answer = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=10, MessageAttributeNames=["All"])
        (letter,) = answer["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
        told = {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}
        assert told.pop("RULE_ARN") == rule
        return json.loads(letter["Body"]), told

    yield send
    events.remove_targets(Rule="undeliverable", Ids=["one"])
    events.delete_rule(Name="undeliverable")
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.parametrize(
    "target",
    [
        "sqs:us-east-1:123456789012:nowhere",
        "sns:us-east-1:123456789012:nowhere",
        "lambda:us-east-1:123456789012:function:nowhere",
        "events:us-east-1:123456789012:event-bus/nowhere",
        "logs:us-east-1:123456789012:log-group:/aws/events/nowhere",
    ],
)
def test_an_event_whose_target_is_gone_is_a_dead_letter_without_retries(letters: Any, target: str) -> None:
    event, told = letters(Arn=f"arn:aws:{target}")
    assert event["source"] == "test.letters"
    assert told.pop("ERROR_MESSAGE")
    assert told == {
        "TARGET_ARN": f"arn:aws:{target}",
        "ERROR_CODE": "NO_RESOURCE",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "0",
    }


def test_an_input_that_is_not_json_is_a_dead_letter(letters: Any, outputs: dict[str, str], cloud: Any) -> None:
    asked = {"QueueUrl": outputs["Seen"], "AttributeNames": ["QueueArn"]}
    arn = cloud.client("sqs").get_queue_attributes(**asked)["Attributes"]["QueueArn"]
    transformer = {"InputPathsMap": {"text": "$.detail.text"}, "InputTemplate": '{"text": "it <text>"}'}
    _, told = letters(Arn=arn, InputTransformer=transformer)
    assert (told["ERROR_CODE"], told["TARGET_ARN"]) == ("INVALID_JSON", arn)
