"""Schedules, with the clock moved on."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.waiting import wait_until

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


ROLE = "arn:aws:iam::123456789012:role/r"


@pytest.fixture(scope="module")
def stack(deploy: Callable[[str, str], dict[str, str]]) -> dict[str, str]:
    return deploy("schedules", STACK)


def tick(cloud: Any, duration: str) -> datetime:
    """Move the clock by the command; returns the time that it prints, to the second."""
    done = cloud.run("python", "-m", "localaws", "tick", duration, "--port", str(cloud.port))
    assert done.returncode == 0, done.stderr
    shown = re.search(r"is now (\S+ \S+) UTC\.", done.stdout)
    assert shown, done.stdout
    return datetime.fromisoformat(f"{shown[1]}+00:00")


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
    tick(cloud, "24h")
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
    # Once when the stack was created, then every three hours.
    by_scheduler = [json.loads(line) for line in cloud.logged(log, "aws.scheduler", count=9)]
    assert len(by_scheduler) == 9
    assert all(":schedule/default/" in event["resources"][0] for event in by_scheduler)
    assert cloud.logged(log, "nobody", count=0, seconds=0) == []


def letters(cloud: Any, url: str, count: int) -> list[Any]:
    """Dead letters with their attributes, removed from their queue."""
    sqs, found = cloud.client("sqs"), list[Any]()

    def received() -> bool:
        asked = {"QueueUrl": url, "MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        for message in sqs.receive_message(**asked).get("Messages", []):
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            found.append(message)
        return len(found) >= count

    assert wait_until(received, 20), found
    return found


def attributes(letter: Any) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in letter["MessageAttributes"].items()}


@pytest.mark.proves("AWS::Scheduler::Schedule.Target.DeadLetterConfig.Arn", "events dead letters")
def test_an_undeliverable_schedule_goes_to_its_dead_letter_queue(cloud: Any, stack: dict[str, str]) -> None:
    (letter,) = letters(cloud, stack["Letters"], 1)
    event, told = json.loads(letter["Body"]), attributes(letter)
    assert event["source"] == "aws.scheduler"
    assert told.pop("SCHEDULE_ARN").startswith("arn:aws:scheduler:us-east-1:123456789012:schedule/default/")
    assert told.pop("SCHEDULED_TIME") == event["time"]
    assert told.pop("EXECUTION_ID")
    assert told == {
        "TARGET_ARN": "arn:aws:sqs:us-east-1:123456789012:nowhere",
        "ERROR_CODE": "AWS.SimpleQueueService.NonExistentQueue",
        "ERROR_MESSAGE": "The specified queue does not exist.",
        "EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts",
        "RETRY_ATTEMPTS": "0",
        "IS_PAYLOAD_TRUNCATED": "false",
    }


@pytest.mark.proves("events rates")
def test_a_rate_begins_at_once_or_at_its_start_date(cloud: Any, stack: dict[str, str]) -> None:
    scheduler, now = cloud.client("scheduler"), tick(cloud, "1s")
    target = {"Arn": stack["TicksArn"], "RoleArn": "arn:aws:iam::123456789012:role/r"}

    def schedule(name: str, **options: Any) -> None:
        told = json.dumps({"by": name, "at": "<aws.scheduler.scheduled-time>"})
        scheduler.create_schedule(
            Name=name,
            ScheduleExpression="rate(6 hours)",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target=target | {"Input": told},
            **options,
        )

    start = now + timedelta(hours=1)
    schedule("at-once")
    (first,) = cloud.drain(stack["Ticks"], lambda found: any("by" in event for event in found))[-1:]
    assert first["by"] == "at-once"
    schedule("later", StartDate=start)
    tick(cloud, "8h")
    seen = cloud.drain(stack["Ticks"], lambda found: sum("by" in event for event in found) >= 3)
    later = [event["at"] for event in seen if event.get("by") == "later"]
    assert later == [f"{moment:%Y-%m-%dT%H:%M:%SZ}" for moment in (start, start + timedelta(hours=6))]
    assert sum(event.get("by") == "at-once" for event in seen) == 1
    for name in ("at-once", "later"):
        scheduler.delete_schedule(Name=name)


@pytest.mark.proves("AWS::Scheduler::Schedule.ActionAfterCompletion", "AWS::Scheduler::Schedule.EndDate")
def test_a_one_time_schedule_runs_once_and_is_deleted_and_an_ended_one_does_not_run(
    cloud: Any, stack: dict[str, str]
) -> None:
    scheduler, now = cloud.client("scheduler"), tick(cloud, "1s")
    role, window = "arn:aws:iam::123456789012:role/r", {"Mode": "OFF"}

    def schedule(name: str, **options: Any) -> None:
        target = {"Arn": stack["TicksArn"], "RoleArn": role, "Input": json.dumps({"by": name})}
        scheduler.create_schedule(Name=name, FlexibleTimeWindow=window, Target=target, **options)

    once = f"at({now + timedelta(hours=2):%Y-%m-%dT%H:%M:%S})"
    schedule("once", ScheduleExpression=once, ActionAfterCompletion="DELETE")
    schedule("ended", ScheduleExpression="rate(1 hour)", EndDate=now + timedelta(minutes=90))
    tick(cloud, "4h")
    told = cloud.drain(stack["Ticks"], lambda found: sum("by" in event for event in found) == 3)
    assert sorted(event["by"] for event in told if "by" in event) == ["ended", "ended", "once"]
    left = [item["Name"] for item in scheduler.list_schedules()["Schedules"]]
    assert ("once" in left, "ended" in left) == (False, True)
    scheduler.delete_schedule(Name="ended")


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({"ScheduleExpression": "rate(1 minutes)"}, "not valid"),
        ({"ScheduleExpressionTimezone": "Nowhere/Land"}, "Nowhere"),
        ({"Target": {"Arn": "arn:aws:scheduler:::aws-sdk:s3:listBuckets", "RoleArn": ROLE}}, "aws-sdk"),
        ({"Target": {"Arn": "arn:aws:events:us-east-1:123456789012:api-destination/d", "RoleArn": ROLE}}, "api-d"),
    ],
)
def test_an_invalid_schedule_is_refused(cloud: Any, stack: dict[str, str], options: dict[str, Any], names: str) -> None:
    target = {"Arn": stack["TicksArn"], "RoleArn": ROLE}
    asked = {"ScheduleExpression": "rate(1 day)", "FlexibleTimeWindow": {"Mode": "OFF"}, "Target": target} | options
    with pytest.raises(ClientError, match=names):
        cloud.client("scheduler").create_schedule(Name="refused", **asked)


def test_an_invalid_duration_of_tick_is_refused(cloud: Any) -> None:
    done = cloud.run("python", "-m", "localaws", "tick", "soon", "--port", str(cloud.port))
    assert (done.returncode, "isn't a duration; examples: " in done.stderr) == (1, True)


def test_answers_are_dated_by_the_clock(cloud: Any) -> None:
    moved = tick(cloud, "1h")
    answer = cloud.client("sts").get_caller_identity()
    dated = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
    assert moved <= dated < moved + timedelta(minutes=30)
    assert dated > datetime.now(UTC) + timedelta(minutes=30)
