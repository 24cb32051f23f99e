"""Requests that AWS refuses and moto accepts, or accepts and moto doesn't answer, through AWS clients."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.refusals import refused

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
DAY = 86_400_000


@pytest.fixture
def name() -> str:
    return f"checked-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def bucket(cloud: Any, name: str) -> Any:
    cloud.client("s3").create_bucket(Bucket=name)
    yield name
    for item in cloud.client("s3").list_objects_v2(Bucket=name).get("Contents", []):
        cloud.client("s3").delete_object(Bucket=name, Key=item["Key"])
    cloud.client("s3").delete_bucket(Bucket=name)


@pytest.mark.parametrize("part", [False, True])
def test_content_with_another_checksum_is_refused_and_not_stored(cloud: Any, bucket: str, part: bool) -> None:
    s3, given = cloud.client("s3"), {"Bucket": bucket, "Key": "k", "Body": b"1", "ChecksumSHA256": "A" * 43 + "="}
    if part:
        upload = s3.create_multipart_upload(Bucket=bucket, Key="k")["UploadId"]
        code = refused(s3.upload_part, UploadId=upload, PartNumber=1, **given)
        assert s3.list_parts(Bucket=bucket, Key="k", UploadId=upload).get("Parts", []) == []
        s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    else:
        code = refused(s3.put_object, **given)

    assert code == "BadDigest"
    assert "Contents" not in s3.list_objects_v2(Bucket=bucket)


def test_an_expired_url_is_refused(cloud: Any, bucket: str) -> None:
    cloud.client("s3").put_object(Bucket=bucket, Key="k", Body=b"1")
    given = {"ClientMethod": "get_object", "Params": {"Bucket": bucket, "Key": "k"}}
    good, expired = (cloud.client("s3").generate_presigned_url(**given, ExpiresIn=seconds) for seconds in (60, -60))

    with urllib.request.urlopen(good) as answer:
        assert answer.read() == b"1"
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(expired)
    with caught.value as answer:
        assert answer.status == 403
        assert b"<Code>AccessDenied</Code>" in answer.read()


@pytest.mark.parametrize("document", ["{", "[]", TRUST.replace("Allow", "Perhaps"), TRUST.replace("2012", "2011")])
def test_a_malformed_trust_policy_is_refused(cloud: Any, name: str, document: str) -> None:
    create = cloud.client("iam").create_role

    assert refused(create, RoleName=name, AssumeRolePolicyDocument=document) == "MalformedPolicyDocument"


@pytest.mark.parametrize(
    ("operation", "member", "longest"),
    [
        ("create_role", "RoleName", 64),
        ("create_user", "UserName", 64),
        ("create_group", "GroupName", 128),
        ("create_policy", "PolicyName", 128),
        ("create_instance_profile", "InstanceProfileName", 128),
    ],
)
def test_names_of_iam_are_checked(cloud: Any, operation: str, member: str, longest: int) -> None:
    others = {
        "create_role": {"AssumeRolePolicyDocument": TRUST},
        "create_policy": {"PolicyDocument": TRUST.replace('"Principal"', '"Sid"')},
    }.get(operation, {})
    call = getattr(cloud.client("iam"), operation)

    for wrong in ("x" * (longest + 1), "a b"):
        assert refused(call, **{member: wrong}, **others) == "ValidationError"


def test_a_role_with_the_longest_name_is_created(cloud: Any, name: str) -> None:
    longest = name.ljust(64, "x")
    cloud.client("iam").create_role(RoleName=longest, AssumeRolePolicyDocument=TRUST)
    cloud.client("iam").delete_role(RoleName=longest)


@pytest.fixture
def group(cloud: Any, name: str) -> Any:
    cloud.client("logs").create_log_group(logGroupName=name)
    cloud.client("logs").create_log_stream(logGroupName=name, logStreamName="s")
    yield name
    cloud.client("logs").delete_log_group(logGroupName=name)


def test_a_retention_that_aws_doesnt_have_is_refused(cloud: Any, group: str) -> None:
    put = cloud.client("logs").put_retention_policy
    put(logGroupName=group, retentionInDays=5)

    assert refused(put, logGroupName=group, retentionInDays=4) == "InvalidParameterException"
    found = cloud.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    assert found["retentionInDays"] == 5


def test_events_that_are_too_old_are_rejected_and_the_others_stored(cloud: Any, group: str) -> None:
    logs, now = cloud.client("logs"), int(time.time() * 1000)
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)

    def put(*ages: int) -> dict[str, int]:
        events = [{"timestamp": now - age, "message": str(age)} for age in ages]
        answer = logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)
        return dict(answer.get("rejectedLogEventsInfo", {}))

    hour = DAY // 24
    assert put(14 * DAY + hour, 14 * DAY - hour) == {"tooOldLogEventEndIndex": 1, "expiredLogEventEndIndex": 2}
    assert put(DAY + hour, DAY - hour, 2 * hour) == {"expiredLogEventEndIndex": 1}
    found = logs.filter_log_events(logGroupName=group)["events"]
    assert [event["message"] for event in found] == [str(DAY - hour), str(2 * hour)]


@pytest.fixture
def table(cloud: Any, name: str) -> Any:
    cloud.client("dynamodb").create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
    )
    yield name
    cloud.client("dynamodb").delete_table(TableName=name)


@pytest.mark.parametrize("number", ["1" * 39, "1e126", "1e-131", "one", "NaN"])
@pytest.mark.parametrize("place", ["item", "list", "set", "expression"])
def test_a_number_that_dynamodb_cant_store_is_refused(cloud: Any, table: str, number: str, place: str) -> None:
    dynamodb, key = cloud.client("dynamodb"), {"k": {"S": "1"}}
    values = {"item": {"N": number}, "list": {"L": [{"M": {"N": {"N": number}}}]}, "set": {"NS": [number]}}
    if place == "expression":
        update = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": number}}}
        code = refused(dynamodb.update_item, TableName=table, Key=key, **update)
    else:
        code = refused(dynamodb.put_item, TableName=table, Item={**key, "n": values[place]})

    assert code == "ValidationException"
    assert dynamodb.scan(TableName=table)["Count"] == 0


@pytest.mark.parametrize("number", ["1" * 38, "0.00" + "1" * 38, "1" + "0" * 60, "-9.5e125", "0"])
def test_a_number_that_dynamodb_can_store_is_stored(cloud: Any, table: str, number: str) -> None:
    dynamodb, item = cloud.client("dynamodb"), {"k": {"S": "1"}, "n": {"N": number}}
    dynamodb.put_item(TableName=table, Item=item)

    assert float(dynamodb.scan(TableName=table)["Items"][0]["n"]["N"]) == float(number)


@pytest.mark.parametrize("second", ["put", "delete"])
def test_a_batch_that_writes_an_item_twice_is_refused(cloud: Any, table: str, second: str) -> None:
    dynamodb, key = cloud.client("dynamodb"), {"k": {"S": "1"}}
    put = {"PutRequest": {"Item": {**key, "n": {"N": "1"}}}}
    other = {"PutRequest": {"Item": {**key, "n": {"N": "2"}}}} if second == "put" else {"DeleteRequest": {"Key": key}}

    assert refused(dynamodb.batch_write_item, RequestItems={table: [put, other]}) == "ValidationException"
    assert dynamodb.scan(TableName=table)["Count"] == 0


EVENT = {
    "id": "7bf73129-1428-4cd3-a780-95db273d1602",
    "account": "123456789012",
    "source": "orders",
    "time": "2026-11-11T21:29:54Z",
    "region": "us-east-1",
    "resources": [],
    "detail-type": "Order",
    "detail": {"n": 1},
}


@pytest.mark.parametrize(("number", "matches"), [(1, True), (2, False)])
def test_a_pattern_is_tried_on_an_event(cloud: Any, number: int, matches: bool) -> None:
    pattern = json.dumps({"source": ["orders"], "detail": {"n": [number]}})

    answer = cloud.client("events").test_event_pattern(EventPattern=pattern, Event=json.dumps(EVENT))

    assert answer["Result"] is matches


@pytest.mark.parametrize(
    ("pattern", "event", "code"),
    [
        ('{"source": "orders"}', EVENT, "InvalidEventPatternException"),
        ("{", EVENT, "InvalidEventPatternException"),
        ('{"source": ["orders"]}', {"source": "orders"}, "ValidationException"),
    ],
)
def test_an_invalid_pattern_or_event_is_refused(cloud: Any, pattern: str, event: dict[str, Any], code: str) -> None:
    call = cloud.client("events").test_event_pattern

    assert refused(call, EventPattern=pattern, Event=json.dumps(event)) == code


def test_an_event_of_an_aws_service_is_refused_and_the_others_of_the_request_arent(cloud: Any) -> None:
    entries = [{"Source": source, "DetailType": "t", "Detail": "{}"} for source in ("aws.s3", "own", "AWS.x")]

    answer = cloud.client("events").put_events(Entries=entries)

    assert answer["FailedEntryCount"] == 2
    codes = [entry.get("ErrorCode") for entry in answer["Entries"]]
    assert codes == ["NotAuthorizedForSourceException", None, "NotAuthorizedForSourceException"]
    assert answer["Entries"][1]["EventId"]


def table_with_indexes(table: str, index: str) -> dict[str, Any]:
    """The parameters of CreateTable, with a global index and a local one, whose name is one letter different."""
    projection = {"ProjectionType": "ALL"}
    keys = [{"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}]
    return {
        "TableName": table,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("k", "r", "g")],
        "KeySchema": keys,
        "GlobalSecondaryIndexes": [
            {
                "IndexName": index,
                "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
                "Projection": projection,
            }
        ],
        "LocalSecondaryIndexes": [
            {
                "IndexName": f"{index[:-1]}-",
                "KeySchema": [keys[0], {"AttributeName": "g", "KeyType": "RANGE"}],
                "Projection": projection,
            }
        ],
    }


@pytest.mark.proves("table names")
@pytest.mark.parametrize("length", [3, 255])
def test_tables_and_indexes_with_names_of_any_length_are_queried_and_scanned(cloud: Any, length: int) -> None:
    dynamodb, table, index = cloud.client("dynamodb"), "t" * length, "i" * length
    dynamodb.create_table(**table_with_indexes(table, index))
    items = [{"k": {"S": "k"}, "r": {"S": name}, "g": {"S": name}} for name in ("a", "b")]
    for item in items:
        dynamodb.put_item(TableName=table, Item=item)
    asked = {"TableName": table, "ExpressionAttributeValues": {":v": {"S": "a"}}, "KeyConditionExpression": "g = :v"}
    assert dynamodb.query(IndexName=index, **asked)["Items"] == items[:1]
    asked |= {"ExpressionAttributeValues": {":v": {"S": "k"}}, "KeyConditionExpression": "k = :v"}
    assert dynamodb.query(IndexName=f"{index[:-1]}-", **asked)["Items"] == items
    assert dynamodb.scan(TableName=table, IndexName=index)["Count"] == 2
    dynamodb.delete_table(TableName=table)


@pytest.mark.proves("table names")
@pytest.mark.parametrize(
    ("table", "index", "member"),
    [
        ("t" * 256, "index", "tableName"),
        ("te", "index", "tableName"),
        ("a table", "index", "tableName"),
        ("checked-names", "i" * 256, "globalSecondaryIndexes.1.member.indexName"),
        ("checked-names", "an index", "globalSecondaryIndexes.1.member.indexName"),
    ],
)
def test_names_of_tables_and_indexes_outside_of_dynamodbs_limits_are_refused(
    cloud: Any, table: str, index: str, member: str
) -> None:
    dynamodb = cloud.client("dynamodb")
    with pytest.raises(ClientError, match=rf"ValidationException.*at '{member}' failed") as caught:
        dynamodb.create_table(**table_with_indexes(table, index))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert table not in dynamodb.list_tables()["TableNames"]


@pytest.mark.proves("table names")
def test_an_index_with_an_invalid_name_isnt_added_to_a_table(cloud: Any, name: str) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(**table_with_indexes(name, "first"))
    index = {
        "IndexName": "i" * 256,
        "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    update = [{"Create": index}]
    assert refused(dynamodb.update_table, TableName=name, GlobalSecondaryIndexUpdates=update) == "ValidationException"
    indexes = dynamodb.describe_table(TableName=name)["Table"]["GlobalSecondaryIndexes"]
    assert [found["IndexName"] for found in indexes] == ["first"]
    dynamodb.delete_table(TableName=name)
