"""SIGINT and SIGTERM stop the start at a safe point, and nowhere else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from localaws.commands.interruption import Interruption

INTERRUPT = "os.kill(os.getpid(), signal.SIGTERM)"
START = "import os, signal, time\nfrom localaws.commands.interruption import Interruption\n"


@pytest.fixture
def interruption() -> Iterator[Interruption]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Interruption()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def run(source: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START + source], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_raises_only_at_the_next_check(interruption: Interruption, number: signal.Signals) -> None:
    interruption.check()
    os.kill(os.getpid(), number)
    interruption.wait()
    with pytest.raises(KeyboardInterrupt):
        interruption.check()


def test_a_signal_during_generated_code_does_not_change_the_exit_code() -> None:
    """KeyboardInterrupt from the handler would: once it has left exec() of a string, Python exits by SIGINT."""
    source = f"""
interruption = Interruption()
exec({INTERRUPT!r})
try:
    interruption.check()
except KeyboardInterrupt:
    print("stopped")
"""
    done = run(source)
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")


def test_a_start_that_reaches_no_check_is_ended_after_the_limit() -> None:
    done = run(f"with Interruption().limit(0.1):\n    {INTERRUPT}\n    time.sleep(60)\nprint('went on')")
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped\n", "")


def test_a_start_that_ends_within_the_limit_goes_on() -> None:
    done = run("with Interruption().limit(0.1):\n    pass\ntime.sleep(0.5)\nprint('went on')")
    assert (done.returncode, done.stdout) == (0, "went on\n")
