"""The process: its output, its errors, and that it leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest


def family(pid: int) -> set[int]:
    """A process and its descendants, those in sessions of their own included."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rsplit(")", 1)[1].split()[1])
    found = {pid}
    while True:
        more = {child for child, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def alive(pids: set[int]) -> set[int]:
    living = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            continue
        if state != "Z":
            living.add(pid)
    return living


def wait_until_gone(pids: set[int], seconds: float = 15) -> set[int]:
    end = time.monotonic() + seconds
    while alive(pids) and time.monotonic() < end:
        time.sleep(0.1)
    return alive(pids)


def test_the_start_prints_addresses_and_notes(cloud: Any, outputs: dict[str, str]) -> None:
    message = "\n".join(cloud.printed)
    assert f"AWS endpoint {cloud.endpoint} is ready" in message
    assert "note: nothing is encrypted at rest (Inbox.BucketEncryption)" in message
    assert re.search(r"stack local deployed in \d+\.\d s", message)
    for value in (outputs["Api"], outputs["Narrow"], outputs["Inbox"]):
        assert value in message


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_no_process_is_left_however_it_ends(start: Callable[..., Any], number: signal.Signals) -> None:
    cloud = start("loop.yaml")
    url = cloud.outputs()["Api"]
    assert httpx.get(f"{url}/items/1", timeout=30).status_code == 200
    pids = family(cloud.process.pid)
    assert len(pids) >= 4  # itself, the watchdog, an emulator and its Python
    cloud.process.send_signal(number)
    code = cloud.process.wait(timeout=15)
    assert code == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    assert not wait_until_gone(pids)
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


@pytest.mark.parametrize("step", ["Starting local AWS", "is ready", "built in"])
def test_it_stops_while_it_starts(start: Callable[..., Any], step: str) -> None:
    cloud = start("loop.yaml", wait=False)
    assert cloud.process.stdout
    for line in cloud.process.stdout:
        if step in line:
            break
    pids = family(cloud.process.pid)
    cloud.process.send_signal(signal.SIGTERM)
    assert cloud.process.wait(timeout=15) == 0
    assert "Traceback" not in cloud.process.stdout.read()
    assert not wait_until_gone(pids)


@pytest.mark.parametrize("option", ["--port", "--http-port"])
def test_a_port_in_use_is_reported_with_its_process_and_option(start: Callable[..., Any], option: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        options = () if option == "--port" else ("--http-port", str(port))
        cloud = start("loop.yaml", *options, wait=False, port=port if option == "--port" else None)
        output, _ = cloud.process.communicate(timeout=30)
    assert cloud.process.returncode == 1
    assert f"Port {port} is in use by" in output
    assert f"process {os.getpid()}" in output
    assert f"{option} PORT" in output


def test_a_template_is_refused_whole_and_nothing_starts(start: Callable[..., Any]) -> None:
    cloud = start("refused.yaml", wait=False)
    output, _ = cloud.process.communicate(timeout=30)
    assert cloud.process.returncode == 2
    for part in ("Db", "Weekly", "Uploads.ReplicationConfiguration", "Fn::Cidr", "Hooked.Events.Table"):
        assert part in output
    assert re.search(r"line \d+: Db", output)
    assert "Nothing was started" in output
    assert "ready" not in output


def test_a_failed_stack_is_reported_with_the_reason_and_local_aws_stops(
    start: Callable[..., Any],
) -> None:
    cloud = start("broken.yaml", wait=False)
    output, _ = cloud.process.communicate(timeout=30)
    assert cloud.process.returncode == 1
    assert "Stack local could not be deployed" in output
    assert re.search(r"line 7: WorkerJobs: ", output)  # the function that the template has for it
    assert "visibility timeout: 1 seconds is less than Function timeout: 9 seconds" in output


def test_a_missing_template_or_a_bad_parameter_is_reported(start: Callable[..., Any]) -> None:
    for arguments, words in (
        (("nowhere.yaml",), "The template nowhere.yaml doesn't exist"),
        (("loop.yaml", "--parameter", "Greeting"), "Key=Value"),
        (("loop.yaml", "--parameter", "WithExtra=maybe"), "WithExtra must be one of yes, no"),
    ):
        cloud = start(*arguments, wait=False)
        output, _ = cloud.process.communicate(timeout=30)
        assert cloud.process.returncode in (1, 2)
        assert words in output
        assert "Traceback" not in output


def test_a_bare_local_aws_needs_no_template(start: Callable[..., Any]) -> None:
    cloud = start(None)
    assert cloud.client("cloudformation").describe_stacks()["Stacks"] == []
    cloud.client("s3").create_bucket(Bucket="mine")
    names = [bucket["Name"] for bucket in cloud.client("s3").list_buckets()["Buckets"]]
    assert "mine" in names
