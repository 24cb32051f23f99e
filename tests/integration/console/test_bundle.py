"""What the console's function is shipped with is what it imports, and all that it needs besides AWS's runtime."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import distribution
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest

from localaws.builds.managed_runtime import pinned_with_dependencies
from localaws_testing.issuer import issuer
from tests.integration.serving.conftest import ROOT, make
from tests.moto_server import moto_server
from tests.unit.test_architecture import FUNCTIONS, modules, reached

FORBIDDEN = {"matplotlib", "mlflow", "onnxruntime", "pandas", "pyarrow", "scipy", "sklearn"}
DATA = {".css", ".jinja", ".js", ".svg", ".LICENSE"}
MOST_BYTES, MOST_BYTES_THAT_VERIFY = 90_000_000, 18_000_000

# Runs the function as Lambda does: nothing but its code, its layer, AWS's runtime and the standard library is there.
RUN = """
import json, sys
import console
class Context:
    aws_request_id = "id"
answers = [console.handler(event, Context()) for event in json.load(sys.stdin)]
print(json.dumps({"modules": sorted(sys.modules), "answers": answers}))
"""


@pytest.fixture(scope="module")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console's layer, its python/ folder."""
    folder = tmp_path_factory.mktemp("console-layer")
    make("build-ConsoleLayer", ROOT / "layers" / "console", folder)
    return folder / "python"


@pytest.fixture(scope="module")
def authorization_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The layer that verifies tokens, which the API's authorizer has too."""
    folder = tmp_path_factory.mktemp("authorization-layer")
    make("build-AuthorizationLayer", ROOT / "layers" / "authorization", folder)
    return folder / "python"


@pytest.fixture(scope="module")
def function(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The console's function, as it is shipped."""
    folder = tmp_path_factory.mktemp("console-function")
    make("build-ConsoleFunction", ROOT / "functions", folder)
    return folder


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What AWS's runtime brings: boto3, and what it depends on."""
    folder = tmp_path_factory.mktemp("runtime")
    for pin in pinned_with_dependencies(("boto3",)):
        found = distribution(pin.partition("==")[0])
        tops = {str(file).partition("/")[0] for file in found.files or () if not str(file).startswith("..")}
        for top in tops - {"__pycache__"}:
            source = Path(str(found.locate_file(top)))
            (folder / top).symlink_to(source, target_is_directory=source.is_dir())
    return folder


def test_what_is_shipped_is_what_the_entry_point_imports_and_what_its_pages_are_made_of(function: Path) -> None:
    shipped = {path.relative_to(function).as_posix() for path in function.rglob("*") if path.is_file()}
    files = modules()
    imported = {files[name].relative_to(FUNCTIONS).as_posix() for name in reached("console")}
    compiled = {Path(cache_from_source(path)).as_posix() for path in imported}
    data = {path for path in shipped if Path(path).suffix in DATA}
    assert shipped - data == imported | compiled
    assert {"mlops/pages/look.css", "mlops/console/static/htmx.min.js"} <= data


@dataclass(frozen=True)
class Installed:
    """The function with its layers and AWS's runtime, with moto behind it."""

    folders: tuple[Path, ...]

    def run(self, events: Sequence[dict[str, Any]], **variables: str) -> dict[str, Any]:
        """The modules that were imported in the end, and the answers to events."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
        given = {
            "PYTHONPATH": os.pathsep.join(map(str, self.folders)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "MODELS_BUCKET": "models",
            "RECORDS_BUCKET": "records",
            "DATA_BUCKET": "data",
            "MONITOR_SCHEDULE": "mlops-monitor",
            "BATCH_SCHEDULES": "mlops-batch",
            "API_LOG_GROUP": "api",
            "TRY_FUNCTION": "try",
            "COMPARE_FUNCTION": "compare",
            "ANSWERS_BUCKET": "answers",
            "BATCH_MACHINE": "arn:aws:states:us-east-1:123456789012:stateMachine:batch",
            "TRAIN_QUEUE": "https://sqs/train",
            "TRAIN_DEAD_LETTERS": "https://sqs/train-dead",
            "INGEST_QUEUE": "https://sqs/ingest",
            "INGEST_DEAD_LETTERS": "https://sqs/ingest-dead",
            "MONITOR_DEAD_LETTERS": "https://sqs/monitor-dead",
            "TRAIN_ATTEMPTS": "3",
            "TRAIN_RETRY_DELAY": "60",
            "KEYS_TABLE": "keys",
            "SESSIONS_TABLE": "sessions",
            "POWERTOOLS_METRICS_NAMESPACE": "mlops",
        }
        done = subprocess.run(
            [sys.executable, "-S", "-c", RUN],
            input=json.dumps(events),
            env=kept | given | variables,
            cwd=self.folders[0],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


@pytest.fixture
def installed(
    function: Path,
    layer: Path,
    authorization_layer: Path,
    runtime: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Installed]:
    with moto_server(monkeypatch):
        for name in ("models", "records", "data"):
            boto3.client("s3").create_bucket(Bucket=name)
        for name, key in (("keys", "digest"), ("sessions", "id")):
            boto3.client("dynamodb").create_table(
                TableName=name,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
            )
        yield Installed((function, layer, authorization_layer, runtime))


def test_the_function_answers_with_nothing_but_its_layers_and_awss_runtime(installed: Installed) -> None:
    found = installed.run([_get("/console"), _get("/console/sign-in"), _get("/console/static/x/htmx.js")])
    assert [answer["statusCode"] for answer in found["answers"]] == [303, 200, 404]
    assert "Your key" in found["answers"][1]["body"]
    assert not {name.partition(".")[0] for name in found["modules"]} & FORBIDDEN


def test_tokens_are_verified_as_by_the_apis_authorizer_and_cost_nothing_where_there_are_none(
    installed: Installed,
) -> None:
    with issuer(time.time) as tokens:
        trust = {"TOKEN_ISSUER": tokens.url, "TOKEN_AUDIENCES": "mine", "TOKEN_KEYS_URL": f"{tokens.url}/jwks"}
        good, late, other = tokens.token(scope="read"), tokens.token(exp=1), tokens.token(aud="yours")
        answers = installed.run([_sign_in(each) for each in (good, late, other, f"{good}x")], **trust)["answers"]
        assert [answer["statusCode"] for answer in answers] == [303, 401, 401, 401]
        untrusting = installed.run([_sign_in(good)])
    assert untrusting["answers"][0]["statusCode"] == 401
    assert not {"cryptography", "joserfc"} & {*untrusting["modules"]}


def test_function_and_layers_are_small(function: Path, layer: Path, authorization_layer: Path) -> None:
    own, verifying = (_bytes(*folders) for folders in ((function, layer), (authorization_layer,)))
    assert own <= MOST_BYTES
    assert verifying <= MOST_BYTES_THAT_VERIFY
    assert not {path.name for path in layer.iterdir()} & FORBIDDEN


def _bytes(*folders: Path) -> int:
    return sum(path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file())


def _get(path: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "tests" / "events" / "http-get-health.json").read_text())
    event["rawPath"] = event["requestContext"]["http"]["path"] = path
    return event


def _sign_in(credential: str) -> dict[str, Any]:
    event = _get("/console/sign-in")
    event["requestContext"]["http"]["method"] = "POST"
    event["headers"]["content-type"] = "application/x-www-form-urlencoded"
    return event | {"body": urlencode({"key": credential}), "isBase64Encoded": False}
