"""Calls that go to a `sam local start-lambda`, here a connection of the test's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from localaws.lambdas.container_pool import ContainerPool
from localaws.runtime.errors import PoolClosed, SandboxNotStarted
from localaws.runtime.function import FunctionConfig

Answer = tuple[int, bytes]


class Connection:
    """Records requests and returns the given responses."""

    asked: list[tuple[str, str, bytes]]
    answer: Answer | OSError

    def __init__(self, host: str, port: int, timeout: float) -> None:
        assert timeout > 7

    def request(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> None:
        if isinstance(self.answer, OSError):
            raise self.answer
        self.asked.append((method, path, body))

    def getresponse(self) -> Any:
        assert not isinstance(self.answer, OSError)
        status, body = self.answer

        class Response:
            def __init__(self) -> None:
                self.status = status

            def read(self) -> bytes:
                return body

        return Response()

    def close(self) -> None:
        pass


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer | OSError], tuple[ContainerPool, type[Connection]]]:
    def make(answer: Answer | OSError) -> tuple[ContainerPool, type[Connection]]:
        kind = type("Told", (Connection,), {"asked": [], "answer": answer})
        monkeypatch.setattr("http.client.HTTPConnection", kind)
        config = FunctionConfig(
            name="shop-api", environment={}, timeout=7, memory=128, region="us-east-1", handler="a.b", code=Path()
        )
        return ContainerPool(config, "http://127.0.0.1:3001", {"shop-api": "ApiFunction"}.get), kind

    return make


def test_a_function_is_called_by_its_logical_id(call: Any) -> None:
    pool, connection = call((200, b'{"ok": true}'))
    invocation = pool.invoke(b"{}", request_id="r-1")
    assert connection.asked == [("POST", "/2015-03-31/functions/ApiFunction/invocations", b"{}")]
    assert (invocation.request_id, invocation.payload, invocation.error) == ("r-1", b'{"ok": true}', None)
    assert invocation.log == ()


def test_a_functions_own_failure_is_an_answer(call: Any) -> None:
    raised = {"errorMessage": "no", "errorType": "RuntimeError", "requestId": "r", "stackTrace": []}
    pool, _ = call((200, json.dumps(raised).encode()))
    assert pool.invoke(b"{}").error == "Unhandled"


@pytest.mark.parametrize(
    "body", [b'{"errorType": "mine", "errorMessage": "mine", "more": 1}', b'"text"', b"[]", b"null"]
)
def test_a_result_that_resembles_an_error_is_not_a_failure(call: Any, body: bytes) -> None:
    pool, _ = call((200, body))
    assert pool.invoke(b"{}").error is None


@pytest.mark.parametrize(
    ("expected", "kind", "message"),
    [
        (b"Task timed out after 7.00 seconds", "Sandbox.Timedout", "timed out after 7.00 seconds"),
        (b"", "Runtime.ExitError", "without providing a reason"),
    ],
)
def test_plain_text_from_the_sam_cli_is_a_failure(call: Any, expected: bytes, kind: str, message: str) -> None:
    pool, _ = call((200, expected))
    invocation = pool.invoke(b"{}")
    assert invocation.error == "Unhandled"
    answer = json.loads(invocation.payload)
    assert answer["errorType"] == kind
    assert message in answer["errorMessage"]


@pytest.mark.parametrize("answer", [(502, b"no container"), ConnectionRefusedError("refused")])
def test_a_service_that_cannot_run_it_is_named(call: Any, answer: Any) -> None:
    pool, _ = call(answer)
    with pytest.raises(SandboxNotStarted, match=r"http://127\.0\.0\.1:3001 .*(no container|refused)"):
        pool.invoke(b"{}")


def test_a_function_of_another_template_is_refused(call: Any) -> None:
    pool, _ = call((200, b"{}"))
    other = ContainerPool(pool.config, "http://127.0.0.1:3001", lambda _: None)
    with pytest.raises(SandboxNotStarted, match="shop-api isn't in the template"):
        other.invoke(b"{}")


def test_a_closed_pool_takes_no_calls(call: Any) -> None:
    pool, _ = call((200, b"{}"))
    pool.close()
    with pytest.raises(PoolClosed):
        pool.invoke(b"{}")
