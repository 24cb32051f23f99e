"""Probes of Lambda's function URLs."""

from __future__ import annotations

import base64
from typing import Any

from tests.bench.rivals.cloud import Cloud
from tests.bench.rivals.probe import expect, probe
from tests.bench.rivals.probes.functions import ECHO, FAIL

_PAGE = "lambda/latest/dg/urls-invocation.html"


def _url(cloud: Cloud, code: str, kind: str = "NONE", **options: Any) -> str:
    """The URL of a new function, without a slash at its end."""
    name = cloud.function(code)
    cloud("lambda").add_permission(
        FunctionName=name,
        StatementId="public",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType=kind,
    )
    made = cloud("lambda").create_function_url_config(FunctionName=name, AuthType=kind, **options)
    return str(made["FunctionUrl"]).rstrip("/")


@probe(_PAGE)
def event(cloud: Cloud) -> None:
    """The event is in payload format 2.0: method, path, parameters joined by commas, cookies, lower-cased headers"""
    headers = {"X-Probe": "1", "Cookie": "a=1; b=2"}
    found = cloud.ask(_url(cloud, ECHO) + "/x/y?q=1&q=2", headers=headers).json()
    expect((found["version"], found["rawPath"], found["rawQueryString"]), ("2.0", "/x/y", "q=1&q=2"))
    expect((found["queryStringParameters"], found["cookies"]), ({"q": "1,2"}, ["a=1", "b=2"]))
    expect((found["headers"]["x-probe"], found["requestContext"]["http"]["method"]), ("1", "GET"))


@probe(_PAGE)
def inferred(cloud: Cloud) -> None:
    """An answer without a status code is the body of a 200, as JSON"""
    answer = cloud.ask(_url(cloud, "def handler(event, context):\n    return {'message': 'hi'}\n"))
    expect((answer.status, answer.headers["content-type"]), (200, "application/json"))
    expect(answer.json(), {"message": "hi"})


@probe(_PAGE)
def binary_body(cloud: Cloud) -> None:
    """A body of a binary content type reaches the function in base64, a JSON body as text"""
    url = _url(cloud, ECHO)
    found = []
    for kind in ("application/octet-stream", "application/json"):
        event = cloud.ask(url, "POST", b'{"a": 1}', {"Content-Type": kind}).json()
        found.append((event["body"], event["isBase64Encoded"]))
    expect(found, [(base64.b64encode(b'{"a": 1}').decode(), True), ('{"a": 1}', False)])


@probe(_PAGE)
def binary_answer(cloud: Cloud) -> None:
    """An answer in base64 is decoded, and its cookies are Set-Cookie headers"""
    code = (
        "def handler(event, context):\n    return {'statusCode': 201, 'body': 'AAEC', 'isBase64Encoded': True,"
        " 'headers': {'Content-Type': 'image/png'}, 'cookies': ['a=1', 'b=2; Secure']}\n"
    )
    answer = cloud.ask(_url(cloud, code))
    expect((answer.status, answer.body, answer.cookies), (201, b"\x00\x01\x02", ["a=1", "b=2; Secure"]))


@probe("lambda/latest/dg/urls-monitoring.html")
def failure(cloud: Cloud) -> None:
    """A function that raises is a 502"""
    expect(cloud.ask(_url(cloud, FAIL)).status, 502)


@probe("lambda/latest/dg/urls-auth.html")
def signed_only(cloud: Cloud) -> None:
    """A URL with AuthType AWS_IAM answers an unsigned request with 403"""
    expect(cloud.ask(_url(cloud, ECHO, "AWS_IAM")).status, 403)


@probe("lambda/latest/dg/urls-configuration.html")
def cors(cloud: Cloud) -> None:
    """A preflight request is answered by the URL's CORS settings"""
    allowed = {"AllowOrigins": ["https://example.com"], "AllowMethods": ["PUT"], "MaxAge": 60}
    url = _url(cloud, FAIL, Cors=allowed)
    headers = {"Origin": "https://example.com", "Access-Control-Request-Method": "PUT"}
    answer = cloud.ask(url, "OPTIONS", headers=headers)
    names = ("access-control-allow-origin", "access-control-allow-methods", "access-control-max-age")
    expect([answer.headers.get(name) for name in names], ["https://example.com", "PUT", "60"])
