"""The stack whose trainings may run in containers, on a local AWS of its own, in a process of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from localaws.commands import remote
from localaws_testing.ports import free_port
from tests.loops import ROOT

TRAINED_SECONDS = 240
PARAMETERS = ("TrainSubnets=subnet-1,subnet-2", "TrainTimeout=300", "TrainRetryDelay=300", "TrainFanOut=2")


@dataclass(frozen=True)
class Deployed:
    """The stack, the model whose datasets are uploaded, and the process of local AWS."""

    port: int
    name: str
    outputs: dict[str, str]
    model: str
    process: int

    def client(self, service: str) -> Any:
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=f"http://localhost:{self.port}",
            region_name="us-east-1",
            aws_access_key_id="any",
            aws_secret_access_key="any",
        )

    def put(self, name: str, content: bytes) -> str:
        """Upload a dataset; returns its key."""
        key = f"datasets/{self.model}/{name}"
        self.client("s3").put_object(Bucket=self.outputs["DataBucketName"], Key=key, Body=content)
        return key

    def put_file(self, name: str, path: Path) -> str:
        """Upload a dataset from a file, in parts where it's large; returns its key."""
        key = f"datasets/{self.model}/{name}"
        self.client("s3").upload_file(str(path), self.outputs["DataBucketName"], key)
        return key

    def read(self, key: str, bucket: str = "DataBucketName") -> Any:
        """A JSON document; {} if there's none."""
        s3 = self.client("s3")
        with suppress(s3.exceptions.NoSuchKey):
            return json.loads(s3.get_object(Bucket=self.outputs[bucket], Key=key)["Body"].read())
        return {}

    def report(self, key: str) -> Any:
        """The report on a dataset, once there is one."""
        return self.until(lambda: self.read(f"{key}.report.json"), f"a report on {key}")

    def until(self, look: Any, what: str, seconds: float = TRAINED_SECONDS) -> Any:
        """What is looked for, once it's there."""
        deadline = time.monotonic() + seconds
        while not (found := look()):
            assert time.monotonic() < deadline, (what, self.executions())
            time.sleep(0.2)
        return found

    @property
    def machine(self) -> str:
        """The state machine that trains."""
        found = self.client("stepfunctions").list_state_machines()["stateMachines"]
        return next(str(each["stateMachineArn"]) for each in found if each["name"].endswith("-train"))

    def executions(self) -> list[dict[str, Any]]:
        """The executions of the state machine, the newest first."""
        client = self.client("stepfunctions")
        executions = client.list_executions(stateMachineArn=self.machine)["executions"]
        return [client.describe_execution(executionArn=each["executionArn"]) for each in executions]

    def succeeded(self) -> dict[str, Any]:
        """The newest execution, once it has succeeded."""
        self.until(lambda: self.executions()[0]["status"] != "RUNNING", "the end of the execution")
        found = self.executions()[0]
        assert found["status"] == "SUCCEEDED", found
        return found

    def states(self) -> list[str]:
        """The states that the newest execution has entered."""
        arn = self.executions()[0]["executionArn"]
        history = self.client("stepfunctions").get_execution_history(executionArn=arn)["events"]
        return [each["stateEnteredEventDetails"]["name"] for each in history if "stateEnteredEventDetails" in each]

    def children(self) -> Counter[str]:
        """How many parts of the search ended how, of the newest execution."""
        client, arn = self.client("stepfunctions"), self.executions()[0]["executionArn"]
        runs = client.list_map_runs(executionArn=arn)["mapRuns"]
        found: Counter[str] = Counter()
        for run in runs:
            listed = client.list_executions(mapRunArn=run["mapRunArn"], maxResults=1000)["executions"]
            found.update(child["status"] for child in listed)
        return found

    def tasks(self) -> list[str]:
        """The containers that run."""
        ecs = self.client("ecs")
        (cluster,) = ecs.list_clusters()["clusterArns"]
        arns = ecs.list_tasks(cluster=cluster)["taskArns"]
        found = ecs.describe_tasks(cluster=cluster, tasks=arns)["tasks"] if arns else []
        return [task["taskArn"] for task in found if task["lastStatus"] == "RUNNING"]

    def tick(self, duration: str) -> None:
        """Move the clock."""
        remote.call(self.port, "tick", {"duration": duration})

    def digests(self) -> dict[str, str]:
        """The digest of each file that the first version has."""
        manifest = self.read(f"{self.model}/versions/1/manifest.json", "ModelsBucketName")
        return {name: manifest["files"][name]["sha256"] for name in ("model.onnx", "golden.json", "contract.json")}

    def forget_versions(self) -> None:
        s3, bucket = self.client("s3"), self.outputs["ModelsBucketName"]
        for found in s3.list_object_versions(Bucket=bucket)["Versions"]:
            s3.delete_object(Bucket=bucket, Key=found["Key"], VersionId=found["VersionId"])


@contextmanager
def deployed_project(
    project: Path, model: str, spec: str, memory: int | None = None, parameters: tuple[str, ...] = PARAMETERS
) -> Iterator[Deployed]:
    """The project's template as it is, but for one more model, and `memory` in MB of TrainFunction if it's given."""
    for folder in ("functions", "layers"):
        shutil.copytree(ROOT / folder, project / folder, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("pyproject.toml", ".dockerignore"):
        shutil.copy(ROOT / name, project / name)
    template = (ROOT / "template.yaml").read_text()
    before, function, rest = template.partition("  TrainFunction:\n")
    assert "MemorySize: 3008" in rest
    if memory:
        rest = rest.replace("MemorySize: 3008", f"MemorySize: {memory}", 1)
    (project / "template.yaml").write_text(before + function + rest)
    (project / "functions" / "models" / f"{model}.py").write_text(spec)
    port = free_port()
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "localaws", "up", "template.yaml", "--iam", "enforce"),
            *("--port", str(port), "--http-port", str(free_port()), "--state-dir", str(ROOT / ".localaws")),
            *(word for parameter in parameters for word in ("--parameter", parameter)),
        ],
        cwd=project,
        env={name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    lines: list[str] = []
    assert process.stdout
    for line in process.stdout:
        lines.append(line)
        if line.startswith("  export "):
            break
    else:
        raise AssertionError("".join(lines))
    reader = threading.Thread(target=lambda: lines.extend(process.stdout or ()), daemon=True)
    reader.start()
    bare = Deployed(port, "", {}, model, process.pid)
    (stack,) = bare.client("cloudformation").describe_stacks()["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    try:
        yield Deployed(port, stack["StackName"], outputs, model, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        reader.join(10)
        process.stdout.close()
