"""The sequence of `scripts/start`: Docker, MLflow, local AWS, a first dataset, a first prediction, what to try next.

`scripts/tour` begins as it does.
"""

import getpass
import os
import shutil
import subprocess
import threading
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from cli.api import KEY_VARIABLE, connect
from cli.key_table import KeyTable
from cli.sign_in_link import SCOPES, make_link
from cli.stack import Stack
from localaws.ports import demand_free
from localaws.runtime.reaper import Reaper
from localaws.samlocal.session import SamLocal, SamServers
from localaws.settings import Settings, region_of
from loop import environment_file
from loop.api_key import FILE as KEY_FILE
from loop.api_key import provide_api_key
from loop.first_prediction import await_first_prediction, upload_example
from loop.mlflow_server import MlflowServer
from loop.privacy_key import read_privacy_key
from loop.screen import Screen

if TYPE_CHECKING:
    from localaws.cloud import LocalCloud

STACK = "mlops"
ENVIRONMENT = "env"
# A laptop retries sooner than AWS, and keeps logs for a shorter time.
PARAMETERS = {
    "TrainTimeout": "300",
    "TrainRetryDelay": "300",
    "LogRetentionDays": "7",
    "BatchConcurrency": "2",
    # Its only caller compares versions by thousands of requests.
    "ExpensiveRequestsPerSecond": "1000",
}
SAM_OPTIONS = '--config-file "$PWD/.localaws/sam/samconfig.toml" --event tests/events/http-get-health.json'


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options of `scripts/start`. Without `mlflow_port` there is no MLflow; with `stay` it runs until Ctrl-C.

    What runs until Ctrl-C keeps its state for the next start on the same port; `fresh` begins without it. What ends by
    itself begins with nothing, and leaves alone what is kept.

    With `docker` the functions run in containers: `http_port` is that of `sam local start-api`, the next one that of
    `sam local start-lambda`, and the one after it that of local AWS's own HTTP API.
    """

    root: Path
    port: int
    http_port: int
    mlflow_port: int | None
    dataset: bool
    stay: bool
    docker: bool = False
    fresh: bool = False

    @property
    def kept(self) -> Path:
        """The folder with the state of local AWS; each port has its own, so that two starts don't meet."""
        return self.root / ".localaws" / "kept" / str(self.port)

    @property
    def state(self) -> Path:
        """The folder of everything that is built or kept."""
        return self.root / ".localaws"

    @property
    def lambda_port(self) -> int:
        """The port of `sam local start-lambda`."""
        return self.http_port + 1


@dataclass(frozen=True)
class Running:
    """What was started: the URL of the API and a key of it, and MLflow, which may not answer yet."""

    url: str
    key: str
    mlflow: MlflowServer | None

    def connect(self, timeout: float) -> httpx.Client:
        """A client of the API."""
        return connect(self.url, timeout, self.key)


def run(options: Options, screen: Screen) -> None:
    """Start everything, print each step, and stop everything at the end. Raises LoopFailed or LocalAwsError."""
    with ExitStack() as stack:
        running = start(options, screen, stack)
        mlflow = running.mlflow
        upload = upload_example(screen, options.state / "examples", STACK) if options.dataset else None
        if mlflow:
            # The training needs MLflow at its end only, so it starts while MLflow does.
            with screen.step(f"MLflow answers on {mlflow.url}"):
                mlflow.wait()
        if upload:
            with running.connect(timeout=30) as api:
                await_first_prediction(screen, upload, api, STACK)
        if options.stay:
            _print_next_steps(screen, running.url, mlflow, docker=options.docker)
            threading.Event().wait()


def start(options: Options, screen: Screen, stack: ExitStack) -> Running:
    """Start MLflow and local AWS with the template; `stack` stops them. Raises LoopFailed or LocalAwsError."""
    state = options.state
    settings = Settings(
        state=state,
        port=options.port,
        http_port=options.http_port + (2 if options.docker else 0),
        region=region_of(),
        stack_name=STACK,
        keep=options.kept if options.stay else None,
        containers=f"http://127.0.0.1:{options.lambda_port}" if options.docker else None,
        # A permission that the template lacks is missed here, not on AWS alone.
        iam="enforce",
        parameters={
            **PARAMETERS,
            "PrivacyKey": read_privacy_key(state),
            "CodeCommit": _commit(options.root),
            **_mlflow_parameter(options),
        },
    )
    aws = {
        "AWS_ENDPOINT_URL": settings.endpoint_url,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
    }
    os.environ.update(aws)
    _demand_free_ports(options, settings)
    if options.fresh and options.stay:
        shutil.rmtree(options.kept, ignore_errors=True)
    sam = _build_for_docker(options, state, screen, stack) if options.docker else None
    mlflow = _start_mlflow(options, state, aws, stack)
    with screen.step(f"local AWS runs template.yaml on {settings.endpoint_url}"):
        # Importing moto takes a second or two, in which MLflow starts.
        from localaws.cloud import LocalCloud

        cloud = stack.enter_context(LocalCloud(settings, options.root / "template.yaml", screen.note))
    key = provide_api_key(state, KeyTable.of(Stack(STACK, announce=False)))
    environment = {**aws, KEY_VARIABLE: key, **(sam.engine.environment if sam else {})}
    stack.enter_context(environment_file.written(state / ENVIRONMENT, environment))
    url = _serve_in_containers(options, sam, cloud, screen, stack) if sam else cloud.outputs["ApiUrl"]
    return Running(url, key, mlflow)


def _demand_free_ports(options: Options, settings: Settings) -> None:
    """Raise PortInUse for a busy port before anything is built or started."""
    demand_free(settings.port, "--port")
    for port in sorted({options.http_port, settings.http_port} | ({options.lambda_port} if options.docker else set())):
        demand_free(port, "--http-port")
    if options.mlflow_port:
        demand_free(options.mlflow_port, "--mlflow-port")


def _build_for_docker(options: Options, state: Path, screen: Screen, stack: ExitStack) -> SamLocal:
    with screen.step("sam build with Docker"):
        return stack.enter_context(SamLocal(options.root / "template.yaml", state, screen.note))


def _serve_in_containers(options: Options, sam: SamLocal, cloud: "LocalCloud", screen: Screen, stack: ExitStack) -> str:
    """Serve the functions of the deployed stack by the SAM CLI; returns the URL of the API."""
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
    """MLflow takes seconds to start, so it is the first to."""
    if options.mlflow_port is None:
        return None
    reaper = stack.enter_context(Reaper())
    folder = state / ("mlflow" if options.stay else "mlflow-once")
    server = MlflowServer(folder, options.mlflow_port, aws, reaper, fresh=options.fresh or not options.stay)
    stack.callback(server.close)
    return server


def _print_next_steps(screen: Screen, url: str, mlflow: MlflowServer | None, *, docker: bool) -> None:
    """Print the addresses and the commands to try next."""
    places = {
        "console": make_link(Stack(STACK, announce=False), getpass.getuser(), SCOPES),
        "API": url,
        "its key": f".localaws/{KEY_FILE}, for Authorization: Bearer",
        "docs": f"{url}/docs; any name, and the key as the password",
        "AWS endpoint": os.environ["AWS_ENDPOINT_URL"],
    }
    if mlflow:
        places["MLflow"] = f"{mlflow.url}/#/experiments?workflowType=machine_learning"
    screen.table("Addresses", places)
    screen.commands(
        "In another terminal",
        {
            "scripts/mlops models list": "versions, and which one is champion",
            "scripts/mlops predict .localaws/examples/diagnosis.csv --limit 3": "predictions for rows of a CSV",
            "scripts/mlops console": "another link to the console: each signs in once",
            "scripts/mlops logs versions": "predictions of each version, and their latency",
            "scripts/mlops data put your.csv --model diagnosis": "a new dataset makes a new version",
            "source .localaws/env": "AWS settings for aws, sam, boto3, and the API's key; scripts/mlops finds them",
            "./scripts/tour": "a month in minutes, in which a model falls ill and heals itself; stop this one first",
            "./scripts/tour shop": "a shop in minutes, which learns from what people do; stop this one first",
        },
    )
    if docker:
        command = f"sam local invoke ApiFunction {SAM_OPTIONS}"
        screen.commands("One call in a new container", {command: "see docs/sam-local.md"})
    screen.line("\nThe next start goes on from here; with --fresh it begins anew.")
    screen.line("Ctrl-C stops everything.")


def _mlflow_parameter(options: Options) -> dict[str, str]:
    return {} if options.mlflow_port is None else {"MlflowTrackingUri": f"http://127.0.0.1:{options.mlflow_port}"}


def _commit(root: Path) -> str:
    """The checked-out commit, or "unknown" if the folder is no git checkout."""
    found = subprocess.run(["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else "unknown"
