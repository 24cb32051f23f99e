"""Every answer with a 5xx has one log line and one metric, whoever gave it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from typing import Any

import obstore
import pytest
from fastapi import HTTPException, Request, Response
from obstore.exceptions import GenericError
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from mlops.registry.store import Store
from mlops.serving.failures import FailureReporter
from tests.unit.mlops.serving.artifacts import ROWS
from tests.unit.mlops.serving.harness import Answer, Api

REASONS: dict[str, Exception] = {
    "gone": GenericError("Generic S3 error: error sending request\n\nDebug source: …"),
    "without credentials": OSError("169.254.170.2 gives no credentials: it answered 500"),
}
OUTAGE = {
    "models": ("GET", "/models", "diagnosis"),
    "a model": ("GET", "/models/diagnosis", "diagnosis"),
    "an unknown model": ("GET", "/models/none", "-"),
    "the document": ("GET", "/openapi.json", "diagnosis"),
    "an unknown model's predictions": ("POST", "/models/none/predict", "-"),
    "a version": ("POST", "/models/diagnosis/versions/2/predict", "diagnosis"),
    "a version of an unknown model": ("POST", "/models/none/versions/2/predict", "-"),
    "V2": ("GET", "/v2/models/none", "-"),
    "V2's version": ("GET", "/v2/models/diagnosis/versions/2/ready", "diagnosis"),
}


def failures(api: Api) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The lines and the metrics of requests that failed."""
    lines = api.printed()
    return [line for line in lines if line.get("record") == "failure"], [
        each for each in lines if "RequestFailed" in each
    ]


def cut(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    for name in ("get", "list", "list_with_delimiter", "head"):
        monkeypatch.setattr(obstore, name, fail)


@pytest.mark.parametrize("kind", REASONS)
@pytest.mark.parametrize("path", OUTAGE)
def test_an_outage_of_the_registry_is_one_line_and_one_metric_for_each_request_that_it_fails(
    api: Api, monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    method, asked, model = OUTAGE[path]
    cut(monkeypatch, REASONS[kind])
    for _ in range(2):
        answer = api.ask(method, asked, "{}", content_type="application/json")
        assert (answer.status, answer.json["type"]) == (503, "urn:mlops:problem:registry-unreachable"), answer.body
        assert answer.headers["retry-after"]
        assert "S3" not in answer.json["detail"]
        (line,), (metric,) = failures(api)
        assert (line["level"], line["status"], line["method"], line["path"]) == ("ERROR", 503, method, asked)
        assert line["reason"] == str(REASONS[kind]).partition("\n")[0]
        assert "exception" not in line
        assert line["function_request_id"]
        assert (metric["RequestFailed"], metric["model"], line["model"]) == (1, model, model)


@pytest.mark.parametrize("path", ["/predict", "/models/diagnosis/predict"])
def test_a_model_that_cant_answer_is_reported_for_each_request(open_api: Callable[..., Api], path: str) -> None:
    api = open_api()
    api.printed()
    assert api.predict(ROWS[0]).status == 503
    (line,), (metric,) = failures(api)
    assert "it has no champion yet" in line["reason"]
    assert metric["model"] == "diagnosis"


@pytest.mark.parametrize("path", ["/health", "/ping", "/v2/health/ready"])
def test_a_check_that_finds_nothing_serving_is_reported_too(open_api: Callable[..., Api], path: str) -> None:
    api = open_api()
    api.printed()
    assert api.ask("GET", path).status == 503
    (line,), metrics = failures(api)
    assert (line["status"], line["path"], len(metrics)) == (503, path, 1)


def fail() -> None:
    raise RuntimeError("secret")


def answer_502() -> Response:
    return Response("", 502)


def raise_504() -> None:
    raise HTTPException(504, "too slow")


@pytest.mark.parametrize(("endpoint", "status"), [(fail, 500), (answer_502, 502), (raise_504, 504)])
def test_a_route_that_was_added_is_reported_however_it_fails(
    api: Api, endpoint: Callable[[], Any], status: int
) -> None:
    api.app.get("/added", response_model=None)(endpoint)
    answer = api.ask("GET", "/added")
    assert answer.status == status
    assert b"secret" not in answer.body
    (line,), (metric,) = failures(api)
    assert (line["status"], line["path"]) == (status, "/added")
    assert ("exception" in line) == (status == 500)
    assert metric["RequestFailed"] == 1


@pytest.mark.parametrize("raises", [True, False])
def test_middleware_that_was_added_is_reported_too(api: Api, raises: bool) -> None:
    @api.app.middleware("http")
    async def fail(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        if raises:
            raise RuntimeError("secret")
        return Response("", 500)

    answer = api.predict(ROWS[0])
    assert answer.status == 500
    if raises:
        assert (answer.headers["content-type"], b"secret" in answer.body) == ("application/problem+json", False)
    (line,), (metric,) = failures(api)
    assert (line["status"], metric["RequestFailed"], "exception" in line) == (500, 1, raises)


def test_what_is_refused_or_answered_is_no_failure(api: Api) -> None:
    answers: list[Answer] = [
        *(api.predict(ROWS[0]), api.predict({}), api.ask("GET", "/nowhere"), api.ask("GET", "/predict")),
        *(api.ask("GET", "/health"), api.ask("POST", "/predict", b"\x00"), api.ask("GET", "/models/none")),
    ]
    assert max(answer.status for answer in answers) < 500
    assert failures(api) == ([], [])


def test_a_long_path_is_logged_in_part(api: Api) -> None:
    def fail(path: str) -> None:
        raise RuntimeError(path)

    api.app.get("/added/{path:path}")(fail)
    assert api.ask("GET", "/added/" + "x" * 100_000).status == 500
    (line,), _ = failures(api)
    assert len(line["path"]) == 200
    assert len(line["reason"]) == 1_000


def test_a_model_that_isnt_served_makes_no_metric_of_its_own(
    store: Store, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut(monkeypatch, REASONS["gone"])
    for number in range(20):
        api.predict(ROWS[0], path=f"/models/none{number}/predict")
    _, metrics = failures(api)
    assert {metric["model"] for metric in metrics} == {"-"}


@pytest.mark.parametrize(
    "error", [RuntimeError("broke off"), ClientDisconnect()], ids=["an error", "a client that left"]
)
def test_an_answer_that_breaks_off_is_reported_and_a_client_that_left_isnt(api: Api, error: Exception) -> None:
    async def break_off(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        raise error

    async def receive() -> Message:
        raise AssertionError("there is no body to read")

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    reporter = FailureReporter(break_off, api.models, api.log)
    scope = {"type": "http", "method": "GET", "path": "/half", "headers": []}
    has_left = isinstance(error, ClientDisconnect)
    with nullcontext() if has_left else pytest.raises(RuntimeError):
        asyncio.run(reporter(scope, receive, send))
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"], (
        "and no second answer"
    )
    lines, metrics = failures(api)
    assert (len(lines), len(metrics)) == ((0, 0) if has_left else (1, 1))
