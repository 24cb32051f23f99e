"""Every route of every API of template.yaml has an authorizer, but for GET /health and the console's."""

import copy
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from localaws.template.load import load
from localaws.template.openapi import operations
from localaws.template.security import authorizers, is_signed, schemes, security
from localaws.template.transform import expand
from mlops.authorization.check import KEPT

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
HEALTH = "GET /health"
# The application itself answers 401 here, with the challenge that a browser needs to ask for a key. An authorizer's
# answer has none. tests/e2e/test_keys.py and tests/unit/mlops/serving/test_authorization.py see that it does.
CHALLENGED = {"GET /", "GET /docs"}
# The console has sessions of its own, and shows who has none how to sign in: an authorizer's answer couldn't.
# tests/unit/mlops/console/test_sign_in.py and tests/e2e/test_console.py see that nobody else gets a page.
CONSOLE = {"ANY /console", "ANY /console/{page+}"}
SECONDS = 60


def expanded(authorization: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The resources that CloudFormation gets."""
    template = copy.deepcopy(dict(body or load(TEMPLATE).body))
    for resource in template["Resources"].values():
        for name in {"CodeUri", "ContentUri", "DefinitionUri"} & (resource.get("Properties") or {}).keys():
            resource["Properties"][name] = "s3://bucket/key"
    image = {"TrainImageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/image:tag"}
    done = expand(template, {"Authorization": authorization, **image}, "us-east-1")
    conditions = {
        name: condition["Fn::Equals"][1] == authorization
        for name, condition in done["Conditions"].items()
        if condition.get("Fn::Equals", [None])[0] == {"Ref": "Authorization"}
    }
    resources: dict[str, Any] = resolve(done["Resources"], conditions)
    return resources


def resolve(value: Any, conditions: Mapping[str, bool]) -> Any:
    """The value with the branch of each Fn::If of these conditions."""
    if isinstance(value, list):
        return [resolve(each, conditions) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Fn::If"} and value["Fn::If"][0] in conditions:
        name, then, otherwise = value["Fn::If"]
        return resolve(then if conditions[name] else otherwise, conditions)
    return {name: resolve(each, conditions) for name, each in value.items()}


def routes(resources: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    """Each route of each API, and the name of its authorizer, "iam", or None."""
    for name, resource in resources.items():
        kind, properties = resource["Type"], resource.get("Properties") or {}
        if kind == "AWS::ApiGatewayV2::Api":
            body = properties["Body"]
            for path, method, operation in operations(body):
                verb = "ANY" if method.startswith("x-") else method.upper()
                found = security(body, operation)
                named = None if found is None else "iam" if is_signed(schemes(body)[found[0]]) else found[0]
                yield ("$default" if path.endswith("$default") else f"{verb} {path}"), named
        elif kind == "AWS::ApiGatewayV2::Route":
            authorization = properties.get("AuthorizationType", "NONE")
            yield properties["RouteKey"], None if authorization == "NONE" else authorization
        elif kind == "AWS::Lambda::Url":
            yield f"function URL {name}", "iam" if properties["AuthType"] == "AWS_IAM" else None
        else:
            assert not kind.startswith("AWS::ApiGateway::"), f"{name}: this test doesn't know REST APIs"


@pytest.mark.parametrize(("authorization", "authorizer"), [("keys", "Keys"), ("iam", "iam")])
def test_every_route_has_an_authorizer_but_for_the_health_check_and_the_console(
    authorization: str, authorizer: str
) -> None:
    found = dict(routes(expanded(authorization)))
    without = {route for route, named in found.items() if named is None}
    assert without == {HEALTH} | CONSOLE | (CHALLENGED if authorization == "keys" else set())
    assert found["$default"] == authorizer
    assert {named for route, named in found.items() if route not in without} == {authorizer}


def test_a_deployment_that_says_nothing_is_closed_and_open_must_be_said() -> None:
    parameter = load(TEMPLATE).body["Parameters"]["Authorization"]
    assert parameter["Default"] == "keys"
    assert set(parameter["AllowedValues"]) == {"keys", "iam", "open"}
    assert "ANYBODY" in parameter["Description"]
    assert {named for _, named in routes(expanded("open"))} == {None}


def test_a_route_that_is_added_has_the_default_authorizer_and_one_without_is_found() -> None:
    body: Any = copy.deepcopy(load(TEMPLATE).body)
    events = body["Resources"]["ApiFunction"]["Properties"]["Events"]
    api = {"ApiId": {"Ref": "Api"}, "Method": "GET"}
    events["Added"] = {"Type": "HttpApi", "Properties": {**api, "Path": "/added"}}
    events["Bare"] = {"Type": "HttpApi", "Properties": {**api, "Path": "/bare", "Auth": {"Authorizer": "NONE"}}}
    found = dict(routes(expanded("keys", body)))
    assert (found["GET /added"], found["GET /bare"]) == ("Keys", None)


def test_what_an_authorizer_answered_is_kept_by_the_key_and_not_for_long() -> None:
    (body,) = [each["Properties"]["Body"] for each in expanded("keys").values() if each["Type"].endswith("V2::Api")]
    ((_, authorizer),) = authorizers(body)
    assert authorizer["identitySource"] == ["$request.header.Authorization"]
    assert authorizer["authorizerResultTtlInSeconds"] + KEPT <= SECONDS
    assert authorizer["enableSimpleResponses"] is True
