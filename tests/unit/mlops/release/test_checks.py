"""Requests to a version that no client reaches yet."""

import io
import json
from typing import Any

import pytest

from mlops.release.checks import PATHS, find_failures

KEY = "mlops_a-key"


class Functions:
    """Answers by qualifier and path: a status, or the error that the function ends with. 200 where nothing is said."""

    def __init__(self, answers: dict[tuple[str, str], int | str]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, str]] = []

    def invoke(self, FunctionName: str, Qualifier: str, Payload: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "mlops-api"
        event = json.loads(Payload)
        assert (event["version"], event["requestContext"]["http"]["method"]) == ("2.0", "GET")
        assert event["headers"]["authorization"] == f"Bearer {KEY}"
        assert event["requestContext"]["authorizer"]["iam"]["userArn"]
        key = (Qualifier, event["rawPath"])
        self.asked.append(key)
        answer = self.answers.get(key, 200)
        if isinstance(answer, str):
            error = {"errorType": answer, "errorMessage": "a broken build\nand more"}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(error).encode())}
        return {"Payload": io.BytesIO(json.dumps({"statusCode": answer}).encode())}


def failures(answers: dict[tuple[str, str], int | str]) -> list[str]:
    return find_failures(Functions(answers), "mlops-api", "7", "live", KEY)


def test_a_version_that_answers_each_path_may_have_traffic() -> None:
    functions = Functions({})
    assert find_failures(functions, "mlops-api", "7", "live", KEY) == []
    assert functions.asked == [("7", path) for path in PATHS]


@pytest.mark.parametrize("status", [404, 429])
def test_what_the_client_is_at_fault_for_is_no_failure(status: int) -> None:
    assert failures({("7", "/models"): status}) == []


@pytest.mark.parametrize("status", [401, 403])
def test_a_version_that_refuses_a_valid_key_gets_no_traffic(status: int) -> None:
    """It would refuse everybody, and no alarm counts what it calls the client's fault."""
    assert failures({("7", "/models"): status}) == [
        f"GET /models: status {status}, which the version before doesn't answer"
    ]
    assert failures({("7", "/models"): status, ("live", "/models"): status}) == []


def test_a_version_that_does_not_start_fails_each_path() -> None:
    found = failures({("7", path): "RuntimeError" for path in PATHS} | {("live", path): 503 for path in PATHS})
    assert found == [f"GET {path}: RuntimeError: a broken build" for path in PATHS]


def test_a_failure_that_the_version_before_does_not_have_is_the_versions() -> None:
    assert failures({("7", "/models"): 500}) == ["GET /models: status 500, which the version before doesn't answer"]


def test_an_api_without_a_model_answers_503_whatever_its_code() -> None:
    assert failures({("7", "/health"): 503, ("live", "/health"): 503}) == []


def test_a_fix_of_what_does_not_start_may_have_traffic() -> None:
    assert failures({("live", path): "RuntimeError" for path in PATHS}) == []
