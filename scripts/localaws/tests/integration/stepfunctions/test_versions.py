"""Versions and aliases of state machines, in the API and in templates."""

from __future__ import annotations

import json
from typing import Any

import pytest

from localaws_testing.waiting import wait_until

ROLE = "arn:aws:iam::123456789012:role/states"


def defined(result: str) -> str:
    return json.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": result, "End": True}}})


@pytest.fixture
def versioned(machines: Any, request: pytest.FixtureRequest) -> Any:
    """A state machine with two versions, whose executions have the outputs "one" and "two"."""
    client, name = machines.client, request.node.originalname
    made = client.create_state_machine(
        name=name, definition=defined("one"), roleArn=ROLE, publish=True, versionDescription="the first"
    )
    machine = made["stateMachineArn"]
    updated = client.update_state_machine(stateMachineArn=machine, definition=defined("two"), publish=True)
    assert (made["stateMachineVersionArn"], updated["stateMachineVersionArn"]) == (f"{machine}:1", f"{machine}:2")
    yield machine
    client.delete_state_machine(stateMachineArn=machine)


def to(*routes: tuple[str, int]) -> list[dict[str, Any]]:
    return [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in routes]


@pytest.mark.proves("machines versions")
def test_a_version_is_a_snapshot_of_a_revision(machines: Any, versioned: str) -> None:
    client = machines.client
    first = client.describe_state_machine(stateMachineArn=f"{versioned}:1")
    assert (first["stateMachineArn"], first["description"]) == (f"{versioned}:1", "the first")
    assert json.loads(first["definition"])["States"]["A"]["Result"] == "one"
    revision = client.describe_state_machine(stateMachineArn=versioned)["revisionId"]
    assert first["revisionId"] != revision
    # An update that changes nothing is no revision, so it's published already.
    same = client.update_state_machine(stateMachineArn=versioned, definition=defined("two"), publish=True)
    assert (same["revisionId"], same["stateMachineVersionArn"]) == (revision, f"{versioned}:2")
    again = client.publish_state_machine_version(stateMachineArn=versioned, revisionId=revision)
    assert again["stateMachineVersionArn"] == f"{versioned}:2"
    with pytest.raises(client.exceptions.ConflictException):
        client.publish_state_machine_version(stateMachineArn=versioned, revisionId=first["revisionId"])
    with pytest.raises(client.exceptions.ConflictException):
        client.publish_state_machine_version(stateMachineArn=versioned, description="another")
    with pytest.raises(client.exceptions.ValidationException):
        client.create_state_machine(name="v", definition=defined("v"), roleArn=ROLE, versionDescription="d")
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        client.describe_state_machine(stateMachineArn=f"{versioned}:3")


@pytest.mark.proves("machines versions")
def test_versions_are_listed_and_their_numbers_are_never_used_again(machines: Any, versioned: str) -> None:
    client = machines.client

    def listed() -> list[str]:
        page = client.list_state_machine_versions(stateMachineArn=versioned)
        return [each["stateMachineVersionArn"] for each in page["stateMachineVersions"]]

    assert listed() == [f"{versioned}:2", f"{versioned}:1"]
    client.delete_state_machine_version(stateMachineVersionArn=f"{versioned}:2")
    client.delete_state_machine_version(stateMachineVersionArn=f"{versioned}:2")
    assert listed() == [f"{versioned}:1"]
    published = client.publish_state_machine_version(stateMachineArn=versioned)["stateMachineVersionArn"]
    assert published == f"{versioned}:3"


@pytest.mark.proves("executions of versions")
def test_an_execution_of_a_version_runs_its_snapshot(machines: Any, versioned: str, stack: dict[str, str]) -> None:
    client = machines.client
    assert machines.output(versioned) == "two"
    execution = machines.start(f"{versioned}:1", name="told")
    assert json.loads(machines.wait(execution)["output"]) == "one"
    described = machines.describe(execution)
    assert (described["stateMachineArn"], described["stateMachineVersionArn"]) == (versioned, f"{versioned}:1")
    assert "stateMachineAliasArn" not in described
    (listed,) = client.list_executions(stateMachineArn=f"{versioned}:1")["executions"]
    assert (listed["executionArn"], listed["stateMachineVersionArn"]) == (execution, f"{versioned}:1")
    assert len(client.list_executions(stateMachineArn=versioned)["executions"]) == 2
    sqs = machines.cloud.client("sqs")
    found: list[Any] = []

    def told() -> bool:
        received = sqs.receive_message(QueueUrl=stack["Statuses"], MaxNumberOfMessages=10).get("Messages", [])
        found.extend(json.loads(message["Body"])["detail"] for message in received)
        return any(detail["status"] == "SUCCEEDED" for detail in found)

    assert wait_until(told)
    assert {detail["stateMachineVersionArn"] for detail in found} == {f"{versioned}:1"}
    with pytest.raises(client.exceptions.StateMachineDoesNotExist):
        machines.start(f"{versioned}:9")


@pytest.mark.proves("machines aliases")
def test_aliases_are_created_updated_listed_and_deleted(machines: Any, versioned: str) -> None:
    client = machines.client
    one, two = f"{versioned}:1", f"{versioned}:2"
    alias = client.create_state_machine_alias(name="live", description="d", routingConfiguration=to((one, 100)))
    arn = alias["stateMachineAliasArn"]
    assert arn == f"{versioned}:live"
    assert client.create_state_machine_alias(name="live", description="d", routingConfiguration=to((one, 100))) | {
        "ResponseMetadata": None
    } == alias | {"ResponseMetadata": None}
    with pytest.raises(client.exceptions.ConflictException):
        client.create_state_machine_alias(name="live", description="d", routingConfiguration=to((two, 100)))
    client.update_state_machine_alias(stateMachineAliasArn=arn, routingConfiguration=to((one, 30), (two, 70)))
    described = client.describe_state_machine_alias(stateMachineAliasArn=arn)
    assert (described["name"], described["description"]) == ("live", "d")
    assert described["routingConfiguration"] == to((one, 30), (two, 70))
    assert described["updateDate"] >= described["creationDate"]
    client.create_state_machine_alias(name="beta", routingConfiguration=to((two, 100)))

    def names(of: str) -> list[str]:
        page = client.list_state_machine_aliases(stateMachineArn=of)["stateMachineAliases"]
        return [each["stateMachineAliasArn"].rpartition(":")[2] for each in page]

    assert (names(versioned), names(one)) == (["beta", "live"], ["live"])
    with pytest.raises(client.exceptions.ConflictException, match="live"):
        client.delete_state_machine_version(stateMachineVersionArn=one)
    client.delete_state_machine_alias(stateMachineAliasArn=arn)
    assert names(versioned) == ["beta"]
    client.delete_state_machine_version(stateMachineVersionArn=one)
    for refused in (client.describe_state_machine_alias, client.delete_state_machine_alias):
        with pytest.raises(client.exceptions.ResourceNotFound):
            refused(stateMachineAliasArn=arn)


@pytest.mark.proves("machines aliases")
@pytest.mark.parametrize(
    ("name", "weights", "error"),
    [
        ("live", ((1, 50),), "ValidationException"),
        ("live", ((1, 60), (2, 60)), "ValidationException"),
        ("live", ((1, 50), (1, 50)), "ValidationException"),
        ("live", ((3, 100),), "ResourceNotFound"),
        ("123", ((1, 100),), "InvalidName"),
        ("a b", ((1, 100),), "InvalidName"),
    ],
)
def test_an_alias_routes_all_executions_to_versions(
    machines: Any, versioned: str, name: str, weights: tuple[tuple[int, int], ...], error: str
) -> None:
    routes = to(*((f"{versioned}:{number}", weight) for number, weight in weights))
    client = machines.client
    with pytest.raises(client.exceptions.from_code(error)):
        client.create_state_machine_alias(name=name, routingConfiguration=routes)


@pytest.mark.proves("executions of aliases")
def test_an_alias_shares_executions_by_weight(machines: Any, versioned: str) -> None:
    client = machines.client
    one, two = f"{versioned}:1", f"{versioned}:2"
    alias = client.create_state_machine_alias(name="live", routingConfiguration=to((one, 100)))["stateMachineAliasArn"]
    execution = machines.start(alias)
    assert json.loads(machines.wait(execution)["output"]) == "one"
    described = machines.describe(execution)
    assert (described["stateMachineVersionArn"], described["stateMachineAliasArn"]) == (one, alias)
    client.update_state_machine_alias(stateMachineAliasArn=alias, routingConfiguration=to((one, 50), (two, 50)))

    def versions() -> set[str]:
        machines.wait(machines.start(alias))
        page = client.list_executions(stateMachineArn=alias)["executions"]
        return {each["stateMachineVersionArn"] for each in page}

    assert wait_until(lambda: versions() == {one, two})
    assert all(
        each["stateMachineAliasArn"] == alias for each in client.list_executions(stateMachineArn=alias)["executions"]
    )
