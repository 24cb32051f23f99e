from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from localaws.runtime import Reaper
from localaws_testing.processes import is_alive
from localaws_testing.waiting import wait_until

# Starts a sandbox whose function starts a child in a new session, prints all process ids, and waits.
PARENT = """
    import json, sys, time
    from pathlib import Path
    from localaws.runtime import FunctionConfig, FunctionPool, Launcher, Reaper, find_emulator
    home, code = Path(sys.argv[1]), Path(sys.argv[2])
    reaper = Reaper()
    config = FunctionConfig(
        name="fn", environment={}, timeout=60, memory=128, region="us-east-1", handler="app.handler", code=code
    )
    launcher = Launcher(reaper)
    pool = FunctionPool(config, home, find_emulator(home), launcher)
    pids = json.loads(pool.invoke(b"{}").payload)
    print(json.dumps([*pids, reaper.watchdog_pid, launcher.pid]), flush=True)
    time.sleep(600)
"""
HANDLER = """
    import os, subprocess
    def handler(event, context):
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        return [os.getpid(), os.getppid(), child.pid]
"""


@pytest.mark.parametrize("way", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_survives_the_main_process_however_it_dies(
    home: Path, write_code: Callable[[str], Path], way: signal.Signals
) -> None:
    argv = [sys.executable, "-c", dedent(PARENT), str(home), str(write_code(HANDLER))]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().decode().strip("[]\n").split(", ")]
        assert len(pids) == 5
        assert all(is_alive(pid) for pid in pids)
        parent.send_signal(way)
        parent.wait(10)
    assert wait_until(lambda: not any(is_alive(pid) for pid in pids)), [pid for pid in pids if is_alive(pid)]


def test_stopping_a_process_ends_its_children_too() -> None:
    with Reaper() as reaper:
        # Without the last command the shell may end by itself, when its children have been ended.
        script = "sleep 600 & echo $!; setsid sleep 600 & echo $!; wait; exec sleep 600"
        process = reaper.spawn(["sh", "-c", script], stdout=subprocess.PIPE)
        assert process.stdout is not None
        children = [int(process.stdout.readline()) for _ in range(2)]
        assert all(is_alive(pid) for pid in children)
        reaper.stop(process)
        process.stdout.close()
        assert not any(is_alive(pid) for pid in [process.pid, *children])
        assert process.returncode == -signal.SIGKILL


def test_stopping_twice_or_after_the_end_is_harmless() -> None:
    with Reaper() as reaper:
        process = reaper.spawn(["true"])
        process.wait(10)
        reaper.stop(process)
        reaper.stop(process)
        assert process.returncode == 0


def test_closing_ends_everything_and_the_watchdog() -> None:
    reaper = Reaper()
    process = reaper.spawn(["sleep", "600"])
    reaper.close()
    assert not is_alive(process.pid)
    assert not is_alive(reaper.watchdog_pid)


def test_nothing_is_started_without_a_watchdog() -> None:
    reaper = Reaper()
    os.kill(reaper.watchdog_pid, signal.SIGKILL)
    assert wait_until(lambda: not is_alive(reaper.watchdog_pid))
    with pytest.raises(RuntimeError, match="watchdog"):
        reaper.spawn(["sleep", "600"])
    reaper.close()
