"""Deployments that people stop and roll back, and whom CodeDeploy tells of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.deliveries import APPLICATION, Delivery


@pytest.mark.proves("codedeploy stop")
def test_a_stopped_deployment_rolls_back_unless_its_stop_says_otherwise(delivery: Delivery) -> None:
    delivery.prepare()
    deployment = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    stop = delivery.client.stop_deployment
    assert stop(deploymentId=deployment, autoRollbackEnabled=False)["status"] in ("Pending", "Succeeded")
    stopped = delivery.reaches(deployment, "Stopped")
    assert stopped["errorInformation"]["code"] == "MANUAL_STOP"
    assert stop(deploymentId=deployment)["status"] == "Succeeded"
    assert delivery.traffic() == ("1", {"2": 0.1})
    # The documented way on: make the alias point to one version.
    delivery.cloud.client("lambda").update_alias(FunctionName=delivery.function, Name=delivery.name, RoutingConfig={})
    again = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    stop(deploymentId=again)
    assert "rollbackDeploymentId" in delivery.reaches(again, "Stopped")["rollbackInfo"]
    delivery.shifts_to("1", {})
    done = delivery.start(deploymentConfigName="CodeDeployDefault.LambdaAllAtOnce")
    delivery.reaches(done, "Succeeded")
    with pytest.raises(delivery.client.exceptions.DeploymentAlreadyCompletedException):
        stop(deploymentId=done)


@pytest.mark.proves("codedeploy rollback by hand")
def test_a_former_version_is_deployed_again_by_hand(delivery: Delivery) -> None:
    delivery.prepare(deploymentConfigName="CodeDeployDefault.LambdaAllAtOnce")
    delivery.reaches(delivery.start(), "Succeeded")
    back = delivery.reaches(delivery.start(versions=("2", "1")), "Succeeded")
    assert back["creator"] == "user"
    assert "rollbackInfo" not in back
    assert delivery.traffic() == ("1", {})


@pytest.mark.proves("codedeploy notifications")
def test_triggers_and_the_bus_report_each_status(delivery: Delivery, cloud: Any) -> None:
    sqs, sns, events = cloud.client("sqs"), cloud.client("sns"), cloud.client("events")
    topic = sns.create_topic(Name="deliveries-told")["TopicArn"]
    queues = {name: sqs.create_queue(QueueName=f"deliveries-{name}")["QueueUrl"] for name in ("topic", "bus")}
    arns = {name: f"arn:aws:sqs:us-east-1:123456789012:deliveries-{name}" for name in queues}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arns["topic"], Attributes={"RawMessageDelivery": "true"})
    events.put_rule(Name="deliveries", EventPattern=json.dumps({"source": ["aws.codedeploy"]}))
    events.put_targets(Rule="deliveries", Targets=[{"Id": "bus", "Arn": arns["bus"]}])
    kinds = ["DeploymentStart", "DeploymentSuccess", "DeploymentFailure", "DeploymentStop", "DeploymentRollback"]
    trigger = {"triggerName": "told", "triggerTargetArn": topic, "triggerEvents": kinds}
    delivery.prepare(triggerConfigurations=[trigger])
    deployment = delivery.start(before="CodeDeployHook_fails")
    rollback = delivery.reaches(deployment, "Failed")["rollbackInfo"]["rollbackDeploymentId"]

    messages = cloud.drain(queues["topic"], lambda found: len(found) == 5)
    assert [(message["eventTriggerName"], message["deploymentId"]) for message in messages] == [
        ("DeploymentStart", deployment),
        ("DeploymentFailure", deployment),
        ("DeploymentStart", rollback),
        ("DeploymentRollback", rollback),
        ("DeploymentSuccess", rollback),
    ]
    assert messages[1]["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE"
    assert (messages[1]["status"], messages[1]["deploymentGroupName"]) == ("FAILURE", delivery.name)
    told = cloud.drain(queues["bus"], lambda found: len(found) == 4)
    assert [event["detail"]["state"] for event in told] == ["START", "FAILURE", "START", "SUCCESS"]
    assert {event["detail-type"] for event in told} == {"CodeDeploy Deployment State-change Notification"}
    assert told[0]["detail"]["application"] == APPLICATION
    events.remove_targets(Rule="deliveries", Ids=["bus"])
    events.delete_rule(Name="deliveries")


@pytest.mark.proves("codedeploy other platforms")
def test_other_platforms_and_their_settings_are_refused_by_name(delivery: Delivery) -> None:
    client = delivery.client
    delivery.prepare()
    group = {"applicationName": APPLICATION, "deploymentGroupName": "another", "serviceRoleArn": delivery.role}
    deployment = {"applicationName": APPLICATION, "deploymentGroupName": delivery.name}
    config = {"deploymentConfigName": "hosts", "computePlatform": "Lambda"}
    refused: list[tuple[Callable[..., Any], dict[str, Any], str]] = [
        (client.create_application, {"applicationName": "ecs", "computePlatform": "ECS"}, "not ECS"),
        (client.create_application, {"applicationName": "servers"}, "not Server"),
        (client.create_deployment_config, {"deploymentConfigName": "any"}, "not Server"),
        (client.create_deployment_config, {**config, "minimumHealthyHosts": {"value": 1}}, "minimumHealthyHosts"),
        (client.create_deployment_group, {**group, "autoScalingGroups": ["any"]}, "autoScalingGroups"),
        (client.create_deployment_group, {**group, "deploymentStyle": {"deploymentType": "IN_PLACE"}}, "BLUE_GREEN"),
        (client.create_deployment, {**deployment, "fileExistsBehavior": "RETAIN"}, "fileExistsBehavior"),
        (client.register_on_premises_instance, {"instanceName": "any"}, "RegisterOnPremisesInstance"),
        (client.continue_deployment, {}, "ContinueDeployment"),
    ]
    for call, parameters, message in refused:
        with pytest.raises(ClientError, match=message):
            call(**parameters)


def test_settings_of_groups_are_checked_and_kept(delivery: Delivery) -> None:
    client = delivery.client
    delivery.prepare()
    group = {"applicationName": APPLICATION, "currentDeploymentGroupName": delivery.name}
    many = [{"name": f"alarm-{number}"} for number in range(11)]
    for settings, message in (
        ({"alarmConfiguration": {"enabled": True}}, "has no alarms"),
        ({"alarmConfiguration": {"enabled": True, "alarms": many}}, "10 alarms at most, not 11"),
        ({"alarmConfiguration": {"alarms": [{"name": "a"}, {"name": "a"}]}}, "a name of its own"),
        ({"autoRollbackConfiguration": {"enabled": True}}, "have no events"),
        ({"triggerConfigurations": [{"triggerName": "told"}]}, "triggerTargetArn"),
        ({"deploymentConfigName": "none"}, "No Deployment Configuration found"),
    ):
        with pytest.raises(ClientError, match=message):
            client.update_deployment_group(**group, **settings)
    client.update_deployment_group(**group, newDeploymentGroupName=f"{delivery.name}-new")
    found = client.batch_get_deployment_groups(
        applicationName=APPLICATION, deploymentGroupNames=[f"{delivery.name}-new"]
    )["deploymentGroupsInfo"]
    assert found[0]["deploymentConfigName"] == "CodeDeployDefault.LambdaCanary10Percent5Minutes"
    assert found[0]["autoRollbackConfiguration"]["enabled"] is True
    assert f"{delivery.name}-new" in client.list_deployment_groups(applicationName=APPLICATION)["deploymentGroups"]
    with pytest.raises(client.exceptions.DeploymentGroupDoesNotExistException):
        client.get_deployment_group(applicationName=APPLICATION, deploymentGroupName=delivery.name)


def test_applications_are_renamed_tagged_and_deleted(cloud: Any) -> None:
    client = cloud.client("codedeploy")
    tags = [{"Key": "team", "Value": "ml"}]
    client.create_application(applicationName="one", computePlatform="Lambda", tags=tags)
    with pytest.raises(client.exceptions.ApplicationAlreadyExistsException):
        client.create_application(applicationName="one", computePlatform="Lambda")
    arn = "arn:aws:codedeploy:us-east-1:123456789012:application:one"
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    client.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert client.list_tags_for_resource(ResourceArn=arn)["Tags"] == []
    client.update_application(applicationName="one", newApplicationName="two")
    assert client.get_application(applicationName="two")["application"]["computePlatform"] == "Lambda"
    (found,) = client.batch_get_applications(applicationNames=["two"])["applicationsInfo"]
    assert found["applicationName"] in client.list_applications()["applications"]
    client.delete_application(applicationName="two")
    with pytest.raises(client.exceptions.ApplicationDoesNotExistException):
        client.get_application(applicationName="two")
