from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .conftest import MakePool

TROUBLE = """
    import ctypes, os, sys, time
    def handler(event, context):
        kind = event["do"]
        if kind == "raise": raise ValueError("no such row")
        if kind == "exit": os._exit(3)
        if kind == "sys.exit": sys.exit(0)
        if kind == "segfault": ctypes.string_at(0)
        if kind == "set": return {1}
        if kind == "big": return "x" * 6_400_000
        if kind == "sleep": time.sleep(4)
        return "fine"
"""


def fail(pool: Any, do: str) -> tuple[Any, dict[str, Any], list[str]]:
    invocation = pool.invoke(json.dumps({"do": do}).encode())
    assert invocation.error == "Unhandled"
    return invocation, json.loads(invocation.payload), [line.message for line in invocation.log]


def assert_works(pool: Any) -> None:
    invocation = pool.invoke(b'{"do": "nothing"}')
    assert (invocation.error, invocation.payload) == (None, b'"fine"')


def test_an_exception_is_an_error_with_type_message_and_trace_and_the_sandbox_stays(make_pool: MakePool) -> None:
    pool = make_pool(TROUBLE)
    invocation, payload, log = fail(pool, "raise")
    assert payload["errorType"] == "ValueError"
    assert payload["errorMessage"] == "no such row"
    assert payload["requestId"] == invocation.request_id
    assert "no such row" in payload["stackTrace"][0]
    assert log[1].startswith("[ERROR] ValueError: no such row\nTraceback (most recent call last):\n")
    assert "Status" not in log[-1]
    after = pool.invoke(b'{"do": "nothing"}')
    assert after.init_ms is None


@pytest.mark.parametrize(
    ("do", "reason"),
    [
        ("exit", "Runtime exited with error: exit status 3"),
        ("segfault", "Runtime exited with error: signal: segmentation fault"),
        ("sys.exit", "Runtime exited without providing a reason"),
    ],
)
def test_a_process_that_exits_is_an_exit_error_and_the_next_call_works(
    make_pool: MakePool, do: str, reason: str
) -> None:
    pool = make_pool(TROUBLE)
    invocation, payload, log = fail(pool, do)
    message = f"RequestId: {invocation.request_id} Error: {reason}"
    assert payload == {"errorType": "Runtime.ExitError", "errorMessage": message}
    assert log[0] == f"START RequestId: {invocation.request_id} Version: $LATEST"
    assert f"{message}\nRuntime.ExitError" in log
    assert log[-1].endswith("\tStatus: error\tError Type: Runtime.ExitError")
    assert invocation.max_memory_mb > 5
    assert_works(pool)


def test_a_result_that_is_not_json_is_a_marshal_error(make_pool: MakePool) -> None:
    pool = make_pool(TROUBLE)
    _, payload, _ = fail(pool, "set")
    assert payload["errorType"] == "Runtime.MarshalError"
    assert "set is not JSON serializable" in payload["errorMessage"]
    assert_works(pool)


def test_a_response_over_six_megabytes_is_refused(make_pool: MakePool) -> None:
    pool = make_pool(TROUBLE)
    _, payload, log = fail(pool, "big")
    assert payload == {
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    }
    assert log[-1].endswith("Error Type: Function.ResponseSizeTooLarge")
    assert_works(pool)


def test_a_call_that_takes_too_long_is_ended_and_the_next_call_works(make_pool: MakePool) -> None:
    pool = make_pool(TROUBLE, timeout=1)
    invocation, payload, log = fail(pool, "sleep")
    message = f"RequestId: {invocation.request_id} Error: Task timed out after 1.00 seconds"
    assert payload == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    assert log[-3].endswith(f"Z {invocation.request_id} Task timed out after 1.00 seconds")
    assert log[-1].endswith("\tStatus: timeout")
    assert (invocation.duration_ms, invocation.max_memory_mb > 5) == (1000.0, True)
    assert_works(pool)


def test_init_does_not_eat_the_functions_time(make_pool: MakePool) -> None:
    pool = make_pool("import time\ntime.sleep(1.5)\ndef handler(event, context): return 'fine'", timeout=1)
    assert pool.invoke(b"{}").error is None


def test_an_endless_init_is_killed(make_pool: MakePool) -> None:
    pool = make_pool("import time\ntime.sleep(60)\ndef handler(event, context): pass", timeout=1, init_seconds=0.5)
    _, payload, log = fail(pool, "nothing")
    assert payload["errorType"] == "Sandbox.Timedout"
    assert log[0].startswith("START RequestId: ")


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        (
            "import nowhere_to_be_found",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module named 'nowhere_to_be_found'",
        ),
        (
            "def handler(:",
            "Runtime.UserCodeSyntaxError",
            "Syntax error in module 'app': invalid syntax (app.py, line 1)",
        ),
        ("other = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
        ("raise KeyError('MODELS_BUCKET')", "KeyError", "'MODELS_BUCKET'"),
    ],
)
def test_code_that_cannot_be_loaded_is_reported_with_the_cause(
    make_pool: MakePool, source: str, kind: str, message: str
) -> None:
    pool = make_pool(source)
    invocation, payload, log = fail(pool, "nothing")
    assert (payload["errorType"], payload["errorMessage"]) == (kind, message)
    assert any(line.startswith(f"[ERROR] {kind}: {message}") for line in log)
    assert log[-1].endswith(f"\tStatus: error\tError Type: {kind}")
    assert invocation.max_memory_mb > 5
    assert f"START RequestId: {invocation.request_id} Version: $LATEST" in log


def test_code_that_ends_the_process_while_it_is_imported_is_an_exit_error(make_pool: MakePool) -> None:
    _, payload, _ = fail(make_pool("import os\nos._exit(4)"), "nothing")
    assert payload["errorType"] == "Runtime.ExitError"


def test_a_fixed_function_works_at_the_next_call(make_pool: MakePool, write_code: Any) -> None:
    pool = make_pool("import nowhere_to_be_found")
    fail(pool, "nothing")
    write_code(TROUBLE)
    assert_works(pool)
