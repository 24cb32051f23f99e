from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from localaws.runtime import Launcher, Reaper
from localaws.runtime.launcher import Launched
from localaws.runtime.watchdog import process_parents
from localaws_testing.waiting import wait_until

Run = Callable[..., Launched]


@pytest.fixture
def run(launcher: Launcher, tmp_path: Path) -> Run:
    """Runs a shell's command in a folder of the test; what it prints as an error goes to the file `log`."""

    def run(command: str, *, program: str = "/bin/sh", by: Launcher = launcher) -> Launched:
        environment = {"PATH": os.defpath, "OWN": "value"}
        return by.start(["sh", "-c", command], Path(program), environment, str(tmp_path), tmp_path / "log", None)

    return run


def test_a_process_has_its_environment_its_folder_and_a_session_of_its_own(
    run: Run, launcher: Launcher, tmp_path: Path
) -> None:
    process = run('echo "$OWN $PWD $(cut -d" " -f6 /proc/$$/stat) $$" > out; env | wc -l >> out')
    process.wait()
    assert process.has_ended()
    own, rest = (tmp_path / "out").read_text().splitlines()
    assert own == f"value {tmp_path} {process.pid} {process.pid}"
    assert int(rest) <= 5  # what the shell itself adds, and the two that were given
    launcher.stop(process)


def test_signals_that_python_ignores_have_their_effect(run: Run, launcher: Launcher, tmp_path: Path) -> None:
    process = run("grep SigIgn /proc/self/status > out")
    process.wait()
    launcher.stop(process)
    ignored = int((tmp_path / "out").read_text().split()[1], 16)
    assert not ignored & (1 << signal.SIGPIPE - 1 | 1 << signal.SIGXFSZ - 1)


def test_a_program_that_does_not_exist_is_in_the_log(run: Run, launcher: Launcher, tmp_path: Path) -> None:
    process = run("true", program="/nowhere/sh")
    process.wait()
    launcher.stop(process)
    assert "No such file or directory: '/nowhere/sh'" in (tmp_path / "log").read_text()
    after = run("echo again > out")
    after.wait()
    launcher.stop(after)
    assert (tmp_path / "out").read_text() == "again\n"


def test_stopping_ends_the_session_and_its_descendants_whoever_asks(
    run: Run, launcher: Launcher, tmp_path: Path
) -> None:
    process = run("sleep 600 & setsid sleep 600 & echo $! > out; wait")
    assert wait_until(lambda: (tmp_path / "out").exists() and bool((tmp_path / "out").read_text()))
    child = int((tmp_path / "out").read_text())
    with ThreadPoolExecutor(4) as callers:
        list(callers.map(launcher.stop, [process] * 4))
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
    assert child not in process_parents()
    assert process.has_ended() and process.is_stopped
    process.wait()


def test_an_id_is_not_reused_before_the_process_was_stopped(run: Run, launcher: Launcher) -> None:
    process = run("true")
    process.wait()
    os.kill(process.pid, 0)  # it's still there, as what its parent didn't wait for
    launcher.stop(process)
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_closing_ends_the_program_and_what_it_started(reaper: Reaper, run: Run) -> None:
    launcher = Launcher(reaper)
    process = run("sleep 600", by=launcher)
    launcher.close()
    assert wait_until(process.has_ended)
    with pytest.raises(ProcessLookupError):
        os.kill(launcher.pid, 0)


def test_nothing_is_started_once_the_program_has_ended(reaper: Reaper, run: Run) -> None:
    with Launcher(reaper) as launcher:
        os.kill(launcher.pid, signal.SIGKILL)
        with pytest.raises(RuntimeError, match="the program that starts sandboxes has ended"):
            run("true", by=launcher)
