from __future__ import annotations

import base64
import json
import re
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .conftest import MakePool

REPORT = (
    r"REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms\tBilled Duration: (\d+) ms\tMemory Size: 128 MB\t"
    r"Max Memory Used: (\d+) MB(?:\tInit Duration: ([\d.]+) ms)?"
)

CONTEXT = """
    def handler(event, context):
        return {
            "event": event,
            "request_id": context.aws_request_id,
            "arn": context.invoked_function_arn,
            "version": context.function_version,
            "remaining": context.get_remaining_time_in_millis(),
            "custom": context.client_context.custom if context.client_context else None,
        }
"""


def call(pool: Any, event: Any = None, **options: Any) -> Any:
    invocation = pool.invoke(json.dumps(event).encode(), **options)
    assert invocation.error is None, invocation.payload
    return json.loads(invocation.payload)


def test_a_function_gets_its_event_and_returns_its_result(make_pool: MakePool) -> None:
    answer = call(make_pool(CONTEXT), {"rows": [1, 2.5, "é"]})
    assert answer["event"] == {"rows": [1, 2.5, "é"]}


def test_the_request_id_is_the_same_for_caller_function_and_log(make_pool: MakePool) -> None:
    pool = make_pool(CONTEXT)
    for request_id in ("11111111-aaaa-4bbb-8ccc-222222222222", None):
        invocation = pool.invoke(b"{}", request_id=request_id)
        messages = [line.message for line in invocation.log]
        assert invocation.request_id == (request_id or invocation.request_id)
        assert json.loads(invocation.payload)["request_id"] == invocation.request_id
        assert messages[0] == f"START RequestId: {invocation.request_id} Version: $LATEST"
        assert messages[-2] == f"END RequestId: {invocation.request_id}"
        assert messages[-1].startswith(f"REPORT RequestId: {invocation.request_id}\t")


def test_the_context_has_the_arn_the_version_and_the_remaining_time(make_pool: MakePool) -> None:
    pool = make_pool(CONTEXT, version="7", timeout=60)
    answer = call(pool)
    assert answer["arn"] == "arn:aws:lambda:eu-west-1:123456789012:function:fn:7"
    assert answer["version"] == "7"
    assert 55_000 < answer["remaining"] <= 60_000
    alias = "arn:aws:lambda:eu-west-1:123456789012:function:fn:live"
    assert call(pool, arn=alias)["arn"] == alias


def test_the_client_context_reaches_the_function(make_pool: MakePool) -> None:
    context = base64.b64encode(json.dumps({"custom": {"tenant": "ä"}}).encode()).decode()
    assert call(make_pool(CONTEXT), client_context=context)["custom"] == {"tenant": "ä"}


def test_the_trace_header_reaches_the_function(make_pool: MakePool) -> None:
    pool = make_pool("""
        import os
        def handler(event, context):
            return os.environ["_X_AMZN_TRACE_ID"]
    """)
    assert call(pool, trace="Root=1-5759e988-bd862e3fe1be46a994272793") == "Root=1-5759e988-bd862e3fe1be46a994272793"
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", call(pool))


def test_a_cold_start_reports_init_and_a_warm_call_does_not(make_pool: MakePool) -> None:
    pool = make_pool("import time\ntime.sleep(0.3)\ndef handler(event, context): pass")
    cold, warm = pool.invoke(b"{}"), pool.invoke(b"{}")
    assert cold.init_ms is not None and cold.init_ms >= 300
    assert cold.duration_ms < cold.init_ms
    assert cold.billed_ms >= cold.init_ms
    assert warm.init_ms is None
    assert warm.log_stream == cold.log_stream
    reports = [re.fullmatch(REPORT, invocation.log[-1].message) for invocation in (cold, warm)]
    assert reports[0] and float(reports[0][5]) >= 300
    assert reports[1] and reports[1][5] is None


def test_the_report_has_the_peak_memory(make_pool: MakePool) -> None:
    pool = make_pool("""
        def handler(event, context):
            held = bytearray(event * 1024 * 1024)
            held[::4096] = b"x" * len(held[::4096])
    """)
    small, big, after = (pool.invoke(json.dumps(size).encode()).max_memory_mb for size in (1, 80, 1))
    assert 5 < small < 60
    assert 80 < big < 160
    assert after == big


def test_output_becomes_log_lines_in_order(make_pool: MakePool) -> None:
    pool = make_pool("""
        import logging, subprocess, sys
        print("while starting")
        def handler(event, context):
            print("first\\nsecond")
            print("to stderr", file=sys.stderr)
            logging.getLogger().warning("one event\\nof two lines")
            subprocess.run(["echo", "from a child"], check=True)
            print("no newline", end="")
    """)
    first = pool.invoke(b"{}")
    messages = [line.message for line in first.log]
    assert messages[:5] == [
        "while starting",
        f"START RequestId: {first.request_id} Version: $LATEST",
        "first",
        "second",
        "to stderr",
    ]
    assert re.fullmatch(rf"\[WARNING\]\t\S+Z\t{first.request_id}\tone event\nof two lines", messages[5])
    assert messages[6:8] == ["from a child", "no newline"]
    assert len(messages) == 10
    stamps = [line.timestamp for line in first.log]
    assert stamps == sorted(stamps)
    assert "while starting" not in [line.message for line in pool.invoke(b"{}").log]


def test_more_output_than_a_pipe_holds_is_logged_completely(make_pool: MakePool) -> None:
    pool = make_pool("""
        def handler(event, context):
            for number in range(20_000):
                print(f"line {number:06}")
    """)
    lines = [line.message for line in pool.invoke(b"{}").log]
    assert lines[1:-2] == [f"line {number:06}" for number in range(20_000)]


def test_the_log_stream_is_named_as_on_aws(make_pool: MakePool) -> None:
    pool = make_pool("""
        import os
        def handler(event, context):
            return [context.log_group_name, context.log_stream_name]
    """)
    invocation = pool.invoke(b"{}")
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", invocation.log_stream)
    assert json.loads(invocation.payload) == ["/aws/lambda/fn", invocation.log_stream]


def test_binary_that_looks_like_nothing_known_does_not_stop_the_log(make_pool: MakePool) -> None:
    pool = make_pool("""
        import os
        def handler(event, context):
            os.write(1, bytes([0xff, 0xfe, 0x0a]))
            print("after")
    """)
    assert "after" in [line.message for line in pool.invoke(b"{}").log]


def test_each_call_starts_before_the_functions_own_lines_and_after_those_of_init(make_pool: MakePool) -> None:
    pool = make_pool("""
        print("of init")
        def handler(event, context):
            print("of the call")
    """)
    cold, warm = ([line.message.split(" ")[0] for line in pool.invoke(b"{}").log] for _ in range(2))
    assert cold == ["of", "START", "of", "END", "REPORT"]
    assert warm == ["START", "of", "END", "REPORT"]


def test_output_between_two_calls_is_logged_before_the_second_one(make_pool: MakePool, listener: socket.socket) -> None:
    pool = make_pool(f"""
        import socket, threading, time
        def late():
            time.sleep(0.2)
            print("late")
            socket.create_connection(("127.0.0.1", {listener.getsockname()[1]}))
        def handler(event, context):
            if event:
                threading.Thread(target=late).start()
    """)
    pool.invoke(b"true")
    listener.accept()[0].close()
    lines = [line.message.split(" ")[0] for line in pool.invoke(b"false").log]
    assert lines == ["late", "START", "END", "REPORT"]
