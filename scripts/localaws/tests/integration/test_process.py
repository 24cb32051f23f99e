"""The process: its output, its errors, and that it leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from localaws_testing.ports import free_port
from localaws_testing.processes import descendants, wait_until_gone


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
    pids = descendants(cloud.process.pid)
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
    pids = descendants(cloud.process.pid)
    cloud.process.send_signal(signal.SIGTERM)
    assert cloud.process.wait(timeout=15) == 0
    assert "Traceback" not in cloud.process.stdout.read()
    assert not wait_until_gone(pids)


@pytest.mark.proves("start busy ports")
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
    for step in ("ready", "installing", "built"):
        assert step not in output, "it's named before anything is built"


def test_a_further_api_is_served_on_the_next_port_that_nothing_uses(start: Callable[..., Any]) -> None:
    first = free_port()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", first + 1))
        holder.listen()
        cloud = start("loop.yaml", "--http-port", str(first))
        ports = {int(cloud.outputs()[name].rpartition(":")[2].strip("/")) for name in ("Api", "Narrow")}
    assert first in ports
    assert first + 1 not in ports


def test_a_template_is_refused_whole_and_nothing_starts(start: Callable[..., Any]) -> None:
    cloud = start("refused.yaml", wait=False)
    output, _ = cloud.process.communicate(timeout=30)
    assert cloud.process.returncode == 2
    for part in ("Db", "Weekly", "Uploads.ReplicationConfiguration", "Fn::ValueOf", "Hooked.Events.Topic"):
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
