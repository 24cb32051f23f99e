"""Clusters and task definitions of templates."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.tags import own_tags


@pytest.mark.proves(
    "!GetAtt AWS::ECS::Cluster.Arn",
    "AWS::ECS::Cluster",
    "AWS::ECS::Cluster.CapacityProviders",
    "AWS::ECS::Cluster.ClusterName",
    "AWS::ECS::Cluster.DefaultCapacityProviderStrategy.Base",
    "AWS::ECS::Cluster.DefaultCapacityProviderStrategy.CapacityProvider",
    "AWS::ECS::Cluster.DefaultCapacityProviderStrategy.Weight",
    "AWS::ECS::Cluster.Tags",
)
def test_a_cluster_is_as_the_template_says(tasks: Any) -> None:
    (cluster,) = tasks.client.describe_clusters(clusters=["trainings"])["clusters"]
    assert cluster["clusterArn"] == tasks.stack["ClusterArn"]
    assert cluster["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert cluster["defaultCapacityProviderStrategy"] == [{"capacityProvider": "FARGATE_SPOT", "weight": 1, "base": 0}]
    assert own_tags(cluster["tags"]) == [{"key": "of", "value": "tests"}]
    arn = tasks.run("leave", "0", launchType="")
    assert tasks.wait(arn)["capacityProviderName"] == "FARGATE_SPOT"


@pytest.mark.proves(
    "!GetAtt AWS::ECS::TaskDefinition.TaskDefinitionArn",
    "AWS::ECS::TaskDefinition",
    "AWS::ECS::TaskDefinition.Cpu",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.Command",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.EntryPoint",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.Environment",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.Essential",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.Image",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.LogDriver",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.Options.awslogs-create-group",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.Options.awslogs-group",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.Options.awslogs-stream-prefix",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.Name",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.StopTimeout",
    "AWS::ECS::TaskDefinition.ContainerDefinitions.WorkingDirectory",
    "AWS::ECS::TaskDefinition.EphemeralStorage.SizeInGiB",
    "AWS::ECS::TaskDefinition.ExecutionRoleArn",
    "AWS::ECS::TaskDefinition.Family",
    "AWS::ECS::TaskDefinition.Memory",
    "AWS::ECS::TaskDefinition.NetworkMode",
    "AWS::ECS::TaskDefinition.RequiresCompatibilities",
    "AWS::ECS::TaskDefinition.Tags",
    "AWS::ECS::TaskDefinition.TaskRoleArn",
)
def test_a_task_definition_is_as_the_template_says_and_a_change_is_a_new_revision(tasks: Any) -> None:
    described = tasks.client.describe_task_definition(taskDefinition="work", include=["TAGS"])
    found, container = described["taskDefinition"], described["taskDefinition"]["containerDefinitions"][0]
    assert found["taskDefinitionArn"] == tasks.stack["Definition"] == tasks.stack["DefinitionArn"]
    assert (found["cpu"], found["memory"], found["ephemeralStorage"]) == ("256", "512", {"sizeInGiB": 21})
    assert found["executionRoleArn"] != found["taskRoleArn"]
    assert own_tags(described["tags"]) == [{"key": "of", "value": "tests"}]
    assert (container["entryPoint"], container["command"]) == (["python3", "work.py"], ["describe"])
    assert (container["workingDirectory"], container["stopTimeout"]) == ("/var/task", 2)
    assert container["logConfiguration"]["options"]["awslogs-group"] == tasks.stack["Log"]
    environment = {pair["name"]: pair["value"] for pair in container["environment"]}
    assert environment == {"GIVEN": "one", "CHANGED": "before", "BUCKET": tasks.stack["Bucket"]}
    cloudformation = tasks.cloud.client("cloudformation")
    body = cloudformation.get_template(StackName="ecs")["TemplateBody"]
    parameters = [{"ParameterKey": "Image", "UsePreviousValue": True}]
    changed_body = body.replace("StopTimeout: 2", "StopTimeout: 3")
    cloudformation.update_stack(StackName="ecs", TemplateBody=changed_body, Parameters=parameters)
    changed = tasks.cloud.outputs("ecs")["Definition"]
    assert changed != tasks.stack["Definition"]
    assert tasks.client.list_task_definitions(familyPrefix="work")["taskDefinitionArns"] == [changed]
    tasks.stack["Definition"] = tasks.stack["DefinitionArn"] = changed
