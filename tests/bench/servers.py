"""The servers that are compared over HTTP, each as its own documentation recommends for production, one worker each."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.bench.fixture import BUCKET, FOREST, MODEL, NAMED_FOREST, Fixture
from tests.bench.places import HOME, PEERS, ROOT, make_environment, read_pins

type Rows = list[list[float]]

OURS, SILENT = "ours", "silent"

# Enough for 10,000 rows with their columns' names; Lambda itself takes less.
_LIMIT = str(64_000_000)
# A container that measures others isn't measured itself: no usage reports are sent.
_QUIET = {"BENTOML_DO_NOT_TRACK": "True", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "1"}


@dataclass(frozen=True)
class Door:
    """A way to ask for rows: where, how, and where in the answer the second label's probabilities are."""

    protocol: str
    path: str
    write: Callable[[Rows], Any]
    read: Callable[[Any], list[float]]

    def body(self, rows: Rows) -> bytes:
        """The request's body."""
        return json.dumps(self.write(rows), separators=(",", ":")).encode()


@dataclass(frozen=True)
class Server:
    """A server to start on a port: its name with versions, and its doors, the usual one first."""

    key: str
    name: str
    command: Callable[[int], Sequence[str]]
    environ: Mapping[str, str]
    folder: Path
    doors: Sequence[Door]
    prepare: Callable[[int], None] = field(default=lambda port: None)


def make_servers(fixture: Fixture, s3: Mapping[str, str], say: Callable[[str], None]) -> list[Server]:
    """All servers, installed: ours, ours without prediction records, the peers. `s3` leads to the bucket."""
    made = []
    ours, silent = partial(_make_ours, s3=s3), partial(_make_ours, s3=s3, records=False)
    for make in (ours, silent, _make_plain, _make_mlserver, _make_bentoml, _make_mlflow):
        server = make(fixture)
        say(f"installed {server.name}")
        made.append(server)
    return made


def _named(fixture: Fixture) -> Callable[[Rows], Any]:
    return lambda rows: {"rows": [dict(zip(fixture.names, row, strict=True)) for row in rows]}


def _split(fixture: Fixture) -> Callable[[Rows], Any]:
    return lambda rows: {"dataframe_split": {"columns": fixture.names, "data": rows}}


def _tensor(output: str, codec: str | None) -> Callable[[Rows], Any]:
    hint = {"parameters": {"content_type": codec}} if codec else {}

    def write(rows: Rows) -> Any:
        flat = [cell for row in rows for cell in row]
        tensor = {"name": "numbers", "shape": [len(rows), len(rows[0])], "datatype": "FP64", "data": flat, **hint}
        return {"inputs": [tensor], "outputs": [{"name": output}]}

    return write


def _second_of_pairs(answer: Any) -> list[float]:
    return [pair[1] for pair in answer]


def _second_of_flat(answer: Any) -> list[float]:
    flat: list[float] = answer["outputs"][0]["data"]
    return flat[1::2]


def _our_chances(answer: Any) -> list[float]:
    return [each["probabilities"]["malignant"] for each in answer["predictions"]]


def _make_ours(fixture: Fixture, s3: Mapping[str, str], *, records: bool = True) -> Server:
    requirements = ROOT / "layers" / "server" / "requirements.txt"
    pins = read_pins(requirements)
    binaries = make_environment("ours", requirements) / "bin"
    return Server(
        key=OURS if records else SILENT,
        name=f"this project{'' if records else ' without records'}, Uvicorn {pins['uvicorn']}",
        command=lambda port: [
            *(str(binaries / "uvicorn"), "serve:app", "--port", str(port), "--loop", "uvloop", "--http", "httptools"),
            *("--lifespan", "off", "--no-access-log", "--log-level", "warning"),
        ],
        environ=_environ(
            **s3,
            AUTHORIZATION="open",
            MODELS_BUCKET=BUCKET,
            MAX_BODY_BYTES=_LIMIT,
            MAX_ANSWER_BYTES=_LIMIT,
            POWERTOOLS_LOG_LEVEL="INFO" if records else "WARNING",
        ),
        folder=ROOT / "functions",
        doors=[
            Door("named rows", "/predict", _named(fixture), _our_chances),
            Door("dataframe_split", "/invocations", _split(fixture), _our_chances),
            Door("V2 tensor", f"/v2/models/{MODEL}/infer", _tensor("probabilities", None), _second_of_flat),
        ],
    )


def _make_plain(fixture: Fixture) -> Server:
    requirements = PEERS / "fastapi.txt"
    pins = read_pins(requirements)
    binaries = make_environment("fastapi", requirements) / "bin"
    return Server(
        key="fastapi",
        name=f"FastAPI {pins['fastapi']} + scikit-learn {pins['scikit-learn']}, Uvicorn {pins['uvicorn']}",
        command=lambda port: [
            *(str(binaries / "uvicorn"), "fastapi_app:app", "--port", str(port), "--loop", "uvloop"),
            *("--http", "httptools", "--no-access-log", "--log-level", "warning"),
        ],
        environ=_environ(FOREST=str(fixture.folder / FOREST), COLUMNS=json.dumps(fixture.names)),
        folder=PEERS,
        doors=[
            Door("named rows", "/predict", _named(fixture), lambda answer: _second_of_pairs(answer["probabilities"]))
        ],
    )


def _make_bentoml(fixture: Fixture) -> Server:
    requirements = PEERS / "bentoml.txt"
    binaries = make_environment("bentoml", requirements) / "bin"
    return Server(
        key="bentoml",
        name=f"BentoML {read_pins(requirements)['bentoml']}",
        command=lambda port: [
            *(str(binaries / "bentoml"), "serve", "bento_service:Forest", "--host", "127.0.0.1", "--port", str(port)),
        ],
        environ=_environ(
            FOREST=str(fixture.folder / FOREST),
            BENTOML_HOME=str(HOME / "bentoml"),
            PATH=f"{binaries}{os.pathsep}{os.environ['PATH']}",
        ),
        folder=PEERS,
        doors=[Door("matrix", "/predict", lambda rows: {"rows": rows}, _second_of_pairs)],
    )


def _make_mlflow(fixture: Fixture) -> Server:
    requirements = PEERS / "mlflow.txt"
    environment = make_environment("mlflow", requirements)
    folder = fixture.folder / "mlflow"
    shutil.rmtree(folder, ignore_errors=True)
    words = [str(environment / "bin" / "python"), str(PEERS / "save_mlflow.py")]
    environ = _environ(PATH=f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}")
    saved = [str(fixture.folder / NAMED_FOREST), str(folder)]
    subprocess.run([*words, *saved], check=True, capture_output=True, env=environ, cwd=fixture.folder)
    return Server(
        key="mlflow",
        name=f"MLflow {read_pins(requirements)['mlflow']} scoring server",
        command=lambda port: [
            *(str(environment / "bin" / "mlflow"), "models", "serve", "--model-uri", str(folder)),
            *("--env-manager", "local", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"),
        ],
        environ=environ,
        folder=fixture.folder,
        doors=[
            Door("dataframe_split", "/invocations", _split(fixture), lambda said: _second_of_pairs(said["predictions"]))
        ],
    )


def _make_mlserver(fixture: Fixture) -> Server:
    requirements = PEERS / "mlserver.txt"
    binaries = make_environment("mlserver", requirements) / "bin"
    folder = fixture.folder / "mlserver"
    folder.mkdir(exist_ok=True)
    model = {
        "name": MODEL,
        "implementation": "mlserver_sklearn.SKLearnModel",
        "parameters": {"uri": str(fixture.folder / FOREST)},
    }
    (folder / "model-settings.json").write_text(json.dumps(model))

    def settle(port: int) -> None:
        ports = {"http_port": port, "grpc_port": port + 1, "metrics_port": port + 2}
        settings = {"host": "127.0.0.1", "debug": False, "parallel_workers": 0, **ports}
        (folder / "settings.json").write_text(json.dumps(settings))

    return Server(
        key="mlserver",
        name=f"MLServer {read_pins(requirements)['mlserver']}",
        command=lambda port: [str(binaries / "mlserver"), "start", str(folder)],
        environ=_environ(),
        folder=folder,
        doors=[Door("V2 tensor", f"/v2/models/{MODEL}/infer", _tensor("predict_proba", "np"), _second_of_flat)],
        prepare=settle,
    )


def _environ(**added: str) -> dict[str, str]:
    """This environment without what belongs to this project's own Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    return {**kept, **_QUIET, **added}
