"""The engine that is started where none runs: it ends with whoever wanted it, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localaws.samlocal.engine import open_engine
from localaws.samlocal.errors import DockerUnavailable
from tests.leftovers import Leftovers
from tests.loops import ROOT

HOLDER = """
import sys, time
from pathlib import Path
from localaws.samlocal.engine import open_engine
from localaws.samlocal.errors import DockerUnavailable
try:
    with open_engine(Path(sys.argv[1]), print) as engine:
        assert engine.own
        print("up", flush=True)
        sys.stdin.read()
except DockerUnavailable as error:
    print("no Docker:", error, flush=True)
"""


@pytest.fixture
def network() -> Iterator[str]:
    """A network namespace of the test's own, so that its rules and bridges meet nobody else's."""
    if os.geteuid() != 0:
        pytest.skip("NOT ROOT, SO NO ENGINE CAN BE STARTED HERE")
    keeper = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
    while Path(f"/proc/{keeper.pid}/comm").read_text().strip() != "sleep":
        time.sleep(0.01)
    yield f"--net=/proc/{keeper.pid}/ns/net"
    keeper.kill()
    keeper.wait()


def hold(network: str, state: Path) -> subprocess.Popen[str]:
    """A process that wants an engine; returns once it has one."""
    # Where no engine is, so that none that runs is used.
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts"), "DOCKER_HOST": f"unix://{state}/none.sock"}
    command = ["nsenter", network, sys.executable, "-c", HOLDER, str(state)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout
    for line in process.stdout:
        if line.startswith("no Docker:"):
            pytest.skip(f"NO DOCKER HERE, SO NO ENGINE WAS TESTED: {line}{process.stdout.read()}")
        if line == "up\n":
            return process
    raise AssertionError(f"ended with {process.wait()}")


def rules(network: str) -> str:
    saved = subprocess.run(["nsenter", network, "iptables-save"], capture_output=True, text=True, check=True).stdout
    return "\n".join(line for line in saved.splitlines() if "DOCKER" in line or line.startswith("-A"))


def links(network: str) -> str:
    words = ["nsenter", network, "ip", "-oneline", "link", "show"]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_nothing_of_an_engine_is_left_however_its_user_ends(
    network: str, tmp_path: Path, number: signal.Signals
) -> None:
    before = Leftovers.now()
    process = hold(network, tmp_path)
    assert Leftovers.now().since(before).engines
    assert "DOCKER" in rules(network)
    assert "docker0" in links(network)
    process.send_signal(number)
    process.communicate()
    end = time.monotonic() + 30
    while (Leftovers.now().since(before) or "docker0" in links(network) or rules(network)) and time.monotonic() < end:
        time.sleep(0.2)
    assert not Leftovers.now().since(before)
    assert "docker0" not in links(network)
    assert rules(network) == ""


def test_a_second_command_of_the_same_folder_is_told_to_wait(
    network: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = hold(network, tmp_path)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    try:
        with (
            pytest.raises(DockerUnavailable, match="Another command uses the Docker"),
            open_engine(tmp_path, print),
        ):
            pass
    finally:
        process.communicate()


def test_without_docker_and_without_root_the_cause_and_the_remedy_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(DockerUnavailable, match="Start Docker, or run this as root"), open_engine(tmp_path, print):
        pass
