"""One local AWS for the whole folder, run as a user runs it: in its own process, used by AWS clients."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localaws.commands import remote
from localaws_testing.ports import free_port

TEMPLATES = Path(__file__).parent / "templates"
# A busy machine takes seconds to end a process.
STOP_SECONDS = 60


@dataclass
class Running:
    """A local AWS process and the lines that it printed at its start."""

    process: subprocess.Popen[str]
    port: int
    printed: list[str]
    folder: Path
    environment: dict[str, str]
    clients: dict[str, Any] = field(default_factory=dict)
    reader: threading.Thread | None = None

    @property
    def endpoint(self) -> str:
        return f"http://localhost:{self.port}"

    def client(self, service: str) -> Any:
        if service not in self.clients:
            self.clients[service] = boto3.client(
                service,  # type: ignore[call-overload]
                endpoint_url=self.endpoint,
                region_name="us-east-1",
                aws_access_key_id="any",
                aws_secret_access_key="any",
                config=Config(retries={"max_attempts": 0}, read_timeout=60),
            )
        return self.clients[service]

    def outputs(self, stack: str = "local") -> dict[str, str]:
        found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}

    def call(self, function: str, event: Any = None, **options: Any) -> Any:
        """Call a function; returns its result, None for an asynchronous call."""
        client = self.client("lambda")
        payload = client.invoke(FunctionName=function, Payload=json.dumps(event or {}), **options)["Payload"].read()
        return json.loads(payload) if payload else None

    def deploy(self, name: str, template: str, **parameters: str) -> dict[str, str]:
        """Create a stack; returns its outputs. An AssertionError has the reasons if it fails."""
        client = self.client("cloudformation")
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        client.create_stack(StackName=name, TemplateBody=template, Parameters=given)
        assert self.status(name) == "CREATE_COMPLETE", self.reasons(name)
        return self.outputs(name)

    def status(self, stack: str) -> str:
        """The status of a stack."""
        return str(self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])

    def reasons(self, stack: str) -> str:
        """The reasons in a stack's events, the newest first."""
        events = self.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        return " ".join(event.get("ResourceStatusReason", "") for event in events)

    def tick(self, duration: str) -> datetime:
        """Move the clock, as `localaws tick` does; returns its time."""
        return datetime.fromisoformat(remote.call(self.port, "tick", {"duration": duration})["now"])

    def image(self, function: str) -> str:
        """The URI of a function's image."""
        return str(self.client("lambda").get_function(FunctionName=function)["Code"]["ImageUri"])

    def wait_until_ready(self) -> None:
        """Read the lines that it prints until it has started."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.printed.append(line.rstrip())
            if line.startswith("  export "):
                return
        raise AssertionError("local AWS didn't start:\n" + "\n".join(self.printed))

    def read(self) -> None:
        """From now on read the lines that it prints, until it ends: a full pipe would stop one that prints much."""
        self.reader = threading.Thread(target=self._read_all, name="reader")
        self.reader.start()

    def _read_all(self) -> None:
        assert self.process.stdout
        self.printed.extend(line.rstrip() for line in self.process.stdout)

    def stop(self) -> None:
        """End it, if it runs, and what reads it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(timeout=STOP_SECONDS)
        if self.reader:
            self.reader.join(timeout=STOP_SECONDS)
        if self.process.stdout:
            self.process.stdout.close()

    def run(self, *command: str, timeout: float = 90) -> subprocess.CompletedProcess[str]:
        """Run a tool of the environment, such as `aws`, against this local AWS."""
        tool = Path(sys.executable).parent / command[0]
        return subprocess.run(
            [str(tool), *command[1:]],
            cwd=self.folder,
            env=self.environment,
            text=True,
            capture_output=True,
            timeout=timeout,
            check=False,
        )

    def drain(self, queue_url: str, until: Callable[[list[Any]], bool], seconds: float = 20) -> list[Any]:
        """Receive and delete messages until `until` of their decoded bodies is true, or the time is up."""
        bodies: list[Any] = []
        end = time.monotonic() + seconds
        sqs = self.client("sqs")
        while not until(bodies) and time.monotonic() < end:
            answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                bodies.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def logged(self, group: str, wanted: str, count: int = 1, seconds: float = 20) -> list[str]:
        """The messages of a log group that contain `wanted`, once there are `count` of them or the time is up."""
        logs = self.client("logs")
        end = time.monotonic() + seconds
        while True:
            try:
                events = logs.filter_log_events(logGroupName=group)["events"]
            except logs.exceptions.ResourceNotFoundException:
                events = []
            found = [event["message"] for event in events if wanted in event["message"]]
            if len(found) >= count or time.monotonic() > end:
                return found
            time.sleep(0.1)


def environment_for(port: int) -> dict[str, str]:
    """The environment variables for a local AWS on a port."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
    return kept | {
        "AWS_ENDPOINT_URL": f"http://localhost:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "any",
        "SAM_CLI_TELEMETRY": "0",
    }


@pytest.fixture(scope="session")
def launch(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., AbstractContextManager[Running]]:
    """Runs local AWS on a copy of a template, until the block ends."""
    state = tmp_path_factory.mktemp("state")

    @contextmanager
    def run(
        template: str | None,
        *options: str,
        wait: bool = True,
        read: bool = False,
        port: int | None = None,
        by: tuple[str, ...] = (),
    ) -> Iterator[Running]:
        """With `by`, Python runs that, with the arguments that would start local AWS.

        With `read`, what it prints after its start is read too.
        """
        folder = tmp_path_factory.mktemp("project")
        shutil.copytree(TEMPLATES, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        port = port or free_port()
        arguments = ["--port", str(port), "--http-port", str(free_port()), "--state-dir", str(state), *options]
        process = subprocess.Popen(
            [sys.executable, *by, "-m", "localaws", "up", *([template] if template else []), *arguments],
            cwd=folder,
            env=environment_for(port),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        running = Running(process, port, [], folder, environment_for(port))
        try:
            if wait:
                running.wait_until_ready()
            if read:
                running.read()
            yield running
        finally:
            running.stop()

    return run


@pytest.fixture
def start(launch: Callable[..., AbstractContextManager[Running]], tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts local AWS as `launch` does; all that a test started are stopped at its end, before `tmp_path` goes."""
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(launch(*arguments, **options))


@pytest.fixture(scope="session")
def cloud(launch: Callable[..., AbstractContextManager[Running]]) -> Iterator[Running]:
    """A local AWS that runs templates/loop.yaml."""
    with launch("loop.yaml", "--parameter", "Greeting=hi", read=True) as running:
        yield running


@pytest.fixture(scope="session")
def own_root(cloud: Running) -> None:
    """Skips a test of what only a root file system of a function's own gives."""
    if any("functions share this machine's file system" in line for line in cloud.printed):
        pytest.skip("this machine lets functions have no root of their own")


@pytest.fixture(scope="session")
def outputs(cloud: Running) -> dict[str, str]:
    """The outputs of the stack of templates/loop.yaml."""
    return cloud.outputs()


@pytest.fixture(scope="module")
def deploy(cloud: Running) -> Iterator[Callable[[str, str], dict[str, str]]]:
    """Deploys a SAM template given as text, its functions' code inline; the stacks are deleted at the module's end."""
    names: list[str] = []

    def create(name: str, resources: str) -> dict[str, str]:
        names.append(name)
        return cloud.deploy(name, f"Transform: AWS::Serverless-2016-10-31\n{resources}")

    yield create
    for name in reversed(names):
        cloud.client("cloudformation").delete_stack(StackName=name)


@pytest.fixture(scope="session")
def archive() -> Callable[[str, str], bytes]:
    """Makes a zip of one file from its name and source."""

    def make(name: str, source: str) -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(name, source)
        return content.getvalue()

    return make
