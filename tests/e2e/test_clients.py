"""Clients that nobody here wrote: the AWS CLI and the SAM CLI."""

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import boto3
import pytest

from cli.api import connect
from cli.key_table import KeyTable
from cli.reports import wait_for_report
from cli.stack import Stack
from tests.e2e.conftest import ROOT, Loop
from tests.e2e.test_switch import without_rows

BIN = ROOT / ".venv/bin"


def run(*words: str | Path, folder: Path = ROOT) -> str:
    environment = {**os.environ, "SAM_CLI_TELEMETRY": "0", "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(words, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def aws(loop: Loop, *words: str | Path) -> str:
    return run(BIN / "aws", "--endpoint-url", f"http://localhost:{loop.started.ports['port']}", *words)


def test_aws_s3_cp_starts_a_training(loop: Loop, dataset: bytes, tmp_path: Path) -> None:
    file = tmp_path / "by-the-aws-cli.csv"
    file.write_bytes(without_rows(dataset, slice(30, 34)))
    before = len(loop.versions())
    target = f"s3://{loop.stack.outputs['DataBucketName']}/datasets/diagnosis/"
    aws(loop, "s3", "cp", file, target)
    deadline = time.monotonic() + 120
    while len(loop.versions()) == before:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert len(loop.versions()) == before + 1
    assert f"{file.name}.report.json" in aws(loop, "s3", "ls", target)


def test_aws_logs_start_query_counts_predictions_by_version(loop: Loop, row: dict[str, Any]) -> None:
    answer = loop.api.post("/predict", json={"rows": [row] * 3}).json()
    now = int(time.time())
    query = 'filter record = "prediction" | stats count(*) by model_version'
    window = ["--start-time", str(now - 3600), "--end-time", str(now + 5)]
    group = ["--log-group-name", loop.stack.outputs["ApiLogGroup"]]
    started = json.loads(aws(loop, "logs", "start-query", *group, *window, "--query-string", query, "--output", "json"))
    while True:
        words = ["--query-id", started["queryId"], "--output", "json"]
        results = json.loads(aws(loop, "logs", "get-query-results", *words))
        if results["status"] == "Complete":
            break
        time.sleep(0.2)
    rows = [{cell["field"]: cell["value"] for cell in found} for found in results["results"]]
    counts = {int(found["model_version"]): int(found["count(*)"]) for found in rows}
    assert counts[answer["version"]] >= 3


def test_aws_lambda_invoke_runs_the_function_behind_the_alias(loop: Loop, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    words = ["--function-name", "mlops-api", "--qualifier", "live", "--log-type", "Tail", "--output", "json"]
    event = f"fileb://{ROOT / 'tests/events/http-get-health.json'}"
    told = json.loads(aws(loop, "lambda", "invoke", *words, "--payload", event, out))
    assert told["StatusCode"] == 200
    assert told["ExecutedVersion"] == "1"
    assert "FunctionError" not in told
    assert json.loads(out.read_text())["statusCode"] == 200


@pytest.fixture(scope="module")
def second_stack(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The project's own template, built and deployed once more by the SAM CLI."""
    build = tmp_path_factory.mktemp("sam")
    image = boto3.client("lambda").get_function(FunctionName="mlops-train")["Code"]["ImageUri"]
    folders = ["--build-dir", str(build / "build"), "--cache-dir", str(build / "cache")]
    run(BIN / "sam", "build", "ApiFunction", *folders)
    run(
        *(BIN / "sam", "deploy", "--config-file", ROOT / "samconfig.toml", "--config-env", "local"),
        *("--stack-name", "second", "--template-file", build / "build/template.yaml", "--no-progressbar"),
        *("--parameter-overrides", f"TrainImageUri={image} TrainTimeout=300 TrainRetryDelay=300"),
    )
    stacks = boto3.client("cloudformation").describe_stacks(StackName="second")["Stacks"]
    assert stacks[0]["StackStatus"] == "CREATE_COMPLETE"
    return "second"


def test_sam_deploy_brings_up_a_second_loop(loop: Loop, second_stack: str, dataset: bytes) -> None:
    stack = Stack(second_stack)
    key, _ = KeyTable.of(stack).issue("reader", ["read"])
    with connect(stack.outputs["ApiUrl"], 30, key) as api:
        (model,) = api.get("/models").json()["models"]
    assert model["champion"] is None

    bucket, key = stack.outputs["DataBucketName"], "datasets/diagnosis/first.csv"
    version = stack.s3.put_object(Bucket=bucket, Key=key, Body=dataset)["VersionId"]
    report = wait_for_report(stack, bucket, key, version, 120)

    assert (report["outcome"], report["version"]) == ("promoted", 1)
    assert loop.stack.outputs["DataBucketName"] != bucket
