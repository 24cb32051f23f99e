"""The loads. Each yields what it has measured so far."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

from localaws_testing.bench.cloud import running

Measured = dict[str, Any]
_GROUP, _STREAM = "/bench/records", "one"
# PutLogEvents takes this many bytes, with 26 for each event besides its message.
_PUT_BYTES, _OVERHEAD = 1_048_576, 26
_REQUESTS_STEP = 5000
_API = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            record = {"request_id": context.aws_request_id, "model": "bench", "inputs": list(range(60))}
            print(json.dumps(record))
            return {"statusCode": 200, "body": "{}"}
      Events: {All: {Type: HttpApi, Properties: {Path: /, Method: GET}}}
"""
_QUEUE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: bench}}
  Function:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return len(event["Records"])
      Events: {Messages: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn, BatchSize: 10}}}
"""


def memory(requests: int, clients: int) -> Iterator[Measured]:
    """Requests to an HTTP API whose function writes a record into its log."""
    with running(_API) as cloud, ThreadPoolExecutor(clients) as pool:
        yield {"requests": 0, "memory_mb": cloud.memory_mb()}
        began, done = time.monotonic(), 0
        while done < requests:
            step = min(_REQUESTS_STEP, requests - done)
            list(pool.map(lambda share: _get(cloud.http_port, share), _shares(step, clients)))
            done += step
            rate = done / (time.monotonic() - began)
            yield {"requests": done, "memory_mb": cloud.memory_mb(), "per_s": rate, "logs_mb": cloud.logs_mb()}


def _shares(total: int, parts: int) -> list[int]:
    return [total // parts + (part < total % parts) for part in range(parts)]


def _get(port: int, times: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(times):
        connection.request("GET", "/")
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the API answered {answer.status}: {content!r}")
    connection.close()


def logs(per_minute: int, minutes: float, size: int) -> Iterator[Measured]:
    """Log events at a rate, then look-ups of one of them by a field, then the deletion of the group."""
    with running() as cloud:
        client = cloud.client("logs")
        client.create_log_group(logGroupName=_GROUP)
        client.create_log_stream(logGroupName=_GROUP, logStreamName=_STREAM)
        begin, wanted = int(time.time()), ""
        for done, seconds, one in _put(client, per_minute, minutes, size):
            rate, wanted = done / seconds * 60, one
            yield {"events": done, "per_minute": rate, "memory_mb": cloud.memory_mb(), "logs_mb": cloud.logs_mb()}
        yield {"look_up_s": _query(client, begin, f'filter request_id = "{wanted}"'), "memory_mb": cloud.memory_mb()}
        yield {"count_s": _query(client, begin, "stats count(*) by level"), "memory_mb": cloud.memory_mb()}
        now = time.monotonic()
        found = client.filter_log_events(logGroupName=_GROUP, filterPattern=f'{{ $.request_id = "{wanted}" }}')
        yield {"filter_s": time.monotonic() - now, "found": len(found["events"]), "memory_mb": cloud.memory_mb()}
        now = time.monotonic()
        client.delete_log_group(logGroupName=_GROUP)
        yield {"delete_s": time.monotonic() - now, "logs_mb": cloud.logs_mb()}


def _put(client: Any, per_minute: int, minutes: float, size: int) -> Iterator[tuple[int, float, str]]:
    """Puts events at the rate, or as fast as it goes; the number so far, the seconds, and the id of one event."""
    batch = min(_PUT_BYTES // (size + _OVERHEAD), 10_000)
    began, reported, total, ids = time.monotonic(), 0.0, round(per_minute * minutes), [str(uuid.uuid4())]
    for done in range(0, total, batch):
        time.sleep(max(0.0, began + done / per_minute * 60 - time.monotonic()))
        now = int(time.time() * 1000)
        ids = [str(uuid.uuid4()) for _ in range(min(batch, total - done))]
        client.put_log_events(logGroupName=_GROUP, logStreamName=_STREAM, logEvents=_events(ids, now, size))
        if time.monotonic() - reported > 10:
            reported = time.monotonic()
            yield done + len(ids), time.monotonic() - began, ids[0]
    yield total, time.monotonic() - began, ids[0]


def _events(ids: list[str], now: int, size: int) -> list[dict[str, Any]]:
    record = {"level": "INFO", "request_id": "", "pad": ""}
    pad = "x" * max(0, size - len(json.dumps(record)) - 36)
    return [{"timestamp": now, "message": json.dumps({**record, "request_id": each, "pad": pad})} for each in ids]


def _query(client: Any, begin: int, text: str) -> float:
    """The seconds that an Insights query with one row takes."""
    now = time.monotonic()
    query = client.start_query(
        logGroupName=_GROUP, startTime=begin - 60, endTime=int(time.time()) + 60, queryString=text
    )
    rows = client.get_query_results(queryId=query["queryId"])["results"]
    if len(rows) != 1:
        raise RuntimeError(f"{text} found {len(rows)} rows")
    return time.monotonic() - now


def queue(messages: int) -> Iterator[Measured]:
    """Messages sent to a queue and worked off by a function."""
    with running(_QUEUE) as cloud, ThreadPoolExecutor(8) as pool:
        sqs = cloud.client("sqs")
        url = sqs.get_queue_url(QueueName="bench")["QueueUrl"]
        entries = [{"Id": str(number), "MessageBody": json.dumps({"number": number})} for number in range(10)]
        began = time.monotonic()
        sends = [
            pool.submit(sqs.send_message_batch, QueueUrl=url, Entries=entries[: min(10, messages - sent)])
            for sent in range(0, messages, 10)
        ]
        for send in sends:
            send.result()
        yield {"messages": messages, "sent_s": time.monotonic() - began}
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        for second in count(1):
            left = sum(map(int, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"].values()))
            took = time.monotonic() - began
            if not left:
                break
            if took > second:
                yield {"left": left, "after_s": took}
            time.sleep(0.1)
        yield {"messages": messages, "worked_off_s": took, "memory_mb": cloud.memory_mb()}


def deploy(functions: int) -> Iterator[Measured]:
    """A stack of functions, each with a role, created by CloudFormation."""
    role = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    resources: dict[str, Any] = {"Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": role}}}
    for number in range(functions):
        properties = {
            "Runtime": "python3.13",
            "Handler": "index.handler",
            "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": f"def handler(event, context):\n    return {number}\n"},
        }
        resources[f"Function{number}"] = {"Type": "AWS::Lambda::Function", "Properties": properties}
    with running() as cloud:
        cloudformation = cloud.client("cloudformation")
        yield {"functions": 0, "memory_mb": cloud.memory_mb()}
        began = time.monotonic()
        cloudformation.create_stack(StackName="bench", TemplateBody=json.dumps({"Resources": resources}))
        while (
            status := cloudformation.describe_stacks(StackName="bench")["Stacks"][0]["StackStatus"]
        ) != "CREATE_COMPLETE":
            if not status.endswith("IN_PROGRESS"):
                raise RuntimeError(f"the stack is {status}")
            time.sleep(0.1)
        yield {"functions": functions, "deployed_s": time.monotonic() - began, "memory_mb": cloud.memory_mb()}
