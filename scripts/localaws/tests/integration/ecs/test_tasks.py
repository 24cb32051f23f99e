"""Tasks of Fargate: what they run, how they end, and in whose name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws_testing.waiting import wait_until


@pytest.mark.proves("ecs tasks", "ecs logs", "ecs overrides")
def test_a_task_runs_its_image_with_its_environment_and_logs_its_output(tasks: Any) -> None:
    arn = tasks.run(container={"environment": [{"name": "CHANGED", "value": "after"}]})
    ended = tasks.wait(arn)
    assert (ended["stopCode"], ended["containers"][0]["exitCode"]) == ("EssentialContainerExited", 0)
    assert ended["startedAt"] <= ended["stoppedAt"]
    (line,) = tasks.logged(arn, "{")
    assert json.loads(line) == {
        "folder": "/var/task",
        "FROM_IMAGE": "yes",
        "GIVEN": "one",
        "CHANGED": "after",
        "AWS_REGION": "us-east-1",
        "AWS_EXECUTION_ENV": "AWS_ECS_FARGATE",
    }
    assert tasks.logged(arn, "an error line") == ["an error line"]


@pytest.mark.proves("ecs exit codes")
def test_the_exit_code_is_that_of_the_command(tasks: Any) -> None:
    ended = tasks.wait(tasks.run("leave", "7"))
    assert ended["containers"][0]["exitCode"] == 7
    assert ended["stoppedReason"] == "Essential container in task exited"


@pytest.mark.proves("ecs stopping")
@pytest.mark.parametrize(("how", "code", "told"), [((), 3, ["told to stop"]), (("stubbornly",), 137, [])])
def test_a_task_that_is_stopped_gets_sigterm_and_then_sigkill(
    tasks: Any, how: tuple[str], code: int, told: list[str]
) -> None:
    arn = tasks.run("wait", *how)
    tasks.wait(arn, "RUNNING")
    assert wait_until(lambda: tasks.logged(arn, "waiting") == ["waiting"], 30)
    stopping = tasks.client.stop_task(cluster=tasks.stack["Cluster"], task=arn, reason="enough")["task"]
    assert stopping["desiredStatus"] == "STOPPED"
    ended = tasks.wait(arn)
    assert (ended["stopCode"], ended["stoppedReason"]) == ("UserInitiated", "enough")
    assert ended["containers"][0]["exitCode"] == code
    assert tasks.logged(arn, "told to stop") == told


@pytest.mark.proves("ecs memory")
def test_a_task_that_takes_more_memory_than_its_definition_has_is_killed(tasks: Any) -> None:
    (container,) = tasks.wait(tasks.run("grow"))["containers"]
    assert (container["exitCode"], "OutOfMemoryError" in container["reason"]) == (137, True)
    larger = {"containerOverrides": [{"name": "main", "command": ["grow"]}], "memory": "2048"}
    arn = tasks.run("grow", overrides=larger)
    tasks.wait(arn, "RUNNING")
    tasks.client.stop_task(cluster=tasks.stack["Cluster"], task=arn)
    assert "reason" not in tasks.wait(arn)["containers"][0]


@pytest.mark.proves("ecs task roles")
def test_a_task_has_the_credentials_of_its_role_and_no_others(tasks: Any) -> None:
    s3 = tasks.cloud.client("s3")
    assert tasks.wait(tasks.run("put"))["containers"][0]["exitCode"] == 0
    assert s3.get_object(Bucket=tasks.stack["Bucket"], Key="by-task")["Body"].read() == b"x"
    overrides = {
        "containerOverrides": [{"name": "main", "command": ["put"]}],
        "taskRoleArn": tasks.stack["PowerlessRole"],
    }
    arn = tasks.run(overrides=overrides, taskDefinition="work")
    assert tasks.wait(arn)["containers"][0]["exitCode"] == 1
    assert tasks.logged(arn, "AccessDenied")


@pytest.mark.proves("ecs execution roles")
def test_a_task_starts_only_with_roles_that_ecs_may_assume_and_that_may_pull_and_log(tasks: Any) -> None:
    client = tasks.client
    with pytest.raises(client.exceptions.ClientException, match="unable to assume the role"):
        tasks.run("describe", overrides={"taskRoleArn": tasks.stack["ForeignRole"]})
    arn = tasks.run("describe", overrides={"executionRoleArn": tasks.stack["PowerlessRole"]})
    ended = tasks.wait(arn)
    assert ended["stopCode"] == "TaskFailedToStart"
    assert "ecr:GetAuthorizationToken" in ended["stoppedReason"]
    assert "exitCode" not in ended["containers"][0]


@pytest.mark.proves("ecs unknown images")
def test_a_task_of_an_image_that_local_aws_has_not_built_does_not_start(tasks: Any) -> None:
    given = tasks.client.describe_task_definition(taskDefinition="work")["taskDefinition"]
    container = {**given["containerDefinitions"][0], "image": "public.ecr.aws/docker/library/busybox:latest"}
    kept = ("cpu", "memory", "networkMode", "requiresCompatibilities", "executionRoleArn")
    other = tasks.client.register_task_definition(
        family="other", containerDefinitions=[container], **{name: given[name] for name in kept}
    )["taskDefinition"]
    ended = tasks.wait(tasks.run(taskDefinition=other["taskDefinitionArn"]))
    assert ended["stopCode"] == "TaskFailedToStart"
    assert "Local AWS runs only images that it has built" in ended["stoppedReason"]


@pytest.mark.proves("ecs client tokens", "ecs lists")
def test_a_client_token_stands_for_one_task_which_lists_find(tasks: Any) -> None:
    first = tasks.run("wait", clientToken="once", startedBy="lists")
    assert tasks.run("wait", clientToken="once", startedBy="lists") == first
    cluster = {"cluster": tasks.stack["Cluster"]}
    assert tasks.client.list_tasks(**cluster, startedBy="lists")["taskArns"] == [first]
    assert tasks.client.list_tasks(**cluster, startedBy="lists", desiredStatus="STOPPED")["taskArns"] == []
    with pytest.raises(tasks.client.exceptions.ClusterContainsTasksException):
        tasks.client.delete_cluster(**cluster)
    tasks.client.stop_task(**cluster, task=first)
    tasks.wait(first)
    assert tasks.client.list_tasks(**cluster, startedBy="lists", desiredStatus="STOPPED")["taskArns"] == [first]
    missing = tasks.client.describe_tasks(**cluster, tasks=["none"])
    assert missing["failures"] == [{"arn": "none", "reason": "MISSING"}]


@pytest.mark.proves("ecs events")
def test_each_status_of_a_task_is_an_event(tasks: Any) -> None:
    arn = tasks.run("leave", "0", startedBy="watched")
    events = tasks.cloud.drain(
        tasks.stack["Events"], lambda got: any(event["detail"]["lastStatus"] == "STOPPED" for event in got)
    )
    assert {event["detail-type"] for event in events} == {"ECS Task State Change"}
    assert {event["detail"]["taskArn"] for event in events} == {arn}
    (ended,) = [event["detail"] for event in events if event["detail"]["lastStatus"] == "STOPPED"]
    assert (ended["containers"][0]["exitCode"], ended["stopCode"]) == (0, "EssentialContainerExited")


@pytest.mark.proves("ecs refused requests")
def test_what_fargate_or_local_aws_does_not_run_is_refused_by_name(tasks: Any) -> None:
    client = tasks.client
    with pytest.raises(client.exceptions.InvalidParameterException, match="launch type EC2"):
        tasks.run(launchType="EC2")
    with pytest.raises(client.exceptions.InvalidParameterException, match="Network Configuration must be provided"):
        tasks.run(networkConfiguration={})
    with pytest.raises(client.exceptions.InvalidParameterException, match="enableExecuteCommand"):
        tasks.run(enableExecuteCommand=True)
    with pytest.raises(client.exceptions.ClusterNotFoundException):
        tasks.run(cluster="none")
    with pytest.raises(client.exceptions.ClientError, match="UnsupportedByLocalAws"):
        client.create_service(serviceName="s", taskDefinition="work")
