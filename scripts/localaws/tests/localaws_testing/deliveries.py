"""Deployments of CodeDeploy to a running local AWS: an alias, a deployment group, and what becomes of them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

from localaws_testing.waiting import wait_until

APPLICATION = "deliveries"
# Events that rolled back deployments of a group may have.
EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]


@dataclass
class Delivery:
    """An alias of a function with the versions 1 and 2, and a deployment group of the same name."""

    cloud: Any
    function: str
    role: str
    name: str
    groups: list[str] = field(default_factory=list)

    @property
    def client(self) -> Any:
        return self.cloud.client("codedeploy")

    def prepare(self, **settings: Any) -> None:
        """Point the alias to version 1, and create the group with `settings`."""
        self.cloud.client("lambda").create_alias(FunctionName=self.function, Name=self.name, FunctionVersion="1")
        given = {
            "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
            "autoRollbackConfiguration": {"enabled": True, "events": EVENTS},
            **settings,
        }
        self.client.create_deployment_group(
            applicationName=APPLICATION, deploymentGroupName=self.name, serviceRoleArn=self.role, **given
        )

    def appspec(self, before: str = "", after: str = "", versions: tuple[str, str] = ("1", "2")) -> str:
        """The AppSpec file, with these hooks."""
        hooks = [{"BeforeAllowTraffic": before}] * bool(before) + [{"AfterAllowTraffic": after}] * bool(after)
        properties = {
            "Name": self.function,
            "Alias": self.name,
            "CurrentVersion": versions[0],
            "TargetVersion": versions[1],
        }
        resource = {"App": {"Type": "AWS::Lambda::Function", "Properties": properties}}
        return json.dumps({"version": 0.0, "Resources": [resource], "Hooks": hooks})

    def start(self, before: str = "", after: str = "", versions: tuple[str, str] = ("1", "2"), **options: Any) -> str:
        """Create a deployment; returns its id."""
        content = self.appspec(before, after, versions)
        created: dict[str, str] = self.client.create_deployment(
            applicationName=APPLICATION,
            deploymentGroupName=self.name,
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
            **options,
        )
        return created["deploymentId"]

    def info(self, deployment: str) -> dict[str, Any]:
        """What GetDeployment returns."""
        found: dict[str, Any] = self.client.get_deployment(deploymentId=deployment)["deploymentInfo"]
        return found

    def reaches(self, deployment: str, status: str) -> dict[str, Any]:
        """Wait until a deployment has a status, and for its rollback; returns what GetDeployment returns."""
        wait_until(lambda: self.info(deployment)["status"] == status, 20)
        found = self.info(deployment)
        assert found["status"] == status, found
        rollback = found.get("rollbackInfo", {}).get("rollbackDeploymentId")
        assert not rollback or wait_until(lambda: self.info(rollback)["status"] in ("Succeeded", "Failed"), 20)
        return found

    def events(self, deployment: str) -> dict[str, str]:
        """Lifecycle event → status."""
        events = self.target(deployment)["lifecycleEvents"]
        return {event["lifecycleEventName"]: event["status"] for event in events}

    def target(self, deployment: str) -> dict[str, Any]:
        """The Lambda target of a deployment."""
        (target,) = self.client.list_deployment_targets(deploymentId=deployment)["targetIds"]
        found = self.client.get_deployment_target(deploymentId=deployment, targetId=target)["deploymentTarget"]
        assert found["deploymentTargetType"] == "LambdaTarget"
        described: dict[str, Any] = found["lambdaTarget"]
        return described

    def reaches_event(self, deployment: str, event: str, status: str) -> None:
        """Wait until a lifecycle event has a status."""
        assert wait_until(lambda: self.events(deployment)[event] == status, 20), self.events(deployment)

    def traffic(self) -> tuple[str, dict[str, float]]:
        """The version that the alias points to, and the weights of others."""
        alias = self.cloud.client("lambda").get_alias(FunctionName=self.function, Name=self.name)
        return alias["FunctionVersion"], (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}

    def shifts_to(self, version: str, weights: dict[str, float]) -> None:
        """Wait until the alias points so."""
        assert wait_until(lambda: self.traffic() == (version, weights), 20), self.traffic()

    def tick(self, duration: str) -> None:
        """Move the clock of local AWS."""
        answer = httpx.post(f"{self.cloud.endpoint}/_localaws/tick", json={"duration": duration}, timeout=60)
        assert "result" in answer.text, answer.text

    def alarm(self, name: str, state: str) -> None:
        """Create an alarm that stays in its state, and set that."""
        cloudwatch = self.cloud.client("cloudwatch")
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            Namespace=name,
            MetricName="m",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        cloudwatch.set_alarm_state(AlarmName=name, StateValue=state, StateReason="as the test needs it")
