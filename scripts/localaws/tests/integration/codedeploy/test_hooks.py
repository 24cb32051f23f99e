"""The hooks of a deployment: they pass, fail, and never answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.deliveries import Delivery
from localaws_testing.waiting import wait_until

PASSES, FAILS, SILENT = "CodeDeployHook_passes", "CodeDeployHook_fails", "CodeDeployHook_silent"


def called_with(cloud: Any, hook: str, deployment: str) -> dict[str, str]:
    """The event that a hook was called with."""
    (line,) = cloud.logged(f"/aws/lambda/{hook}", deployment)
    event: dict[str, str] = json.loads(line.replace("'", '"'))
    return event


@pytest.mark.proves("codedeploy hooks that pass")
def test_hooks_that_pass_let_the_traffic_shift_and_the_deployment_end(delivery: Delivery, cloud: Any) -> None:
    delivery.prepare()
    deployment = delivery.start(before=PASSES, after=PASSES)
    delivery.shifts_to("1", {"2": 0.1})
    assert delivery.events(deployment)["BeforeAllowTraffic"] == "Succeeded"
    assert called_with(cloud, PASSES, deployment).keys() == {"DeploymentId", "LifecycleEventHookExecutionId"}
    delivery.tick("5m10s")
    delivery.reaches(deployment, "Succeeded")
    assert delivery.traffic() == ("2", {})
    calls = cloud.logged(f"/aws/lambda/{PASSES}", deployment, count=2)
    assert len({*calls}) == 2, "each hook has an execution id of its own"


@pytest.mark.proves("codedeploy hooks that fail before")
def test_a_hook_that_fails_before_the_traffic_leaves_the_alias(delivery: Delivery) -> None:
    delivery.prepare()
    deployment = delivery.start(before=FAILS)
    failed = delivery.reaches(deployment, "Failed")
    assert failed["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    assert delivery.events(deployment) == {
        "BeforeAllowTraffic": "Failed",
        "AllowTraffic": "Skipped",
        "AfterAllowTraffic": "Skipped",
    }
    (event, *_) = delivery.target(deployment)["lifecycleEvents"]
    assert (event["diagnostics"]["errorCode"], event["diagnostics"]["scriptName"]) == ("ScriptFailed", FAILS)
    assert delivery.traffic() == ("1", {})


@pytest.mark.proves("codedeploy hooks that fail after")
def test_a_hook_that_fails_after_the_traffic_gives_it_back(delivery: Delivery) -> None:
    delivery.prepare(deploymentConfigName="CodeDeployDefault.LambdaAllAtOnce")
    deployment = delivery.start(after=FAILS)
    failed = delivery.reaches(deployment, "Failed")
    assert delivery.events(deployment)["AllowTraffic"] == "Succeeded"
    delivery.reaches(failed["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert delivery.traffic() == ("1", {})


@pytest.mark.proves("codedeploy hooks that never answer")
def test_a_hook_that_never_answers_fails_the_deployment_after_an_hour(delivery: Delivery, cloud: Any) -> None:
    delivery.prepare()
    deployment = delivery.start(before=SILENT)
    delivery.reaches_event(deployment, "BeforeAllowTraffic", "InProgress")
    called_with(cloud, SILENT, deployment)
    delivery.tick("59m")
    assert delivery.info(deployment)["status"] == "InProgress"
    delivery.tick("2m")
    failed = delivery.info(deployment)
    assert (failed["status"], failed["errorInformation"]["code"]) == ("Failed", "HOOK_EXECUTION_FAILURE")
    (event, *_) = delivery.target(deployment)["lifecycleEvents"]
    assert event["diagnostics"]["errorCode"] == "ScriptTimedOut"
    assert delivery.traffic() == ("1", {})


@pytest.mark.proves("codedeploy answers of hooks")
def test_a_hook_answers_once_by_succeeded_or_failed(delivery: Delivery, cloud: Any) -> None:
    delivery.prepare()
    deployment = delivery.start(before=SILENT)
    delivery.reaches_event(deployment, "BeforeAllowTraffic", "InProgress")
    execution = called_with(cloud, SILENT, deployment)["LifecycleEventHookExecutionId"]

    def answer(status: str, of: str = execution, by: str = deployment) -> Any:
        return delivery.client.put_lifecycle_event_hook_execution_status(
            deploymentId=by, lifecycleEventHookExecutionId=of, status=status
        )

    errors = delivery.client.exceptions
    with pytest.raises(errors.InvalidLifecycleEventHookExecutionStatusException):
        answer("Skipped")
    with pytest.raises(errors.InvalidLifecycleEventHookExecutionIdException):
        answer("Succeeded", of="another")
    with pytest.raises(errors.DeploymentDoesNotExistException):
        answer("Succeeded", by="d-000000000")
    assert answer("Succeeded")["lifecycleEventHookExecutionId"] == execution
    delivery.shifts_to("1", {"2": 0.1})
    with pytest.raises(errors.LifecycleEventAlreadyCompletedException):
        answer("Failed")


def test_a_hook_that_does_not_exist_fails_the_deployment(delivery: Delivery) -> None:
    delivery.prepare()
    failed = delivery.reaches(delivery.start(before="CodeDeployHook_none"), "Failed")
    assert failed["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    assert "CodeDeployHook_none" in failed["errorInformation"]["message"]


def test_hooks_of_other_platforms_are_refused(delivery: Delivery) -> None:
    delivery.prepare()
    content = json.loads(delivery.appspec()) | {"Hooks": [{"BeforeInstall": PASSES}]}
    with pytest.raises(ClientError, match="no hook BeforeInstall"):
        delivery.client.create_deployment(
            applicationName="deliveries",
            deploymentGroupName=delivery.name,
            revision={"revisionType": "String", "string": {"content": json.dumps(content)}},
        )
    assert wait_until(lambda: delivery.traffic() == ("1", {}))
