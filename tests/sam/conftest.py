"""The SAM CLI as a person uses it beside `scripts/start --docker`, and a client of the engine that it runs on."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import docker
import pytest

from tests.loops import ROOT, Served, Started

CONFIG = ROOT / ".localaws/sam/samconfig.toml"
BUILD = ROOT / ".localaws/sam/build"
EVENTS = ROOT / "tests/events"


@dataclass(frozen=True)
class Sam:
    """The running loop in containers."""

    served: Served
    engine: Any

    @property
    def started(self) -> Started:
        return self.served.started

    @property
    def outputs(self) -> dict[str, str]:
        return self.served.outputs

    def client(self, service: str, endpoint: str | None = None) -> Any:
        """A client of local AWS, or of another endpoint."""
        settings = self.started.aws
        session: Any = boto3.Session("local", "local", region_name="us-east-1")
        return session.client(service, endpoint_url=endpoint or settings["AWS_ENDPOINT_URL"])

    def run(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """A `sam` command in the environment that `source .localaws/env` makes."""
        environment = {**os.environ, **self.started.aws, **docker_host(self.started), "SAM_CLI_TELEMETRY": "0"}
        environment.pop("PYTHONPATH", None)
        command = [ROOT / ".venv/bin/sam", *words]
        return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)

    def logged(self, group: str, wanted: Callable[[dict[str, Any]], bool], seconds: float = 15) -> list[dict[str, Any]]:
        """The events of a log group that are wanted, once there are some or the time is up."""
        end = time.monotonic() + seconds
        while True:
            events = self.client("logs").filter_log_events(logGroupName=self.outputs[group])["events"]
            found = [event for event in events if wanted(event)]
            if found or time.monotonic() > end:
                return found
            time.sleep(0.2)


def docker_host(started: Started) -> dict[str, str]:
    """Where the engine is that the loop started; nothing for one that ran before."""
    own = re.search(r"started a Docker Engine, .* at (unix://\S+);", started.output)
    return {"DOCKER_HOST": own[1]} if own else {}


@pytest.fixture(scope="session")
def sam(served: Served) -> Iterator[Sam]:
    own = docker_host(served.started)
    client = docker.DockerClient(base_url=own["DOCKER_HOST"]) if own else docker.from_env()
    yield Sam(served, client)
    client.close()


def event(name: str) -> Any:
    """One of the events under tests/events."""
    return json.loads((EVENTS / f"{name}.json").read_text())
