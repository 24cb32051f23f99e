"""The compute environments, job queues and job definitions of one region."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.batch.definitions import NAME
from localaws.batch.errors import ClientError, only
from localaws.batch.revisions import JobDefinitions
from localaws.ecs.registry import PROVIDERS, Cluster
from localaws.ecs.registry import Registry as Ecs
from localaws.settings import ACCOUNT

ENABLED = "ENABLED"
_STATES = (ENABLED, "DISABLED")
_ENVIRONMENT = frozenset({"computeEnvironmentName", "computeResources", "serviceRole", "state", "tags", "type"})
_RESOURCES = frozenset({"maxvCpus", "securityGroupIds", "subnets", "type"})
_QUEUE = frozenset({"computeEnvironmentOrder", "jobQueueName", "jobQueueType", "priority", "state", "tags"})
QUEUE_TYPE = "ECS_FARGATE"
_MOST_ENVIRONMENTS = 3


@dataclass
class ComputeEnvironment:
    """A managed compute environment of Fargate, which is a cluster of ECS."""

    arn: str
    name: str
    cluster: Cluster
    resources: dict[str, Any]
    service_role: str
    state: str = ENABLED
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def most_vcpus(self) -> float:
        """What its jobs may use at the same time."""
        return float(self.resources["maxvCpus"])

    @property
    def provider(self) -> str:
        """The capacity provider of its tasks."""
        return str(self.resources["type"])


@dataclass
class JobQueue:
    """A job queue with its compute environments, in their order."""

    arn: str
    name: str
    priority: int
    environments: list[str]
    state: str = ENABLED
    tags: dict[str, str] = field(default_factory=dict)


class Registry:
    """All compute environments and job queues, and the `definitions` of jobs. `ecs` has the clusters."""

    def __init__(self, region: str, ecs: Ecs) -> None:
        self.prefix = f"arn:aws:batch:{region}:{ACCOUNT}"
        self._ecs = ecs
        self._lock = threading.Lock()
        self._environments: dict[str, ComputeEnvironment] = {}
        self._queues: dict[str, JobQueue] = {}
        self.definitions = JobDefinitions(self.prefix)

    def create_environment(self, given: Mapping[str, Any]) -> ComputeEnvironment:
        """Create a compute environment; raises ClientError."""
        only(given, _ENVIRONMENT, "compute environments")
        name = _checked_name(given, "computeEnvironmentName")
        if given.get("type") != "MANAGED":
            raise ClientError("Local AWS has compute environments of the type MANAGED only.")
        resources = dict(given.get("computeResources") or {})
        only(resources, _RESOURCES, "computeResources")
        if resources.get("type") not in PROVIDERS:
            raise ClientError(
                f"Local AWS runs jobs of {' and '.join(PROVIDERS)} only, not of the type {resources.get('type')}."
            )
        _check_resources(resources)
        if not resources.get("subnets"):
            raise ClientError("Error executing request, Exception : subnets are needed.")
        state = _checked_state(given.get("state") or ENABLED)
        with self._lock:
            if name in self._environments:
                raise ClientError("Object already exists")
            cluster = self._ecs.create_cluster(f"AWSBatch-{name}-{uuid.uuid4()}", list(PROVIDERS), [], {})
            made = ComputeEnvironment(
                arn=f"{self.prefix}:compute-environment/{name}",
                name=name,
                cluster=cluster,
                resources=resources,
                service_role=str(given.get("serviceRole") or ""),
                state=state,
                tags=dict(given.get("tags") or {}),
            )
            self._environments[name] = made
        return made

    def update_environment(self, given: Mapping[str, Any]) -> ComputeEnvironment:
        """Change the state, the role, or the most vCPUs; raises ClientError."""
        only(given, frozenset({"computeEnvironment", "computeResources", "serviceRole", "state"}), "updates")
        found = self.environment(str(given["computeEnvironment"]))
        changed = dict(given.get("computeResources") or {})
        only(changed, _RESOURCES - {"type"}, "updates of computeResources")
        resources = {**found.resources, **changed}
        _check_resources(resources)
        found.state = _checked_state(given.get("state") or found.state)
        found.resources = resources
        found.service_role = str(given.get("serviceRole") or found.service_role)
        return found

    def environment(self, named: str) -> ComputeEnvironment:
        """The compute environment of a name or ARN; raises ClientError."""
        name = named.rpartition("/")[2]
        if name not in self._environments:
            raise ClientError(f"Error executing request, Exception : {named} does not exist.")
        return self._environments[name]

    def environments(self) -> list[ComputeEnvironment]:
        """All compute environments, by name."""
        return [self._environments[name] for name in sorted(self._environments)]

    def delete_environment(self, named: str) -> None:
        """Delete a disabled compute environment that no queue uses; one that doesn't exist is no error."""
        found = self._environments.get(named.rpartition("/")[2])
        if found is None:
            return
        if found.state == ENABLED:
            raise ClientError("Cannot delete, resource is being modified or is not DISABLED.")
        if any(found.arn in queue.environments for queue in self._queues.values()):
            raise ClientError("Cannot delete, found existing JobQueue relationship.")
        self._ecs.delete_cluster(found.cluster)
        del self._environments[found.name]

    def create_queue(self, given: Mapping[str, Any]) -> JobQueue:
        """Create a job queue; raises ClientError."""
        only(given, _QUEUE, "job queues")
        name = _checked_name(given, "jobQueueName")
        kind = given.get("jobQueueType") or QUEUE_TYPE
        if kind != QUEUE_TYPE:
            raise ClientError(f"Local AWS has job queues of Fargate only, not of the type {kind}.")
        made = JobQueue(
            arn=f"{self.prefix}:job-queue/{name}",
            name=name,
            priority=int(given["priority"]),
            environments=self._order(given.get("computeEnvironmentOrder") or []),
            state=_checked_state(given.get("state") or ENABLED),
            tags=dict(given.get("tags") or {}),
        )
        with self._lock:
            if name in self._queues:
                raise ClientError("Object already exists")
            self._queues[name] = made
        return made

    def update_queue(self, given: Mapping[str, Any]) -> JobQueue:
        """Change the state, the priority or the compute environments; raises ClientError."""
        only(given, frozenset({"computeEnvironmentOrder", "jobQueue", "priority", "state"}), "updates of job queues")
        found = self.queue(str(given["jobQueue"]))
        state = _checked_state(given.get("state") or found.state)
        if given.get("computeEnvironmentOrder"):
            found.environments = self._order(given["computeEnvironmentOrder"])
        found.priority = int(given.get("priority", found.priority))
        found.state = state
        return found

    def queue(self, named: str) -> JobQueue:
        """The job queue of a name or ARN; raises ClientError."""
        name = named.rpartition("/")[2]
        if name not in self._queues:
            raise ClientError(f"Error executing request, Exception : JobQueue {named} not found.")
        return self._queues[name]

    def queues(self) -> list[JobQueue]:
        """All job queues, by name."""
        return [self._queues[name] for name in sorted(self._queues)]

    def delete_queue(self, named: str) -> None:
        """Delete a disabled job queue; one that doesn't exist is no error."""
        found = self._queues.get(named.rpartition("/")[2])
        if found is None:
            return
        if found.state == ENABLED:
            raise ClientError("Cannot delete, resource is being modified or is not DISABLED.")
        del self._queues[found.name]

    def forget_all(self) -> None:
        """Delete everything."""
        with self._lock:
            self._environments.clear()
            self._queues.clear()
        self.definitions.forget_all()

    def _order(self, given: list[Mapping[str, Any]]) -> list[str]:
        """The ARNs of compute environments in their order."""
        if not 1 <= len(given) <= _MOST_ENVIRONMENTS:
            raise ClientError(
                f"Error executing request, Exception : computeEnvironmentOrder has 1 to {_MOST_ENVIRONMENTS} entries."
            )
        ordered = sorted(given, key=lambda each: int(each["order"]))
        return [self.environment(str(each["computeEnvironment"])).arn for each in ordered]


def _checked_name(given: Mapping[str, Any], key: str) -> str:
    name = str(given.get(key, ""))
    if not NAME.fullmatch(name):
        raise ClientError(f"Error executing request, Exception : {key} contains invalid characters.")
    return name


def _checked_state(state: str) -> str:
    if state not in _STATES:
        raise ClientError(f"Error executing request, Exception : state must be one of {', '.join(_STATES)}.")
    return state


def _check_resources(resources: Mapping[str, Any]) -> None:
    if int(resources.get("maxvCpus") or 0) < 1:
        raise ClientError("Error executing request, Exception : maxvCpus must be at least 1.")
