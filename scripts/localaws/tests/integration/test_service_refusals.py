"""Requests to messaging, identity and configuration services, as AWS documents them, through clients."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.refusals import refused

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/r"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
READING = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def name() -> str:
    return f"asked-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def queue(cloud: Any, name: str) -> Any:
    """The URL of a queue."""
    url = cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"]
    yield url
    cloud.client("sqs").delete_queue(QueueUrl=url)


@pytest.fixture
def topic(cloud: Any, name: str) -> Any:
    """The ARN of a topic."""
    arn = cloud.client("sns").create_topic(Name=name)["TopicArn"]
    yield arn
    cloud.client("sns").delete_topic(TopicArn=arn)


def arn_of(url: str) -> str:
    return f"arn:aws:sqs:us-east-1:{ACCOUNT}:{url.rsplit('/', 1)[1]}"


@pytest.mark.proves("queue deleted names")
def test_the_name_of_a_deleted_queue_is_free_after_a_minute(cloud: Any, name: str) -> None:
    sqs = cloud.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName=name)["QueueUrl"])

    assert refused(sqs.create_queue, QueueName=name) == "AWS.SimpleQueueService.QueueDeletedRecently"
    cloud.tick("61s")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName=name)["QueueUrl"])


@pytest.mark.proves("queue deleted names")
def test_cloudformation_waits_until_the_name_is_free(cloud: Any, name: str) -> None:
    body = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": name}}}})
    client = cloud.client("cloudformation")

    for _ in range(2):
        client.create_stack(StackName=name, TemplateBody=body)
        assert cloud.status(name) == "CREATE_COMPLETE", cloud.reasons(name)
        client.delete_stack(StackName=name)


@pytest.mark.proves("queue limits")
@pytest.mark.parametrize(
    "attribute",
    [
        {"": {"DataType": "String", "StringValue": "v"}},
        {"AWS.x": {"DataType": "String", "StringValue": "v"}},
        {"a": {"DataType": "String"}},
        {"a": {"DataType": "Number", "StringValue": "many"}},
    ],
)
def test_an_attribute_that_isnt_one_is_refused_in_each_way_to_send(
    cloud: Any, queue: str, topic: str, attribute: Any
) -> None:
    sqs, sns = cloud.client("sqs"), cloud.client("sns")
    assert refused(sqs.send_message, QueueUrl=queue, MessageBody="m", MessageAttributes=attribute)
    entries = [{"Id": "bad", "MessageBody": "m", "MessageAttributes": attribute}, {"Id": "good", "MessageBody": "m"}]
    answer = sqs.send_message_batch(QueueUrl=queue, Entries=entries)
    assert [each["Id"] for each in answer["Failed"]] == ["bad"]
    assert [each["Id"] for each in answer["Successful"]] == ["good"]
    assert refused(sns.publish, TopicArn=topic, Message="m", MessageAttributes=attribute)


@pytest.mark.proves("queue limits")
def test_requests_that_sqs_refuses_are_refused(cloud: Any, queue: str, name: str) -> None:
    sqs = cloud.client("sqs")
    nowhere = json.dumps({"deadLetterTargetArn": arn_of(queue) + "-none", "maxReceiveCount": 1})
    letters = {"RedrivePolicy": nowhere}
    entries = [{"Id": str(i), "ReceiptHandle": "x", "VisibilityTimeout": 1} for i in range(11)]
    change = sqs.change_message_visibility_batch

    assert refused(sqs.create_queue, QueueName=f"{name}-2", Attributes=letters) == "InvalidParameterValue"
    other = {"Colour": {"DataType": "String", "StringValue": "red"}}
    sent = {"QueueUrl": queue, "MessageBody": "m", "MessageSystemAttributes": other}
    assert refused(sqs.send_message, **sent) == "InvalidParameterValue"
    assert refused(sqs.list_queues, MaxResults=1001) == "InvalidParameterValue"
    assert refused(sqs.set_queue_attributes, QueueUrl=queue, Attributes={"FifoQueue": "true"}) == "InvalidAttributeName"
    assert refused(sqs.set_queue_attributes, QueueUrl=queue, Attributes={"Policy": "text"}) == "InvalidAttributeValue"
    assert refused(change, QueueUrl=queue, Entries=entries).endswith("TooManyEntriesInBatchRequest")
    assert refused(change, QueueUrl=queue, Entries=entries[:1] * 2).endswith("BatchEntryIdsNotDistinct")


@pytest.mark.proves("queue limits")
@pytest.mark.parametrize("group", ["", "g" * 129, "two words"])
def test_a_message_group_has_1_to_128_characters(cloud: Any, name: str, group: str) -> None:
    sqs = cloud.client("sqs")
    attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}
    url = sqs.create_queue(QueueName=f"{name}.fifo", Attributes=attributes)["QueueUrl"]

    assert refused(sqs.send_message, QueueUrl=url, MessageBody="m", MessageGroupId=group)
    sqs.send_message(QueueUrl=url, MessageBody="m", MessageGroupId="a-b:c")
    sqs.delete_queue(QueueUrl=url)


@pytest.mark.proves("topic limits")
def test_messages_by_protocol_have_a_default(cloud: Any, topic: str) -> None:
    publish = cloud.client("sns").publish
    for wrong in ("text", "[]", '{"sqs": "q"}', '{"default": {"a": 1}}'):
        assert refused(publish, TopicArn=topic, Message=wrong, MessageStructure="json") == "InvalidParameter"
    assert publish(TopicArn=topic, Message='{"default": "d"}', MessageStructure="json")["MessageId"]


@pytest.mark.proves("topic limits")
def test_the_invalid_messages_of_a_batch_to_a_topic_are_reported(cloud: Any, topic: str) -> None:
    publish = cloud.client("sns").publish_batch
    entries = [{"Id": "good", "Message": "m"}, {"Id": "bad", "Message": ""}]

    answer = publish(TopicArn=topic, PublishBatchRequestEntries=entries)

    assert [each["Id"] for each in answer["Successful"]] == ["good"]
    assert [(each["Id"], each["SenderFault"]) for each in answer["Failed"]] == [("bad", True)]
    wrong = [{"Id": "an id", "Message": "m"}]
    assert refused(publish, TopicArn=topic, PublishBatchRequestEntries=wrong) == "InvalidBatchEntryId"


@pytest.mark.proves("topic attributes")
def test_attributes_that_topics_and_subscriptions_dont_have_are_refused(cloud: Any, topic: str, queue: str) -> None:
    sns = cloud.client("sns")
    subscription = {"TopicArn": topic, "Protocol": "sqs", "Endpoint": arn_of(queue)}
    arn = sns.subscribe(**subscription)["SubscriptionArn"]

    assert sns.subscribe(**subscription)["SubscriptionArn"] == arn
    assert refused(sns.subscribe, **subscription, Attributes={"RawMessageDelivery": "true"}) == "InvalidParameter"
    assert refused(sns.create_topic, Name=topic.rsplit(":")[-1], Attributes={"DisplayName": "d"}) == "InvalidParameter"
    change = {"TopicArn": topic, "AttributeName": "Colour", "AttributeValue": "red"}
    assert refused(sns.set_topic_attributes, **change) == "InvalidParameter"
    for name, value in (("RawMessageDelivery", "maybe"), ("RedrivePolicy", "{}"), ("FilterPolicyScope", "Subject")):
        change = {"SubscriptionArn": arn, "AttributeName": name, "AttributeValue": value}
        assert refused(sns.set_subscription_attributes, **change) == "InvalidParameter"


@pytest.mark.proves("topic confirmations")
def test_a_pending_subscription_has_no_arn_in_lists_and_is_counted_as_pending(cloud: Any, topic: str) -> None:
    sns = cloud.client("sns")
    assert refused(sns.subscribe, TopicArn=topic, Protocol="email", Endpoint="nobody") == "InvalidParameter"
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="somebody@example.com")

    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    attributes = sns.get_topic_attributes(TopicArn=topic)["Attributes"]

    assert listed["SubscriptionArn"] == "PendingConfirmation"
    assert (attributes["SubscriptionsPending"], attributes["SubscriptionsConfirmed"]) == ("1", "0")
    assert refused(sns.unsubscribe, SubscriptionArn="PendingConfirmation") == "InvalidParameter"


@pytest.mark.proves("topic fifo")
def test_a_fifo_topic_numbers_messages_and_publishes_none_twice_in_five_minutes(
    cloud: Any, name: str, queue: str
) -> None:
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=f"{name}.fifo", Attributes={"FifoTopic": "true"})["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(queue), Attributes={"RawMessageDelivery": "true"})
    message = {"TopicArn": topic, "MessageGroupId": "g", "MessageDeduplicationId": "d"}

    assert refused(sns.publish, TopicArn=topic, Message="m", MessageGroupId="g") == "InvalidParameter"
    first, again = (sns.publish(Message=body, **message) for body in ('"first"', '"again"'))
    cloud.tick("301s")
    later = sns.publish(Message='"later"', **message)

    assert first["MessageId"] == again["MessageId"] != later["MessageId"]
    assert first["SequenceNumber"] == again["SequenceNumber"] < later["SequenceNumber"]
    assert sorted(cloud.drain(queue, lambda bodies: len(bodies) == 2)) == ["first", "later"]
    sns.delete_topic(TopicArn=topic)


@pytest.mark.proves("events limits")
def test_requests_that_eventbridge_refuses_are_refused(cloud: Any, name: str, queue: str) -> None:
    events = cloud.client("events")
    long = json.dumps({"source": [f"{i:060}" for i in range(70)]})
    large = '{"detail": {"a": [{"numeric": ["=", 6e9]}]}}'
    events.create_event_bus(Name=name)
    events.put_rule(Name=name, EventBusName=name, EventPattern='{"source": ["none"]}')
    target = {"Id": "one", "Arn": arn_of(queue)}

    for pattern in (long, large):
        assert refused(events.put_rule, Name=name, EventPattern=pattern) == "InvalidEventPatternException"
    for wrong in ({"Input": "text"}, {"RetryPolicy": {"MaximumRetryAttempts": 186}}, {"Id": "an id"}):
        put = {"Rule": name, "EventBusName": name, "Targets": [target | wrong]}
        assert refused(events.put_targets, **put) == "ValidationException"
    removed = events.remove_targets(Rule=name, EventBusName=name, Ids=["none"])
    assert [each["ErrorCode"] for each in removed["FailedEntries"]] == ["ResourceNotFoundException"]
    assert refused(events.delete_event_bus, Name=name) == "ValidationException"
    events.delete_rule(Name=name, EventBusName=name)
    events.delete_event_bus(Name=name)
    entry = {"Source": "s", "DetailType": "t", "Detail": "{}", "EventBusName": name}
    assert events.put_events(Entries=[entry])["FailedEntryCount"] == 0


@pytest.mark.proves("scheduler requests")
def test_a_schedule_is_created_once_by_its_token_and_replaced_whole(cloud: Any, name: str, queue: str) -> None:
    scheduler = cloud.client("scheduler")
    given = {
        "Name": name,
        "ScheduleExpression": "cron(0 0 1 1 ? 2199)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": {"Arn": arn_of(queue), "RoleArn": ROLE},
    }
    more = {"ClientToken": name, "State": "DISABLED", "Description": "d", "ActionAfterCompletion": "DELETE"}
    first = scheduler.create_schedule(**given, **more)

    assert scheduler.create_schedule(**given, **more)["ScheduleArn"] == first["ScheduleArn"]
    assert refused(scheduler.create_schedule, **given, **(more | {"Description": "e"})) == "ConflictException"
    scheduler.update_schedule(**given)
    found = scheduler.get_schedule(Name=name)
    assert (found["State"], found.get("Description"), found["ActionAfterCompletion"]) == ("ENABLED", None, "NONE")
    scheduler.delete_schedule(Name=name)


@pytest.mark.proves("scheduler requests")
def test_schedules_and_groups_that_the_scheduler_refuses_are_refused(cloud: Any, name: str, queue: str) -> None:
    scheduler = cloud.client("scheduler")
    given = {"Name": name, "ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    given["Target"] = {"Arn": arn_of(queue), "RoleArn": ROLE}
    scheduler.create_schedule_group(Name=name)

    for wrong in (
        {"Name": "a name"},
        {"StartDate": "2199-01-02T00:00:00Z", "EndDate": "2199-01-01T00:00:00Z"},
        {"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}},
        {"State": "ON"},
    ):
        assert refused(scheduler.create_schedule, **(given | wrong)) == "ValidationException"
    assert refused(scheduler.create_schedule_group, Name=name) == "ConflictException"
    assert refused(scheduler.delete_schedule_group, Name="default") == "ValidationException"
    scheduler.delete_schedule_group(Name=name)
    assert refused(scheduler.delete_schedule_group, Name=name) == "ResourceNotFoundException"


@pytest.mark.proves("iam lists")
def test_lists_of_iam_have_pages(cloud: Any, name: str) -> None:
    iam, path = cloud.client("iam"), f"/{name}/"
    for i in range(4):
        iam.create_user(UserName=f"{name}-{i}", Path=path)
        iam.put_user_policy(UserName=f"{name}-0", PolicyName=f"p{i}", PolicyDocument=policy(READING))

    def pages(call: Callable[..., Any], member: str, **options: Any) -> list[int]:
        """The lengths of the pages, of two items each."""
        sizes, more = [], {"MaxItems": 2}
        while True:
            answer = call(**options, **more)
            sizes.append(len(answer[member]))
            assert answer["IsTruncated"] == ("Marker" in answer)
            if not answer["IsTruncated"]:
                return sizes
            more["Marker"] = answer["Marker"]

    assert pages(iam.list_users, "Users", PathPrefix=path) == [2, 2]
    assert pages(iam.list_user_policies, "PolicyNames", UserName=f"{name}-0") == [2, 2]
    assert refused(iam.list_users, MaxItems=1001) == "ValidationError"
    for i in range(4):
        iam.delete_user_policy(UserName=f"{name}-0", PolicyName=f"p{i}")
    for i in range(4):
        iam.delete_user(UserName=f"{name}-{i}")


@pytest.mark.proves("iam deletions")
def test_what_is_in_use_is_not_deleted(cloud: Any, name: str) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName=name, UserName=name)
    arn = iam.create_policy(PolicyName=name, PolicyDocument=policy(READING))["Policy"]["Arn"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(TRUST))
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)

    for call, options in (
        (iam.delete_user, {"UserName": name}),
        (iam.delete_group, {"GroupName": name}),
        (iam.delete_policy, {"PolicyArn": arn}),
        (iam.delete_role, {"RoleName": name}),
    ):
        assert refused(call, **options) == "DeleteConflict"
    iam.remove_user_from_group(GroupName=name, UserName=name)
    iam.detach_role_policy(RoleName=name, PolicyArn=arn)
    iam.delete_user(UserName=name)
    iam.delete_group(GroupName=name)
    iam.delete_policy(PolicyArn=arn)
    iam.delete_role(RoleName=name)


@pytest.mark.proves("iam malformed policies")
@pytest.mark.parametrize("wrong", [{"Principal": "*"}, {"Action": "s3"}, {"Effect": "allow"}, {"Colour": "red"}])
def test_the_policy_of_an_identity_is_checked(cloud: Any, name: str, wrong: dict[str, Any]) -> None:
    create = cloud.client("iam").create_policy
    assert refused(create, PolicyName=name, PolicyDocument=policy(READING | wrong)) == "MalformedPolicyDocument"


@pytest.mark.proves("parameter requests")
def test_parameters_tell_their_selectors_and_have_pages(cloud: Any, name: str) -> None:
    ssm = cloud.client("ssm")
    for i in range(3):
        ssm.put_parameter(Name=f"/{name}/{i}", Value="v", Type="String")
    chosen = [{"Key": "Path", "Option": "Recursive", "Values": [f"/{name}"]}]

    first = ssm.describe_parameters(ParameterFilters=chosen, MaxResults=2)
    rest = ssm.describe_parameters(ParameterFilters=chosen, MaxResults=2, NextToken=first["NextToken"])

    assert (len(first["Parameters"]), len(rest["Parameters"]), "NextToken" in rest) == (2, 1, False)
    assert ssm.get_parameter(Name=f"/{name}/0:1")["Parameter"]["Selector"] == ":1"
    assert "Selector" not in ssm.get_parameter(Name=f"/{name}/0")["Parameter"]
    ssm.label_parameter_version(Name=f"/{name}/0", Labels=["old"])
    ssm.put_parameter(Name=f"/{name}/0", Value="w", Overwrite=True)
    several = ssm.get_parameters(Names=[f"/{name}/0:old", f"/{name}/0:2"])["Parameters"]
    assert {each["Version"]: each["Selector"] for each in several} == {1: ":old", 2: ":2"}
    ssm.put_parameter(Name=f"/{name}/1", Value="v", Tier="Advanced", Overwrite=True)
    smaller = {"Name": f"/{name}/1", "Value": "w", "Tier": "Standard", "Overwrite": True}
    assert refused(ssm.put_parameter, **smaller) == "ValidationException"
    by_path = ssm.get_parameters_by_path
    assert refused(by_path, Path=f"/{name}", NextToken="none") == "InvalidNextToken"
    assert refused(ssm.get_parameters, Names=[name, name]) == "ValidationException"
    secret = {"Name": f"{name}-s", "Value": "v", "Type": "SecureString", "KeyId": f"alias/{name}"}
    assert refused(ssm.put_parameter, **secret) == "InvalidKeyId"
    ssm.delete_parameters(Names=[f"/{name}/{i}" for i in range(3)])


@pytest.mark.proves("secret requests")
def test_versions_without_labels_and_policies_that_arent_any(cloud: Any, name: str) -> None:
    secrets = cloud.client("secretsmanager")
    secrets.create_secret(Name=name, SecretString="1")
    for value in ("2", "3"):
        secrets.put_secret_value(SecretId=name, SecretString=value)

    assert len(secrets.list_secret_version_ids(SecretId=name)["Versions"]) == 2
    assert len(secrets.list_secret_version_ids(SecretId=name, IncludeDeprecated=True)["Versions"]) == 3
    put = secrets.put_resource_policy
    assert refused(put, SecretId=name, ResourcePolicy="text") == "MalformedPolicyDocumentException"
    assert refused(secrets.rotate_secret, SecretId=name) == "InvalidRequestException"
    secrets.delete_secret(SecretId=name)
    tags = [{"Key": "a", "Value": "b"}]
    assert refused(secrets.tag_resource, SecretId=name, Tags=tags) == "InvalidRequestException"


@pytest.mark.proves("kms requests")
def test_keys_are_for_one_use(cloud: Any, name: str) -> None:
    kms = cloud.client("kms")
    signing = kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"]["KeyId"]
    first, second = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    algorithm = {"KeyId": signing, "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = kms.sign(Message=b"m", **algorithm)["Signature"]
    text = kms.encrypt(KeyId=first, Plaintext=b"x")["CiphertextBlob"]

    assert kms.verify(Message=b"m", Signature=signature, **algorithm)["SignatureValid"]
    assert refused(kms.verify, Message=b"n", Signature=signature, **algorithm) == "KMSInvalidSignatureException"
    assert refused(kms.encrypt, KeyId=signing, Plaintext=b"x") == "InvalidKeyUsageException"
    assert refused(kms.sign, **(algorithm | {"KeyId": first}), Message=b"m") == "InvalidKeyUsageException"
    assert refused(kms.decrypt, CiphertextBlob=text, KeyId=second) == "IncorrectKeyException"
    alias = {"AliasName": f"alias/aws/{name}", "TargetKeyId": first}
    assert refused(kms.create_alias, **alias) == "NotAuthorizedException"


@pytest.mark.proves("kms requests", "secret requests")
def test_keys_and_secrets_are_deleted_when_their_time_has_come(start: Callable[..., Any], name: str) -> None:
    cloud = start(None, read=True)
    kms, secrets = cloud.client("kms"), cloud.client("secretsmanager")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name=name, SecretString="1")
    assert refused(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=6) == "ValidationException"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)

    for call in (kms.enable_key, kms.schedule_key_deletion):
        assert refused(call, KeyId=key) == "KMSInvalidStateException"
    cloud.tick("6d")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    assert secrets.describe_secret(SecretId=name)["DeletedDate"]
    cloud.tick("25h")
    assert refused(kms.describe_key, KeyId=key) == "NotFoundException"
    assert refused(secrets.describe_secret, SecretId=name) == "ResourceNotFoundException"


@pytest.mark.proves("dynamodb requests")
def test_searches_and_streams_that_dynamodb_refuses_are_refused(cloud: Any, name: str) -> None:
    dynamodb = cloud.client("dynamodb")
    streamed = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("p", "r")],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=streamed,
    )
    values = {":p": {"S": "a"}}
    query = {"TableName": name, "KeyConditionExpression": "p = :p", "ExpressionAttributeValues": values}

    for wrong in (
        {"Select": "SPECIFIC_ATTRIBUTES"},
        {"Select": "COUNT", "ProjectionExpression": "r"},
        {"IndexName": "none"},
        {"ExclusiveStartKey": {"p": {"S": "a"}}},
    ):
        assert refused(dynamodb.query, **query, **wrong) == "ValidationException"
    assert refused(dynamodb.update_table, TableName=name, StreamSpecification=streamed) == "ValidationException"
    dynamodb.delete_table(TableName=name)


@pytest.mark.proves("dynamodb expiry")
def test_items_are_deleted_by_the_service_after_their_time_to_live(cloud: Any, name: str) -> None:
    dynamodb, streams = cloud.client("dynamodb"), cloud.client("dynamodbstreams")
    dynamodb.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "p", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )
    specification = {"Enabled": True, "AttributeName": "until"}
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)
    now = cloud.tick("1s").timestamp()
    times = {"over": {"N": str(int(now))}, "later": {"N": str(int(now) + 86_400)}, "long ago": {"N": "1"}}
    for key, until in (times | {"text": {"S": "1"}}).items():
        dynamodb.put_item(TableName=name, Item={"p": {"S": key}, "until": until})

    cloud.tick("1h")

    left = {item["p"]["S"] for item in dynamodb.scan(TableName=name)["Items"]}
    assert left == {"later", "long ago", "text"}
    stream = dynamodb.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=stream)["StreamDescription"]["Shards"][0]["ShardId"]
    asked = {"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}
    records = streams.get_records(ShardIterator=streams.get_shard_iterator(**asked)["ShardIterator"])["Records"]
    assert records[-1]["eventName"] == "REMOVE"
    assert records[-1]["userIdentity"] == {"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"}
    dynamodb.delete_table(TableName=name)


@pytest.mark.proves("cloudformation change sets")
def test_a_change_set_names_what_changes_and_its_name_stands_once(cloud: Any, name: str) -> None:
    client = cloud.client("cloudformation")

    def body(**properties: Any) -> str:
        return json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue", "Properties": properties}}})

    client.create_stack(StackName=name, TemplateBody=body())
    asked = {"StackName": name, "ChangeSetName": "first", "TemplateBody": body(QueueName=name, DelaySeconds=1)}
    client.create_change_set(**asked)
    (change,) = client.describe_change_set(StackName=name, ChangeSetName="first")["Changes"]
    described = change["ResourceChange"]

    assert (described["Replacement"], described["Scope"]) == ("True", ["Properties"])
    details = [(each["Target"]["Name"], each["Target"]["RequiresRecreation"]) for each in described["Details"]]
    assert details == [("DelaySeconds", "Never"), ("QueueName", "Always")]
    assert refused(client.create_change_set, **asked) == "AlreadyExistsException"
    client.delete_stack(StackName=name)


@pytest.mark.proves("cloudformation stack tags")
def test_resources_have_the_tags_of_cloudformation(cloud: Any, name: str) -> None:
    client, sqs = cloud.client("cloudformation"), cloud.client("sqs")
    body = json.dumps(
        {"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}, "Outputs": {"Url": {"Value": {"Ref": "Queue"}}}}
    )
    stack = client.create_stack(StackName=name, TemplateBody=body)["StackId"]

    found = sqs.list_queue_tags(QueueUrl=cloud.outputs(name)["Url"])["Tags"]

    assert found == {
        "aws:cloudformation:stack-name": name,
        "aws:cloudformation:stack-id": stack,
        "aws:cloudformation:logical-id": "Queue",
    }
    client.delete_stack(StackName=name)
