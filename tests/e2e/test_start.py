"""Starting, stopping, and what is said when it can't be done."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import boto3
import pytest

from localaws_testing.ports import free_port
from localaws_testing.processes import descendants, wait_until_gone
from tests.e2e.conftest import READY, ROOT, start
from tests.loops import Started

QUICK = ("--no-dataset", "--no-mlflow")


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="reads /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_the_start(number: signal.Signals) -> None:
    started = start()
    try:
        started.wait_for(READY)
        below = descendants(started.process.pid)[1:]
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
    for step in ("MLflow", "local AWS runs"):
        assert step not in started.output, "it's named before anything is started"


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

    def privacy_key(started: Started) -> str:
        """What the functions hash users with; where there's none, records have no users."""
        session = boto3.Session("local", "local", region_name="us-east-1")
        functions = session.client("lambda", endpoint_url=started.aws["AWS_ENDPOINT_URL"])
        found = functions.get_function_configuration(FunctionName="mlops-api")
        secrets = session.client("secretsmanager", endpoint_url=started.aws["AWS_ENDPOINT_URL"])
        secret = found["Environment"]["Variables"]["PRIVACY_KEY_SECRET"]
        return str(secrets.get_secret_value(SecretId=secret)["SecretString"])

    first = start(*QUICK, ports=ports)
    first.wait_for(READY)
    names, key = buckets(first), privacy_key(first)
    assert key
    first.stop(keep=True)
    checked = start("--check", *QUICK, ports=ports, fresh=False)
    assert checked.process.wait(120) == 0, checked.output
    again = start(*QUICK, ports=ports, fresh=False)
    again.wait_for(READY)
    assert (buckets(again), privacy_key(again)) == (names, key)
    again.stop(keep=True)
    anew = start(*QUICK, ports=ports)
    anew.wait_for(READY)
    assert buckets(anew).isdisjoint(names)
    anew.stop()


def test_there_is_an_api_before_there_is_a_model() -> None:
    started = start(*QUICK)
    try:
        started.wait_for(READY)
        with started.connect() as api:
            answer = api.post("/predict", json={"rows": [{}]})
    finally:
        started.stop()
    assert answer.status_code == 503
    assert "datasets/diagnosis/" in answer.json()["detail"]
