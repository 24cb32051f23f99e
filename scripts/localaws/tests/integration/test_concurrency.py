"""Limits of concurrent calls, and throttling."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

STACK = """
Globals: {Function: {Runtime: python3.13, Handler: index.handler, Timeout: 10}}
Resources:
  Slow:
    Type: AWS::Serverless::Function
    Properties:
      ReservedConcurrentExecutions: 1
      AutoPublishAlias: live
      FunctionUrlConfig: {AuthType: NONE}
      InlineCode: &sleeps |
        import os, time
        def handler(event, context):
            time.sleep(event.get("seconds", 2))
            return {"pid": os.getpid(), "event": event.get("n")}
      Events: {Any: {Type: HttpApi}}
  Wide:
    Type: AWS::Serverless::Function
    Properties: {InlineCode: *sleeps}
Outputs:
  Slow: {Value: !Ref Slow}
  Wide: {Value: !Ref Wide}
  Api: {Value: !GetAtt ServerlessHttpApi.ApiEndpoint}
  Url: {Value: !GetAtt SlowUrl.FunctionUrl}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("concurrency", STACK)


def test_a_call_over_the_reserved_concurrency_gets_429_from_every_service(cloud: Any, stack: dict[str, str]) -> None:
    with ThreadPoolExecutor(1) as callers:
        running = callers.submit(cloud.call, stack["Slow"], {"seconds": 4})
        time.sleep(1.5)
        with pytest.raises(ClientError) as caught:
            cloud.call(stack["Slow"])
        # Versions and aliases share the function's reservation.
        with pytest.raises(ClientError):
            cloud.call(f"{stack['Slow']}:live")
        through_the_api, through_its_url = httpx.get(stack["Api"]), httpx.get(stack["Url"])
        assert running.result()["pid"]
    response: Any = caught.value.response
    assert response["Error"]["Code"] == "TooManyRequestsException"
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    assert (through_the_api.status_code, through_the_api.json()) == (503, {"message": "Service Unavailable"})
    assert through_its_url.status_code == 429
    assert cloud.call(stack["Slow"], {"seconds": 0})["pid"]


def test_a_throttled_event_is_retried(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("lambda")
    for number in range(3):
        payload = json.dumps({"seconds": 0.6, "n": number})
        client.invoke(FunctionName=stack["Slow"], InvocationType="Event", Payload=payload)
    assert len(cloud.logged(f"/aws/lambda/{stack['Slow']}", "REPORT", count=5)) >= 5


def test_a_reserved_concurrency_of_zero_stops_a_function_until_it_is_removed(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("lambda")
    client.put_function_concurrency(FunctionName=stack["Wide"], ReservedConcurrentExecutions=0)
    with pytest.raises(client.exceptions.TooManyRequestsException):
        cloud.call(stack["Wide"], {"seconds": 0})
    client.delete_function_concurrency(FunctionName=stack["Wide"])
    assert cloud.call(stack["Wide"], {"seconds": 0})["pid"]


def test_concurrent_slow_calls_get_a_sandbox_each(cloud: Any, stack: dict[str, str]) -> None:
    with ThreadPoolExecutor(8) as callers:
        answers = list(callers.map(lambda _: cloud.call(stack["Wide"], {"seconds": 3}), range(8)))
    assert len({answer["pid"] for answer in answers}) == 8
