"""The metrics of executions, and alarms on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from localaws_testing.waiting import wait_until

FAIL = {"StartAt": "F", "States": {"F": {"Type": "Fail", "Error": "E"}}}
STACK = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: {Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}
  Fails:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Role.Arn
      Definition: {StartAt: F, States: {F: {Type: Fail, Error: E}}}
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: of-machines-failed
      Namespace: AWS/States
      MetricName: ExecutionsFailed
      Dimensions: [{Name: StateMachineArn, Value: !Ref Fails}]
      Statistic: Sum
      Period: 300
      EvaluationPeriods: 1
      Threshold: 0
      ComparisonOperator: GreaterThanThreshold
      TreatMissingData: notBreaching
Outputs:
  Fails: {Value: !Ref Fails}
"""


def sum_of(machines: Any, name: str, machine: str, **dimensions: str) -> float:
    """The sum of a metric of a state machine over the last hours."""
    named = {"StateMachineArn": machine, **dimensions}
    client = machines.cloud.client("cloudwatch")
    metrics = client.list_metrics(Namespace="AWS/States", MetricName=name)["Metrics"]
    if {tuple(sorted(named.items()))}.isdisjoint(
        tuple(sorted((each["Name"], each["Value"]) for each in metric["Dimensions"])) for metric in metrics
    ):
        return 0.0
    started = machines.client.describe_state_machine(stateMachineArn=machine)["creationDate"]
    points = client.get_metric_statistics(
        Namespace="AWS/States",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in named.items()],
        StartTime=started - timedelta(minutes=1),
        EndTime=started + timedelta(hours=20),
        Period=86_400,
        Statistics=["Sum"],
    )["Datapoints"]
    return float(sum(point["Sum"] for point in points))


@pytest.mark.proves("executions metrics")
def test_executions_are_counted_by_their_ends(machines: Any) -> None:
    passing = machines.state({"Type": "Pass"})
    for _ in range(2):
        machines.run(passing)
    failing = machines.create(FAIL)
    assert machines.run(failing)["status"] == "FAILED"
    waits = {"Type": "Wait", "Seconds": 9000}
    timed = machines.state(waits, TimeoutSeconds=600)
    stopped = machines.state(waits)
    execution, other = machines.start(timed), machines.start(stopped)
    machines.reach(execution, "WaitStateEntered")
    machines.client.stop_execution(executionArn=other)
    machines.tick("20m")
    machines.wait(execution)
    express = machines.create(FAIL, "EXPRESS")
    machines.start(express)
    ends = {
        passing: ("ExecutionsSucceeded", 2),
        failing: ("ExecutionsFailed", 1),
        timed: ("ExecutionsTimedOut", 1),
        stopped: ("ExecutionsAborted", 1),
        express: ("ExecutionsFailed", 1),
    }
    for machine, (name, count) in ends.items():
        assert wait_until(lambda: sum_of(machines, name, machine) == count), name  # noqa: B023
        assert sum_of(machines, "ExecutionsStarted", machine) == count
        others = {each for each, _ in ends.values()} - {name}
        assert [each for each in others if sum_of(machines, each, machine)] == []
    # Milliseconds, on local AWS's clock.
    assert 600_000 <= sum_of(machines, "ExecutionTime", timed) < 700_000


@pytest.mark.proves("executions metrics")
def test_executions_of_versions_and_aliases_are_counted_apart(machines: Any) -> None:
    client, machine = machines.client, machines.state({"Type": "Pass"})
    version = client.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    routes = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = client.create_state_machine_alias(name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    for arn in (machine, version, alias):
        machines.run(arn)
    assert wait_until(lambda: sum_of(machines, "ExecutionsSucceeded", machine) == 3)
    assert sum_of(machines, "ExecutionsStarted", machine, Version="1") == 2
    assert sum_of(machines, "ExecutionsSucceeded", machine, Alias="live") == 1


@pytest.mark.proves("executions metrics")
def test_a_redriven_execution_is_counted_as_such(machines: Any) -> None:
    machine = machines.create(FAIL)
    execution = machines.start(machine)
    machines.wait(execution)
    machines.client.redrive_execution(executionArn=execution)
    machines.wait(execution)
    assert wait_until(lambda: sum_of(machines, "RedrivenExecutionsFailed", machine) == 1)
    assert sum_of(machines, "ExecutionsRedriven", machine) == 1
    assert (sum_of(machines, "ExecutionsStarted", machine), sum_of(machines, "ExecutionsFailed", machine)) == (1, 2)


@pytest.mark.proves("alarms on executions")
def test_a_failed_execution_sets_off_its_alarm(
    machines: Any, cloud: Any, deploy: Callable[[str, str], dict[str, str]]
) -> None:
    machine = deploy("machine-alarm", STACK)["Fails"]
    client = cloud.client("cloudwatch")

    def state(later: str) -> str:
        machines.tick(later)
        return str(client.describe_alarms(AlarmNames=["of-machines-failed"])["MetricAlarms"][0]["StateValue"])

    assert state("10m") == "OK"
    assert machines.run(machine)["status"] == "FAILED"
    # A minute at a time: an alarm of five minutes is on for a few of them only.
    assert wait_until(lambda: state("1m") == "ALARM", 20)
    assert wait_until(lambda: state("20m") == "OK", 20)
