"""The record of the calls that the stack makes: calls.json, written and checked by tests that run it."""

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from localaws.commands.remote import call as ask
from localaws.settings import ACCOUNT
from tests.permissions.template import REGION, Place

FILE = Path(__file__).parent / "calls.json"
# Set it, and the tests that run the stack write what they see in place of what they wrote before.
RECORD = "RECORD_CALLS"
DOCUMENTED = "AWS's documentation"
_EXECUTIONS = f"arn:aws:states:{REGION}:{ACCOUNT}:execution"
_RECORDS = "arn:aws:s3:::RecordsBucket"
# Caller, statement, resource and actions of calls that AWS documents, and local AWS doesn't make or look at.
_DOCUMENTED = (
    # https://docs.aws.amazon.com/step-functions/latest/dg/iam-policies-eg-dist-map.html
    *(
        (
            f"{machine}Role",
            f"{machine}/{statement}",
            f"{_EXECUTIONS}:{machine}:map",
            ("states:DescribeExecution", "states:StopExecution"),
        )
        for machine, statement in (("BatchStateMachine", "FollowChildren"), ("TrainStateMachine", "FollowFits"))
    ),
    (
        "BatchStateMachineRole",
        "BatchStateMachine/WriteResults",
        "arn:aws:s3:::AnswersBucket/runs/1/results/2/SUCCEEDED_0.jsonl",
        ("s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"),
    ),
    # https://docs.aws.amazon.com/step-functions/latest/dg/connect-ecs.html
    (
        "TrainStateMachineRole",
        "TrainStateMachine/FollowContainers",
        f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/TrainCluster/1",
        ("ecs:DescribeTasks", "ecs:StopTask"),
    ),
    # https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
    (
        "RecordsStreamRole",
        "RecordsStreamPolicy/ListRecords",
        _RECORDS,
        ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"),
    ),
    (
        "RecordsStreamRole",
        "RecordsStreamPolicy/WriteRecords",
        f"{_RECORDS}/records/kind=prediction/model=diagnosis/day=2026-11-29/1.json.gz",
        ("s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"),
    ),
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html
    (
        "ConsoleFunctionRole",
        "ConsoleFunction/MoveDeadLetters",
        f"arn:aws:sqs:{REGION}:{ACCOUNT}:TrainDeadLetters",
        ("sqs:DeleteMessage",),
    ),
    (
        "ConsoleFunctionRole",
        "ConsoleFunction/SendThemBack",
        f"arn:aws:sqs:{REGION}:{ACCOUNT}:TrainQueue",
        ("sqs:SendMessage",),
    ),
    # https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
    (
        "ReleaseFunctionRole",
        "ReleaseFunction/AnswerDeployments",
        f"arn:aws:codedeploy:{REGION}:{ACCOUNT}:deploymentgroup:ServerlessDeploymentApplication/ApiFunctionDeploymentGroup",
        (
            "codedeploy:GetDeploymentTarget",
            "codedeploy:ListDeploymentTargets",
            "codedeploy:PutLifecycleEventHookExecutionStatus",
        ),
    ),
)


@dataclass(frozen=True)
class Recorded:
    """A call that was allowed, with logical ids for names, by statements of the template.

    `caller` is the ARN of a role, or a service; `context` has the keys that the statements' conditions look at;
    `seen_in` is the test that made the call, or the documentation that says that a service makes it.
    """

    caller: str
    action: str
    resource: str
    context: Mapping[str, Sequence[str]]
    statements: Sequence[str]
    seen_in: str

    @property
    def kind(self) -> tuple[str, tuple[str, ...], str]:
        """What one call stands for: another with the same caller, statements and action says nothing new."""
        return self.caller, tuple(self.statements), self.action


def calls() -> list[Recorded]:
    """All that is on record, and what AWS documents of its services."""
    return [*_read(), *_documented()]


def seen(places: Sequence[Place], port: int, stack: str, test: str, cloudformation: Any) -> list[Recorded]:
    """What a running local AWS has allowed by statements of the template, with logical ids for names."""
    names = _Names(stack, cloudformation)
    known = {(place.kind == "identity", place.of, place.sid): place for place in places}
    found = []
    for use in ask(port, "iam", {})["used"]:
        statements = []
        for each in use["statements"]:
            if place := known.get((*_holder(names.logical(each["policy"])), each["sid"])):
                statements.append(place.name)
        if statements:
            caller, resource = names.logical(use["caller"]), names.logical(use["resource"])
            context = {key: [names.logical(value) for value in values] for key, values in use["context"].items()}
            found.append(Recorded(caller, use["action"], resource, context, sorted(statements), test))
    return found


def check(test: str, now: Sequence[Recorded]) -> None:
    """Write what a test has seen, if it's asked for; else what is on record of it must have happened again."""
    on_record = _read()
    if os.environ.get(RECORD):
        others = [each for each in on_record if each.seen_in != test]
        known = {each.kind for each in others}
        kept = sorted((*others, *(each for each in now if each.kind not in known)), key=lambda each: each.kind)
        FILE.write_text(json.dumps([asdict(each) for each in kept], indent=1) + "\n")
        return
    needed = {name for each in now for name in each.statements}
    gone = {name for each in on_record if each.seen_in == test for name in each.statements} - needed
    assert not gone, f"nothing here needs {sorted(gone)} any more: drop it, or record anew with {RECORD}=1"


def _read() -> list[Recorded]:
    return [Recorded(**each) for each in json.loads(FILE.read_text())]


def _documented() -> Iterator[Recorded]:
    for role, statement, resource, actions in _DOCUMENTED:
        for action in actions:
            caller = f"arn:aws:iam::{ACCOUNT}:role/{role}"
            yield Recorded(caller, action, resource, {}, [statement], DOCUMENTED)


def _holder(policy: str) -> tuple[bool, str]:
    """Whether a policy is an identity's, and of what: local AWS names a role's `role/NAME/POLICY`, others by ARN."""
    if policy.startswith("role/"):
        return True, f"arn:aws:iam::{ACCOUNT}:role/{policy.split('/')[1]}"
    return False, policy


class _Names:
    """Puts logical ids in the place of the names that a stack's resources have."""

    _TYPES = (
        "AWS::CodeDeploy::Application",
        "AWS::DynamoDB::Table",
        "AWS::ECS::Cluster",
        "AWS::Events::Rule",
        "AWS::IAM::Role",
        "AWS::KinesisFirehose::DeliveryStream",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
    )
    # Their physical ids are addresses or ARNs, whose last part is the name.
    _ADDRESSED = ("AWS::SecretsManager::Secret", "AWS::SNS::Topic", "AWS::SQS::Queue")

    def __init__(self, stack: str, cloudformation: Any) -> None:
        resources: Any = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
        names = {
            re.split("[/:]", each["PhysicalResourceId"])[-1]
            if each["ResourceType"] in self._ADDRESSED
            else each["PhysicalResourceId"]: each["LogicalResourceId"]
            for each in resources
            if each["ResourceType"] in self._TYPES
        }
        # A function and a state machine may have one name: these ones are known by what stands before it in an ARN.
        machines = {
            f"{kind}:{each['PhysicalResourceId'].rpartition(':')[2]}": f"{kind}:{each['LogicalResourceId']}"
            for each in resources
            if each["ResourceType"] == "AWS::StepFunctions::StateMachine"
            for kind in ("stateMachine", "execution", "mapRun")
        }
        # Task definitions that a state machine registers are no resources of the stack.
        families = {f"task-definition/{stack}-train": "task-definition/AWS::StackName-train"}
        # As schedules and their groups are, of which the one has a function's name, too.
        schedules = {f"schedule/default/{stack}-monitor": "schedule/default/AWS::StackName-monitor"} | {
            f"schedule/{each['PhysicalResourceId']}": f"schedule/{each['LogicalResourceId']}"
            for each in resources
            if each["ResourceType"] == "AWS::Scheduler::ScheduleGroup"
        }
        self._logical = {**names, **machines, **families, **schedules}
        longest_first = sorted(self._logical, key=len, reverse=True)
        self._pattern = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, longest_first))})(?![\w-])")

    def logical(self, text: str) -> str:
        return self._pattern.sub(lambda found: self._logical[found[1]], text)
