"""How CodeDeploy shifts the traffic of an alias, on local AWS's clock."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from localaws_testing.deliveries import APPLICATION, Delivery
from localaws_testing.waiting import wait_until

_DEFAULT = "CodeDeployDefault.Lambda"


@pytest.mark.proves("codedeploy canary")
def test_a_canary_gets_its_share_until_its_interval_ends(delivery: Delivery) -> None:
    delivery.prepare()
    deployment = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    assert delivery.info(deployment)["status"] == "InProgress"
    delivery.tick("4m30s")
    assert delivery.traffic() == ("1", {"2": 0.1})
    delivery.tick("40s")
    assert delivery.traffic() == ("2", {})
    assert delivery.info(deployment)["status"] == "Succeeded"


@pytest.mark.proves("codedeploy linear")
def test_linear_traffic_grows_by_equal_steps(delivery: Delivery) -> None:
    delivery.prepare(deploymentConfigName=f"{_DEFAULT}Linear10PercentEvery2Minutes")
    deployment = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    seen = []
    for _ in range(8):
        delivery.tick("2m")
        seen.append(delivery.traffic()[1]["2"])
    assert seen == [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    delivery.tick("2m")
    assert delivery.traffic() == ("2", {})
    assert delivery.info(deployment)["status"] == "Succeeded"


@pytest.mark.proves("codedeploy all at once")
def test_all_traffic_is_shifted_at_once(delivery: Delivery) -> None:
    delivery.prepare(deploymentConfigName=f"{_DEFAULT}AllAtOnce")
    delivery.reaches(delivery.start(), "Succeeded")
    assert delivery.traffic() == ("2", {})


@pytest.mark.proves("codedeploy configurations")
def test_a_configuration_of_ones_own_shifts_as_it_says(delivery: Delivery, cloud: Any) -> None:
    client, name = cloud.client("codedeploy"), "third-of-a-minute"
    routing = {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 40, "linearInterval": 1}}
    client.create_deployment_config(deploymentConfigName=name, computePlatform="Lambda", trafficRoutingConfig=routing)
    described = client.get_deployment_config(deploymentConfigName=name)["deploymentConfigInfo"]
    assert (described["computePlatform"], described["trafficRoutingConfig"]) == ("Lambda", routing)
    delivery.prepare(deploymentConfigName=name)
    delivery.start()
    delivery.shifts_to("1", {"2": 0.4})
    delivery.tick("1m")
    assert delivery.traffic() == ("1", {"2": 0.8})
    delivery.tick("1m")
    assert delivery.traffic() == ("2", {})
    with pytest.raises(client.exceptions.DeploymentConfigInUseException):
        client.delete_deployment_config(deploymentConfigName=name)
    client.delete_deployment_group(applicationName=APPLICATION, deploymentGroupName=delivery.name)
    client.delete_deployment_config(deploymentConfigName=name)
    assert name not in client.list_deployment_configs()["deploymentConfigsList"]
    with pytest.raises(ClientError, match="predefined"):
        client.delete_deployment_config(deploymentConfigName=f"{_DEFAULT}AllAtOnce")


@pytest.mark.parametrize(
    ("routing", "message"),
    [
        ({"type": "TimeBasedCanary"}, "canaryPercentage must be from 1 to 99, not None"),
        (
            {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 2881}},
            "canaryInterval must be from 1 to 2880 minutes",
        ),
        (
            {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 100, "linearInterval": 1}},
            "linearPercentage must be from 1 to 99",
        ),
    ],
)
def test_invalid_routings_are_refused(cloud: Any, routing: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message):
        cloud.client("codedeploy").create_deployment_config(
            deploymentConfigName="invalid", computePlatform="Lambda", trafficRoutingConfig=routing
        )


@pytest.mark.proves("codedeploy override of the configuration")
def test_a_deployment_may_have_another_configuration_than_its_group(delivery: Delivery) -> None:
    delivery.prepare()
    deployment = delivery.start(deploymentConfigName=f"{_DEFAULT}AllAtOnce", description="at once")
    info = delivery.reaches(deployment, "Succeeded")
    assert (info["deploymentConfigName"], info["description"]) == (f"{_DEFAULT}AllAtOnce", "at once")


@pytest.mark.proves("codedeploy one deployment of a group")
def test_a_second_deployment_of_a_group_is_refused_while_the_first_is_active(delivery: Delivery) -> None:
    delivery.prepare()
    first = delivery.start()
    with pytest.raises(delivery.client.exceptions.DeploymentLimitExceededException, match=first):
        delivery.start()
    delivery.tick("6m")
    assert delivery.info(first)["status"] == "Succeeded"
    delivery.start(versions=("2", "1"))


@pytest.mark.proves("codedeploy lifecycle events")
def test_a_target_has_its_versions_weight_and_lifecycle_events(delivery: Delivery) -> None:
    delivery.prepare()
    deployment = delivery.start()
    delivery.shifts_to("1", {"2": 0.1})
    target = delivery.target(deployment)
    assert target["lambdaFunctionInfo"] == {
        "functionName": delivery.function,
        "functionAlias": delivery.name,
        "currentVersion": "1",
        "targetVersion": "2",
        "targetVersionWeight": 0.1,
    }
    assert target["targetArn"].endswith(f":function:{delivery.function}:{delivery.name}")
    assert delivery.events(deployment) == {
        "BeforeAllowTraffic": "Succeeded",
        "AllowTraffic": "InProgress",
        "AfterAllowTraffic": "Pending",
    }
    delivery.tick("6m")
    assert {*delivery.events(deployment).values()} == {"Succeeded"}
    described = {event["lifecycleEventName"]: event for event in delivery.target(deployment)["lifecycleEvents"]}
    allow = described["AllowTraffic"]
    assert (allow["endTime"] - allow["startTime"]).total_seconds() == pytest.approx(300, abs=1)
    with pytest.raises(delivery.client.exceptions.DeploymentTargetDoesNotExistException):
        delivery.client.get_deployment_target(deploymentId=deployment, targetId="another")


@pytest.mark.proves("codedeploy invalid aliases")
def test_an_alias_that_points_elsewhere_fails_the_deployment(delivery: Delivery, cloud: Any) -> None:
    delivery.prepare(autoRollbackConfiguration={"enabled": False, "events": []})
    failed = delivery.reaches(delivery.start(versions=("2", "1")), "Failed")
    assert failed["errorInformation"]["code"] == "INVALID_LAMBDA_CONFIGURATION"
    cloud.client("lambda").update_alias(
        FunctionName=delivery.function, Name=delivery.name, RoutingConfig={"AdditionalVersionWeights": {"2": 0.5}}
    )
    weighted = delivery.reaches(delivery.start(), "Failed")
    assert weighted["errorInformation"]["code"] == "INVALID_LAMBDA_CONFIGURATION"
    assert "it points to 1, 2" in weighted["errorInformation"]["message"]
    assert delivery.traffic() == ("1", {"2": 0.5})


def test_a_version_that_does_not_exist_fails_the_deployment(delivery: Delivery) -> None:
    delivery.prepare(deploymentConfigName=f"{_DEFAULT}AllAtOnce")
    failed = delivery.reaches(delivery.start(versions=("1", "99")), "Failed")
    assert failed["errorInformation"]["code"] == "INVALID_LAMBDA_FUNCTION"
    assert delivery.traffic() == ("1", {})


@pytest.mark.proves("codedeploy revisions")
def test_an_appspec_file_may_lie_in_s3(delivery: Delivery, cloud: Any) -> None:
    delivery.prepare(deploymentConfigName=f"{_DEFAULT}AllAtOnce")
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="revisions")
    s3.put_object(Bucket="revisions", Key="CodeDeploy/app.json", Body=delivery.appspec())
    location = {"bucket": "revisions", "key": "CodeDeploy/app.json", "bundleType": "JSON"}
    group = {"applicationName": APPLICATION, "deploymentGroupName": delivery.name}
    revision = {"revisionType": "S3", "s3Location": location}
    created = delivery.client.create_deployment(**group, revision=revision)["deploymentId"]
    assert delivery.reaches(created, "Succeeded")["revision"] == revision
    for wrong, message in (
        ({"revisionType": "GitHub", "gitHubLocation": {}}, "not GitHub"),
        ({"revisionType": "S3", "s3Location": {**location, "key": "none"}}, "does not exist"),
        ({"revisionType": "AppSpecContent", "appSpecContent": {"content": "version: 0.0"}}, "exactly one resource"),
        ({"revisionType": "String", "string": {"content": "{"}}, "can't be parsed"),
    ):
        with pytest.raises(delivery.client.exceptions.InvalidRevisionException, match=message):
            delivery.client.create_deployment(**group, revision=wrong)


@pytest.mark.proves("codedeploy lists")
def test_deployments_are_listed_by_group_status_and_time(delivery: Delivery) -> None:
    delivery.prepare()
    first = delivery.start()
    delivery.tick("6m")
    second = delivery.start(versions=("2", "1"))
    group = {"applicationName": APPLICATION, "deploymentGroupName": delivery.name}
    assert delivery.client.list_deployments(**group)["deployments"] == [second, first]
    assert wait_until(lambda: delivery.info(second)["status"] == "InProgress")
    active = delivery.client.list_deployments(**group, includeOnlyStatuses=["InProgress"])["deployments"]
    assert active == [second]
    created = delivery.info(second)["createTime"]
    later = delivery.client.list_deployments(**group, createTimeRange={"start": created})["deployments"]
    assert later == [second]
    described = delivery.client.get_deployment_group(**group)["deploymentGroupInfo"]
    assert described["lastSuccessfulDeployment"]["deploymentId"] == first
    assert described["lastAttemptedDeployment"]["deploymentId"] == second
    with pytest.raises(delivery.client.exceptions.DeploymentDoesNotExistException):
        delivery.info("d-000000000")
