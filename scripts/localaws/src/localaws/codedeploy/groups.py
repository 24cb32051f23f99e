"""Applications, their deployment groups, and deployment configurations, by name."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localaws.codedeploy.configs import ALL_AT_ONCE, DeploymentConfig, checked_routing, is_predefined, predefined
from localaws.codedeploy.errors import (
    ApplicationAlreadyExists,
    ApplicationDoesNotExist,
    DeploymentConfigAlreadyExists,
    DeploymentConfigDoesNotExist,
    DeploymentConfigInUse,
    DeploymentGroupAlreadyExists,
    DeploymentGroupDoesNotExist,
    InvalidOperation,
)


@dataclass
class Group:
    """A deployment group: how its deployments shift traffic, by which role, and what stops them."""

    application: str
    name: str
    role: str
    config: str = ALL_AT_ONCE
    alarms: Mapping[str, Any] = field(default_factory=dict)
    rollback: Mapping[str, Any] = field(default_factory=dict)
    triggers: list[Mapping[str, Any]] = field(default_factory=list)
    group_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass
class Application:
    """An application; `created` is epoch seconds."""

    name: str
    created: float
    groups: dict[str, Group] = field(default_factory=dict)
    application_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def describe(self) -> dict[str, Any]:
        """As GetApplication returns it."""
        return {
            "applicationId": self.application_id,
            "applicationName": self.name,
            "createTime": self.created,
            "linkedToGitHub": False,
            "computePlatform": "Lambda",
        }


class Applications:
    """All applications and configurations of one region. Methods raise the errors of the API."""

    def __init__(self, now: float) -> None:
        self._created = now
        self.applications: dict[str, Application] = {}
        self.configs: dict[str, DeploymentConfig] = predefined(now)

    def create(self, name: str, now: float) -> Application:
        """Create an application."""
        if name in self.applications:
            raise ApplicationAlreadyExists(f"Application already exists: {name}")
        self.applications[name] = Application(name, now)
        return self.applications[name]

    def find(self, name: str) -> Application:
        """An application by its name."""
        if name not in self.applications:
            raise ApplicationDoesNotExist(f"No application found for name: {name}")
        return self.applications[name]

    def rename(self, name: str, new: str) -> None:
        """Give an application another name."""
        application = self.find(name)
        if new in self.applications:
            raise ApplicationAlreadyExists(f"Application already exists: {new}")
        del self.applications[name]
        application.name = new
        for group in application.groups.values():
            group.application = new
        self.applications[new] = application

    def add_group(self, group: Group) -> None:
        """Add a group to its application."""
        groups = self.find(group.application).groups
        if group.name in groups:
            raise DeploymentGroupAlreadyExists(f"Deployment group already exists: {group.name}")
        groups[group.name] = group

    def group(self, application: str, name: str) -> Group:
        """A deployment group by the names of its application and its own."""
        groups = self.find(application).groups
        if name not in groups:
            raise DeploymentGroupDoesNotExist(f"No Deployment Group found for name: {name}")
        return groups[name]

    def rename_group(self, group: Group, new: str) -> None:
        """Give a deployment group another name."""
        groups = self.find(group.application).groups
        if new in groups:
            raise DeploymentGroupAlreadyExists(f"Deployment group already exists: {new}")
        del groups[group.name]
        group.name = new
        groups[new] = group

    def config(self, name: str) -> DeploymentConfig:
        """A deployment configuration by its name."""
        if name not in self.configs:
            raise DeploymentConfigDoesNotExist(f"No Deployment Configuration found for name: {name}")
        return self.configs[name]

    def create_config(self, name: str, routing: Mapping[str, Any] | None, now: float) -> DeploymentConfig:
        """Create a deployment configuration."""
        if name in self.configs:
            raise DeploymentConfigAlreadyExists(f"Deployment Configuration already exists: {name}")
        self.configs[name] = DeploymentConfig(name, checked_routing(routing), now)
        return self.configs[name]

    def delete_config(self, name: str) -> None:
        """Delete a deployment configuration that no group uses; one that doesn't exist is no error."""
        if is_predefined(name):
            raise InvalidOperation(f"{name} is predefined, and can't be deleted.")
        groups = (group for each in self.applications.values() for group in each.groups.values())
        users = sorted(group.name for group in groups if group.config == name)
        if users:
            raise DeploymentConfigInUse(f"{name} is used by deployment groups: {', '.join(users)}.")
        self.configs.pop(name, None)

    def forget_all(self) -> None:
        """Delete everything but the predefined configurations."""
        self.applications.clear()
        self.configs = predefined(self._created)
