"""API Gateway's own API: what it describes, what it refuses, and deployments."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from localaws_testing.tags import own_tags


@pytest.mark.proves(
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::RestApi.Description",
    "AWS::ApiGateway::RestApi.EndpointConfiguration.Types",
    "AWS::ApiGateway::RestApi.Name",
    "AWS::ApiGateway::RestApi.Tags",
    "!GetAtt AWS::ApiGateway::RestApi.RestApiId",
    "!GetAtt AWS::ApiGateway::RestApi.RootResourceId",
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::Account.CloudWatchRoleArn",
    "!GetAtt AWS::ApiGateway::Account.Id",
)
def test_the_api_describes_what_the_template_made(cloud: Any, stack: dict[str, str]) -> None:
    client = cloud.client("apigateway")
    api = client.get_rest_api(restApiId=stack["Api"])
    assert (api["name"], api["description"], own_tags(api["tags"])) == ("plain-rest", "a plain one", {"team": "ml"})
    assert (api["endpointConfiguration"]["types"], api["rootResourceId"]) == (["REGIONAL"], stack["Root"])
    resources = client.get_resources(restApiId=stack["Api"])["items"]
    assert {resource["path"] for resource in resources} == {"/", "/items", "/items/{id}", "/items/{id}/{rest+}"}
    assert client.get_account()["cloudwatchRoleArn"] == "arn:aws:iam::123456789012:role/logs"
    assert stack["Account"]


def test_what_a_template_refuses_the_api_refuses_too(cloud: Any, stack: dict[str, str]) -> None:
    client, api = cloud.client("apigateway"), stack["Api"]
    item = next(r for r in client.get_resources(restApiId=api)["items"] if r["path"] == "/items/{id}")
    place = {"restApiId": api, "resourceId": item["id"], "httpMethod": "PUT"}
    with pytest.raises(client.exceptions.BadRequestException, match="NONE, AWS_IAM, CUSTOM, not COGNITO_USER_POOLS"):
        client.put_method(**place, authorizationType="COGNITO_USER_POOLS")
    with pytest.raises(client.exceptions.BadRequestException, match="TOKEN and REQUEST, not COGNITO_USER_POOLS"):
        client.create_authorizer(restApiId=api, name="c", type="COGNITO_USER_POOLS", providerARNs=["arn"])
    client.put_method(**place, authorizationType="NONE")
    with pytest.raises(client.exceptions.BadRequestException, match="VPC links aren't supported"):
        client.put_integration(
            **place, type="HTTP_PROXY", integrationHttpMethod="GET", uri="http://a", connectionType="VPC_LINK"
        )
    with pytest.raises(client.exceptions.BadRequestException, match="line 2 of the mapping template: #parse isn't"):
        client.put_integration(**place, type="MOCK", requestTemplates={"application/json": "{}\n#parse('x')"})
    with pytest.raises(client.exceptions.BadRequestException, match="GetSdkTypes"):
        client.get_sdk_types()
    client.delete_method(**place)


def test_a_deployment_is_a_copy(cloud: Any, stack: dict[str, str]) -> None:
    client, api = cloud.client("apigateway"), stack["Api"]
    item = next(r for r in client.get_resources(restApiId=api)["items"] if r["path"] == "/items/{id}")
    place = {"restApiId": api, "resourceId": item["id"], "httpMethod": "DELETE"}
    client.put_method(**place, authorizationType="NONE")
    client.put_integration(**place, type="MOCK", requestTemplates={"application/json": '{"statusCode": 204}'})
    client.put_method_response(**place, statusCode="204")
    client.put_integration_response(**place, statusCode="204")
    assert httpx.delete(f"{stack['Url']}/items/7").status_code == 403
    client.create_deployment(restApiId=api, stageName="next")
    assert httpx.delete(f"{stack['Url'].removesuffix('live')}next/items/7").status_code == 204
    assert httpx.delete(f"{stack['Url']}/items/7").status_code == 403
    client.delete_stage(restApiId=api, stageName="next")
    client.delete_method(**place)
