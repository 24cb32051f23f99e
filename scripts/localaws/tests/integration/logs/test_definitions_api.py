"""Saved queries through the API and through CloudFormation, as boto3 sees them."""

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from mypy_boto3_logs import CloudWatchLogsClient


def test_a_query_is_saved_updated_and_deleted(logs: "CloudWatchLogsClient") -> None:
    saved = logs.put_query_definition(name="shop/errors", queryString="fields a", logGroupNames=["g"])
    logs.put_query_definition(name="other", queryString="fields b")
    changed = logs.put_query_definition(
        name="shop/faults", queryString="fields c", queryDefinitionId=saved["queryDefinitionId"]
    )
    assert changed == saved | {"ResponseMetadata": changed["ResponseMetadata"]}
    [found] = logs.describe_query_definitions(queryDefinitionNamePrefix="shop/")["queryDefinitions"]
    assert (found["name"], found["queryString"], found["logGroupNames"]) == ("shop/faults", "fields c", [])
    assert logs.delete_query_definition(queryDefinitionId=saved["queryDefinitionId"])["success"]
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_query_definition(queryDefinitionId=saved["queryDefinitionId"])


def test_cloudformation_creates_updates_and_deletes_a_saved_query(cloud: Any) -> None:
    stacks, logs = cloud.client("cloudformation"), cloud.client("logs")

    def template(query: str) -> str:
        properties = {"Name": "saved/latency", "QueryString": query, "LogGroupNames": ["g"]}
        resource = {"Type": "AWS::Logs::QueryDefinition", "Properties": properties}
        return json.dumps({"Resources": {"Latency": resource}, "Outputs": {"Id": {"Value": {"Ref": "Latency"}}}})

    def described() -> list[tuple[str, str]]:
        found = logs.describe_query_definitions(queryDefinitionNamePrefix="saved/")["queryDefinitions"]
        return [(definition["queryDefinitionId"], definition["queryString"]) for definition in found]

    stacks.create_stack(StackName="saved", TemplateBody=template("stats avg(latency)"))
    output = cloud.outputs("saved")["Id"]
    assert described() == [(output, "stats avg(latency)")]
    stacks.update_stack(StackName="saved", TemplateBody=template("stats max(latency)"))
    assert described() == [(output, "stats max(latency)")]
    stacks.delete_stack(StackName="saved")
    assert described() == []
