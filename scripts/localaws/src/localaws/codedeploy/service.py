"""Replaces moto's CodeDeploy, which stores deployments without running them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from moto.codedeploy import urls

from localaws.clock import Clock
from localaws.codedeploy.api import CodeDeployApi
from localaws.codedeploy.deployment import ENDED
from localaws.codedeploy.engine import Deployments
from localaws.codedeploy.groups import Applications
from localaws.codedeploy.reports import Put, Reports
from localaws.codedeploy.role import Clients, ServiceRole
from localaws.codedeploy.saved import (
    restore_applications,
    restored_deployment,
    saved_applications,
    saved_deployment,
)
from localaws.iam.guard import Guard
from localaws.moto_patches import MotoPatches


class CodeDeploy:
    """The service: its applications and deployments. `clients` act for roles, `put` puts events on the default bus."""

    def __init__(
        self, clients: Clients, clock: Clock, region: str, changed: Callable[[], None], put: Put, guard: Guard
    ) -> None:
        self.role = ServiceRole(clients)
        self.clock, self.guard = clock, guard
        self.applications = Applications(clock.now())
        self.deployments = Deployments(clock, changed, self.role, Reports(put, self.role, region))
        self.tags: dict[str, dict[str, str]] = {}

    def install(self, patches: MotoPatches) -> None:
        """Replace moto's request handler, before the first request for CodeDeploy."""

        class Api(CodeDeployApi):
            applications, deployments, role = self.applications, self.deployments, self.role
            guard, clock, tags = self.guard, self.clock, self.tags

        patches.replace(urls, "url_paths", lambda paths: dict.fromkeys(paths, Api.dispatch))

    def read(self) -> dict[str, Any]:
        """Everything, to save it."""
        deployments = [saved_deployment(deployment) for deployment in self.deployments.all()[::-1]]
        return {**saved_applications(self.applications), "deployments": deployments, "tags": self.tags}

    def restore(self, kept: Mapping[str, Any], of_stacks: Collection[str]) -> int:
        """Restore what was saved; returns how many deployments are stopped since they ran then."""
        restore_applications(self.applications, kept, of_stacks)
        for arn, tags in kept["tags"].items():
            self.tags.setdefault(arn, tags)
        now = self.clock.now()
        self.deployments.restore(restored_deployment(state, self.applications, now) for state in kept["deployments"])
        return sum(state["status"] not in ENDED for state in kept["deployments"])

    def forget_all(self) -> None:
        """Delete everything."""
        self.deployments.forget_all()
        self.applications.forget_all()
        self.tags.clear()
