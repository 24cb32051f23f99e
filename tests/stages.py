"""A checkout of its own with commits, and a local AWS whose stacks are its stages: what a pipeline works with."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import httpx

from cli.api import KEY_VARIABLE
from localaws_testing.ports import free_port
from localaws_testing.waiting import wait_until
from tests.loops import ROOT

WHO = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
_UP_SECONDS = 120


def git(folder: Path, *words: str, index: Path | None = None, text: str | None = None) -> str:
    """What a command of git prints."""
    environ = {**os.environ, **({"GIT_INDEX_FILE": str(index)} if index else {})}
    command = ["git", *WHO, *words]
    done = subprocess.run(command, cwd=folder, env=environ, input=text, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@contextmanager
def empty_aws(folder: Path) -> Iterator[dict[str, str]]:
    """A local AWS with nothing deployed, which enforces IAM; the settings that lead to it."""
    port = free_port()
    up = ["up", "--port", str(port), "--http-port", str(free_port()), "--state-dir", str(ROOT / ".localaws")]
    command = [str(Path(sys.executable).with_name("localaws")), *up, "--iam", "enforce"]
    log = folder / "aws.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
    try:
        assert wait_until(lambda: "Ctrl-C stops it" in log.read_text(), _UP_SECONDS)
        yield {
            "AWS_ENDPOINT_URL": f"http://localhost:{port}",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
        }
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def environ_of(aws: dict[str, str]) -> dict[str, str]:
    """The variables of this process with the settings of a local AWS, and without the key of another one's API."""
    return {name: value for name, value in os.environ.items() if name != KEY_VARIABLE} | aws


def clone_checkout(folder: Path) -> Path:
    """A clone of this checkout; packages and what local AWS builds are shared, as they take minutes to make."""
    clone = folder / "clone"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
    (clone / ".localaws").mkdir()
    for name in ("layers", "images", "uv"):
        (ROOT / ".localaws" / name).mkdir(parents=True, exist_ok=True)
        (clone / ".localaws" / name).symlink_to(ROOT / ".localaws" / name)
    (clone / ".venv").symlink_to(Path(sys.executable).parents[1])
    return clone


def commit(clone: Path, files: dict[str, str], message: str) -> str:
    """Write files and commit them; returns the commit."""
    for name, content in files.items():
        (clone / name).write_text(content, encoding="utf-8")
    git(clone, "add", *files)
    git(clone, "commit", "--quiet", "--message", message)
    return git(clone, "rev-parse", "HEAD")


@dataclass
class ProdStage:
    """The stage `prod` of a checkout on a local AWS."""

    clone: Path
    aws: dict[str, str]
    stack: str = "mlops-prod"

    def client(self, service: str) -> Any:
        """An AWS client."""
        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.aws["AWS_ENDPOINT_URL"],
            region_name=self.aws["AWS_DEFAULT_REGION"],
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )

    @contextmanager
    def start(self, script: str, *words: str) -> Iterator[subprocess.Popen[str]]:
        """Start a script of the checkout, which has ended when the context does: nothing of a failed test stays."""
        command = [str(self.clone / "scripts" / script), *words]
        options: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        with subprocess.Popen(command, env=environ_of(self.aws), cwd=self.clone, **options) as process:
            try:
                yield process
            except BaseException:
                process.terminate()
                raise

    def run(self, script: str, *words: str) -> str:
        """Run a script of the checkout, which must succeed; returns its output."""
        with self.start(script, *words) as process:
            output, _ = process.communicate()
        assert process.returncode == 0, f"scripts/{script} {' '.join(words)}\n{output}"
        return output

    def tick(self, duration: str) -> None:
        """Move local AWS's clock."""
        url = f"{self.aws['AWS_ENDPOINT_URL']}/_localaws/tick"
        assert "result" in httpx.post(url, json={"duration": duration}, timeout=120).text

    def traffic(self) -> tuple[str, dict[str, float]]:
        """The version behind the API's alias, and the weights of others."""
        alias = self.client("lambda").get_alias(FunctionName=f"{self.stack}-api", Name="live")
        return alias["FunctionVersion"], (alias.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}

    def shifts(self, deployment: subprocess.Popen[str], seconds: float = 300) -> str:
        """Wait until a part of the traffic goes to a new version; returns its number."""
        deadline = time.monotonic() + seconds
        while not (weights := self.traffic()[1]):
            assert deployment.poll() is None, deployment.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.2)
        assert list(weights.values()) == [0.1]
        return next(iter(weights))

    def latest(self) -> dict[str, Any]:
        """The latest deployment that isn't a rollback, as GetDeployment returns it."""
        client = self.client("codedeploy")
        for name in client.list_deployments()["deployments"]:
            found: dict[str, Any] = client.get_deployment(deploymentId=name)["deploymentInfo"]
            if found["creator"] != "codeDeployRollback":
                return found
        raise AssertionError("there's no deployment")

    def alarm(self, version: str) -> dict[str, Any]:
        """The alarm of a version of the API's code."""
        name = f"{self.stack}-release-errors-{version}"
        (found,) = self.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
        described: dict[str, Any] = found
        return described
