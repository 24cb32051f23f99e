"""From a template and a CSV to a live prediction, step by step."""

import os
import shlex
import subprocess
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from cli.insights import run_query
from cli.reports import wait_for_report
from cli.stack import Stack
from examples import write_diagnosis
from localaws.ports import demand_free
from localaws.runtime.reaper import Reaper
from localaws.samlocal.session import SamLocal, SamServers
from localaws.settings import Settings, region_of
from loop.errors import LoopFailed
from loop.mlflow_server import MlflowServer
from loop.screen import Screen

if TYPE_CHECKING:
    from localaws.cloud import LocalCloud

STACK = "mlops"
MODEL = "diagnosis"
# A laptop retries sooner than AWS would, and forgets sooner.
PARAMETERS = {"TrainTimeout": "300", "TrainRetryDelay": "300", "LogRetentionDays": "7"}
TRAINING_SECONDS = 300
SAM_OPTIONS = '--config-file "$PWD/.localaws/sam/samconfig.toml" --event tests/events/http-get-health.json'


@dataclass(frozen=True, kw_only=True)
class Options:
    """What `scripts/start` was asked for. `mlflow_port` None: no MLflow; `stay`: go on until Ctrl-C.

    With `docker` functions run in containers: `http_port` is `sam local start-api`'s, the next one
    `sam local start-lambda`'s, the one after it that of local AWS's own HTTP API.
    """

    root: Path
    port: int
    http_port: int
    mlflow_port: int | None
    dataset: bool
    stay: bool
    docker: bool = False

    @property
    def lambda_port(self) -> int:
        """The port of `sam local start-lambda`."""
        return self.http_port + 1


def run(options: Options, screen: Screen) -> None:
    """Start everything, tell the story, stop everything. Raises LoopFailed or LocalAwsError."""
    state = options.root / ".localaws"
    settings = Settings(
        state=state,
        port=options.port,
        http_port=options.http_port + (2 if options.docker else 0),
        region=region_of(),
        stack_name=STACK,
        containers=f"http://127.0.0.1:{options.lambda_port}" if options.docker else None,
        parameters={**PARAMETERS, "CodeCommit": _commit(options.root), **_mlflow_parameter(options)},
    )
    aws = {
        "AWS_ENDPOINT_URL": settings.endpoint_url,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    os.environ.update(aws)
    if options.mlflow_port:
        demand_free(options.mlflow_port, "--mlflow-port")
    with ExitStack() as stack:
        sam = _build_for_docker(options, state, screen, stack) if options.docker else None
        mlflow = _start_mlflow(options, state, aws, stack)
        with screen.step(f"local AWS runs template.yaml on {settings.endpoint_url}"):
            # It loads moto, which takes a second or two: MLflow comes up meanwhile.
            from localaws.cloud import LocalCloud

            cloud = stack.enter_context(LocalCloud(settings, options.root / "template.yaml", screen.note))
        _write_environment(state / "env", {**aws, **(sam.engine.environment if sam else {})})
        url = _serve_in_containers(options, sam, cloud, screen, stack) if sam else cloud.outputs["ApiUrl"]
        upload = _upload(screen, state) if options.dataset else None
        if mlflow:
            # The training needs it at its end only: it begins while MLflow comes up.
            with screen.step(f"MLflow answers on {mlflow.url}"):
                mlflow.wait()
        if upload:
            _first_prediction(screen, upload, url)
        if options.stay:
            _invite(screen, url, mlflow, docker=options.docker)
            threading.Event().wait()


def _build_for_docker(options: Options, state: Path, screen: Screen, stack: ExitStack) -> SamLocal:
    for port in (options.http_port, options.lambda_port):
        demand_free(port, "--http-port")
    with screen.step("sam build with Docker"):
        return stack.enter_context(SamLocal(options.root / "template.yaml", state, screen.note))


def _serve_in_containers(options: Options, sam: SamLocal, cloud: "LocalCloud", screen: Screen, stack: ExitStack) -> str:
    """Have the SAM CLI serve the functions of the deployed stack; the URL of the API."""
    url = f"http://localhost:{options.http_port}"
    with screen.step(f"sam local start-api and start-lambda run the functions in containers, on {url}"):
        served = stack.enter_context(SamServers(sam, cloud.clients, STACK, cloud.endpoint_url))
        servers = [
            served.serve("start-api", options.http_port, "--warm-containers", "EAGER"),
            served.serve("start-lambda", options.lambda_port, "--warm-containers", "LAZY"),
        ]
        for server in servers:
            server.wait()
    return url


def _start_mlflow(options: Options, state: Path, aws: dict[str, str], stack: ExitStack) -> MlflowServer | None:
    """MLflow takes seconds to come up, so it starts first."""
    if options.mlflow_port is None:
        return None
    reaper = stack.enter_context(Reaper())
    server = MlflowServer(state / "mlflow", options.mlflow_port, aws, reaper)
    stack.callback(server.close)
    return server


@dataclass(frozen=True)
class Upload:
    """The example dataset in the bucket."""

    bucket: str
    key: str
    s3_version: str | None


def _upload(screen: Screen, state: Path) -> Upload:
    """Put the example dataset into the bucket; the training begins by itself."""
    target = Stack(STACK)
    bucket, key = target.outputs["DataBucketName"], f"datasets/{MODEL}/{MODEL}.csv"
    dataset = write_diagnosis(state / "examples")
    with screen.step(f"upload {dataset.name} to s3://{bucket}/{key}"):
        put = target.s3.put_object(Bucket=bucket, Key=key, Body=dataset.read_bytes())
    return Upload(bucket, key, put.get("VersionId"))


def _first_prediction(screen: Screen, upload: Upload, url: str) -> None:
    target = Stack(STACK)
    with screen.step("TrainFunction trains, tests and registers a version"):
        report = wait_for_report(target, upload.bucket, upload.key, upload.s3_version, TRAINING_SECONDS)
    if report["outcome"] == "rejected":
        raise LoopFailed(f"the example dataset was rejected: {report['reason']}")
    with screen.step(f"POST {url}/predict"):
        prediction = _predict(url)
    model = _get(url, f"/models/{MODEL}")
    screen.table(
        f"{MODEL} version {prediction['version']} is live, {screen.elapsed:.1f} s after the start",
        {
            "accuracy on held-out rows": f"{model['metrics']['test']['accuracy']:.4f}",
            "first prediction": _describe(prediction["predictions"][0]),
            "predictions logged": str(_count_predictions(target)),
        },
    )


def _predict(url: str) -> dict[str, Any]:
    """Ask for the first row that the API's own documentation shows as an example."""
    document = _get(url, "/openapi.json")
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
    response = httpx.post(f"{url}/predict", json=body, timeout=30)
    if not response.is_success:
        raise LoopFailed(f"POST {url}/predict answered {response.status_code}: {response.text}")
    answer: dict[str, Any] = response.json()
    return answer


def _get(url: str, path: str) -> dict[str, Any]:
    response = httpx.get(f"{url}{path}", timeout=30)
    if not response.is_success:
        raise LoopFailed(f"GET {url}{path} answered {response.status_code}: {response.text}")
    document: dict[str, Any] = response.json()
    return document


def _describe(prediction: dict[str, Any]) -> str:
    chances = ", ".join(f"p({label}) = {chance:.3f}" for label, chance in prediction["probabilities"].items())
    return f"{prediction['label']} ({chances})"


def _count_predictions(target: Stack) -> int:
    """How many prediction records CloudWatch Logs Insights finds."""
    query = 'filter record = "prediction" | stats count(*) as predictions'
    rows = run_query(target, query, [target.outputs["ApiLogGroup"]], seconds=600)
    return int(rows[0]["predictions"]) if rows else 0


def _invite(screen: Screen, url: str, mlflow: MlflowServer | None, *, docker: bool) -> None:
    """Say where everything is and what to try next."""
    places = {"API": url, "docs": f"{url}/docs", "AWS endpoint": os.environ["AWS_ENDPOINT_URL"]}
    if mlflow:
        places["MLflow"] = f"{mlflow.url}/#/experiments?workflowType=machine_learning"
    screen.table("Where things are", places)
    screen.commands(
        "In another terminal",
        {
            "source .localaws/env": "AWS settings for what follows",
            "scripts/mlops models list": "versions, and which one serves",
            "scripts/mlops predict .localaws/examples/diagnosis.csv --limit 3": "predictions for rows of a CSV",
            "scripts/mlops logs versions": "what each version answered",
            "scripts/mlops data put your.csv --model diagnosis": "a new dataset, a new version",
        },
    )
    if docker:
        command = f"sam local invoke ApiFunction {SAM_OPTIONS}"
        screen.commands("One call in a new container", {command: "docs/sam-local.md tells more"})
    screen.say("\nCtrl-C stops everything.")


def _write_environment(path: Path, aws: dict[str, str]) -> None:
    """What a shell sources to make aws, sam, boto3 and scripts/mlops speak to local AWS."""
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in aws.items()))


def _mlflow_parameter(options: Options) -> dict[str, str]:
    return {} if options.mlflow_port is None else {"MlflowTrackingUri": f"http://127.0.0.1:{options.mlflow_port}"}


def _commit(root: Path) -> str:
    """The checked-out commit, or "unknown" where the folder is no git checkout."""
    found = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else "unknown"
