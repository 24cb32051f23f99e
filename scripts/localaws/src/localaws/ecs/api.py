"""ECS's API: clusters, task definitions and tasks of Fargate."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from localaws.ecs.definitions import TaskDefinition
from localaws.ecs.errors import ClusterContainsTasks, InvalidParameter
from localaws.ecs.registry import Cluster, Registry
from localaws.ecs.requests import read_run
from localaws.ecs.task import RUNNING, STOPPED, Task
from localaws.ecs.tasks import Tasks

_CLUSTER = frozenset(
    {"capacityProviders", "clusterName", "configuration", "defaultCapacityProviderStrategy", "settings", "tags"}
)


class EcsApi(BaseResponse):
    """One method per operation; others are refused by name."""

    registry: Registry
    tasks: Tasks
    tokens: dict[str, list[Task]]

    def __init__(self) -> None:
        super().__init__(service_name="ecs")
        self.automated_parameter_parsing = True

    def create_cluster(self) -> ActionResult:
        """CreateCluster."""
        for name in self.params:
            if name not in _CLUSTER:
                raise InvalidParameter(f"Local AWS doesn't support {name} of clusters.")
        cluster = self.registry.create_cluster(
            self.params.get("clusterName") or "default",
            self.params.get("capacityProviders") or [],
            self.params.get("defaultCapacityProviderStrategy") or [],
            _tags(self.params.get("tags")),
        )
        return ActionResult({"cluster": self._cluster(cluster)})

    def describe_clusters(self) -> ActionResult:
        """DescribeClusters: `default` if none is named."""
        known = {cluster.name: cluster for cluster in self.registry.clusters()}
        names = [str(name).rpartition("/")[2] for name in self.params.get("clusters") or ["default"]]
        failures = [
            {"arn": f"{self.registry.prefix}:cluster/{name}", "reason": "MISSING"}
            for name in names
            if name not in known
        ]
        found = [self._cluster(known[name]) for name in names if name in known]
        return ActionResult({"clusters": found, "failures": failures})

    def list_clusters(self) -> ActionResult:
        """ListClusters."""
        return ActionResult({"clusterArns": [cluster.arn for cluster in self.registry.clusters()]})

    def delete_cluster(self) -> ActionResult:
        """DeleteCluster, unless tasks run in it."""
        cluster = self.registry.cluster(self.params.get("cluster"))
        if self._running(cluster):
            raise ClusterContainsTasks("The Cluster cannot be deleted while Tasks are active.")
        self.registry.delete_cluster(cluster)
        return ActionResult({"cluster": {**self._cluster(cluster), "status": "INACTIVE"}})

    def register_task_definition(self) -> ActionResult:
        """RegisterTaskDefinition."""
        made = self.registry.register(self.params)
        return ActionResult({"taskDefinition": made.described, "tags": _tag_list(made.tags)})

    def describe_task_definition(self) -> ActionResult:
        """DescribeTaskDefinition."""
        found = self.registry.find(self.params["taskDefinition"])
        tags = {"tags": _tag_list(found.tags)} if "TAGS" in (self.params.get("include") or []) else {}
        return ActionResult({"taskDefinition": found.described, **tags})

    def list_task_definitions(self) -> ActionResult:
        """ListTaskDefinitions."""
        found = self.registry.definitions(self.params.get("familyPrefix"))
        return ActionResult({"taskDefinitionArns": [each.arn for each in found]})

    def deregister_task_definition(self) -> ActionResult:
        """DeregisterTaskDefinition."""
        gone = self.registry.deregister(self.params["taskDefinition"])
        return ActionResult({"taskDefinition": {**gone.described, "status": "INACTIVE"}})

    def run_task(self) -> ActionResult:
        """RunTask: one with the same client token starts nothing."""
        token = self.params.get("clientToken")
        if token in self.tokens:
            return self._started(self.tokens[token])
        wanted, count = read_run(self.params, self.registry, self.tasks.images)
        self.tasks.check_roles(wanted, self.access_key)
        started = [self.tasks.start(wanted) for _ in range(count)]
        if token:
            self.tokens[token] = started
        return self._started(started)

    def stop_task(self) -> ActionResult:
        """StopTask: the container gets SIGTERM, and SIGKILL after its `stopTimeout`."""
        self.registry.cluster(self.params.get("cluster"))
        task = self.tasks.find(self.params["task"])
        if task is None:
            raise InvalidParameter("The referenced task was not found.")
        self.tasks.stop(task, self.params.get("reason") or "Task stopped by user")
        return ActionResult({"task": task.describe(_moment)})

    def describe_tasks(self) -> ActionResult:
        """DescribeTasks."""
        cluster = self.registry.cluster(self.params.get("cluster"))
        named = {str(name): self.tasks.find(str(name)) for name in self.params.get("tasks") or []}
        found = {name: task for name, task in named.items() if task and task.wanted.cluster.arn == cluster.arn}
        failures = [{"arn": name, "reason": "MISSING"} for name in named if name not in found]
        return ActionResult({"tasks": [task.describe(_moment) for task in found.values()], "failures": failures})

    def list_tasks(self) -> ActionResult:
        """ListTasks: those that run, or have stopped if that's the desired status."""
        cluster = self.registry.cluster(self.params.get("cluster"))
        status = self.params.get("desiredStatus") or RUNNING
        family, by = self.params.get("family"), self.params.get("startedBy")
        found = [
            task.arn
            for task in self.tasks.all()
            if task.wanted.cluster.arn == cluster.arn
            and (STOPPED if task.has_stopped else RUNNING) == status
            and family in (None, task.wanted.definition.family)
            and by in (None, task.wanted.started_by)
        ]
        return ActionResult({"taskArns": found})

    @staticmethod
    def _started(tasks: list[Task]) -> ActionResult:
        return ActionResult({"tasks": [task.describe(_moment) for task in tasks], "failures": []})

    def _running(self, cluster: Cluster) -> list[Task]:
        return [each for each in self.tasks.all() if each.wanted.cluster.arn == cluster.arn and not each.has_stopped]

    def _cluster(self, cluster: Cluster) -> dict[str, Any]:
        return {
            "clusterArn": cluster.arn,
            "clusterName": cluster.name,
            "status": "ACTIVE",
            "runningTasksCount": len([task for task in self._running(cluster) if task.status == RUNNING]),
            "capacityProviders": cluster.providers,
            "defaultCapacityProviderStrategy": cluster.strategy,
            "tags": _tag_list(cluster.tags),
        }


def task_event(definition: TaskDefinition, task: Task) -> dict[str, Any]:
    """The detail of a task's event of EventBridge."""
    return {**task.describe(_iso), "taskDefinitionArn": definition.arn}


def _moment(epoch: float) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)


def _iso(epoch: float) -> str:
    return _moment(epoch).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _tags(given: list[Mapping[str, str]] | None) -> dict[str, str]:
    return {tag["key"]: tag["value"] for tag in given or []}


def _tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
