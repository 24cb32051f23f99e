"""`sam local start-lambda`, called by boto3 and by the queue of local AWS."""

import json
import re
import time
from typing import Any

import pytest

from tests.sam.conftest import event


@pytest.fixture
def lambda_(sam: Any) -> Any:
    return sam.client("lambda", f"http://127.0.0.1:{sam.started.ports['http-port'] + 1}")


def test_boto3_calls_both_functions_by_logical_id(lambda_: Any) -> None:
    for function, name in {
        "ApiFunction": "http-get-health",
        "TrainFunction": "sqs-batch-with-a-foreign-message",
    }.items():
        answer = lambda_.invoke(FunctionName=function, Payload=json.dumps(event(name)))
        assert answer["StatusCode"] == 200
        assert "FunctionError" not in answer
        assert isinstance(json.loads(answer["Payload"].read()), dict)


def test_a_functions_own_failure_is_told_by_local_aws_though_start_lambda_hides_it(sam: Any, lambda_: Any) -> None:
    payload = b'{"no": "request"}'
    assert "FunctionError" not in lambda_.invoke(FunctionName="ApiFunction", Payload=payload)
    answer = sam.client("lambda").invoke(FunctionName="mlops-api", Payload=payload)
    assert answer["FunctionError"] == "Unhandled"
    assert "errorType" in json.loads(answer["Payload"].read())


def test_calls_through_local_aws_reach_the_same_container(sam: Any) -> None:
    streams = set()
    for _ in range(2):
        before = int(time.time() * 1000)
        answer = sam.client("lambda").invoke(
            FunctionName="mlops-api", Qualifier="live", Payload=json.dumps(event("http-get-health"))
        )
        assert json.loads(answer["Payload"].read())["statusCode"] == 200
        (ended,) = sam.logged(
            "ApiLogGroup",
            lambda found, before=before: found["timestamp"] >= before and found["message"].startswith("REPORT "),
        )
        streams.add(ended["logStreamName"])
    assert len(streams) == 1


def test_what_no_try_cures_reaches_the_dead_letters_by_way_of_the_container(sam: Any) -> None:
    sqs, outputs = sam.client("sqs"), sam.outputs
    sqs.set_queue_attributes(QueueUrl=outputs["TrainQueueUrl"], Attributes={"VisibilityTimeout": "300"})
    sqs.send_message(QueueUrl=outputs["TrainQueueUrl"], MessageBody=json.dumps({"not": "an upload"}))
    failed = sam.logged(
        "TrainLogGroup", lambda found: "upload" in found["message"] and '"level":"ERROR"' in found["message"]
    )
    assert failed
    waiting = sqs.get_queue_attributes(
        QueueUrl=outputs["TrainQueueUrl"], AttributeNames=["ApproximateNumberOfMessagesNotVisible"]
    )["Attributes"]
    assert int(waiting["ApproximateNumberOfMessagesNotVisible"]) == 1, "a failed message is kept for another try"
    sqs.purge_queue(QueueUrl=outputs["TrainQueueUrl"])


def test_logs_are_lambdas_without_the_emulators_own(sam: Any) -> None:
    logs, group = sam.client("logs"), sam.outputs["ApiLogGroup"]
    messages = [found["message"] for found in logs.filter_log_events(logGroupName=group)["events"]]
    for kind in ("START RequestId:", "END RequestId:", "REPORT RequestId:"):
        assert any(message.startswith(kind) for message in messages), kind
    assert not [message for message in messages if "(rapid)" in message]
    streams = [stream["logStreamName"] for stream in logs.describe_log_streams(logGroupName=group)["logStreams"]]
    assert all(re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream) for stream in streams), streams
