"""Streams of DynamoDB and Kinesis as event sources."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.tags import own_tags
from localaws_testing.waiting import wait_until

STACK = """
Resources:
  Seen: {Type: AWS::SQS::Queue}
  Failed: {Type: AWS::SQS::Queue}
  Items:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: streamed
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
      KinesisStreamSpecification:
        {StreamArn: !GetAtt Captured.Arn, ApproximateCreationDateTimePrecision: MILLISECOND}
  Captured:
    Type: AWS::Kinesis::Stream
    Properties: {Name: captured, ShardCount: 1, RetentionPeriodHours: 48, Tags: [{Key: team, Value: ml}]}
  Numbers:
    Type: AWS::Kinesis::Stream
    Properties: {ShardCount: 1, StreamModeDetails: {StreamMode: PROVISIONED}}
  Changes:
    Type: AWS::Serverless::Function
    Properties: &code
      Runtime: python3.13
      Handler: index.handler
      Environment: {Variables: {QUEUE: !Ref Seen}}
      InlineCode: |
        import base64, json, os, boto3
        def handler(event, context):
            sqs = boto3.client('sqs')
            records = event['Records']
            for record in records:
                if 'kinesis' in record:
                    record['text'] = base64.b64decode(record['kinesis']['data']).decode()
            sqs.send_message(QueueUrl=os.environ['QUEUE'], MessageBody=json.dumps({'function': context.function_name,
                'records': records}))
            texts = [record.get('text') for record in records]
            if 'fail' in texts:
                raise ValueError('failed')
            failures = [r['kinesis']['sequenceNumber'] for r in records if r.get('text') == 'partial']
            return {'batchItemFailures': [{'itemIdentifier': failure} for failure in failures]}
      Events:
        Table:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Items.StreamArn
            StartingPosition: TRIM_HORIZON
            BatchSize: 10
            Enabled: true
            MaximumBatchingWindowInSeconds: 0
            BisectBatchOnFunctionError: true
            MaximumRecordAgeInSeconds: 600
            MaximumRetryAttempts: 2
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Failed.Arn}}
            FilterCriteria: {Filters: [{Pattern: '{"dynamodb": {"Keys": {"id": {"S": [{"prefix": "a"}]}}}}'}]}
  Capture:
    Type: AWS::Serverless::Function
    Properties:
      <<: *code
      Events:
        Stream:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Captured.Arn
            StartingPosition: AT_TIMESTAMP
            StartingPositionTimestamp: 1
            Enabled: true
            MaximumBatchingWindowInSeconds: 1
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      <<: *code
      Events:
        Stream:
          Type: Kinesis
          Properties:
            Stream: !GetAtt Numbers.Arn
            StartingPosition: LATEST
            BatchSize: 4
            MaximumRetryAttempts: 1
            MaximumRecordAgeInSeconds: 600
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            DestinationConfig: {OnFailure: {Type: SQS, Destination: !GetAtt Failed.Arn}}
  Plain:
    Type: AWS::Serverless::Function
    Properties: {<<: *code, Events: {}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Numbers.Arn
      FunctionName: !Ref Plain
      StartingPosition: AT_TIMESTAMP
      StartingPositionTimestamp: 1
      BatchSize: 1
      BisectBatchOnFunctionError: false
      MaximumRecordAgeInSeconds: 60
      MaximumRetryAttempts: 0
      FilterCriteria: {Filters: [{Pattern: '{"data": {"kind": ["wanted"]}}'}]}
      DestinationConfig: {OnFailure: {Destination: !GetAtt Failed.Arn}}
Outputs:
  Seen: {Value: !Ref Seen}
  Failed: {Value: !Ref Failed}
  Numbers: {Value: !Ref Numbers}
  NumbersArn: {Value: !GetAtt Numbers.Arn}
  StreamArn: {Value: !GetAtt Items.StreamArn}
  Changes: {Value: !Ref Changes}
  Capture: {Value: !Ref Capture}
  Reader: {Value: !Ref Reader}
  Plain: {Value: !Ref Plain}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("streams", STACK)


class Inbox:
    """What the functions reported, by function."""

    def __init__(self, cloud: Any, stack: dict[str, str]) -> None:
        self._cloud, self._stack = cloud, stack
        self._bodies: list[dict[str, Any]] = []

    def of(self, function: str, wanted: Callable[[list[list[Any]]], bool]) -> list[list[Any]]:
        """The batches of a function, once they are as wanted."""
        name = self._stack[function]

        def batches() -> list[list[Any]]:
            return [body["records"] for body in self._bodies if body["function"] == name]

        def arrived() -> bool:
            self._bodies += self._cloud.drain(self._stack["Seen"], bool, seconds=2)
            return wanted(batches())

        wait_until(arrived, 30)
        return batches()


@pytest.fixture(scope="module")
def inbox(cloud: Any, stack: dict[str, str]) -> Inbox:
    return Inbox(cloud, stack)


@pytest.mark.proves(
    "AWS::DynamoDB::Table.KinesisStreamSpecification.ApproximateCreationDateTimePrecision",
    "AWS::DynamoDB::Table.KinesisStreamSpecification.StreamArn",
    "AWS::DynamoDB::Table.StreamSpecification.StreamViewType",
    "!GetAtt AWS::DynamoDB::Table.StreamArn",
    "DynamoDB event",
    "DynamoDB event.BatchSize",
    "DynamoDB event.Enabled",
    "DynamoDB event.FilterCriteria.Filters.Pattern",
    "DynamoDB event.MaximumBatchingWindowInSeconds",
    "DynamoDB event.StartingPosition",
    "DynamoDB event.Stream",
)
def test_changes_of_items_reach_the_function_of_the_stream_and_kinesis(
    cloud: Any, stack: dict[str, str], inbox: Inbox
) -> None:
    dynamodb = cloud.client("dynamodb")
    one = {"id": {"S": "a1"}, "n": {"N": "1"}}
    dynamodb.put_item(TableName="streamed", Item=one)
    dynamodb.put_item(TableName="streamed", Item=one)  # changes nothing, so that there's no record
    dynamodb.put_item(TableName="streamed", Item={"id": {"S": "b1"}})
    change = {":n": {"N": "2"}}
    key = {"id": {"S": "a1"}}
    dynamodb.update_item(TableName="streamed", Key=key, UpdateExpression="SET n = :n", ExpressionAttributeValues=change)
    dynamodb.delete_item(TableName="streamed", Key=key)
    records = [r for batch in inbox.of("Changes", lambda found: sum(map(len, found)) >= 3) for r in batch]
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    modified = records[1]["dynamodb"]
    assert (modified["OldImage"]["n"], modified["NewImage"]["n"], modified["Keys"]) == ({"N": "1"}, {"N": "2"}, key)
    assert (records[0]["eventSourceARN"], records[0]["eventSource"]) == (stack["StreamArn"], "aws:dynamodb")
    assert isinstance(modified["ApproximateCreationDateTime"], int)
    assert int(records[1]["dynamodb"]["SequenceNumber"]) > int(records[0]["dynamodb"]["SequenceNumber"])
    captured = [r for batch in inbox.of("Capture", lambda found: sum(map(len, found)) >= 4) for r in batch]
    documents = [json.loads(record["text"]) for record in captured]
    assert [document["eventName"] for document in documents] == ["INSERT", "INSERT", "MODIFY", "REMOVE"]
    assert {document["tableName"] for document in documents} == {"streamed"}


@pytest.mark.proves(
    "AWS::Kinesis::Stream",
    "AWS::Kinesis::Stream.Name",
    "AWS::Kinesis::Stream.RetentionPeriodHours",
    "AWS::Kinesis::Stream.ShardCount",
    "AWS::Kinesis::Stream.StreamModeDetails.StreamMode",
    "AWS::Kinesis::Stream.Tags",
    "!GetAtt AWS::Kinesis::Stream.Arn",
)
def test_a_stream_of_kinesis(cloud: Any, stack: dict[str, str]) -> None:
    kinesis = cloud.client("kinesis")
    summary = kinesis.describe_stream_summary(StreamName="captured")["StreamDescriptionSummary"]
    assert (summary["RetentionPeriodHours"], summary["OpenShardCount"]) == (48, 1)
    assert own_tags(kinesis.list_tags_for_stream(StreamName="captured")["Tags"]) == [{"Key": "team", "Value": "ml"}]
    described = kinesis.describe_stream_summary(StreamName=stack["Numbers"])["StreamDescriptionSummary"]
    assert (described["StreamARN"], described["StreamModeDetails"]["StreamMode"]) == (
        stack["NumbersArn"],
        "PROVISIONED",
    )


@pytest.mark.proves(
    "Kinesis event",
    "Kinesis event.BatchSize",
    "Kinesis event.BisectBatchOnFunctionError",
    "Kinesis event.DestinationConfig.OnFailure.Destination",
    "Kinesis event.DestinationConfig.OnFailure.Type",
    "Kinesis event.FunctionResponseTypes",
    "Kinesis event.MaximumRecordAgeInSeconds",
    "Kinesis event.MaximumRetryAttempts",
    "Kinesis event.StartingPosition",
    "Kinesis event.Stream",
)
def test_a_failed_batch_is_split_retried_and_given_up(cloud: Any, stack: dict[str, str], inbox: Inbox) -> None:
    kinesis = cloud.client("kinesis")
    records = [{"Data": text.encode(), "PartitionKey": "p"} for text in ("one", "two", "fail", "three")]
    kinesis.put_records(StreamName=stack["Numbers"], Records=records)

    def texts(batches: list[list[Any]]) -> list[list[str]]:
        return [[record["text"] for record in batch] for batch in batches]

    seen = texts(inbox.of("Reader", lambda found: ["three"] in texts(found)))
    assert seen[0] == ["one", "two", "fail", "three"]
    # It's split until the record that fails is alone, and that one is given up after its retry.
    assert ["one", "two"] in seen
    assert seen.count(["fail"]) >= 1
    [message] = cloud.drain(stack["Failed"], bool)
    batch = message["KinesisBatchInfo"]
    assert (batch["batchSize"], batch["streamArn"], batch["shardId"]) == (
        1,
        stack["NumbersArn"],
        "shardId-000000000000",
    )
    assert message["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert message["requestContext"]["functionArn"].endswith(stack["Reader"])
    assert message["responseContext"]["functionError"] == "Unhandled"
    kinesis.put_record(StreamName=stack["Numbers"], Data=b"after", PartitionKey="p")
    assert ["after"] in texts(inbox.of("Reader", lambda found: ["after"] in texts(found)))


@pytest.mark.proves(
    "AWS::Lambda::EventSourceMapping.BisectBatchOnFunctionError",
    "AWS::Lambda::EventSourceMapping.DestinationConfig.OnFailure.Destination",
    "AWS::Lambda::EventSourceMapping.MaximumRecordAgeInSeconds",
    "AWS::Lambda::EventSourceMapping.MaximumRetryAttempts",
    "AWS::Lambda::EventSourceMapping.StartingPosition",
    "AWS::Lambda::EventSourceMapping.StartingPositionTimestamp",
    "Kinesis event.FilterCriteria.Filters.Pattern",
)
def test_a_mapping_with_a_filter_of_the_data(cloud: Any, stack: dict[str, str], inbox: Inbox) -> None:
    kinesis = cloud.client("kinesis")
    for document in ({"kind": "other"}, {"kind": "wanted", "n": 1}):
        kinesis.put_record(StreamName=stack["Numbers"], Data=json.dumps(document).encode(), PartitionKey="q")
    [[record]] = inbox.of("Plain", bool)
    assert json.loads(record["text"]) == {"kind": "wanted", "n": 1}
    assert (record["kinesis"]["partitionKey"], record["eventName"]) == ("q", "aws:kinesis:record")
    assert record["eventID"] == f"shardId-000000000000:{record['kinesis']['sequenceNumber']}"
    mappings = cloud.client("lambda").list_event_source_mappings(FunctionName=stack["Plain"])["EventSourceMappings"]
    [mapping] = mappings
    assert (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]) == (0, 60)
    assert (mapping["StartingPosition"], mapping["BisectBatchOnFunctionError"]) == ("AT_TIMESTAMP", False)


@pytest.mark.proves(
    "DynamoDB event.BisectBatchOnFunctionError",
    "DynamoDB event.DestinationConfig.OnFailure.Destination",
    "DynamoDB event.DestinationConfig.OnFailure.Type",
    "DynamoDB event.FunctionResponseTypes",
    "DynamoDB event.MaximumRecordAgeInSeconds",
    "DynamoDB event.MaximumRetryAttempts",
    "Kinesis event.Enabled",
    "Kinesis event.MaximumBatchingWindowInSeconds",
    "Kinesis event.StartingPositionTimestamp",
)
def test_the_mappings_of_sams_events_are_described(cloud: Any, stack: dict[str, str]) -> None:
    def mapping(function: str) -> dict[str, Any]:
        found = cloud.client("lambda").list_event_source_mappings(FunctionName=stack[function])["EventSourceMappings"]
        assert len(found) == 1
        return dict(found[0])

    table, capture = mapping("Changes"), mapping("Capture")
    assert (table["BisectBatchOnFunctionError"], table["MaximumRecordAgeInSeconds"]) == (True, 600)
    assert (table["MaximumRetryAttempts"], table["FunctionResponseTypes"]) == (2, ["ReportBatchItemFailures"])
    assert table["DestinationConfig"]["OnFailure"]["Destination"].endswith(stack["Failed"].rpartition("/")[2])
    assert (capture["State"], capture["MaximumBatchingWindowInSeconds"]) == ("Enabled", 1)
    # Its records, from the beginning on, are in the test above.
    assert capture["StartingPosition"] == "AT_TIMESTAMP"


def test_a_mapping_that_aws_would_refuse(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("lambda")

    def refused(**options: Any) -> str:
        with pytest.raises(client.exceptions.ClientError) as raised:
            client.create_event_source_mapping(FunctionName=stack["Plain"], **options)
        return str(raised.value)

    arn = stack["NumbersArn"]
    assert "StartingPosition must be one of" in refused(EventSourceArn=arn)
    assert "already exists" in refused(EventSourceArn=arn, StartingPosition="LATEST")
    assert "Stream not found" in refused(EventSourceArn=f"{arn}x", StartingPosition="LATEST")
    assert "TumblingWindowInSeconds" in refused(
        EventSourceArn=stack["StreamArn"], StartingPosition="LATEST", TumblingWindowInSeconds=30
    )
    pattern = {"Filters": [{"Pattern": '{"body": ["x"]}'}]}
    assert "a record has no body" in refused(
        EventSourceArn=stack["StreamArn"], StartingPosition="LATEST", FilterCriteria=pattern
    )
