"""What happens between the steps of a deployment, with a role that a test controls."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from localaws.clock import Clock
from localaws.codedeploy.configs import predefined
from localaws.codedeploy.deployment import Deployment, LifecycleEvent
from localaws.codedeploy.engine import Deployments
from localaws.codedeploy.groups import Group
from localaws.codedeploy.reports import Reports
from localaws.codedeploy.role import Refused, ServiceRole

START = 1_000_000.0
APPSPEC = {
    "version": 0.0,
    "Resources": [
        {
            "app": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"Name": "app", "Alias": "live", "CurrentVersion": "1", "TargetVersion": "2"},
            }
        }
    ],
    "Hooks": [{"BeforeAllowTraffic": "CodeDeployHook_before"}],
}


class Role(ServiceRole):
    """Keeps where the alias was pointed to; `on_invoke` is called in the place of a hook."""

    def __init__(self) -> None:
        super().__init__(lambda *_: None)
        self.routes: list[tuple[str, dict[str, float]]] = []
        self.on_invoke: Callable[[Deployment, LifecycleEvent], None] = lambda *_: None
        self.refuses = False

    def check(self, deployment: Deployment) -> None:
        pass

    def route(self, deployment: Deployment, version: str, weights: Any) -> None:
        if self.refuses:
            raise Refused("IAM_ROLE_PERMISSIONS", "no")
        self.routes.append((version, dict(weights)))

    def active_alarms(self, deployment: Deployment) -> list[str]:
        return []

    def invoke(self, deployment: Deployment, event: LifecycleEvent) -> None:
        self.on_invoke(deployment, event)


@pytest.fixture
def role() -> Role:
    return Role()


@pytest.fixture
def deployments(role: Role) -> Deployments:
    clock = Clock(lambda: START)
    return Deployments(clock, lambda: None, role, Reports(lambda *_: None, role, "us-east-1"))


def begin(deployments: Deployments, events: tuple[str, ...] = ("DEPLOYMENT_FAILURE",)) -> Deployment:
    config = predefined(0)["CodeDeployDefault.LambdaCanary10Percent5Minutes"]
    rollback = {"enabled": True, "events": list(events)}
    group = Group("app", "group", "arn:aws:iam::1:role/r", rollback=rollback)
    return deployments.create(group, config, {}, json.dumps(APPSPEC), "user", alarms={}, rollback=rollback)


def test_a_hook_that_answers_while_it_is_called_is_not_waited_for(deployments: Deployments, role: Role) -> None:
    role.on_invoke = lambda deployment, event: deployments.answer(
        deployment.deployment_id, event.execution_id, "Succeeded"
    )
    begin(deployments)
    deployments.run(START)
    assert role.routes == [("1", {"2": 0.1})]
    # It looks once more, since the answer came in the meantime.
    deployments.run(START)
    assert (role.routes[1:], deployments.next_due(START)) == ([], START + 300)
    deployments.run(START + 300)
    assert role.routes[1:] == [("2", {})]
    assert deployments.next_due(START + 300) is None


def test_a_stop_while_a_hook_is_called_is_due_at_once(deployments: Deployments, role: Role) -> None:
    role.on_invoke = lambda deployment, _: (deployments.request_stop(deployment.deployment_id, None), None)[1]
    deployment = begin(deployments)
    deployments.run(START)
    assert deployments.next_due(START) == START
    deployments.run(START)
    assert (deployment.status, deployment.rolled_back_by) == ("Stopped", "")
    assert role.routes == []


def test_a_hook_is_waited_for_one_hour(deployments: Deployments) -> None:
    deployment = begin(deployments, ())
    deployments.run(START)
    assert deployments.next_due(START) == START + 3600
    deployments.run(START + 3600)
    assert deployment.status == "Failed"
    assert deployment.rolled_back_by == ""


def test_a_rollback_that_is_refused_has_failed(deployments: Deployments, role: Role) -> None:
    deployment = begin(deployments)
    deployments.run(START)
    role.refuses = True
    deployments.answer(deployment.deployment_id, deployment.events[0].execution_id, "Succeeded")
    deployments.run(START)
    rollback = deployments.find(deployment.rolled_back_by)
    assert (deployment.error, rollback.error) == (("IAM_ROLE_PERMISSIONS", "no"), ("IAM_ROLE_PERMISSIONS", "no"))
    assert (deployment.status, rollback.status) == ("Failed", "Failed")
    assert deployments.next_due(START) is None


def test_a_failure_of_the_engine_ends_the_deployment_and_no_other(
    deployments: Deployments, role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    broken, whole = begin(deployments), begin(deployments)

    def invoke(deployment: Deployment, _: LifecycleEvent) -> None:
        if deployment is broken:
            raise KeyError("unforeseen")

    role.on_invoke = invoke
    deployments.run(START)
    assert (broken.status, broken.error) == ("Failed", ("INTERNAL_ERROR", "KeyError('unforeseen')"))
    assert "unforeseen" in caplog.text
    assert (whole.status, deployments.next_due(START)) == ("InProgress", START + 3600)
