"""The key of private columns' hashes comes from the secret that the environment names."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from mlops.errors.authorization import SecretUnavailable
from mlops.json_service import JsonService
from mlops.privacy_key import with_privacy_key
from mlops.settings import IngestSettings, read_settings

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:key-a1b2c3"
ENVIRON = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "MODELS_BUCKET": "models",
    "DATA_BUCKET": "data",
    "RECORDS_BUCKET": "records",
}


@pytest.fixture
def sent(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any, Mapping[str, str]]]:
    """What goes over the network, where the fixture's parameter is the answer: its status and document."""
    status, document = request.param
    found: list[tuple[str, Any, Mapping[str, str]]] = []

    def send(service: JsonService, operation: str, content: bytes, timeout: float) -> tuple[int, bytes]:
        assert timeout > 0
        found.append((operation, json.loads(content), service.sign(operation, content)))
        return status, json.dumps(document).encode()

    monkeypatch.setattr(JsonService, "_send", send)
    return found


@pytest.mark.parametrize("sent", [(200, {"ARN": ARN, "SecretString": "hunter2"})], indirect=True)
def test_it_is_read_once_from_the_secret_and_stands_before_the_variable(
    sent: list[tuple[str, Any, Mapping[str, str]]],
) -> None:
    environ = {**ENVIRON, "PRIVACY_KEY_SECRET": ARN, "PRIVACY_KEY": "another"}
    settings = read_settings(IngestSettings, with_privacy_key(environ))
    assert settings.privacy_key.get_secret_value() == "hunter2"
    assert "hunter2" not in repr(settings)
    ((operation, body, headers),) = sent
    assert (operation, body) == ("GetSecretValue", {"SecretId": ARN})
    assert headers["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert headers["host"] == "secretsmanager.eu-central-1.amazonaws.com"
    assert "/eu-central-1/secretsmanager/aws4_request" in headers["authorization"]


@pytest.mark.parametrize("sent", [(500, {})], indirect=True)
@pytest.mark.parametrize("secret", [{}, {"PRIVACY_KEY_SECRET": ""}], ids=["none", "empty"])
def test_without_a_secret_the_variable_stands_and_nothing_is_asked(
    sent: list[tuple[str, Any, Mapping[str, str]]], secret: dict[str, str]
) -> None:
    assert with_privacy_key({"PRIVACY_KEY": "own", **secret})["PRIVACY_KEY"] == "own"
    assert "PRIVACY_KEY" not in with_privacy_key(secret)
    assert not sent


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ((400, {"__type": "AccessDeniedException", "message": "not you"}), "AccessDeniedException: not you"),
        ((400, {"__type": "ResourceNotFoundException", "Message": "gone"}), "ResourceNotFoundException: gone"),
        ((200, {"ARN": ARN, "SecretBinary": "AA=="}), "the secret has no text"),
    ],
    indirect=["sent"],
    ids=["denied", "missing", "binary"],
)
def test_a_secret_that_cant_be_read_ends_the_start(sent: list[tuple[str, Any, Mapping[str, str]]], reason: str) -> None:
    with pytest.raises(SecretUnavailable, match=f"The secret doesn't answer GetSecretValue: .*{reason}"):
        with_privacy_key({**ENVIRON, "PRIVACY_KEY_SECRET": ARN})
    assert len(sent) == 1
