"""Starting, stopping, and what is said when it can't be done."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import boto3
import httpx
import pytest

from localaws_testing.ports import free_port
from tests.e2e.conftest import READY, ROOT, start
from tests.loops import Started

QUICK = ("--no-dataset", "--no-mlflow")


def descendants(pid: int) -> set[int]:
    """All living processes below this one."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] != "Z":
            parents[int(entry.parent.name)] = int(fields[1])
    found = {pid}
    while grown := {child for child, parent in parents.items() if parent in found} - found:
        found |= grown
    return found - {pid}


def alive(pids: set[int]) -> set[int]:
    return {pid for pid in pids if (Path("/proc") / str(pid) / "cmdline").exists() and _runs(pid)}


def _runs(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until_gone(pids: set[int], seconds: float = 15) -> set[int]:
    deadline = time.monotonic() + seconds
    while (left := alive(pids)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_start(number: signal.Signals) -> None:
    started = start()
    try:
        started.wait_for(READY)
        below = descendants(started.process.pid)
        assert below, "functions run in processes of their own"
    finally:
        code = started.stop(number)
    assert code == (-9 if number == signal.SIGKILL else 0)
    assert wait_until_gone(below) == set()


@pytest.mark.parametrize("option", ["port", "http-port", "mlflow-port"])
def test_a_busy_port_is_named_with_the_remedy(option: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        ports = {name: free_port() for name in ("port", "http-port", "mlflow-port")} | {option: taken}
        started = start(*(["--no-dataset"]), ports=ports)
        code = started.process.wait(120)
    assert code == 1
    assert f"Port {taken} is in use" in started.output
    assert f"--{option}" in started.output
    assert str(os.getpid()) in started.output


def test_the_help_names_each_option() -> None:
    done = subprocess.run([ROOT / "scripts/start", "--help"], capture_output=True, text=True, check=True)
    for option in ("--check", "--port", "--http-port", "--mlflow-port", "--no-mlflow", "--docker"):
        assert option in done.stdout


def test_the_next_start_goes_on_from_the_last_whatever_was_checked_between() -> None:
    ports = {name: free_port() for name in ("port", "http-port")}

    def buckets(started: Started) -> set[str]:
        session = boto3.Session("local", "local", region_name="us-east-1")
        s3 = session.client("s3", endpoint_url=started.aws["AWS_ENDPOINT_URL"])
        return {each["Name"] for each in s3.list_buckets()["Buckets"] if each["Name"].startswith("mlops-")}

    first = start(*QUICK, ports=ports)
    first.wait_for(READY)
    names = buckets(first)
    first.stop(keep=True)
    checked = start("--check", *QUICK, ports=ports, fresh=False)
    assert checked.process.wait(120) == 0, checked.output
    again = start(*QUICK, ports=ports, fresh=False)
    again.wait_for(READY)
    assert buckets(again) == names
    again.stop(keep=True)
    anew = start(*QUICK, ports=ports)
    anew.wait_for(READY)
    assert buckets(anew).isdisjoint(names)
    anew.stop()


def test_there_is_an_api_before_there_is_a_model() -> None:
    started = start(*QUICK)
    try:
        started.wait_for(READY)
        answer = httpx.post(f"http://localhost:{started.ports['http-port']}/predict", json={"rows": [{}]}, timeout=30)
    finally:
        started.stop()
    assert answer.status_code == 503
    assert "datasets/diagnosis/" in answer.json()["detail"]
