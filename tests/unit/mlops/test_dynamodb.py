"""Calls of DynamoDB: signed as AWS's own client signs them, and tried again where that may help."""

import json
from datetime import UTC, datetime, timedelta
from http.client import RemoteDisconnected
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from mlops.dynamodb import DynamoDb
from mlops.errors.authorization import TableUnavailable

NOW = datetime(2026, 11, 29, 14, 5, 7, tzinfo=UTC)
ENVIRON = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
}
BODY = b'{"TableName":"histories"}'


class Wire:
    """Stands in for the network: gives these answers in turn, or raises them."""

    def __init__(self, client: DynamoDb, monkeypatch: pytest.MonkeyPatch, *answers: Any) -> None:
        self.answers = list(answers)
        self.sent: list[tuple[str, bytes]] = []
        monkeypatch.setattr(client, "_send", self._send)

    def _send(self, operation: str, content: bytes, timeout: float) -> tuple[int, bytes]:
        self.sent.append((operation, content))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, document = answer
        return status, document if isinstance(document, bytes) else json.dumps(document).encode()


def refusal(kind: str, status: int = 400) -> tuple[int, dict[str, str]]:
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{kind}", "message": "because"}


def make_client(environ: dict[str, str] = ENVIRON, waited: list[float] | None = None) -> DynamoDb:
    sleep = (lambda seconds: None) if waited is None else waited.append
    return DynamoDb(environ, None, now=lambda: NOW, sleep=sleep)


@pytest.mark.parametrize("token", [None, "a-session-token"])
@pytest.mark.parametrize(
    ("endpoint", "url"),
    [
        ({}, "https://dynamodb.eu-central-1.amazonaws.com/"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:4566"}, "http://127.0.0.1:4566/"),
        ({"AWS_ENDPOINT_URL": ""}, "https://dynamodb.eu-central-1.amazonaws.com/"),
        ({"AWS_REGION": "cn-north-1"}, "https://dynamodb.cn-north-1.amazonaws.com.cn/"),
    ],
)
def test_a_request_has_the_signature_that_botocore_gives_it(
    token: str | None, endpoint: dict[str, str], url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = {"AWS_SESSION_TOKEN": token} if token else {}
    headers = make_client(ENVIRON | endpoint | session).sign("Query", BODY)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda **_: NOW.replace(tzinfo=None))
    kept = ("content-type", "x-amz-target")
    request = AWSRequest("POST", url, {name: headers[name] for name in kept}, BODY)
    credentials = Credentials(ENVIRON["AWS_ACCESS_KEY_ID"], ENVIRON["AWS_SECRET_ACCESS_KEY"], token)
    SigV4Auth(credentials, "dynamodb", endpoint.get("AWS_REGION", "eu-central-1")).add_auth(request)
    assert headers["authorization"] == request.headers["Authorization"]
    assert headers["x-amz-date"] == request.headers["X-Amz-Date"]


@pytest.mark.parametrize(
    "fault",
    [
        refusal("ProvisionedThroughputExceededException"),
        refusal("ThrottlingException"),
        refusal("InternalServerError", 500),
        (503, b"<html>"),
        RemoteDisconnected("gone"),
        ConnectionRefusedError("gone"),
        TimeoutError("slow"),
    ],
    ids=str,
)
def test_what_may_mend_is_tried_again(fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    client = make_client(waited=waited)
    wire = Wire(client, monkeypatch, fault, fault, (200, {"Items": []}))
    assert client.call("Query", {"TableName": "histories"}, 5) == {"Items": []}
    assert wire.sent == [("Query", BODY)] * 3
    assert len(waited) == 2


@pytest.mark.parametrize("kind", ["ResourceNotFoundException", "AccessDeniedException", "ValidationException"])
def test_what_no_repetition_mends_is_reported_at_once(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client()
    wire = Wire(client, monkeypatch, refusal(kind))
    with pytest.raises(TableUnavailable, match=f"doesn't answer Query: 400 {kind}: because"):
        client.call("Query", {}, 5)
    assert len(wire.sent) == 1


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_client()
    wire = Wire(client, monkeypatch, *[ConnectionRefusedError("gone")] * 1_000)
    with pytest.raises(TableUnavailable, match="ConnectionRefusedError: gone"):
        client.call("Query", {}, 0.001)
    assert 1 <= len(wire.sent) < 1_000


def test_expired_credentials_are_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def give() -> Any:
        given.append(f"key-{len(given)}")
        return {"access_key_id": given[-1], "secret_access_key": "s", "token": "t", "expires_at": expires}

    client = DynamoDb(ENVIRON, give, now=lambda: NOW, sleep=lambda _: None)
    expires = NOW + timedelta(minutes=6)
    assert "key-0" in client.sign("Query", BODY)["authorization"]
    assert "key-0" in client.sign("Query", BODY)["authorization"]
    Wire(client, monkeypatch, refusal("ExpiredTokenException"), (200, {}))
    assert client.call("Query", {}, 5) == {}
    expires = NOW + timedelta(minutes=4)
    assert "key-1" in client.sign("Query", BODY)["authorization"]
    assert "key-2" in client.sign("Query", BODY)["authorization"], "these expire within five minutes"


def test_without_credentials_the_table_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    client = DynamoDb({"AWS_REGION": "eu-central-1"}, None, sleep=lambda _: None)
    with pytest.raises(TableUnavailable, match="there are no credentials: AWS_ACCESS_KEY_ID is not set"):
        client.call("Query", {}, 0.01)
