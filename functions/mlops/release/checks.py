"""Requests to a version of the API that no client reaches yet. They only read: no prediction, no feedback."""

import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

PATHS = ("/health", "/models", "/openapi.json", "/docs")
"""GET /health answers 200 if the version loads each champion and answers its golden rows."""


@dataclass(frozen=True)
class Answer:
    """The status of an answer, or the error that the function ended with."""

    status: int
    error: str = ""

    @property
    def is_failure(self) -> bool:
        """Whether the server is at fault, also for refusing a key that it should take: no alarm counts that."""
        refuses = self.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
        return bool(self.error) or refuses or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR


def find_failures(client: Any, function: str, version: str, alias: str, key: str) -> list[str]:
    """What the version answers worse than what's behind the alias now, one line a path; none if it may have traffic.

    `client` is boto3's for Lambda, `key` one of the API's that may read. An API without a model answers 503 to /health,
    whatever its code: what's behind the alias answers the same, so that's no failure of the version.
    """
    failures = []
    for path in PATHS:
        answer = _get(client, function, version, path, key)
        if answer.error:
            failures.append(f"GET {path}: {answer.error}")
        elif answer.is_failure and not _get(client, function, alias, path, key).is_failure:
            failures.append(f"GET {path}: status {answer.status}, which the version before doesn't answer")
    return failures


def _get(client: Any, function: str, qualifier: str, path: str, key: str) -> Answer:
    response = client.invoke(FunctionName=function, Qualifier=qualifier, Payload=json.dumps(_event(path, key)))
    payload = json.loads(response["Payload"].read() or "null")
    if "FunctionError" in response:
        return Answer(0, f"{payload.get('errorType')}: {payload.get('errorMessage')}".partition("\n")[0])
    return Answer(int(payload["statusCode"]))


def _event(path: str, key: str) -> dict[str, Any]:
    """The event of an HTTP API, format 2.0, of somebody with a key, whom IAM knows too."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "host": "release",
            "user-agent": "release-check",
            "accept": "*/*",
            "authorization": f"Bearer {key}",
        },
        "requestContext": {
            "apiId": "release",
            "domainName": "release",
            # For an API whose authorization is IAM's.
            "authorizer": {"iam": {"userArn": "release-check"}},
            "http": {
                "method": "GET",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": "release-check",
            },
            "requestId": "release-check",
            "routeKey": "$default",
            "stage": "$default",
        },
        "isBase64Encoded": False,
    }
