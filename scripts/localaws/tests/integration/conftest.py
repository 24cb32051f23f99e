"""One local AWS for the whole folder, run as a user runs it: in its own process, used by AWS clients."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from localaws_testing.ports import free_port

TEMPLATES = Path(__file__).parent / "templates"


@dataclass
class Running:
    """A local AWS process and the lines that it printed at its start."""

    process: subprocess.Popen[str]
    port: int
    printed: list[str]
    folder: Path
    environment: dict[str, str]
    clients: dict[str, Any] = field(default_factory=dict)

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
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Running]]:
    """Starts local AWS on a copy of a template; all that were started are stopped at the end."""
    running: list[Running] = []
    state = tmp_path_factory.mktemp("state")

    def begin(template: str | None, *options: str, wait: bool = True, port: int | None = None) -> Running:
        folder = tmp_path_factory.mktemp("project")
        shutil.copytree(TEMPLATES, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        port = port or free_port()
        arguments = ["--port", str(port), "--http-port", str(free_port()), "--state-dir", str(state), *options]
        process = subprocess.Popen(
            [sys.executable, "-m", "localaws", "up", *([template] if template else []), *arguments],
            cwd=folder,
            env=environment_for(port),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        cloud = Running(process, port, [], folder, environment_for(port))
        running.append(cloud)
        assert process.stdout
        if not wait:
            return cloud
        for line in process.stdout:
            cloud.printed.append(line.rstrip())
            if line.startswith("  export "):
                return cloud
        raise AssertionError("local AWS didn't start:\n" + "\n".join(cloud.printed))

    yield begin
    for cloud in running:
        if cloud.process.poll() is None:
            cloud.process.send_signal(signal.SIGTERM)
            cloud.process.wait(timeout=15)
        if cloud.process.stdout:
            cloud.process.stdout.close()


@pytest.fixture(scope="session")
def cloud(start: Callable[..., Running]) -> Running:
    """A local AWS that runs templates/loop.yaml."""
    return start("loop.yaml", "--parameter", "Greeting=hi")


@pytest.fixture(scope="session")
def outputs(cloud: Running) -> dict[str, str]:
    """The outputs of the stack of templates/loop.yaml."""
    return cloud.outputs()


@pytest.fixture(scope="module")
def deploy(cloud: Running) -> Iterator[Callable[[str, str], dict[str, str]]]:
    """Deploys a SAM template given as text, its functions' code inline; the stacks are deleted at the module's end."""
    client, names = cloud.client("cloudformation"), list[str]()

    def create(name: str, resources: str) -> dict[str, str]:
        names.append(name)
        client.create_stack(StackName=name, TemplateBody=f"Transform: AWS::Serverless-2016-10-31\n{resources}")
        stack = client.describe_stacks(StackName=name)["Stacks"][0]
        if stack["StackStatus"] != "CREATE_COMPLETE":
            events = client.describe_stack_events(StackName=name)["StackEvents"]
            raise AssertionError([event.get("ResourceStatusReason") for event in events])
        return {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}

    yield create
    for name in reversed(names):
        client.delete_stack(StackName=name)


@pytest.fixture(scope="session")
def archive() -> Callable[[str, str], bytes]:
    """Makes a zip of one file from its name and source."""

    def make(name: str, source: str) -> bytes:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            archive.writestr(name, source)
        return content.getvalue()

    return make
