"""Compute environments, job queues and job definitions of templates."""

from __future__ import annotations

from typing import Any

import pytest

from localaws_testing.tags import own_tags


@pytest.mark.proves(
    "!GetAtt AWS::Batch::ComputeEnvironment.ComputeEnvironmentArn",
    "AWS::Batch::ComputeEnvironment",
    "AWS::Batch::ComputeEnvironment.ComputeEnvironmentName",
    "AWS::Batch::ComputeEnvironment.ComputeResources.Type",
    "AWS::Batch::ComputeEnvironment.State",
    "AWS::Batch::ComputeEnvironment.Tags",
    "AWS::Batch::ComputeEnvironment.Type",
)
def test_a_compute_environment_is_as_the_template_says(jobs: Any) -> None:
    (found,) = jobs.client.describe_compute_environments(computeEnvironments=["large"])["computeEnvironments"]
    assert found["computeEnvironmentArn"] == jobs.stack["Environment"] == jobs.stack["EnvironmentArn"]
    assert (found["type"], found["state"], found["status"]) == ("MANAGED", "ENABLED", "VALID")
    assert found["computeResources"] == {
        "type": "FARGATE",
        "maxvCpus": 1,
        "subnets": ["subnet-1"],
        "securityGroupIds": ["sg-1"],
    }
    assert own_tags(found["tags"]) == {"of": "tests"}
    with pytest.raises(jobs.client.exceptions.ClientException, match="not DISABLED"):
        jobs.client.delete_compute_environment(computeEnvironment="large")


@pytest.mark.proves(
    "!GetAtt AWS::Batch::JobQueue.JobQueueArn",
    "AWS::Batch::JobQueue",
    "AWS::Batch::JobQueue.ComputeEnvironmentOrder.ComputeEnvironment",
    "AWS::Batch::JobQueue.ComputeEnvironmentOrder.Order",
    "AWS::Batch::JobQueue.JobQueueName",
    "AWS::Batch::JobQueue.JobQueueType",
    "AWS::Batch::JobQueue.Priority",
    "AWS::Batch::JobQueue.State",
    "AWS::Batch::JobQueue.Tags",
)
def test_a_job_queue_is_as_the_template_says_and_changes_in_place(jobs: Any) -> None:
    (found,) = jobs.client.describe_job_queues(jobQueues=["trainings"])["jobQueues"]
    assert found["jobQueueArn"] == jobs.stack["Queue"] == jobs.stack["QueueArn"]
    assert (found["priority"], found["state"], found["status"]) == (7, "ENABLED", "VALID")
    assert found["computeEnvironmentOrder"] == [{"order": 1, "computeEnvironment": jobs.stack["Environment"]}]
    assert (found["jobQueueType"], own_tags(found["tags"])) == ("ECS_FARGATE", {"of": "tests"})
    cloudformation = jobs.cloud.client("cloudformation")
    body = cloudformation.get_template(StackName="batch")["TemplateBody"]
    parameters = [{"ParameterKey": "Image", "UsePreviousValue": True}]
    changed = body.replace("Priority: 7\n      State: ENABLED", "Priority: 8\n      State: DISABLED").replace(
        "MaxvCpus: 1", "MaxvCpus: 2"
    )
    cloudformation.update_stack(StackName="batch", TemplateBody=changed, Parameters=parameters)
    try:
        (found,) = jobs.client.describe_job_queues(jobQueues=["trainings"])["jobQueues"]
        assert (found["priority"], found["state"]) == (8, "DISABLED")
        (large,) = jobs.client.describe_compute_environments(computeEnvironments=["large"])["computeEnvironments"]
        assert large["computeResources"]["maxvCpus"] == 2
        with pytest.raises(jobs.client.exceptions.ClientException, match="DISABLED"):
            jobs.submit("leave", "0")
    finally:
        cloudformation.update_stack(StackName="batch", TemplateBody=body, Parameters=parameters)


@pytest.mark.proves(
    "!GetAtt AWS::Batch::JobDefinition.JobDefinitionArn",
    "AWS::Batch::JobDefinition",
    "AWS::Batch::JobDefinition.ContainerProperties.Command",
    "AWS::Batch::JobDefinition.ContainerProperties.Environment.Name",
    "AWS::Batch::JobDefinition.ContainerProperties.Environment.Value",
    "AWS::Batch::JobDefinition.ContainerProperties.EphemeralStorage.SizeInGiB",
    "AWS::Batch::JobDefinition.ContainerProperties.ExecutionRoleArn",
    "AWS::Batch::JobDefinition.ContainerProperties.Image",
    "AWS::Batch::JobDefinition.ContainerProperties.JobRoleArn",
    "AWS::Batch::JobDefinition.ContainerProperties.ResourceRequirements.Type",
    "AWS::Batch::JobDefinition.ContainerProperties.ResourceRequirements.Value",
    "AWS::Batch::JobDefinition.JobDefinitionName",
    "AWS::Batch::JobDefinition.Parameters",
    "AWS::Batch::JobDefinition.PlatformCapabilities",
    "AWS::Batch::JobDefinition.PropagateTags",
    "AWS::Batch::JobDefinition.Tags",
    "AWS::Batch::JobDefinition.Timeout.AttemptDurationSeconds",
    "AWS::Batch::JobDefinition.Type",
)
def test_a_job_definition_is_as_the_template_says_and_a_change_is_a_new_revision(jobs: Any) -> None:
    (found,) = jobs.client.describe_job_definitions(jobDefinitionName="work", status="ACTIVE")["jobDefinitions"]
    container = found["containerProperties"]
    assert found["jobDefinitionArn"] == jobs.stack["Definition"] == jobs.stack["DefinitionArn"]
    assert (found["type"], found["platformCapabilities"], found["propagateTags"]) == ("container", ["FARGATE"], True)
    assert (found["parameters"], found["timeout"]) == ({"what": "describe"}, {"attemptDurationSeconds": 900})
    assert (found["retryStrategy"], own_tags(found["tags"])) == ({"attempts": 1}, {"of": "tests"})
    assert (container["command"], container["ephemeralStorage"]) == (["Ref::what"], {"sizeInGiB": 21})
    assert container["executionRoleArn"] != container["jobRoleArn"]
    assert {each["type"]: each["value"] for each in container["resourceRequirements"]} == {
        "VCPU": "0.25",
        "MEMORY": "512",
    }
    environment = {pair["name"]: pair["value"] for pair in container["environment"]}
    assert environment == {"GIVEN": "one", "CHANGED": "before", "BUCKET": jobs.stack["Bucket"]}
    cloudformation = jobs.cloud.client("cloudformation")
    body = cloudformation.get_template(StackName="batch")["TemplateBody"]
    parameters = [{"ParameterKey": "Image", "UsePreviousValue": True}]
    changed = body.replace("AttemptDurationSeconds: 900", "AttemptDurationSeconds: 800")
    cloudformation.update_stack(StackName="batch", TemplateBody=changed, Parameters=parameters)
    jobs.stack.update(jobs.cloud.outputs("batch"))
    (newer,) = jobs.client.describe_job_definitions(jobDefinitionName="work", status="ACTIVE")["jobDefinitions"]
    assert (newer["revision"], newer["timeout"]) == (found["revision"] + 1, {"attemptDurationSeconds": 800})
    with pytest.raises(jobs.client.exceptions.ClientException, match="not found"):
        jobs.submit(jobDefinition=found["jobDefinitionArn"])


@pytest.mark.proves("AWS::Batch::JobQueue", "AWS::Batch::ComputeEnvironment", "AWS::Batch::JobDefinition")
def test_what_a_stack_created_is_deleted_with_it(jobs: Any) -> None:
    cloudformation = jobs.cloud.client("cloudformation")
    body = """
Resources:
  Environment:
    Type: AWS::Batch::ComputeEnvironment
    Properties: {Type: MANAGED, ComputeResources: {Type: FARGATE_SPOT, MaxvCpus: 4, Subnets: [subnet-1]}}
  Queue:
    Type: AWS::Batch::JobQueue
    Properties: {Priority: 1, ComputeEnvironmentOrder: [{Order: 1, ComputeEnvironment: !Ref Environment}]}
Outputs:
  Queue: {Value: !Ref Queue}
  Environment: {Value: !Ref Environment}
"""
    cloudformation.create_stack(StackName="gone", TemplateBody=body)
    outputs = jobs.cloud.outputs("gone")
    assert jobs.client.describe_job_queues(jobQueues=[outputs["Queue"]])["jobQueues"]
    cloudformation.delete_stack(StackName="gone")
    assert jobs.client.describe_job_queues(jobQueues=[outputs["Queue"]])["jobQueues"] == []
    environments = jobs.client.describe_compute_environments(computeEnvironments=[outputs["Environment"]])
    assert environments["computeEnvironments"] == []
