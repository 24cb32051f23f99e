"""AWS Batch: compute environments, job queues and job definitions of Fargate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_map, truth
from localaws.resource_types.support import DONE, ONE_REGION, Rules, done

_STATE: list[str | dict[str, str]] = ["ENABLED", "DISABLED"]
_NO_NETWORK = "jobs have this machine's network"
# Members of structures whose names are as the template has them, since they're names of variables or options.
_OPEN = frozenset({"Options", "Parameters", "Tags"})
_NUMBERS = frozenset({"AttemptDurationSeconds", "Attempts", "SizeInGiB"})


class ComputeEnvironment:
    """AWS::Batch::ComputeEnvironment."""

    name = "AWS::Batch::ComputeEnvironment"
    replaced_by = frozenset({"ComputeEnvironmentName", "Tags", "Type"})
    attributes = ("ComputeEnvironmentArn",)
    properties: ClassVar[Rules] = {
        "ComputeEnvironmentName": DONE,
        "ComputeResources": {
            "MaxvCpus": DONE,
            "SecurityGroupIds": _NO_NETWORK,
            "Subnets": _NO_NETWORK,
            "Type": ["FARGATE", {"FARGATE_SPOT": "no job is interrupted by itself"}],
        },
        "ReplaceComputeEnvironment": "what can change does so in place",
        "ServiceRole": "tasks are started in no role's name",
        "State": _STATE,
        "Tags": DONE,
        "Type": ["MANAGED", "managed"],
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the compute environment; its ARN is the value of Ref."""
        role = {"serviceRole": properties["ServiceRole"]} if properties.get("ServiceRole") else {}
        arn = scope.clients("batch").create_compute_environment(
            computeEnvironmentName=properties.get("ComputeEnvironmentName") or scope.generated_name(128),
            type=str(properties.get("Type", "")).upper(),
            state=properties.get("State", "ENABLED"),
            computeResources=_resources(properties),
            tags=tag_map(properties.get("Tags")),
            **role,
        )["computeEnvironmentArn"]
        return Deployed(arn, {"ComputeEnvironmentArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Change the state and the resources."""
        changed = {key: value for key, value in _resources(new).items() if key != "type"}
        scope.clients("batch").update_compute_environment(
            computeEnvironment=physical_id, state=new.get("State", "ENABLED"), computeResources=changed
        )
        return Deployed(physical_id, {"ComputeEnvironmentArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Disable and delete the compute environment."""
        client = scope.clients("batch")
        if client.describe_compute_environments(computeEnvironments=[physical_id])["computeEnvironments"]:
            client.update_compute_environment(computeEnvironment=physical_id, state="DISABLED")
        client.delete_compute_environment(computeEnvironment=physical_id)


class JobQueue:
    """AWS::Batch::JobQueue."""

    name = "AWS::Batch::JobQueue"
    replaced_by = frozenset({"JobQueueName", "JobQueueType", "Tags"})
    attributes = ("JobQueueArn",)
    properties: ClassVar[Rules] = {
        "ComputeEnvironmentOrder": done("ComputeEnvironment", "Order"),
        "JobQueueName": DONE,
        "JobQueueType": ["ECS_FARGATE"],
        "Priority": DONE,
        "State": _STATE,
        "Tags": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the job queue; its ARN is the value of Ref."""
        arn = scope.clients("batch").create_job_queue(
            jobQueueName=properties.get("JobQueueName") or scope.generated_name(128),
            tags=tag_map(properties.get("Tags")),
            **_queue(properties),
        )["jobQueueArn"]
        return Deployed(arn, {"JobQueueArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Change the state, the priority and the compute environments."""
        scope.clients("batch").update_job_queue(jobQueue=physical_id, **_queue(new))
        return Deployed(physical_id, {"JobQueueArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Disable and delete the job queue."""
        client = scope.clients("batch")
        if client.describe_job_queues(jobQueues=[physical_id])["jobQueues"]:
            client.update_job_queue(jobQueue=physical_id, state="DISABLED")
        client.delete_job_queue(jobQueue=physical_id)


class JobDefinition:
    """AWS::Batch::JobDefinition."""

    name = "AWS::Batch::JobDefinition"
    attributes = ("JobDefinitionArn",)
    properties: ClassVar[Rules] = {
        **done("JobDefinitionName", "Parameters", "PropagateTags", "Tags"),
        "ContainerProperties": {
            **done("Command", "ExecutionRoleArn", "Image", "JobRoleArn"),
            "Environment": done("Name", "Value"),
            "EphemeralStorage": done("SizeInGiB"),
            "FargatePlatformConfiguration": "there's one platform version",
            "LogConfiguration": {
                "LogDriver": ["awslogs"],
                "Options": {
                    **done("awslogs-create-group", "awslogs-group", "awslogs-stream-prefix"),
                    "awslogs-region": ONE_REGION,
                    "max-buffer-size": "nothing waits for the logs",
                    "mode": "nothing waits for the logs",
                },
            },
            "NetworkConfiguration": _NO_NETWORK,
            "ReadonlyRootFilesystem": "the files of an image can't be written in any case",
            "ResourceRequirements": {"Type": ["VCPU", "MEMORY"], "Value": DONE},
            "RuntimePlatform": "jobs run on this machine's architecture",
        },
        "PlatformCapabilities": ["FARGATE"],
        "RetryStrategy": {
            "Attempts": DONE,
            "EvaluateOnExit": done("Action", "OnExitCode", "OnReason", "OnStatusReason"),
        },
        "Timeout": done("AttemptDurationSeconds"),
        "Type": ["container", "Container"],
    }
    # Each change is a new revision.
    replaced_by = frozenset(properties)

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Register a revision; its ARN is the value of Ref."""
        given = _as_api({key: value for key, value in properties.items() if key != "JobDefinitionName"})
        name = properties.get("JobDefinitionName") or scope.generated_name(128)
        given |= {"jobDefinitionName": name, "type": str(given.get("type", "")).lower()}
        if "tags" in given:
            given["tags"] = tag_map(given["tags"])
        if "propagateTags" in given:
            given["propagateTags"] = truth(given["propagateTags"])
        container = given.get("containerProperties", {})
        if "readonlyRootFilesystem" in container:
            container["readonlyRootFilesystem"] = truth(container["readonlyRootFilesystem"])
        arn = scope.clients("batch").register_job_definition(**given)["jobDefinitionArn"]
        return Deployed(arn, {"JobDefinitionArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Nothing changes in place."""
        return Deployed(physical_id, {"JobDefinitionArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Deregister the revision; jobs that run go on."""
        client = scope.clients("batch")
        active = client.describe_job_definitions(jobDefinitions=[physical_id], status="ACTIVE")
        if active["jobDefinitions"]:
            client.deregister_job_definition(jobDefinition=physical_id)


def _resources(properties: Properties) -> dict[str, Any]:
    given = properties.get("ComputeResources") or {}
    return {
        "type": given.get("Type", ""),
        "maxvCpus": int(given.get("MaxvCpus", 0)),
        "subnets": list(given.get("Subnets") or []),
        "securityGroupIds": list(given.get("SecurityGroupIds") or []),
    }


def _queue(properties: Properties) -> dict[str, Any]:
    return {
        "state": properties.get("State", "ENABLED"),
        "priority": int(properties.get("Priority", 0)),
        "computeEnvironmentOrder": [
            {"order": int(each["Order"]), "computeEnvironment": each["ComputeEnvironment"]}
            for each in properties.get("ComputeEnvironmentOrder") or []
        ],
    }


def _as_api(value: Any, name: str = "") -> Any:
    """A structure of a template as the API takes it."""
    if isinstance(value, Mapping):
        if name in _OPEN:
            return {key: str(each) for key, each in value.items()}
        return {f"{key[0].lower()}{key[1:]}": _as_api(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_api(each, name) for each in value]
    if name in _NUMBERS:
        return int(value)
    return value if isinstance(value, bool) else str(value)
