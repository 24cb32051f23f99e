from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from localaws.runtime.errors import PoolClosed
from localaws_testing.processes import is_alive
from localaws_testing.waiting import wait_until

if TYPE_CHECKING:
    from .conftest import MakePool

WHO = """
    import os, time
    def handler(event, context):
        time.sleep(event)
        return os.getpid()
"""


def test_sequential_calls_share_a_warm_sandbox(make_pool: MakePool) -> None:
    pool = make_pool(WHO)
    assert len({pool.invoke(b"0").payload for _ in range(5)}) == 1


def test_concurrent_calls_get_separate_sandboxes_up_to_the_limit(make_pool: MakePool) -> None:
    pool = make_pool(WHO, max_concurrency=3)
    with ThreadPoolExecutor(8) as callers:
        invocations = list(callers.map(pool.invoke, [b"0.2"] * 12))
    assert [invocation.error for invocation in invocations] == [None] * 12
    assert len({invocation.request_id for invocation in invocations}) == 12
    assert 2 <= len({invocation.payload for invocation in invocations}) <= 3
    assert len({invocation.log_stream for invocation in invocations}) <= 3


def test_an_edit_is_live_at_the_next_call(make_pool: MakePool, write_code: Callable[[str], Path]) -> None:
    pool = make_pool("def handler(event, context): return 0")
    assert pool.invoke(b"{}").payload == b"0"
    for number in range(1, 6):
        write_code(f"def handler(event, context): return {number}")
        assert pool.invoke(b"{}").payload == str(number).encode()


def test_a_new_a_removed_and_a_nested_file_count_as_edits(make_pool: MakePool, tmp_path: Path) -> None:
    pool = make_pool("""
        from pathlib import Path
        FOUND = sorted(str(path.relative_to(Path(__file__).parent)) for path in Path(__file__).parent.rglob("*.py"))
        def handler(event, context):
            return FOUND
    """)
    code = tmp_path / "code"
    assert json.loads(pool.invoke(b"{}").payload) == ["app.py"]
    (code / "inner").mkdir()
    (code / "inner" / "new.py").write_text("")
    assert json.loads(pool.invoke(b"{}").payload) == ["app.py", "inner/new.py"]
    (code / "inner" / "new.py").unlink()
    assert json.loads(pool.invoke(b"{}").payload) == ["app.py"]


def test_a_running_call_finishes_with_the_old_code(
    make_pool: MakePool, write_code: Callable[[str], Path], listener: socket.socket
) -> None:
    pool = make_pool(f"""
        import socket, time
        def handler(event, context):
            socket.create_connection(("127.0.0.1", {listener.getsockname()[1]}))
            time.sleep(1)
            return "old"
    """)
    with ThreadPoolExecutor(1) as callers:
        running = callers.submit(pool.invoke, b"{}")
        listener.accept()[0].close()
        write_code("def handler(event, context): return 'new'")
        assert pool.invoke(b"{}").payload == b'"new"'
        assert running.result().payload == b'"old"'
    assert pool.invoke(b"{}").payload == b'"new"'


def test_uploaded_code_is_not_watched(make_pool: MakePool, write_code: Callable[[str], Path]) -> None:
    pool = make_pool("def handler(event, context): return 'first'", in_place=False)
    assert pool.invoke(b"{}").payload == b'"first"'
    write_code("def handler(event, context): return 'second'")
    assert pool.invoke(b"{}").payload == b'"first"'


def test_a_stale_sandbox_is_ended(make_pool: MakePool, write_code: Callable[[str], Path]) -> None:
    pool = make_pool(WHO)
    old = int(pool.invoke(b"0").payload)
    write_code("def handler(event, context): return 0")
    pool.invoke(b"0")
    assert wait_until(lambda: not is_alive(old))


def test_closing_ends_idle_and_running_sandboxes_and_refuses_further_calls(make_pool: MakePool) -> None:
    pool = make_pool(WHO, timeout=60, max_concurrency=1)
    idle = int(pool.invoke(b"0").payload)
    failures: list[BaseException] = []

    def call() -> None:
        try:
            pool.invoke(b"50")
        except PoolClosed as closed:
            failures.append(closed)

    callers = [threading.Thread(target=call) for _ in range(2)]
    for caller in callers:
        caller.start()
    time.sleep(0.3)
    pool.close()
    for caller in callers:
        caller.join(10)
    assert len(failures) == 2
    assert wait_until(lambda: not is_alive(idle))
    with pytest.raises(PoolClosed, match="fn"):
        pool.invoke(b"0")


def test_a_closed_sandbox_leaves_no_file(make_pool: MakePool, home: Path) -> None:
    pool = make_pool(WHO, name="tidy")
    pool.invoke(b"0")
    assert list((home / "sandboxes").glob("tidy.*"))
    pool.close()
    assert not list((home / "sandboxes").glob("tidy.*"))
