"""The layer is all that the API function may import, and it is small."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import boto3
import pytest

from mlops.registry.store import open_store
from tests.integration.serving.conftest import BUCKET, ROOT, environment
from tests.integration.serving.histories import TABLE, make_table
from tests.unit.mlops.serving.artifacts import ROWS, probability, promote, put_version
from tests.unit.mlops.serving.recommend.shop import KEY, put_shop
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
# How many more the check of keys may import, DynamoDB's client included.
CHECKING = 40

# What only recommenders need.
RECOMMENDING = {
    "mlops.artifact.history",
    "mlops.artifact.recommender",
    "mlops.interactions",
    "mlops.registry.manifest.recommender",
    "mlops.serving.recommend",
    "mlops.serving.recommender",
}
# What only some requests need: large batches, explanations, the docs, recommendations.
LATE = RECOMMENDING | {
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
print(json.dumps({"modules_at_the_end": sorted(sys.modules)}))
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


def post(path: str, body: Any) -> dict[str, Any]:
    """The event of POST on a path."""
    found = event("http-post-predict", rawPath=path, body=json.dumps(body))
    found["requestContext"]["http"]["path"] = path
    found["headers"]["content-length"] = str(len(found["body"]))
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
    assert "AUTHORIZATION is open" in lines[0]["message"], "an open API says so at each start"
    assert lines[1]["record"] == "adoption", "the champion is loaded before the first request"


def test_the_function_imports_few_modules_and_none_of_training(function: Path, layer: Path, s3: str) -> None:
    (imported,) = [line["modules"] for line in run_api(function, layer) if "modules" in line]
    assert len(imported) <= MODULES
    assert not LATE & set(imported)
    tops = {name.partition(".")[0] for name in imported}
    assert not tops & FORBIDDEN
    assert {"numpy", "onnxruntime", "fastapi", "obstore"} <= tops


def test_the_check_of_keys_adds_few_modules_and_none_of_tokens(function: Path, layer: Path, s3: str) -> None:
    lines = run_api(function, layer, AUTHORIZATION="keys", KEYS_TABLE="keys")
    (imported,) = [line["modules"] for line in lines if "modules" in line]
    assert len(imported) <= MODULES + CHECKING
    assert not {name.partition(".")[0] for name in imported} & {*FORBIDDEN, "cryptography", "joserfc"}


def test_predictions_from_tables_import_nothing_of_recommenders(function: Path, layer: Path, s3: str) -> None:
    store = open_store(f"s3://{BUCKET}")
    put_version(store, 1)
    promote(store, 1)
    body = json.dumps({"rows": ROWS})
    lines = run_api(function, layer, event("http-post-predict", body=body), HISTORY_TABLE="histories")
    (answer,) = [line["answer"] for line in lines if "answer" in line]
    assert answer["statusCode"] == 200
    assert not RECOMMENDING & set(lines[-1]["modules_at_the_end"])


def test_the_function_recommends_and_takes_events_with_nothing_but_its_layer(
    function: Path, layer: Path, s3: str
) -> None:
    put_shop(open_store(f"s3://{BUCKET}"))
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="records")
    make_table(boto3.client("dynamodb", region_name="us-east-1"))
    now = datetime.now(UTC).isoformat()
    happened = {"id": "1", "user": "carl", "item": "i8", "event": "purchase", "time": now}
    ask = post("/recommend", {"user": "carl", "k": 1})
    variables = {"HISTORY_TABLE": TABLE, "RECORDS_BUCKET": "records", "PRIVACY_KEY": KEY}
    events = [ask, post("/models/recommender/feedback", happened), ask]
    lines = run_api(function, layer, *events, DEFAULT_MODEL="recommender", **variables)
    before, stored, after = [line["answer"] for line in lines if "answer" in line]
    assert [json.loads(each["body"])["items"][0]["item"] for each in (before, after)] == ["i5", "i9"]
    assert stored["statusCode"] == 202
    assert lines[1]["record"] == "adoption", "a recommender is loaded before the first request too"
    assert not FORBIDDEN & {name.partition(".")[0] for name in lines[-1]["modules_at_the_end"]}


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


@pytest.mark.parametrize("name", ["authorization", "console", "serving", "server", "training"])
def test_the_requirements_of_a_layer_are_those_of_the_lock_file(name: str) -> None:
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert uv, "uv is in the local dependency group"
    words = [uv, "export", "--only-group", name, "--no-annotate", "--no-header", "--frozen", "--offline"]
    done = subprocess.run([*words, "--quiet"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (ROOT / "layers" / name / "requirements.txt").read_text()


def test_a_package_that_isnt_the_locked_one_isnt_built_into_the_layer(tmp_path: Path) -> None:
    source = ROOT / "layers/serving"
    pinned = re.search(r"^annotated-doc.*?\n(?! )", (source / "requirements.txt").read_text(), re.S | re.M)
    assert pinned
    altered = re.sub(r"sha256:[0-9a-f]{64}", f"sha256:{'0' * 64}", pinned[0])
    assert altered != pinned[0]
    for name, text in {"locked": pinned[0], "altered": altered, "without": "annotated-doc==0.0.7\n"}.items():
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(source / "Makefile", folder)
        (folder / "requirements.txt").write_text(text)
    python = f"PYTHON={sys.executable}"
    codes = {
        name: subprocess.run(
            ["make", "install", python, f"ARTIFACTS_DIR={tmp_path / name / 'out'}"],
            cwd=tmp_path / name,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        for name in ("locked", "altered", "without")
    }
    assert codes["locked"].returncode == 0, codes["locked"].stderr
    assert "Hash mismatch" in codes["altered"].stderr
    assert codes["without"].returncode != 0
    assert not (tmp_path / "altered/out/python/annotated_doc").exists()
