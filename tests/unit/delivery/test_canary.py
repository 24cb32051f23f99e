"""The canary of a deployment, as CodeDeploy and CloudWatch have it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from delivery.canary import Canaries

START = datetime(2026, 11, 29, 12, tzinfo=UTC)


class CloudFormation:
    def __init__(self, code: str | None = None) -> None:
        self.code = code

    def describe_stack_resource(self, StackName: str, LogicalResourceId: str) -> dict[str, Any]:  # noqa: N803
        if self.code:
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "DescribeStackResource")
        return {"StackResourceDetail": {"PhysicalResourceId": f"{StackName}-{LogicalResourceId}"}}


class CodeDeploy:
    def __init__(self, deployments: list[str], minutes: float) -> None:
        self.deployments, self.minutes = deployments, minutes

    def list_deployments(self, applicationName: str, deploymentGroupName: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        assert applicationName == "prod-ServerlessDeploymentApplication"
        assert deploymentGroupName == "prod-ApiFunctionDeploymentGroup"
        return {"deployments": self.deployments}

    def list_deployment_targets(self, deploymentId: str) -> dict[str, Any]:  # noqa: N803
        return {"targetIds": [deploymentId]}

    def get_deployment_target(self, deploymentId: str, targetId: str) -> dict[str, Any]:  # noqa: N803
        assert deploymentId == targetId
        ended = START + timedelta(minutes=self.minutes)
        allow = {"lifecycleEventName": "AllowTraffic", "startTime": START, "endTime": ended}
        info = {"functionName": "prod-api", "functionAlias": "live", "targetVersion": "7"}
        return {"deploymentTarget": {"lambdaTarget": {"lifecycleEvents": [allow], "lambdaFunctionInfo": info}}}


class CloudWatch:
    def get_metric_data(self, **_: Any) -> dict[str, Any]:
        return {"MetricDataResults": [{"Id": "requests", "Values": [12.0]}]}


def canaries(deployments: list[str], minutes: float = 10, code: str | None = None) -> Canaries:
    return Canaries(CloudFormation(code), CodeDeploy(deployments, minutes), CloudWatch(), "prod")


def test_the_latest_deployment_is_that_of_the_api() -> None:
    assert canaries(["d-2", "d-1"]).latest() == "d-2"
    assert canaries([]).latest() is None


def test_a_stack_that_is_not_there_has_none_and_other_errors_are_raised() -> None:
    assert canaries(["d-1"], code="ValidationError").latest() is None
    with pytest.raises(ClientError):
        canaries(["d-1"], code="AccessDenied").latest()


def test_what_a_canary_showed_is_said_and_a_shift_at_once_shows_nothing() -> None:
    summary = canaries([]).summary("d-1")
    assert summary is not None
    assert summary.startswith("version 7 answered 12 requests during its canary, 0 failed")
    assert summary.endswith("too few requests to judge it")
    assert canaries([], minutes=0).summary("d-1") is None
