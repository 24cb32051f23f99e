"""Alarms before, during and after a deployment."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.deliveries import EVENTS, Delivery


def watching(name: str, **options: Any) -> dict[str, Any]:
    return {"enabled": True, "alarms": [{"name": name}], **options}


@pytest.mark.proves("codedeploy alarm before")
def test_an_active_alarm_stops_a_deployment_before_it_shifts_traffic(delivery: Delivery) -> None:
    delivery.alarm("red-before", "ALARM")
    delivery.prepare(alarmConfiguration=watching("red-before"))
    deployment = delivery.start()
    stopped = delivery.reaches(deployment, "Stopped")
    assert stopped["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert "Activated alarms: <red-before>" in stopped["errorInformation"]["message"]
    assert {*delivery.events(deployment).values()} == {"Skipped"}
    assert delivery.traffic() == ("1", {})
    # The documented way past it: the deployment's own configuration of alarms.
    delivery.start(overrideAlarmConfiguration={"enabled": False, "alarms": []})
    delivery.shifts_to("1", {"2": 0.1})


@pytest.mark.proves("codedeploy alarm during")
def test_an_alarm_during_a_deployment_gives_the_traffic_back(delivery: Delivery) -> None:
    delivery.alarm("red-during", "OK")
    delivery.prepare(alarmConfiguration=watching("red-during"))
    deployment = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    delivery.tick("2m")
    assert delivery.traffic() == ("1", {"2": 0.1})
    delivery.alarm("red-during", "ALARM")
    delivery.tick("10s")
    stopped = delivery.reaches(deployment, "Stopped")
    assert stopped["errorInformation"]["code"] == "ALARM_ACTIVE"
    assert delivery.traffic() == ("1", {})
    delivery.tick("10m")
    assert delivery.traffic() == ("1", {})


@pytest.mark.proves("codedeploy alarm after")
def test_an_alarm_after_the_end_changes_nothing(delivery: Delivery) -> None:
    delivery.alarm("red-after", "OK")
    delivery.prepare(alarmConfiguration=watching("red-after"))
    deployment = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    delivery.tick("6m")
    delivery.alarm("red-after", "ALARM")
    delivery.tick("10m")
    assert delivery.info(deployment)["status"] == "Succeeded"
    assert delivery.traffic() == ("2", {})


@pytest.mark.proves("codedeploy unknown alarms")
def test_an_unknown_alarm_stops_a_deployment_unless_that_is_ignored(delivery: Delivery) -> None:
    delivery.prepare(alarmConfiguration=watching("no-such-alarm"))
    failed = delivery.reaches(delivery.start(), "Failed")
    assert "no-such-alarm" in failed["errorInformation"]["message"]
    assert delivery.traffic() == ("1", {})
    delivery.start(overrideAlarmConfiguration=watching("no-such-alarm", ignorePollAlarmFailure=True))
    delivery.shifts_to("1", {"2": 0.1})


@pytest.mark.proves("codedeploy rollbacks")
def test_a_rollback_is_a_deployment_of_its_own(delivery: Delivery) -> None:
    delivery.alarm("red-rollback", "OK")
    delivery.prepare(alarmConfiguration=watching("red-rollback"))
    deployment = delivery.start(after="CodeDeployHook_fails")
    delivery.shifts_to("1", {"2": 0.1})
    delivery.alarm("red-rollback", "ALARM")
    delivery.tick("10s")
    stopped = delivery.reaches(deployment, "Stopped")
    rollback = delivery.reaches(stopped["rollbackInfo"]["rollbackDeploymentId"], "Succeeded")
    assert (stopped["creator"], rollback["creator"]) == ("user", "codeDeployRollback")
    assert rollback["rollbackInfo"] == {"rollbackTriggeringDeploymentId": deployment}
    assert rollback["deploymentId"] in stopped["rollbackInfo"]["rollbackMessage"]
    info = delivery.target(rollback["deploymentId"])["lambdaFunctionInfo"]
    assert (info["currentVersion"], info["targetVersion"], info["targetVersionWeight"]) == ("2", "1", 1)


@pytest.mark.proves("codedeploy no rollback")
def test_without_a_rollback_the_alias_stays_as_it_was(delivery: Delivery) -> None:
    delivery.alarm("red-left", "OK")
    only = [event for event in EVENTS if event != "DEPLOYMENT_STOP_ON_ALARM"]
    delivery.prepare(
        alarmConfiguration=watching("red-left"), autoRollbackConfiguration={"enabled": True, "events": only}
    )
    deployment = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    delivery.alarm("red-left", "ALARM")
    delivery.tick("10s")
    stopped = delivery.reaches(deployment, "Stopped")
    assert "rollbackInfo" not in stopped
    delivery.tick("10m")
    assert delivery.traffic() == ("1", {"2": 0.1})
