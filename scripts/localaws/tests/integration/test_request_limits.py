"""Requests to SNS, CloudWatch Logs and HTTP APIs that AWS refuses, or that local AWS has nothing for."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from localaws_testing.refusals import refused


@pytest.fixture
def name() -> str:
    return f"limited-{uuid.uuid4().hex[:12]}"


@pytest.mark.proves("topic limits")
@pytest.mark.parametrize(
    "message",
    [{"Message": ""}, {"Message": "x" * 262_145}, {"Message": "x", "Subject": "a\nb"}],
    ids=["empty", "large", "subject"],
)
def test_messages_outside_of_the_limits_are_refused(cloud: Any, name: str, message: dict[str, str]) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]

    assert refused(sns.publish, TopicArn=topic, **message) == "InvalidParameter"


@pytest.mark.proves("topic limits")
def test_a_batch_over_its_size_and_a_fifo_message_without_a_group_are_refused(cloud: Any, name: str) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    entries = [{"Id": str(number), "Message": "x" * 200_000} for number in range(2)]
    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=entries) == "BatchRequestTooLong"
    sns.publish(TopicArn=topic, Message="x" * 262_144)

    attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"}
    fifo = sns.create_topic(Name=f"{name}.fifo", Attributes=attributes)["TopicArn"]
    assert refused(sns.publish, TopicArn=fifo, Message="x") == "InvalidParameter"


@pytest.mark.proves("topic limits")
def test_a_batch_without_messages_is_refused(cloud: Any, name: str) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]

    assert refused(sns.publish_batch, TopicArn=topic, PublishBatchRequestEntries=[]) == "EmptyBatchRequest"


@pytest.mark.proves("topic confirmations")
@pytest.mark.parametrize("protocol", ["email", "email-json"])
def test_the_subscription_of_an_address_is_pending(cloud: Any, name: str, protocol: str) -> None:
    sns = cloud.client("sns")
    given = {
        "TopicArn": sns.create_topic(Name=name)["TopicArn"],
        "Protocol": protocol,
        "Endpoint": "someone@example.com",
    }

    assert sns.subscribe(**given)["SubscriptionArn"] == "pending confirmation"
    arn = sns.subscribe(**given, ReturnSubscriptionArn=True)["SubscriptionArn"]
    attributes = sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
    assert (attributes["PendingConfirmation"], attributes["ConfirmationWasAuthenticated"]) == ("true", "false")


@pytest.mark.proves("logs order")
def test_events_out_of_order_are_refused(cloud: Any, name: str) -> None:
    logs, now = cloud.client("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    events = [{"timestamp": now - age, "message": str(age)} for age in (0, 10)]
    given = {"logGroupName": name, "logStreamName": "s"}

    assert refused(logs.put_log_events, **given, logEvents=events) == "InvalidParameterException"
    logs.put_log_events(**given, logEvents=events[::-1])
    assert [each["message"] for each in logs.get_log_events(**given, startFromHead=True)["events"]] == ["10", "0"]


@pytest.mark.proves("logs order")
def test_events_of_more_than_a_day_are_refused_in_one_batch(cloud: Any, name: str) -> None:
    logs, now = cloud.client("logs"), int(time.time() * 1000)
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    given = {"logGroupName": name, "logStreamName": "s"}
    day = 86_400_000

    longer = [{"timestamp": now - day - 1, "message": "a"}, {"timestamp": now, "message": "b"}]
    assert refused(logs.put_log_events, **given, logEvents=longer) == "InvalidParameterException"
    events = [{"timestamp": now - day, "message": "a"}, {"timestamp": now, "message": "b"}]
    logs.put_log_events(**given, logEvents=events)
    assert [each["message"] for each in logs.get_log_events(**given, startFromHead=True)["events"]] == ["a", "b"]


@pytest.mark.proves("logs names")
def test_names_that_groups_and_streams_cant_have_are_refused(cloud: Any, name: str) -> None:
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName=name)

    for bad in (f"{name} x", f"{name}:x", f"{name}ä", "x" * 513):
        assert refused(logs.create_log_group, logGroupName=bad) == "InvalidParameterException", bad
    for bad in ("a:b", "a*", "x" * 513):
        code = refused(logs.create_log_stream, logGroupName=name, logStreamName=bad)
        assert code == "InvalidParameterException", bad
    logs.create_log_stream(logGroupName=name, logStreamName="2026/01/01/[$LATEST] ä")
    both = {"logGroupNamePrefix": name, "logGroupNamePattern": name}
    assert refused(logs.describe_log_groups, **both) == "InvalidParameterException"
    found = logs.describe_log_groups(logGroupNamePattern=name[4:])["logGroups"]
    assert [group["logGroupName"] for group in found] == [name]


@pytest.fixture
def api(cloud: Any, name: str) -> Iterator[str]:
    client = cloud.client("apigatewayv2")
    made = client.create_api(Name=name, ProtocolType="HTTP")["ApiId"]
    yield made
    client.delete_api(ApiId=made)


@pytest.mark.proves("http refused settings")
def test_a_route_key_stands_once(cloud: Any, api: str) -> None:
    client = cloud.client("apigatewayv2")
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"
    made = client.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", PayloadFormatVersion="2.0", IntegrationUri=arn
    )
    route = {"ApiId": api, "RouteKey": "GET /a", "Target": f"integrations/{made['IntegrationId']}"}
    client.create_route(**route)

    assert refused(client.create_route, **route) == "ConflictException"
    assert [route["RouteKey"] for route in client.get_routes(ApiId=api)["Items"]] == ["GET /a"]


@pytest.mark.proves("http refused settings")
def test_settings_that_would_change_what_is_served_are_refused(cloud: Any, api: str) -> None:
    client = cloud.client("apigatewayv2")
    given = {"ApiId": api, "IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
    arn = "arn:aws:lambda:us-east-1:123456789012:function:f"

    for options in (
        {"IntegrationUri": arn, "RequestParameters": {"overwrite:header.x": "'1'"}},
        {"IntegrationUri": f"{arn}:${{stageVariables.v}}"},
    ):
        assert refused(client.create_integration, **given, **options) == "BadRequestException"
    assert refused(client.update_api, ApiId=api, DisableExecuteApiEndpoint=True) == "BadRequestException"
