"""The API with IAM: closed to everybody whose signature was not verified before, but for its health."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlops.errors.base import SettingInvalid
from mlops.registry.store import Store
from mlops.serving.bootstrap import open_api as open_served
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version
from tests.unit.mlops.serving.harness import EVENTS, Answer, Api

CALLER = {"userArn": "arn:aws:sts::123456789012:assumed-role/caller/session", "accountId": "123456789012"}


@pytest.fixture
def signed(store: Store, open_api: Callable[..., Api]) -> Api:
    put_version(store, 1)
    promote(store, 1)
    return open_api(authorization="iam")


def ask(api: Api, authorizer: Any, method: str = "POST", path: str = "/predict") -> Answer:
    event = json.loads((EVENTS / "http-get-health.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    event["requestContext"]["http"]["method"] = method
    event["headers"]["content-type"] = "application/json"
    event["body"] = json.dumps({"rows": [ROWS[0]]})
    if authorizer is not None:
        event["requestContext"]["authorizer"] = authorizer
    return api.send(event)


def test_a_request_whose_signature_was_verified_is_answered(signed: Api) -> None:
    assert ask(signed, {"iam": CALLER}).status == 200


@pytest.mark.parametrize(
    "authorizer",
    [None, {}, {"iam": None}, {"iam": {}}, {"iam": {"userArn": None}}, {"lambda": CALLER}, {"jwt": {"claims": {}}}],
)
def test_any_other_request_is_refused_but_for_the_health(signed: Api, authorizer: Any) -> None:
    answer = ask(signed, authorizer)
    assert (answer.status, answer.json["type"]) == (401, "urn:mlops:problem:not-signed")
    assert answer.headers["www-authenticate"] == "AWS4-HMAC-SHA256"
    assert ask(signed, authorizer, "GET", "/docs").status == 401
    assert ask(signed, authorizer, "GET", "/health").status == 200


def test_headers_that_look_like_the_events_context_are_headers_alone(signed: Api) -> None:
    header = json.dumps({"requestContext": {"authorizer": {"iam": CALLER}}})
    assert signed.ask("GET", "/models", aws_event=header, x_amzn_iam=header).status == 401


def test_a_server_that_verifies_no_signatures_doesnt_start_with_iam() -> None:
    with pytest.raises(SettingInvalid, match="AUTHORIZATION"):
        open_served({"MODELS_BUCKET": "models", "AUTHORIZATION": "iam", "AWS_REGION": "us-east-1"})
