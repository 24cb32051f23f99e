"""What of a job definition is taken, and what's refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from localaws.batch.definitions import check_definition, fill_in
from localaws.batch.errors import ClientError

ROLE = "arn:aws:iam::123456789012:role/r"
SIZE = [{"type": "VCPU", "value": "1"}, {"type": "MEMORY", "value": "2048"}]


def definition(container: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """A definition that's taken, with changes."""
    properties = {"image": "i", "executionRoleArn": ROLE, "resourceRequirements": SIZE, **(container or {})}
    return {
        "jobDefinitionName": "work",
        "type": "container",
        "platformCapabilities": ["FARGATE"],
        "containerProperties": properties,
        **changed,
    }


@pytest.mark.proves("batch refused definitions")
def test_a_definition_of_fargate_is_taken() -> None:
    check_definition(definition())


@pytest.mark.proves("batch refused definitions")
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (definition(type="multinode"), "type container only"),
        (definition(platformCapabilities=[]), "Fargate only"),
        (definition(nodeProperties={"numNodes": 2}), "nodeProperties of job definitions"),
        (definition(schedulingPriority=1), "schedulingPriority of job definitions"),
        (definition(jobDefinitionName="a b"), "jobDefinitionName contains invalid characters"),
        (definition(timeout={"attemptDurationSeconds": 59}), "at least 60"),
        (definition({"executionRoleArn": ""}), "executionRoleArn is needed"),
        (definition({"volumes": [{"name": "v"}]}), "volumes of containerProperties"),
        (definition({"secrets": [{"name": "s", "valueFrom": "x"}]}), "secrets of containerProperties"),
        (definition({"vcpus": 1}), "vcpus of containerProperties"),
        (definition({"resourceRequirements": [{"type": "GPU", "value": "1"}]}), "of the type GPU"),
        (definition({"logConfiguration": {"logDriver": "splunk"}}), "log driver awslogs only"),
        (definition({"environment": [{"name": "AWS_BATCH_X", "value": "1"}]}), "can't begin with AWS_BATCH_"),
        (definition({"ephemeralStorage": {"sizeInGiB": 20}}), "from 21 to 200"),
    ],
)
def test_what_batch_or_local_aws_does_not_take_is_refused_by_name(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        check_definition(given)


@pytest.mark.proves("batch parameters")
def test_a_reference_is_a_whole_word_of_the_command() -> None:
    command = ["Ref::what", "--to=Ref::what", "Ref::unknown"]
    assert fill_in(command, {"what": "describe"}) == ("describe", "--to=Ref::what", "Ref::unknown")
