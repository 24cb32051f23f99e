"""Asynchronous calls that wait for others in the same queue."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws_testing.waiting import wait_until

STACK = """
Resources:
  Marks: {Type: AWS::S3::Bucket}
  Parent:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Timeout: 120
      InlineCode: |
        import boto3, json, time
        def handler(event, context):
            bucket, number, s3 = event["bucket"], event["number"], boto3.client("s3")
            boto3.client("lambda").invoke(
                FunctionName=event["child"], InvocationType="Event", Payload=json.dumps(event)
            )
            while not s3.list_objects_v2(Bucket=bucket, Prefix=f"child/{number}.")["KeyCount"]:
                time.sleep(0.3)
            s3.put_object(Bucket=bucket, Key=f"parent/{number}.", Body=b"")
  Child:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import boto3
        def handler(event, context):
            boto3.client("s3").put_object(Bucket=event["bucket"], Key=f"child/{event['number']}.", Body=b"")
Outputs:
  Marks: {Value: !Ref Marks}
  Parent: {Value: !Ref Parent}
  Child: {Value: !Ref Child}
"""


@pytest.mark.proves("lambda asynchronous concurrency")
def test_parents_that_wait_for_their_children_do_not_keep_them_from_running(
    cloud: Any, deploy: Callable[[str, str], dict[str, str]]
) -> None:
    stack, s3 = deploy("parents", STACK), cloud.client("s3")
    event = {"bucket": stack["Marks"], "child": stack["Child"]}
    for number in range(18):  # more than run at once as long as calls end
        payload = json.dumps({**event, "number": number})
        cloud.client("lambda").invoke(FunctionName=stack["Parent"], InvocationType="Event", Payload=payload)

    def done() -> bool:
        return bool(s3.list_objects_v2(Bucket=stack["Marks"], Prefix="parent/")["KeyCount"] == 18)

    assert wait_until(done, 100)
    for item in s3.list_objects_v2(Bucket=stack["Marks"])["Contents"]:
        s3.delete_object(Bucket=stack["Marks"], Key=item["Key"])
