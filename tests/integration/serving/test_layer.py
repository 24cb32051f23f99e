"""The layer is all that the API function may import, and it is small."""

import json
import os
import re
import shutil
import subprocess
import sys
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest

from mlops.registry.store import open_store
from tests.integration.serving.conftest import BUCKET, ROOT, environment
from tests.unit.mlops.serving.artifacts import ROWS, probability, promote, put_version
from tests.unit.test_architecture import FUNCTIONS, modules, reached

FORBIDDEN = {
    "aws_xray_sdk",
    "boto3",
    "botocore",
    "jinja2",
    "mlflow",
    "onnx",
    "pandas",
    "scipy",
    "sklearn",
    "sympy",
    "uvicorn",
}

# How many modules a cold start may import, the standard library's included; each costs about half a millisecond.
MODULES = 690

# What only some requests need: large batches, explanations, the docs.
LATE = {
    "mlops.artifact.explanation",
    "mlops.serving.docs.document",
    "mlops.serving.docs.page",
    "mlops.serving.explanations",
    "mlops.serving.schemas",
    "pydantic.v1",
    "simdjson",
}

# Runs the function as Lambda does: nothing but its code, its layer and the standard library can be imported.
RUN = """
import json, sys
import api
print(json.dumps({"modules": sorted(sys.modules)}))
class Context:
    aws_request_id = "id"
for event in json.load(sys.stdin):
    print(json.dumps({"answer": api.handler(event, Context())}))
"""

# Asks the OpenBLAS that NumPy has loaded.
COUNT_THREADS = """
import ctypes, pathlib
import api
mapped = pathlib.Path("/proc/self/maps").read_text().splitlines()
(library,) = {line.split()[-1] for line in mapped if "openblas" in line}
print(ctypes.CDLL(library).scipy_openblas_get_num_threads64_())
"""


def run_api(function: Path, layer: Path, *events: dict[str, Any], **variables: str) -> list[dict[str, Any]]:
    """The JSON lines that a fresh process of the function prints when it answers the events."""
    done = subprocess.run(
        [sys.executable, "-S", "-W", "error", "-c", RUN],
        input=json.dumps(events),
        env=environment(function, layer) | variables,
        cwd=layer,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def event(name: str, **changes: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((ROOT / "tests" / "events" / f"{name}.json").read_text())
    return loaded | changes


def get(path: str, **headers: str) -> dict[str, Any]:
    """The event of GET on a path, which stands in it twice."""
    found = event("http-get-health", rawPath=path, headers=headers)
    found["requestContext"]["http"]["path"] = path
    return found


def test_the_function_answers_with_nothing_but_its_layer(function: Path, layer: Path, s3: str) -> None:
    store = open_store(f"s3://{BUCKET}")
    put_version(store, 1)
    promote(store, 1)
    body = json.dumps({"rows": ROWS})
    lines = run_api(function, layer, event("http-get-health"), event("http-post-predict", body=body))
    health, answer = [line["answer"] for line in lines if "answer" in line]
    assert json.loads(health["body"])["status"] == "ok"
    assert answer["statusCode"] == 200
    predictions = json.loads(answer["body"])["predictions"]
    assert [each["probabilities"]["malignant"] for each in predictions] == pytest.approx(
        [probability(row) for row in ROWS], abs=1e-12
    )
    assert len([line for line in lines if line.get("record") == "prediction"]) == len(ROWS)
    assert lines[0]["record"] == "adoption", "the champion is loaded before the first request"


def test_the_function_imports_few_modules_and_none_of_training(function: Path, layer: Path, s3: str) -> None:
    (imported,) = [line["modules"] for line in run_api(function, layer) if "modules" in line]
    assert len(imported) <= MODULES
    assert not LATE & set(imported)
    tops = {name.partition(".")[0] for name in imported}
    assert not tops & FORBIDDEN
    assert {"numpy", "onnxruntime", "fastapi", "obstore"} <= tops


def test_the_function_computes_in_one_thread_unless_it_is_told_otherwise(function: Path, layer: Path, s3: str) -> None:
    variables = {name: value for name, value in environment(function, layer).items() if "_NUM_THREADS" not in name}
    for given, expected in [({}, 1), ({"OPENBLAS_NUM_THREADS": "2"}, min(2, len(os.sched_getaffinity(0))))]:
        command = [sys.executable, "-S", "-c", COUNT_THREADS]
        done = subprocess.run(command, env=variables | given, cwd=layer, capture_output=True, text=True, check=True)
        assert int(done.stdout.splitlines()[-1]) == expected


def test_what_is_shipped_is_what_the_entry_point_imports_sooner_or_later(function: Path) -> None:
    shipped = {path.relative_to(function).as_posix() for path in function.rglob("*") if path.is_file()}
    files, names = modules(), reached("api")
    imported = {files[name].relative_to(FUNCTIONS).as_posix() for name in names}
    compiled = {Path(cache_from_source(path)).as_posix() for path in imported}
    assert shipped == imported | compiled


def test_the_function_describes_itself_with_nothing_but_its_layer(function: Path, layer: Path, s3: str) -> None:
    put_version(open_store(f"s3://{BUCKET}"), 1)
    parts = {
        "/openapi.json": '"openapi":"3.1.0"',
        "/docs": "<!doctype html>",
        "/docs/swagger-ui.js": "SwaggerUIBundle",
        "/models": '"default_model":"diagnosis"',
        "/models/diagnosis": '"name":"diagnosis"',
    }
    lines = run_api(function, layer, *map(get, parts))
    answers = [line["answer"] for line in lines if "answer" in line]
    for part, answer in zip(parts.values(), answers, strict=True):
        assert answer["statusCode"] == 200, part
        assert part in answer["body"]


def test_the_readmes_route_is_answered_and_documented_once_it_stands_in_the_app(
    function: Path, layer: Path, s3: str, tmp_path: Path
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (source,) = [block for block in re.findall(r"```python\n(.*?)```", readme, re.DOTALL) if "@app." in block]
    edited = Path(shutil.copytree(function, tmp_path / "function"))
    (edited / "app.py").write_text((function / "app.py").read_text() + source)
    Path(cache_from_source(str(edited / "app.py"))).unlink()
    lines = run_api(edited, layer, get("/whoami", **{"x-caller": " Ada "}), get("/openapi.json"))
    who, document = [line["answer"] for line in lines if "answer" in line]
    assert (who["statusCode"], json.loads(who["body"])) == (200, {"caller": "Ada"})
    (parameter,) = json.loads(document["body"])["paths"]["/whoami"]["get"]["parameters"]
    assert (parameter["name"], parameter["in"]) == ("x-caller", "header")


def test_the_function_starts_without_a_champion_and_without_a_bucket(function: Path, layer: Path, s3: str) -> None:
    lines = run_api(function, layer, event("http-post-predict"), MODELS_BUCKET="none")
    (answer,) = [line["answer"] for line in lines if "answer" in line]
    assert answer["statusCode"] == 503


def test_the_function_starts_when_the_store_is_gone_and_says_so(function: Path, layer: Path, s3: str) -> None:
    lines = run_api(function, layer, event("http-post-predict"), AWS_ENDPOINT_URL="http://127.0.0.1:1")
    (answer,) = [line["answer"] for line in lines if "answer" in line]
    assert answer["statusCode"] == 503
    assert "registry can't be read" in json.loads(answer["body"])["detail"]
    (line,) = [line for line in lines if line.get("message") == "registry unreachable"]
    assert "127.0.0.1:1" in line["reason"]
    assert "127.0.0.1" not in answer["body"]


def test_the_layer_is_at_most_130_megabytes(layer: Path) -> None:
    size = sum(file.stat().st_size for file in layer.rglob("*") if file.is_file())
    assert size <= 130_000_000


def test_what_is_shipped_is_compiled_to_be_believed_unchecked(function: Path, layer: Path) -> None:
    sources = [*layer.rglob("*.py"), *function.rglob("*.py")]
    assert len(sources) > 500
    for source in sources:
        header = Path(cache_from_source(str(source))).read_bytes()[:8]
        assert int.from_bytes(header[4:], "little") == 0b01, source


def test_the_layer_holds_what_its_requirements_say(layer: Path) -> None:
    pinned = {line.partition("==")[0] for line in (ROOT / "layers/serving/requirements.txt").read_text().split()}
    assert {"fastapi", "onnxruntime", "obstore", "numpy"} <= pinned
    assert not {path.name for path in layer.iterdir()} & FORBIDDEN


@pytest.mark.parametrize("name", ["serving", "server", "training"])
def test_the_requirements_of_a_layer_are_those_of_the_lock_file(name: str) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert uv, "uv is in the local dependency group"
    words = [uv, "export", "--only-group", name, "--no-hashes", "--no-annotate", "--no-header", "--frozen", "--offline"]
    done = subprocess.run([*words, "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "layers" / name / "requirements.txt").read_text()
