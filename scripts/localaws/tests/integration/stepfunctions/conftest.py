"""State machines in the running local AWS."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from localaws_testing.waiting import wait_until

ROLE = "arn:aws:iam::123456789012:role/states"
STACK = """
Resources:
  Work:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Timeout: 5
      InlineCode: |
        import time
        def handler(event, context):
            if "error" in event:
                raise type(event["error"], (Exception,), {})("it failed")
            time.sleep(event.get("sleep", 0))
            return {"got": event}
  Inbox: {Type: AWS::SQS::Queue}
  Topic:
    Type: AWS::SNS::Topic
    Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Inbox.Arn}]}
  Events: {Type: AWS::SQS::Queue}
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [of.machines]}
      Targets: [{Id: q, Arn: !GetAtt Events.Arn}]
  Statuses: {Type: AWS::SQS::Queue}
  StatusRule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.states], detail: {name: [told]}}
      Targets: [{Id: q, Arn: !GetAtt Statuses.Arn}]
  Table:
    Type: AWS::Serverless::SimpleTable
  Bucket: {Type: AWS::S3::Bucket}
  Log: {Type: AWS::Logs::LogGroup}
Outputs:
  Work: {Value: !GetAtt Work.Arn}
  Inbox: {Value: !Ref Inbox}
  Topic: {Value: !Ref Topic}
  Events: {Value: !Ref Events}
  Statuses: {Value: !Ref Statuses}
  Table: {Value: !Ref Table}
  Bucket: {Value: !Ref Bucket}
  Log: {Value: !Ref Log}
  LogArn: {Value: !GetAtt Log.Arn}
"""


@dataclass
class Machines:
    """Creates state machines and runs them; they're deleted at the end of the module."""

    cloud: Any
    arns: list[str] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def client(self) -> Any:
        return self.cloud.client("stepfunctions")

    def create(self, definition: dict[str, Any], kind: str = "STANDARD", **options: Any) -> str:
        name = f"machine-{len(self.arns)}"
        arn = self.client.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=ROLE, type=kind, **options
        )["stateMachineArn"]
        self.arns.append(arn)
        return str(arn)

    def state(self, state: dict[str, Any], kind: str = "STANDARD", **options: Any) -> str:
        """A state machine of one state."""
        return self.create({"StartAt": "Only", "States": {"Only": {**state, "End": True}}, **options}, kind)

    def start(self, machine: str, value: Any = None, **options: Any) -> str:
        given = json.dumps({} if value is None else value)
        return str(self.client.start_execution(stateMachineArn=machine, input=given, **options)["executionArn"])

    def wait(self, execution: str, seconds: float = 20) -> dict[str, Any]:
        """The execution, once it has ended."""
        assert wait_until(lambda: self.describe(execution)["status"] != "RUNNING", seconds), self.types(execution)
        return self.describe(execution)

    def describe(self, execution: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client.describe_execution(executionArn=execution)
        return found

    def run(self, machine: str, value: Any = None) -> dict[str, Any]:
        """The execution of a state machine with an input, once it has ended."""
        return self.wait(self.start(machine, value))

    def output(self, machine: str, value: Any = None) -> Any:
        ended = self.run(machine, value)
        assert ended["status"] == "SUCCEEDED", ended
        return json.loads(ended["output"])

    def history(self, execution: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get_execution_history(executionArn=execution)["events"]
        return found

    def types(self, execution: str) -> list[str]:
        return [event["type"] for event in self.history(execution)]

    def reach(self, execution: str, kind: str, count: int = 1) -> None:
        """Wait until an execution has had an event."""
        assert wait_until(lambda: self.types(execution).count(kind) >= count), self.types(execution)

    def tick(self, duration: str) -> None:
        """Move the clock."""
        self.cloud.tick(duration)


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]], request: pytest.FixtureRequest) -> dict[str, str]:
    return deploy(request.module.__name__.rpartition("_")[2], STACK)


@pytest.fixture(scope="module")
def machines(cloud: Any) -> Iterator[Machines]:
    made = Machines(cloud)
    yield made
    for arn in made.arns:
        made.client.delete_state_machine(stateMachineArn=arn)
