"""A local AWS that enforces IAM, and a stack with a compute environment, a queue and a job definition of Fargate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest

from localaws_testing.waiting import wait_until

STACK = """
Parameters: {Image: {Type: String}}
Resources:
  Environment:
    Type: AWS::Batch::ComputeEnvironment
    Properties:
      ComputeEnvironmentName: large
      Type: MANAGED
      State: ENABLED
      ComputeResources: {Type: FARGATE, MaxvCpus: 1, Subnets: [subnet-1], SecurityGroupIds: [sg-1]}
      Tags: {of: tests}
  Queue:
    Type: AWS::Batch::JobQueue
    Properties:
      JobQueueName: trainings
      Priority: 7
      State: ENABLED
      ComputeEnvironmentOrder: [{Order: 1, ComputeEnvironment: !Ref Environment}]
      Tags: {of: tests}
  Urgent:
    Type: AWS::Batch::JobQueue
    Properties:
      JobQueueName: urgent
      Priority: 9
      JobQueueType: ECS_FARGATE
      ComputeEnvironmentOrder: [{Order: 1, ComputeEnvironment: !GetAtt Environment.ComputeEnvironmentArn}]
  Definition:
    Type: AWS::Batch::JobDefinition
    Properties:
      JobDefinitionName: work
      Type: container
      PlatformCapabilities: [FARGATE]
      PropagateTags: true
      Parameters: {what: describe}
      RetryStrategy: {Attempts: 1}
      Timeout: {AttemptDurationSeconds: 900}
      Tags: {of: tests}
      ContainerProperties:
        Image: !Ref Image
        Command: ["Ref::what"]
        ExecutionRoleArn: !GetAtt ExecutionRole.Arn
        JobRoleArn: !GetAtt JobRole.Arn
        EphemeralStorage: {SizeInGiB: 21}
        Environment: [{Name: GIVEN, Value: one}, {Name: CHANGED, Value: before}, {Name: BUCKET, Value: !Ref Bucket}]
        ResourceRequirements: [{Type: VCPU, Value: "0.25"}, {Type: MEMORY, Value: "512"}]
        NetworkConfiguration: {AssignPublicIp: ENABLED}
  Logging:
    Type: AWS::Batch::JobDefinition
    Properties:
      JobDefinitionName: logging
      Type: container
      PlatformCapabilities: [FARGATE]
      RetryStrategy:
        Attempts: 3
        EvaluateOnExit:
          - {Action: RETRY, OnExitCode: "4*"}
          - {Action: EXIT, OnReason: "*", OnStatusReason: "Essential*"}
      ContainerProperties:
        Image: !Ref Image
        ExecutionRoleArn: !GetAtt ExecutionRole.Arn
        ResourceRequirements: [{Type: VCPU, Value: "0.25"}, {Type: MEMORY, Value: "512"}]
        LogConfiguration:
          LogDriver: awslogs
          Options: {awslogs-group: !Ref Log, awslogs-stream-prefix: mine, awslogs-create-group: "false"}
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
                  - logs:CreateLogStream
                  - logs:PutLogEvents
                Resource: "*"
  JobRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: *ecs
      Policies:
        - PolicyName: p
          PolicyDocument:
            Version: "2012-10-17"
            Statement: [{Effect: Allow, Action: s3:PutObject, Resource: !Sub "${Bucket.Arn}/by-task"}]
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
              - {Effect: Allow, Action: batch:SubmitJob, Resource: [!Ref Definition, !Ref Queue]}
              - {Effect: Allow, Action: [batch:DescribeJobs, batch:TerminateJob], Resource: "*"}
              - Effect: Allow
                Action: [events:PutTargets, events:PutRule, events:DescribeRule]
                Resource: !Sub arn:aws:events:*:${AWS::AccountId}:rule/StepFunctionsGetEventsForBatchJobsRule
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
      EventPattern: {source: [aws.batch], detail: {jobName: [watched]}}
      Targets: [{Id: q, Arn: !GetAtt Events.Arn}]
Outputs:
  Environment: {Value: !Ref Environment}
  EnvironmentArn: {Value: !GetAtt Environment.ComputeEnvironmentArn}
  Queue: {Value: !Ref Queue}
  QueueArn: {Value: !GetAtt Queue.JobQueueArn}
  Urgent: {Value: !Ref Urgent}
  Definition: {Value: !Ref Definition}
  DefinitionArn: {Value: !GetAtt Definition.JobDefinitionArn}
  Logging: {Value: !Ref Logging}
  Bucket: {Value: !Ref Bucket}
  Log: {Value: !Ref Log}
  Events: {Value: !Ref Events}
  ForeignRole: {Value: !GetAtt ForeignRole.Arn}
  MachineRole: {Value: !GetAtt MachineRole.Arn}
"""


@dataclass
class Jobs:
    """Submits jobs of the stack's definitions."""

    cloud: Any
    stack: dict[str, str]

    @property
    def client(self) -> Any:
        return self.cloud.client("batch")

    def submit(self, *command: str, **options: Any) -> str:
        """Submit a job with a command; returns its id."""
        overrides = {"containerOverrides": {"command": list(command)}} if command else {}
        given = {
            "jobName": "one",
            "jobQueue": self.stack["Queue"],
            "jobDefinition": self.stack["Definition"],
            **overrides,
            **options,
        }
        return str(self.client.submit_job(**given)["jobId"])

    def describe(self, job: str) -> dict[str, Any]:
        (found,) = self.client.describe_jobs(jobs=[job])["jobs"]
        described: dict[str, Any] = found
        return described

    def wait(self, job: str, *statuses: str) -> dict[str, Any]:
        """The job, once it has one of these statuses, or has ended."""
        wanted = statuses or ("SUCCEEDED", "FAILED")
        assert wait_until(lambda: self.describe(job)["status"] in wanted, 60), self.describe(job)
        return self.describe(job)

    def running(self, *how: str, **options: Any) -> str:
        """The id of a job that has begun to wait, by the command `wait`."""
        job = self.submit("wait", *how, **options)
        self.wait(job, "RUNNING")
        assert wait_until(lambda: "waiting" in self.logged(job), 30)
        return job

    def logged(self, job: str, group: str = "/aws/batch/job") -> list[str]:
        """The lines of the log of a job's last attempt."""
        logs = self.cloud.client("logs")
        stream = self.describe(job)["container"].get("logStreamName", "none")
        try:
            events = logs.get_log_events(logGroupName=group, logStreamName=stream)["events"]
        except logs.exceptions.ResourceNotFoundException:  # before its first line
            return []
        return [event["message"] for event in events]


@pytest.fixture(scope="session")
def jobs(launch: Callable[..., AbstractContextManager[Any]]) -> Iterator[Jobs]:
    """A local AWS that enforces IAM, with a function whose image jobs run."""
    with launch("jobs.yaml", "--iam", "enforce", read=True) as enforced:
        yield Jobs(enforced, enforced.deploy("batch", STACK, Image=enforced.image("worker")))
