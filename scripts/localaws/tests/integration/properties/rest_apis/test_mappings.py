"""Mapping templates and validation of requests to REST APIs."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


@pytest.mark.proves(
    "AWS::ApiGateway::Method.Integration.ContentHandling",
    "AWS::ApiGateway::Method.Integration.IntegrationResponses.ContentHandling",
    "AWS::ApiGateway::Method.Integration.IntegrationResponses.ResponseParameters",
    "AWS::ApiGateway::Method.Integration.IntegrationResponses.ResponseTemplates",
    "AWS::ApiGateway::Method.Integration.IntegrationResponses.SelectionPattern",
    "AWS::ApiGateway::Method.Integration.IntegrationResponses.StatusCode",
    "AWS::ApiGateway::Method.Integration.RequestParameters",
    "AWS::ApiGateway::Method.Integration.RequestTemplates",
    "AWS::ApiGateway::Method.MethodResponses.ResponseModels",
    "AWS::ApiGateway::Method.MethodResponses.ResponseParameters",
    "AWS::ApiGateway::Method.MethodResponses.StatusCode",
)
def test_mapping_templates_of_requests_and_responses(stack: dict[str, str]) -> None:
    url = f"{stack['Url']}/items?page=3"
    answer = httpx.post(url, json={"count": 2, "items": ["a", {"b": 1}]}, timeout=30)
    assert answer.status_code == 200
    assert answer.json() == {
        "answer": {"page": "3", "count": 2, "fail": "", "stage": "live", "items": ["a", {"b": 1}]},
        "id": answer.headers["x-amzn-requestid"],
    }
    assert (answer.headers["x-count"], answer.headers["x-static"]) == ("2", "fixed")
    failed = httpx.post(url, json={"count": 1, "fail": "bad luck", "items": []}, timeout=30)
    assert (failed.status_code, failed.json()) == (422, {"error": "bad luck"})


@pytest.mark.proves(
    "AWS::ApiGateway::Method.RequestModels",
    "AWS::ApiGateway::Method.RequestParameters",
    "AWS::ApiGateway::Method.RequestValidatorId",
    "AWS::ApiGateway::Model",
    "AWS::ApiGateway::Model.ContentType",
    "AWS::ApiGateway::Model.Name",
    "AWS::ApiGateway::Model.RestApiId",
    "AWS::ApiGateway::Model.Schema",
    "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::RequestValidator.RestApiId",
    "AWS::ApiGateway::RequestValidator.ValidateRequestBody",
    "AWS::ApiGateway::RequestValidator.ValidateRequestParameters",
    "!GetAtt AWS::ApiGateway::RequestValidator.RequestValidatorId",
)
def test_requests_are_validated_before_the_function_is_called(stack: dict[str, str]) -> None:
    url = f"{stack['Url']}/items"
    missing = httpx.post(url, json={"count": 2})
    assert (missing.status_code, missing.json()) == (400, {"message": "Missing required request parameters: [page]"})
    for body in ({"count": 0}, {"count": "2"}, {}, [1]):
        invalid = httpx.post(f"{url}?page=1", json=body)
        assert (invalid.status_code, invalid.json()) == (400, {"message": "Invalid request body"})


@pytest.mark.proves(
    "AWS::ApiGateway::Method.Integration.PassthroughBehavior",
    "AWS::ApiGateway::Model.Description",
    "AWS::ApiGateway::RequestValidator.Name",
)
def test_a_content_type_without_a_template_is_unsupported(cloud: Any, stack: dict[str, str]) -> None:
    answer = httpx.post(f"{stack['Url']}/items?page=1", content="<a/>", headers={"Content-Type": "text/xml"})
    assert (answer.status_code, answer.json()) == (415, {"message": "Unsupported Media Type"})
    client = cloud.client("apigateway")
    assert client.get_model(restApiId=stack["Api"], modelName="Order")["description"] == "an order"
    validator = client.get_request_validator(restApiId=stack["Api"], requestValidatorId=stack["Validator"])
    assert validator["name"] == "all"
