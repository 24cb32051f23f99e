"""A line of an access log."""

import pytest

from localaws.http import access_log
from localaws.http.response import NOT_FOUND, Response
from localaws.http.timing import Answered

CONTEXT = {
    "accountId": "123456789012",
    "apiId": "a1",
    "domainName": "api.example.com",
    "domainPrefix": "api",
    "http": {"method": "GET", "path": "/x", "protocol": "HTTP/1.1", "sourceIp": "::1", "userAgent": ""},
    "requestId": "r1",
    "time": "29/Nov/2026:10:00:00 +0000",
    "timeEpoch": 1796032800000,
}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("$context.requestId $context.extendedRequestId", "r1 r1"),
        ("$context.identity.userAgent|$context.stage|$context.invented", "-|-|-"),
        ("$context.domainName.$context.path", "api.example.com./x"),
        ("$context.error.message $context.error.messageString", 'Not Found "Not Found"'),
        ("a\n$context.status", "a 404"),
        ("$context.integration.status $context.integrationLatency", "- -"),
        ("$contextual $context", "$contextual $context"),
    ],
)
def test_variables_are_replaced(form: str, expected: str) -> None:
    answered = Answered(0.0)
    answered.end(404, 23)
    assert access_log.line(form, CONTEXT, answered, NOT_FOUND) == expected


def test_an_error_of_the_function_isnt_one_of_the_gateway() -> None:
    answered = Answered(0.0)
    with answered.integration():
        answered.function_status = 404
    answered.end(404, 9)
    form = "$context.integration.status $context.integrationStatus $context.error.message $context.dataProcessed"
    assert access_log.line(form, CONTEXT, answered, Response(404, [], b"not json")) == "404 200 - 9"
