"""The whole loop, started as a person would start it, in a process of its own, to be used from outside."""

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
import httpx
import pytest

from cli.api import KEY_VARIABLE, connect
from cli.reports import wait_for_report
from cli.stack import Stack
from localaws_testing.ports import free_port
from loop.api_key import FILE as KEY_FILE

ROOT = Path(__file__).parents[1]
READY = "Ctrl-C stops everything."
START_SECONDS = 240


@dataclass
class Started:
    """A running `scripts/start`, with what it printed so far."""

    process: subprocess.Popen[str]
    ports: dict[str, int]
    lines: list[str] = field(default_factory=list)

    @property
    def output(self) -> str:
        return "".join(self.lines)

    def wait_for(self, text: str, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while text not in self.output:
            assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.output}"
            assert time.monotonic() < deadline, f"no {text!r} after {seconds} s:\n{self.output}"
            time.sleep(0.05)

    @property
    def aws(self) -> dict[str, str]:
        """The settings that lead to it once it's up: those of AWS, and the key of its API."""
        return {
            "AWS_ENDPOINT_URL": f"http://localhost:{self.ports['port']}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            KEY_VARIABLE: self.key,
        }

    @property
    def key(self) -> str:
        """The key of its API."""
        return (ROOT / ".localaws" / KEY_FILE).read_text()

    def connect(self, timeout: float = 30) -> httpx.Client:
        """A client of its API, with the key."""
        return connect(f"http://localhost:{self.ports['http-port']}", timeout, self.key)

    def reaches(self, text: str, seconds: float) -> bool:
        """Whether it says so, within the time; False if it ends before."""
        deadline = time.monotonic() + seconds
        while text not in self.output and self.process.poll() is None:
            assert time.monotonic() < deadline, f"no {text!r} after {seconds} s:\n{self.output}"
            time.sleep(0.05)
        return text in self.output

    def stop(self, number: signal.Signals = signal.SIGTERM, *, keep: bool = False) -> int:
        if self.process.poll() is None:
            self.process.send_signal(number)
        status = self.process.wait(60)
        # A port of its own for each start: nobody goes on from there.
        if not keep:
            shutil.rmtree(ROOT / ".localaws" / "kept" / str(self.ports["port"]), ignore_errors=True)
        return status


def start(*options: str, ports: dict[str, int] | None = None, fresh: bool = True) -> Started:
    """Run scripts/start on free ports, in a process of its own."""
    ports = ports or {name: free_port() for name in ("port", "http-port", "mlflow-port")}
    arguments = [word for name, port in ports.items() for word in (f"--{name}", str(port))]
    process = subprocess.Popen(
        [ROOT / "scripts/start", *(["--fresh"] if fresh else []), *arguments, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
        env={**os.environ, "COLUMNS": "160"},
    )
    started = Started(process, ports)

    def collect() -> None:
        assert process.stdout
        with process.stdout:
            for line in process.stdout:
                started.lines.append(line)

    threading.Thread(target=collect, daemon=True).start()
    return started


@dataclass(frozen=True)
class Loop:
    """The live loop: where its API, its AWS and its MLflow are."""

    started: Started
    api: httpx.Client
    stack: Stack
    mlflow_url: str

    def put(self, name: str, content: bytes, model: str = "diagnosis") -> dict[str, Any]:
        """Upload a dataset, wait for its report, return it with the key it lies at."""
        bucket, key = self.stack.outputs["DataBucketName"], f"datasets/{model}/{name}"
        version = self.stack.s3.put_object(Bucket=bucket, Key=key, Body=content).get("VersionId")
        return {"key": key, **wait_for_report(self.stack, bucket, key, version, 120)}

    def champion(self) -> int:
        return read_champion(self.stack.s3, self.stack.outputs["ModelsBucketName"])

    def versions(self) -> list[int]:
        """The complete versions that lie in the models bucket."""
        pages = self.stack.s3.get_paginator("list_objects_v2").paginate(
            Bucket=self.stack.outputs["ModelsBucketName"], Prefix="diagnosis/versions/"
        )
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return sorted(int(key.split("/")[2]) for key in keys if key.endswith("/manifest.json"))


@contextmanager
def running_loop(*options: str) -> Iterator[Loop]:
    """`scripts/start` with these options, until the block ends; AWS settings of this process point at it meanwhile."""
    started = start(*options)
    try:
        started.wait_for(READY)
        with pytest.MonkeyPatch.context() as patch:
            for name, value in started.aws.items():
                patch.setenv(name, value)
            boto3.setup_default_session()
            stack = Stack("mlops")
            with started.connect() as api:
                yield Loop(started, api, stack, f"http://127.0.0.1:{started.ports['mlflow-port']}")
        assert started.process.poll() is None, f"the loop ended during the tests:\n{started.output}"
    finally:
        started.stop()


@dataclass(frozen=True)
class Served:
    """The loop in containers, what its API answered before there was a model, and clients of its AWS."""

    started: Started
    unready: httpx.Response
    clients: Callable[[str], Any]

    @cached_property
    def outputs(self) -> dict[str, str]:
        return stack_outputs(self.clients("cloudformation"), "mlops")

    def put(self, name: str, content: bytes) -> dict[str, Any]:
        """Upload a dataset, and return its report."""
        return put_dataset(self.clients("s3"), self.outputs["DataBucketName"], name, content)


def read_champion(s3: Any, bucket: str) -> int:
    """The champion as the registry has it; each instance of the API follows it in its own time."""
    alias = json.load(s3.get_object(Bucket=bucket, Key="diagnosis/aliases/champion.json")["Body"])
    version: int = alias["version"]
    return version


def stack_outputs(cloudformation: Any, name: str) -> dict[str, str]:
    """The outputs of a stack."""
    found = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}


def put_dataset(s3: Any, bucket: str, name: str, content: bytes, seconds: float = 240) -> dict[str, Any]:
    """Upload a dataset for `diagnosis`, wait for the report on exactly this upload, return it with its key."""
    key = f"datasets/diagnosis/{name}"
    version = s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with suppress(s3.exceptions.NoSuchKey):
            report: dict[str, Any] = json.loads(s3.get_object(Bucket=bucket, Key=f"{key}.report.json")["Body"].read())
            if report["s3_version"] == version:
                return {"key": key, **report}
        time.sleep(0.25)
    raise AssertionError(f"no report on {key} after {seconds} s")
