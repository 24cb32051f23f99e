"""A local AWS that enforces IAM, and a stack with a cluster and a task definition of Fargate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from localaws_testing.waiting import wait_until

NETWORK = {"awsvpcConfiguration": {"subnets": ["subnet-1"]}}
STACK = """
Parameters: {Image: {Type: String}}
Resources:
  Cluster:
    Type: AWS::ECS::Cluster
    Properties:
      ClusterName: trainings
      CapacityProviders: [FARGATE, FARGATE_SPOT]
      DefaultCapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 1, Base: 0}]
      Tags: [{Key: of, Value: tests}]
  Definition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: work
      Cpu: 256
      Memory: 512
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      EphemeralStorage: {SizeInGiB: 21}
      ExecutionRoleArn: !GetAtt ExecutionRole.Arn
      TaskRoleArn: !GetAtt TaskRole.Arn
      Tags: [{Key: of, Value: tests}]
      ContainerDefinitions:
        - Name: main
          Image: !Ref Image
          Essential: true
          EntryPoint: [python3, work.py]
          Command: [describe]
          WorkingDirectory: /var/task
          StopTimeout: 2
          Environment: [{Name: GIVEN, Value: one}, {Name: CHANGED, Value: before}, {Name: BUCKET, Value: !Ref Bucket}]
          LogConfiguration:
            LogDriver: awslogs
            Options:
              awslogs-group: !Ref Log
              awslogs-region: !Ref AWS::Region
              awslogs-stream-prefix: work
              awslogs-create-group: "false"
  Bucket: {Type: AWS::S3::Bucket}
  Log: {Type: AWS::Logs::LogGroup}
  ExecutionRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: &ecs
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - Effect: Allow
                Action:
                  - ecr:GetAuthorizationToken
                  - ecr:BatchCheckLayerAvailability
                  - ecr:GetDownloadUrlForLayer
                  - ecr:BatchGetImage
                Resource: "*"
              - {Effect: Allow, Action: [logs:CreateLogStream, logs:PutLogEvents], Resource: !GetAtt Log.Arn}
  TaskRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: *ecs
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: s3:PutObject, Resource: !Sub "${Bucket.Arn}/by-task"}]
  PowerlessRole:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: *ecs}
  ForeignRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  MachineRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: ecs:RunTask, Resource: !Ref Definition}
              - Effect: Allow
                Action: [ecs:DescribeTasks, ecs:StopTask]
                Resource: !Sub arn:aws:ecs:${AWS::Region}:${AWS::AccountId}:task/${Cluster}/*
              - Effect: Allow
                Action: iam:PassRole
                Resource: [!GetAtt ExecutionRole.Arn, !GetAtt TaskRole.Arn]
                Condition: {StringEquals: {iam:PassedToService: ecs-tasks.amazonaws.com}}
              - Effect: Allow
                Action: [events:PutTargets, events:PutRule, events:DescribeRule]
                Resource: !Sub arn:aws:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForECSTaskRule
  Events: {Type: AWS::SQS::Queue}
  EventsPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Events]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: {Service: events.amazonaws.com}
            Action: sqs:SendMessage
            Resource: !GetAtt Events.Arn
  Rule:
    Type: AWS::Events::Rule
    Properties:
      EventPattern: {source: [aws.ecs], detail: {startedBy: [watched]}}
      Targets: [{Id: q, Arn: !GetAtt Events.Arn}]
Outputs:
  Cluster: {Value: !Ref Cluster}
  ClusterArn: {Value: !GetAtt Cluster.Arn}
  Definition: {Value: !Ref Definition}
  DefinitionArn: {Value: !GetAtt Definition.TaskDefinitionArn}
  Bucket: {Value: !Ref Bucket}
  Log: {Value: !Ref Log}
  Events: {Value: !Ref Events}
  PowerlessRole: {Value: !GetAtt PowerlessRole.Arn}
  ForeignRole: {Value: !GetAtt ForeignRole.Arn}
  MachineRole: {Value: !GetAtt MachineRole.Arn}
  TaskRole: {Value: !GetAtt TaskRole.Arn}
"""


@dataclass
class Tasks:
    """Runs tasks of the stack's definition."""

    cloud: Any
    stack: dict[str, str]

    @property
    def client(self) -> Any:
        return self.cloud.client("ecs")

    def run(self, *command: str, container: dict[str, Any] | None = None, **options: Any) -> str:
        """Start a task with a command; returns its ARN."""
        container = {"name": "main", **({"command": list(command)} if command else {}), **(container or {})}
        (task,) = self.client.run_task(
            **{
                "cluster": self.stack["Cluster"],
                "taskDefinition": self.stack["Definition"],
                "launchType": "FARGATE",
                "networkConfiguration": NETWORK,
                "overrides": {"containerOverrides": [container]},
                **options,
            }
        )["tasks"]
        return str(task["taskArn"])

    def describe(self, arn: str) -> dict[str, Any]:
        (task,) = self.client.describe_tasks(cluster=self.stack["Cluster"], tasks=[arn])["tasks"]
        found: dict[str, Any] = task
        return found

    def wait(self, arn: str, status: str = "STOPPED") -> dict[str, Any]:
        """The task, once it has a status."""
        assert wait_until(lambda: self.describe(arn)["lastStatus"] == status, 30), self.describe(arn)
        return self.describe(arn)

    def logged(self, arn: str, wanted: str) -> list[str]:
        """The lines of a task's log that contain a text."""
        stream = f"work/main/{arn.rpartition('/')[2]}"
        logs = self.cloud.client("logs")
        try:
            events = logs.get_log_events(logGroupName=self.stack["Log"], logStreamName=stream)["events"]
        except logs.exceptions.ResourceNotFoundException:  # before its first line
            return []
        return [event["message"] for event in events if wanted in event["message"]]


@pytest.fixture(scope="session")
def tasks(launch: Callable[..., AbstractContextManager[Any]]) -> Iterator[Tasks]:
    """A local AWS that enforces IAM, whose function has the image that tasks run."""
    with launch("tasks.yaml", "--iam", "enforce", read=True) as enforced:
        yield Tasks(enforced, enforced.deploy("ecs", STACK, Image=enforced.image("worker")))
