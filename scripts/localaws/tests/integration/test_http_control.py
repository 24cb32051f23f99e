"""Requests to the API of HTTP APIs: quick creation, and what API Gateway refuses."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from localaws_testing.refusals import refused

STACK = """
Resources:
  Answers:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      InlineCode: |
        def handler(event, context):
            return {'statusCode': 200, 'body': event['routeKey']}
  Permission:
    Type: AWS::Lambda::Permission
    Properties: {Action: "lambda:InvokeFunction", FunctionName: !Ref Answers, Principal: apigateway.amazonaws.com}
Outputs:
  Arn: {Value: !GetAtt Answers.Arn}
"""


@pytest.fixture(scope="module")
def arn(deploy: Callable[[str, str], dict[str, str]]) -> str:
    return deploy("http-control", STACK)["Arn"]


@pytest.fixture(scope="module")
def client(cloud: Any) -> Any:
    return cloud.client("apigatewayv2")


@pytest.fixture
def api(client: Any) -> Iterator[str]:
    made = client.create_api(Name=f"control-{uuid.uuid4().hex[:8]}", ProtocolType="HTTP")["ApiId"]
    yield made
    client.delete_api(ApiId=made)


@pytest.fixture
def integration(client: Any, api: str, arn: str) -> dict[str, str]:
    """What CreateIntegration needs, without the API."""
    return {"IntegrationType": "AWS_PROXY", "IntegrationUri": arn, "PayloadFormatVersion": "2.0"}


@pytest.mark.proves("http quick creation")
@pytest.mark.parametrize(
    ("given", "path", "key"), [({}, "/any", "$default"), ({"RouteKey": "GET /one"}, "/one", "GET /one")]
)
def test_an_api_with_a_target_has_a_route_and_a_stage(
    client: Any, arn: str, given: dict[str, str], path: str, key: str
) -> None:
    made = client.create_api(Name="quick", ProtocolType="HTTP", Target=arn, **given)
    try:
        assert httpx.get(f"{made['ApiEndpoint']}{path}", timeout=60).text == key
        assert [route["RouteKey"] for route in client.get_routes(ApiId=made["ApiId"])["Items"]] == [key]
        (stage,) = client.get_stages(ApiId=made["ApiId"])["Items"]
        assert (stage["StageName"], stage["AutoDeploy"]) == ("$default", True)
        assert refused(client.update_api, ApiId=made["ApiId"], Target=arn) == "BadRequestException"
    finally:
        client.delete_api(ApiId=made["ApiId"])


@pytest.mark.proves("http quick creation")
@pytest.mark.parametrize("given", [{"Target": "https://example.com"}, {"RouteKey": "GET /"}], ids=["url", "no target"])
def test_a_target_that_isnt_supported_leaves_no_api(client: Any, given: dict[str, str]) -> None:
    name = f"quick-{uuid.uuid4().hex[:8]}"
    assert refused(client.create_api, Name=name, ProtocolType="HTTP", **given) == "BadRequestException"
    assert name not in [api["Name"] for api in client.get_apis()["Items"]]


@pytest.mark.proves("http control plane")
def test_routes_have_integrations_which_stay_while_they_are_used(
    client: Any, api: str, integration: dict[str, str]
) -> None:
    made = client.create_integration(ApiId=api, **integration)["IntegrationId"]
    target = f"integrations/{made}"
    create = {"ApiId": api, "RouteKey": "GET /a"}
    assert refused(client.create_route, **create, Target="integrations/nobodys") == "NotFoundException"
    assert refused(client.create_route, **create) == "BadRequestException"
    route = client.create_route(**create, Target=target)["RouteId"]
    client.create_route(ApiId=api, RouteKey="GET /b", Target=target)
    assert refused(client.update_route, ApiId=api, RouteId=route, RouteKey="GET /b") == "ConflictException"
    assert refused(client.update_route, ApiId=api, RouteId=route, RouteKey="GET b") == "BadRequestException"
    assert refused(client.update_route, ApiId=api, RouteId=route, Target="integrations/nobodys") == "NotFoundException"
    client.update_route(ApiId=api, RouteId=route, RouteKey="GET /c")
    assert refused(client.delete_integration, ApiId=api, IntegrationId=made) == "ConflictException"
    for each in client.get_routes(ApiId=api)["Items"]:
        client.delete_route(ApiId=api, RouteId=each["RouteId"])
    client.delete_integration(ApiId=api, IntegrationId=made)
    assert refused(client.delete_integration, ApiId=api, IntegrationId=made) == "NotFoundException"


@pytest.mark.proves("http control plane")
@pytest.mark.parametrize(
    "changed",
    [{"TimeoutInMillis": 40_000}, {"PayloadFormatVersion": "3.0"}, {"IntegrationUri": ""}],
)
def test_integrations_that_cant_be_are_refused(
    client: Any, api: str, integration: dict[str, str], changed: dict[str, Any]
) -> None:
    wanted = {**integration, **changed}
    assert refused(client.create_integration, ApiId=api, **wanted) == "BadRequestException"


@pytest.mark.proves("http control plane")
def test_stages_have_names_of_their_own_and_deploy_themselves(client: Any, api: str) -> None:
    client.create_stage(ApiId=api, StageName="live", AutoDeploy=True)
    assert refused(client.create_stage, ApiId=api, StageName="live", AutoDeploy=True) == "ConflictException"
    assert refused(client.create_stage, ApiId=api, StageName="a b", AutoDeploy=True) == "BadRequestException"
    assert refused(client.create_stage, ApiId=api, StageName="later") == "BadRequestException"
    assert refused(client.update_stage, ApiId=api, StageName="live", AutoDeploy=False) == "BadRequestException"


@pytest.mark.proves("http control plane")
@pytest.mark.parametrize("cors", [{"AllowOrigins": ["example.com"]}, {"AllowOrigins": ["*"], "AllowCredentials": True}])
def test_cors_that_browsers_dont_take_is_refused(client: Any, api: str, cors: dict[str, Any]) -> None:
    assert refused(client.update_api, ApiId=api, CorsConfiguration=cors) == "BadRequestException"
    assert refused(client.create_api, Name="cors", ProtocolType="HTTP", CorsConfiguration=cors) == "BadRequestException"
