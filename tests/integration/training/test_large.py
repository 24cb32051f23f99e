"""What is too large for the function moves to a container, which makes the same version, byte for byte."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from mlops.registry.manifest.manifest import Manifest
from mlops.registry.store import open_store
from mlops.registry.versions import Versions
from mlops.training.reproduction import REPEATABLE
from tests.integration.training.conftest import ROOT, Context, Function

Load = Callable[..., Function]
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/train:1"


@dataclass
class SmallContext(Context):
    """That of a function whose memory does for its libraries alone."""

    memory_limit_in_mb: str = "500"
    function_name: str = "train"


def versions() -> Versions:
    return Versions(open_store("s3://models"), "diagnosis")


def create_function(variables: dict[str, str]) -> None:
    """A function with the settings that containers take over."""
    iam = boto3.client("iam")
    trust = {"Version": "2012-10-17", "Statement": []}
    role = iam.create_role(RoleName="train", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    boto3.client("lambda").create_function(
        FunctionName="train",
        Role=role,
        PackageType="Image",
        Code={"ImageUri": IMAGE},
        Environment={"Variables": variables},
    )


def run_task(event: dict[str, Any]) -> "subprocess.Popen[str]":
    """Start the container's command, in an environment that has nothing but where AWS is, and the task's own."""
    kept = ("PATH", "AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "OPENBLAS_")
    environment = {name: value for name, value in os.environ.items() if name.startswith(kept)} | {
        "TRAIN_FUNCTION": "train",
        "TRAIN_UPLOAD": json.dumps(event),
        "TRAIN_MEMORY_MB": "16384",
        "TRAIN_SECONDS": "3600",
    }
    return subprocess.Popen(
        [sys.executable, "train_task.py"],
        cwd=ROOT / "functions",
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def settings() -> dict[str, str]:
    names = ("MODELS_BUCKET", "DATA_BUCKET", "MLFLOW_S3_ENDPOINT_URL", "POWERTOOLS_SERVICE_NAME")
    return {name: os.environ[name] for name in (*names, "POWERTOOLS_METRICS_NAMESPACE")}


def digests(manifest: Manifest) -> dict[str, str]:
    return {name: manifest.files[name].sha256 for name in REPEATABLE if name in manifest.files}


def test_what_the_function_has_no_memory_for_is_given_a_container(load: Load, dataset: bytes) -> None:
    function = load()
    create_function({})
    event = function.put(dataset)
    answer = function.handler({"upload": event}, SmallContext())
    assert answer["outcome"] == "too_large"
    assert "a training in 500 MB of memory reads" in answer["reason"]
    assert (answer["cpu"], answer["memory"]) == ("4096", "16384")
    assert answer["image"] == IMAGE
    progress = function.s3.get_object(Bucket="data", Key="datasets/diagnosis/diagnosis.csv.progress.json")
    assert json.loads(progress["Body"].read())["state"] == "moved"


def test_a_small_dataset_is_trained_on_in_the_function_as_a_step_of_the_state_machine(
    load: Load, dataset: bytes
) -> None:
    function = load()
    event = function.put(dataset)
    answer = function.handler({"upload": event}, Context())
    assert (answer["outcome"], answer["version"]) == ("promoted", 1)


def test_the_function_hands_messages_of_the_queue_to_the_state_machine(
    load: Load, dataset: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = boto3.client("stepfunctions")
    definition = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
    arn = client.create_state_machine(
        name="train", definition=definition, roleArn="arn:aws:iam::123456789012:role/states"
    )["stateMachineArn"]
    function = load(TRAIN_MACHINE=arn)
    event = function.put(dataset)
    assert function.deliver(event) == function.deliver(event) == []
    (execution,) = client.list_executions(stateMachineArn=arn)["executions"]
    found = client.describe_execution(executionArn=execution["executionArn"])
    assert json.loads(found["input"]) == event
    assert versions().numbers() == []


@pytest.mark.usefixtures("brief")
def test_the_search_is_run_in_parts_as_steps_of_the_state_machine(load: Load, dataset: bytes) -> None:
    function = load()
    event = function.put(dataset)
    rounds = []
    while fits := function.handler({"upload": event, "plan": True}, Context()):
        rounds.append(len(fits))
        for each in json.loads(json.dumps(fits)):
            assert function.handler({"upload": event, "fit": each}, Context()) is None
    assert rounds == [5]
    listed = function.s3.list_objects_v2(Bucket="models", Prefix="diagnosis/searches/")["Contents"]
    assert len(listed) == 5
    assert function.handler({"upload": event}, Context())["version"] == 1
    search = versions().table(1).search
    assert search
    (trial,) = search.trials
    scores = [json.loads(function.s3.get_object(Bucket="models", Key=each["Key"])["Body"].read()) for each in listed]
    assert sorted(trial.folds) == sorted(score["score"] for score in scores)


def test_a_search_on_what_the_function_has_no_memory_for_is_not_planned(load: Load, dataset: bytes) -> None:
    function = load()
    assert function.handler({"upload": function.put(dataset), "plan": True}, SmallContext()) == []
    assert function.handler({"upload": function.put(b"mean radius\n"), "plan": True}, Context()) == []


def test_a_container_makes_the_version_that_the_function_makes(load: Load, dataset: bytes) -> None:
    function = load()
    create_function(settings())
    event = function.put(dataset)
    task = run_task(event)
    out, errors = task.communicate(timeout=300)
    assert task.returncode == 0, errors
    record = next(found for found in map(json.loads, out.splitlines()) if found.get("record") == "training")
    assert (record["outcome"], record["service"]) == ("promoted", "train")
    in_container = versions().table(1)
    for found in function.s3.list_object_versions(Bucket="models")["Versions"]:
        function.s3.delete_object(Bucket="models", Key=found["Key"], VersionId=found["VersionId"])
    assert function.handler({"upload": event}, Context())["version"] == 1
    in_function = versions().table(1)
    assert digests(in_container) == digests(in_function)
    assert in_container.training_key == in_function.training_key


def test_a_container_that_is_told_to_stop_leaves_a_training_that_begins_again(load: Load, dataset: bytes) -> None:
    function = load()
    create_function(settings())
    event = function.put(dataset)
    task = run_task(event)
    key = f"{event['detail']['object']['key']}.progress.json"

    def progress() -> Any:
        try:
            return json.loads(function.s3.get_object(Bucket="data", Key=key)["Body"].read())
        except function.s3.exceptions.NoSuchKey:
            return {"steps": [{"step": ""}]}

    deadline = time.monotonic() + 120
    while not progress()["steps"][-1]["step"].startswith("trial "):
        assert task.poll() is None, task.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    task.send_signal(signal.SIGTERM)
    _, errors = task.communicate(timeout=60)
    assert task.returncode == 1
    assert "TrainingInterrupted" in errors
    stopped = progress()
    assert (stopped["state"], stopped["attempt"]) == ("retrying", 1)
    assert "told to stop" in stopped["reason"]
    assert versions().numbers() == []
    again = run_task(event)
    _, errors = again.communicate(timeout=300)
    assert again.returncode == 0, errors
    assert progress()["attempt"] == 2
    assert versions().numbers() == [1]
