"""The deployed functions as they're described to the SAM CLI."""

import json
from pathlib import Path
from typing import Any

import pytest

from localaws.samlocal.functions import Deployed, deployed_functions, from_container, local_ports, write_variables


class Client:
    """Responds like the two clients."""

    def describe_stack_resources(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        resources = [("Queue", "AWS::SQS::Queue", "http://localhost:4566/q"), ("Api", "AWS::Lambda::Function", "x-api")]
        keys = ("LogicalResourceId", "ResourceType", "PhysicalResourceId")
        return {"StackResources": [dict(zip(keys, each, strict=True)) for each in resources]}

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        variables = {"BUCKET": "b", "AWS_ENDPOINT_URL": "", "MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"}
        return {
            "FunctionName": FunctionName,
            "Environment": {"Variables": variables},
            "LoggingConfig": {"LogGroup": f"/aws/lambda/{FunctionName}"},
        }


def test_functions_are_known_by_logical_id_with_the_variables_that_a_container_needs(tmp_path: Path) -> None:
    found = deployed_functions(Client(), Client(), "shop", "http://localhost:4566")
    assert found == {
        "Api": Deployed(
            "x-api",
            "/aws/lambda/x-api",
            {
                "BUCKET": "b",
                "AWS_ENDPOINT_URL": "http://host.docker.internal:4566",
                "MLFLOW_TRACKING_URI": "http://host.docker.internal:5000",
            },
        )
    }
    assert local_ports(found) == {4566, 5000}
    assert json.loads(write_variables(found, tmp_path / "env.json").read_text())["Api"]["BUCKET"] == "b"


@pytest.mark.parametrize(
    "value", ["", "diagnosis", "https://mlflow.example.com:5000/x", "http://localhost/no-port", "s3://localhost:1/a"]
)
def test_addresses_of_other_machines_are_unchanged(value: str) -> None:
    assert from_container(value) == value


def test_the_path_of_an_address_stays() -> None:
    assert from_container("http://localhost:8080/a?b=1") == "http://host.docker.internal:8080/a?b=1"
