"""Schedules, with the clock moved on."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

STACK = """
Resources:
  Ticks: {Type: AWS::SQS::Queue}
  Letters: {Type: AWS::SQS::Queue}
  Hourly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 hour)
      Targets: [{Id: queue, Arn: !GetAtt Ticks.Arn}]
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: cron(0 3 * * ? *)
      ScheduleExpressionTimezone: Europe/Berlin
      FlexibleTimeWindow: {Mode: "OFF"}
      Target:
        Arn: !GetAtt Ticks.Arn
        RoleArn: arn:aws:iam::123456789012:role/r
        Input: '{"nightly": "<aws.scheduler.scheduled-time>"}'
  Lost:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(5 days)
      FlexibleTimeWindow: {Mode: "OFF"}
      Target:
        Arn: arn:aws:sqs:us-east-1:123456789012:nowhere
        RoleArn: arn:aws:iam::123456789012:role/r
        DeadLetterConfig: {Arn: !GetAtt Letters.Arn}
  Timed:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        import json
        def handler(event, context):
            print(json.dumps(event))
      Events:
        Rule: {Type: Schedule, Properties: {Schedule: rate(2 hours), Input: '{"by": "the rule"}'}}
        Off: {Type: Schedule, Properties: {Schedule: rate(2 hours), Enabled: false, Input: '{"by": "nobody"}'}}
        V2: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(3 hours)}}
Outputs:
  Ticks: {Value: !Ref Ticks}
  Letters: {Value: !Ref Letters}
  Timed: {Value: !Ref Timed}
  TicksArn: {Value: !GetAtt Ticks.Arn}
"""


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("schedules", STACK)


def tick(cloud: Any, duration: str) -> str:
    done = cloud.run("python", "-m", "localaws", "tick", duration, "--port", str(cloud.port))
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


@pytest.mark.proves(
    "AWS::Events::Rule.ScheduleExpression",
    "AWS::Scheduler::Schedule",
    "AWS::Scheduler::Schedule.ScheduleExpression",
    "AWS::Scheduler::Schedule.ScheduleExpressionTimezone",
    "AWS::Scheduler::Schedule.Target.Arn",
    "AWS::Scheduler::Schedule.Target.Input",
    "Schedule event",
    "Schedule event.Schedule",
    "Schedule event.Input",
    "Schedule event.Enabled",
    "ScheduleV2 event",
    "ScheduleV2 event.ScheduleExpression",
)
def test_moving_the_clock_runs_what_falls_due_each_at_its_time(cloud: Any, stack: dict[str, str]) -> None:
    assert "+00:00" in tick(cloud, "24h")
    # A queue's messages come in the order in which they were sent.
    seen = cloud.drain(stack["Ticks"], lambda found: len(found) >= 25)
    hourly = [event for event in seen if event.get("source") == "aws.events"]
    times = [datetime.fromisoformat(event["time"]) for event in hourly]
    assert len(hourly) == 24
    assert {(later - earlier).total_seconds() for earlier, later in pairwise(times)} == {3600}
    assert hourly[0]["detail-type"] == "Scheduled Event" and ":rule/" in hourly[0]["resources"][0]
    (nightly,) = [event["nightly"] for event in seen if "nightly" in event]
    assert nightly[11:] in ("01:00:00Z", "02:00:00Z")
    log = f"/aws/lambda/{stack['Timed']}"
    assert len(cloud.logged(log, '"by": "the rule"', count=12)) == 12
    by_scheduler = [json.loads(line) for line in cloud.logged(log, "aws.scheduler", count=8)]
    assert len(by_scheduler) == 8
    assert all(":schedule/default/" in event["resources"][0] for event in by_scheduler)
    assert cloud.logged(log, "nobody", count=0, seconds=0) == []


@pytest.mark.proves("AWS::Scheduler::Schedule.Target.DeadLetterConfig.Arn")
def test_an_undeliverable_schedule_goes_to_its_dead_letter_queue(cloud: Any, stack: dict[str, str]) -> None:
    tick(cloud, "5d")
    (letter,) = cloud.drain(stack["Letters"], bool)
    assert letter["source"] == "aws.scheduler"


@pytest.mark.proves("AWS::Scheduler::Schedule.ActionAfterCompletion", "AWS::Scheduler::Schedule.EndDate")
def test_a_one_time_schedule_runs_once_and_is_deleted_and_an_ended_one_does_not_run(
    cloud: Any, stack: dict[str, str]
) -> None:
    scheduler, now = cloud.client("scheduler"), datetime.fromisoformat(tick(cloud, "1s").split()[-1].rstrip("."))
    role, window = "arn:aws:iam::123456789012:role/r", {"Mode": "OFF"}

    def schedule(name: str, **options: Any) -> None:
        target = {"Arn": stack["TicksArn"], "RoleArn": role, "Input": json.dumps({"by": name})}
        scheduler.create_schedule(Name=name, FlexibleTimeWindow=window, Target=target, **options)

    once = f"at({now + timedelta(hours=2):%Y-%m-%dT%H:%M:%S})"
    schedule("once", ScheduleExpression=once, ActionAfterCompletion="DELETE")
    schedule("ended", ScheduleExpression="rate(1 hour)", EndDate=now + timedelta(minutes=90))
    tick(cloud, "4h")
    told = cloud.drain(stack["Ticks"], lambda found: sum("by" in event for event in found) == 2)
    assert sorted(event["by"] for event in told if "by" in event) == ["ended", "once"]
    left = [item["Name"] for item in scheduler.list_schedules()["Schedules"]]
    assert ("once" in left, "ended" in left) == (False, True)
    scheduler.delete_schedule(Name="ended")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"ScheduleExpression": "rate(1 minutes)"}, "not valid"),
        ({"ScheduleExpressionTimezone": "Nowhere/Land"}, "Nowhere"),
        ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:s3:listBuckets", "RoleArn": "r" * 20}}, "aws-sdk"),
    ],
)
def test_an_invalid_schedule_is_refused(cloud: Any, stack: dict[str, str], options: dict[str, Any], names: str) -> None:
    target = {"Arn": stack["TicksArn"], "RoleArn": "arn:aws:iam::123456789012:role/r"}
    asked = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target} | options
    with pytest.raises(ClientError, match=names):
        cloud.client("scheduler").create_schedule(Name="refused", **asked)


def test_an_invalid_duration_of_tick_is_refused(cloud: Any) -> None:
    done = cloud.run("python", "-m", "localaws", "tick", "soon", "--port", str(cloud.port))
    assert (done.returncode, "isn't a duration; examples: " in done.stderr) == (1, True)
