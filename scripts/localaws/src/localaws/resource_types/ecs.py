"""ECS: clusters and task definitions of Fargate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from localaws.resource_types.base import Deployed, Properties, Scope, tag_map, truth
from localaws.resource_types.support import DONE, ONE_REGION, Rules, done

_PROVIDERS: list[str | dict[str, str]] = ["FARGATE", {"FARGATE_SPOT": "no task is interrupted by itself"}]
_NO_INSIGHTS = "no Container Insights are published"
_ONE_CONTAINER = "the limits of the task apply to its one container"


class Cluster:
    """AWS::ECS::Cluster."""

    name = "AWS::ECS::Cluster"
    replaced_by = frozenset({"CapacityProviders", "ClusterName", "DefaultCapacityProviderStrategy", "Tags"})
    attributes = ("Arn",)
    properties: ClassVar[Rules] = {
        "CapacityProviders": _PROVIDERS,
        "ClusterName": DONE,
        "ClusterSettings": _NO_INSIGHTS,
        "DefaultCapacityProviderStrategy": done("Base", "CapacityProvider", "Weight"),
        "Tags": DONE,
    }

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Create the cluster; its name is the value of Ref."""
        cluster = scope.clients("ecs").create_cluster(
            clusterName=properties.get("ClusterName") or scope.generated_name(255),
            capacityProviders=list(properties.get("CapacityProviders") or []),
            defaultCapacityProviderStrategy=[
                {"capacityProvider": each["CapacityProvider"]}
                | {key.lower(): int(each[key]) for key in ("Base", "Weight") if key in each}
                for each in properties.get("DefaultCapacityProviderStrategy") or []
            ],
            tags=_tags(properties),
        )["cluster"]
        return Deployed(cluster["clusterName"], {"Arn": cluster["clusterArn"]})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Nothing that has an effect changes in place."""
        described = scope.clients("ecs").describe_clusters(clusters=[physical_id])["clusters"][0]
        return Deployed(physical_id, {"Arn": described["clusterArn"]})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Delete the cluster, unless tasks run in it."""
        ecs = scope.clients("ecs")
        try:
            ecs.delete_cluster(cluster=physical_id)
        except ecs.exceptions.ClusterNotFoundException:
            return


class TaskDefinition:
    """AWS::ECS::TaskDefinition."""

    name = "AWS::ECS::TaskDefinition"
    attributes = ("TaskDefinitionArn",)
    properties: ClassVar[Rules] = {
        **done("Cpu", "ExecutionRoleArn", "Family", "Memory", "Tags", "TaskRoleArn"),
        "ContainerDefinitions": {
            **done("Command", "EntryPoint", "Environment", "Image", "Name", "StopTimeout", "WorkingDirectory"),
            "Cpu": _ONE_CONTAINER,
            "Essential": DONE,
            "LogConfiguration": {
                "LogDriver": ["awslogs"],
                "Options": {
                    **done("awslogs-create-group", "awslogs-group", "awslogs-stream-prefix"),
                    "awslogs-region": ONE_REGION,
                    "max-buffer-size": "nothing waits for the logs",
                    "mode": "nothing waits for the logs",
                },
            },
            "Memory": _ONE_CONTAINER,
            "MemoryReservation": _ONE_CONTAINER,
            "ReadonlyRootFilesystem": "the files of an image can't be written in any case",
        },
        "EphemeralStorage": done("SizeInGiB"),
        "NetworkMode": ["awsvpc"],
        "RequiresCompatibilities": ["FARGATE"],
        "RuntimePlatform": "tasks run on this machine's architecture",
    }
    # Each change is a new revision.
    replaced_by = frozenset(properties)

    def create(self, properties: Properties, scope: Scope) -> Deployed:
        """Register a revision; its ARN is the value of Ref."""
        given: dict[str, Any] = {
            "family": properties.get("Family") or scope.generated_name(255),
            "cpu": str(properties.get("Cpu", "")),
            "memory": str(properties.get("Memory", "")),
            "networkMode": properties.get("NetworkMode", "bridge"),
            "requiresCompatibilities": list(properties.get("RequiresCompatibilities") or []),
            "containerDefinitions": [_container(each) for each in properties.get("ContainerDefinitions") or []],
            "tags": _tags(properties),
        }
        for name, named in (("executionRoleArn", "ExecutionRoleArn"), ("taskRoleArn", "TaskRoleArn")):
            if properties.get(named):
                given[name] = properties[named]
        if properties.get("EphemeralStorage"):
            given["ephemeralStorage"] = {"sizeInGiB": int(properties["EphemeralStorage"]["SizeInGiB"])}
        arn = scope.clients("ecs").register_task_definition(**given)["taskDefinition"]["taskDefinitionArn"]
        return Deployed(arn, {"TaskDefinitionArn": arn})

    def update(self, physical_id: str, old: Properties, new: Properties, scope: Scope) -> Deployed:
        """Nothing changes in place."""
        return Deployed(physical_id, {"TaskDefinitionArn": physical_id})

    def delete(self, physical_id: str, properties: Properties, scope: Scope) -> None:
        """Deregister the revision; tasks that run go on."""
        ecs = scope.clients("ecs")
        try:
            ecs.deregister_task_definition(taskDefinition=physical_id)
        except ecs.exceptions.ClientException:
            return


def _container(given: Mapping[str, Any]) -> dict[str, Any]:
    """A container as the API takes it."""
    container = {f"{name[0].lower()}{name[1:]}": value for name, value in given.items()}
    for name in ("cpu", "memory", "memoryReservation", "stopTimeout"):
        if name in container:
            container[name] = int(container[name])
    for name in ("essential", "readonlyRootFilesystem"):
        if name in container:
            container[name] = truth(container[name])
    if "environment" in container:
        container["environment"] = [
            {"name": pair["Name"], "value": str(pair["Value"])} for pair in container["environment"]
        ]
    if "logConfiguration" in container:
        logging = container["logConfiguration"]
        options = {name: str(value) for name, value in (logging.get("Options") or {}).items()}
        container["logConfiguration"] = {"logDriver": logging["LogDriver"], "options": options}
    return container


def _tags(properties: Properties) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tag_map(properties.get("Tags")).items()]
