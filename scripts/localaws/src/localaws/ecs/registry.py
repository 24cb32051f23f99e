"""The clusters and task definitions of one region."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.ecs.definitions import TaskDefinition, check_definition
from localaws.ecs.errors import ClientError, ClusterNotFound, InvalidParameter
from localaws.settings import ACCOUNT

SPOT, ON_DEMAND = "FARGATE_SPOT", "FARGATE"
PROVIDERS = (ON_DEMAND, SPOT)


@dataclass
class Cluster:
    """A cluster, with the capacity that its tasks have by default."""

    arn: str
    name: str
    providers: list[str] = field(default_factory=list)
    strategy: list[dict[str, Any]] = field(default_factory=list)
    tags: dict[str, str] = field(default_factory=dict)


class Registry:
    """All clusters, and all revisions of task definitions."""

    def __init__(self, region: str) -> None:
        self.prefix = f"arn:aws:ecs:{region}:{ACCOUNT}"
        self._lock = threading.Lock()
        self._clusters: dict[str, Cluster] = {}
        self._families: dict[str, dict[int, TaskDefinition]] = {}
        self._numbers: dict[str, int] = {}

    def create_cluster(
        self, name: str, providers: list[str], strategy: list[dict[str, Any]], tags: Mapping[str, str]
    ) -> Cluster:
        """Create a cluster; one that exists is returned as it is."""
        check_strategy(strategy)
        for provider in providers:
            if provider not in PROVIDERS:
                raise InvalidParameter(f"Local AWS has the capacity providers {' and '.join(PROVIDERS)} only.")
        made = Cluster(f"{self.prefix}:cluster/{name}", name, list(providers), list(strategy), dict(tags))
        with self._lock:
            return self._clusters.setdefault(name, made)

    def cluster(self, named: str | None) -> Cluster:
        """The cluster of a name or ARN, `default` for none; raises ClusterNotFound."""
        name = (named or "default").rpartition("/")[2]
        if name not in self._clusters:
            raise ClusterNotFound("Cluster not found.")
        return self._clusters[name]

    def clusters(self) -> list[Cluster]:
        """All clusters, by name."""
        return [self._clusters[name] for name in sorted(self._clusters)]

    def delete_cluster(self, cluster: Cluster) -> None:
        """Delete a cluster."""
        self._clusters.pop(cluster.name, None)

    def register(self, given: Mapping[str, Any]) -> TaskDefinition:
        """Add the next revision of a family; raises ClientError."""
        check_definition(given)
        family = given["family"]
        with self._lock:
            number = self._numbers[family] = self._numbers.get(family, 0) + 1
            arn = f"{self.prefix}:task-definition/{family}:{number}"
            described = {
                **{name: value for name, value in given.items() if name != "tags"},
                "taskDefinitionArn": arn,
                "revision": number,
                "status": "ACTIVE",
                "compatibilities": ["EC2", "FARGATE"],
            }
            tags = {tag["key"]: tag["value"] for tag in given.get("tags") or []}
            made = TaskDefinition(arn, family, number, described, tags)
            self._families.setdefault(family, {})[number] = made
        return made

    def find(self, named: str) -> TaskDefinition:
        """The revision of `family:revision` or an ARN, the newest one of a family; raises ClientError."""
        family, _, revision = named.rpartition("/")[2].partition(":")
        revisions = self._families.get(family) or {}
        number = int(revision) if revision.isdigit() else max(revisions, default=0)
        if number not in revisions:
            raise ClientError("Unable to describe task definition.")
        return revisions[number]

    def definitions(self, family: str | None) -> list[TaskDefinition]:
        """The revisions of a family, or of all, in their order."""
        names = [name for name in sorted(self._families) if family in (None, name)]
        return [self._families[name][number] for name in names for number in sorted(self._families[name])]

    def deregister(self, named: str) -> TaskDefinition:
        """Remove a revision; tasks that run go on."""
        if ":" not in named.rpartition("/")[2]:
            raise ClientError("Revision is missing.")
        found = self.find(named)
        del self._families[found.family][found.revision]
        return found

    def forget_all(self) -> None:
        """Delete everything."""
        with self._lock:
            self._clusters.clear()
            self._families.clear()
            self._numbers.clear()


def check_strategy(strategy: list[dict[str, Any]]) -> None:
    """Raise InvalidParameter for a capacity provider that local AWS doesn't have."""
    for each in strategy:
        if each.get("capacityProvider") not in PROVIDERS:
            raise InvalidParameter(f"Local AWS has the capacity providers {' and '.join(PROVIDERS)} only.")
