"""HTTP APIs, spoken to as any HTTP client would."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest


@pytest.fixture
def web(outputs: dict[str, str]) -> Any:
    with httpx.Client(base_url=outputs["Api"], timeout=60) as client:
        yield client


def event_of(response: httpx.Response) -> Any:
    assert response.status_code == 200, response.text
    return response.json()["event"]


@pytest.mark.proves(
    "HttpApi event",
    "HttpApi event.ApiId",
    "HttpApi event.Method",
    "HttpApi event.Path",
)
@pytest.mark.parametrize(
    ("method", "path", "route", "parameters"),
    [
        ("GET", "/items/7", "GET /items/{id}", {"id": "7"}),
        ("PUT", "/items/a%20b", "ANY /items/{id}", {"id": "a b"}),
        ("GET", "/items/special", "GET /items/special", None),
        ("PATCH", "/files/a/b/c.txt", "ANY /files/{path+}", {"path": "a/b/c.txt"}),
        ("DELETE", "/anything/else", "$default", None),
        ("GET", "/", "$default", None),
    ],
)
def test_the_most_specific_route_is_taken(
    web: httpx.Client, method: str, path: str, route: str, parameters: Any
) -> None:
    event = event_of(web.request(method, path))
    assert (event["routeKey"], event.get("pathParameters")) == (route, parameters)
    assert event["requestContext"]["routeKey"] == route


@pytest.mark.proves(
    "HttpApi event.PayloadFormatVersion",
    "!GetAtt AWS::Serverless::HttpApi.ApiEndpoint",
)
def test_a_request_is_an_event_in_payload_format_2(web: httpx.Client) -> None:
    response = web.post(
        "/items/1?a=1&a=2&b=%C3%BC&empty=",
        headers={
            "X-Custom": "Yes",
            "User-Agent": "tester",
            "Cookie": "one=1; two=2",
            "X-Forwarded-For": "203.0.113.9",
            "X-Forwarded-Proto": "https",
        },
        json={"k": "v"},
    )
    event = event_of(response)
    assert event["version"] == "2.0"
    assert event["rawPath"] == "/items/1"
    assert event["rawQueryString"] == "a=1&a=2&b=%C3%BC&empty="
    assert event["queryStringParameters"] == {"a": "1,2", "b": "ü", "empty": ""}
    assert event["cookies"] == ["one=1", "two=2"]
    assert event["headers"]["x-custom"] == "Yes"
    assert "cookie" not in event["headers"]
    assert event["headers"]["x-forwarded-for"] == "203.0.113.9, 127.0.0.1"
    assert event["headers"]["x-forwarded-proto"] == "http"
    assert (event["isBase64Encoded"], json.loads(event["body"])) == (False, {"k": "v"})
    context = event["requestContext"]
    assert context["http"]["method"] == "POST"
    assert context["http"]["path"] == "/items/1"
    assert context["http"]["sourceIp"] == "127.0.0.1"
    assert context["http"]["userAgent"] == "tester"
    assert context["stage"] == "$default"
    assert context["timeEpoch"] > 1_600_000_000_000
    assert response.headers["apigw-requestid"] == context["requestId"]


def test_a_binary_body_is_base64_encoded_and_a_binary_response_decoded(web: httpx.Client) -> None:
    event = event_of(web.post("/x", content=b"\x00\xff", headers={"content-type": "image/png"}))
    assert (event["isBase64Encoded"], event["body"]) == (True, "AP8=")
    answer = web.get("/binary")
    assert answer.content == bytes(range(256))
    assert answer.headers["content-type"] == "image/png"


def test_the_integration_calls_the_alias_that_the_function_publishes(web: httpx.Client) -> None:
    answer = web.get("/items/1").json()
    assert answer["version"] == "1"
    assert answer["arn"].endswith(":live")


def test_a_result_without_a_status_code_is_the_body(web: httpx.Client) -> None:
    inferred = web.get("/inferred")
    assert (inferred.status_code, inferred.json()) == (200, {"inferred": True})
    assert inferred.headers["content-type"] == "application/json"
    assert web.get("/text").text == "just text"


def test_cookies_and_header_values_are_sent(web: httpx.Client) -> None:
    answer = web.get("/cookies")
    assert answer.status_code == 201
    assert answer.headers.get_list("set-cookie") == ["a=1; Secure", "b=2"]
    assert answer.headers["x-count"] == "3"
    assert answer.text == "set"


@pytest.mark.parametrize("path", ["/raise", "/malformed"])
def test_a_failed_function_or_an_invalid_result_is_a_500(web: httpx.Client, path: str) -> None:
    answer = web.get(path)
    assert (answer.status_code, answer.json()) == (500, {"message": "Internal Server Error"})


def test_a_missing_route_is_a_404(outputs: dict[str, str]) -> None:
    assert httpx.post(f"{outputs['Narrow']}/only").status_code == 200
    for answer in (httpx.get(f"{outputs['Narrow']}/only"), httpx.post(f"{outputs['Narrow']}/other")):
        assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_a_request_over_ten_megabytes_is_a_413(web: httpx.Client) -> None:
    answer = web.post("/x", content=b"x" * (10 * 2**20 + 1))
    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_each_api_has_a_port_of_its_own(outputs: dict[str, str]) -> None:
    assert outputs["Api"] != outputs["Narrow"]
    assert outputs["Api"].startswith("http://localhost:")


def test_requests_are_served_concurrently(cloud: Any, outputs: dict[str, str]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: httpx.get(f"{outputs['Api']}/items/{n}", timeout=60), range(40)))
    assert [event_of(answer)["pathParameters"]["id"] for answer in answers] == [str(n) for n in range(40)]
