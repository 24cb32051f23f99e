import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import httpx
import pytest
import snapshot_restore_py
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[3]
BUCKET = "models"


@pytest.fixture(scope="session")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The serving layer's python/ folder."""
    folder = tmp_path_factory.mktemp("layer")
    make("build-ServingLayer", ROOT / "layers" / "serving", folder)
    return folder / "python"


@pytest.fixture(scope="session")
def function(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API function's folder, as it is shipped."""
    folder = tmp_path_factory.mktemp("function")
    make("build-ApiFunction", ROOT / "functions", folder)
    return folder


def environment(function: Path, layer: Path) -> dict[str, str]:
    """The variables of the function in Lambda: it can import itself, its layer, and what AWS's runtime brings."""
    runtime = layer.parent / "runtime"
    runtime.mkdir(exist_ok=True)
    shutil.copy(snapshot_restore_py.__file__, runtime)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))}
    return kept | {
        "PYTHONPATH": os.pathsep.join(map(str, (function, layer, runtime))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "MODELS_BUCKET": BUCKET,
        "DEFAULT_MODEL": "diagnosis",
    }


def make(target: str, source: Path, artifacts: Path) -> None:
    """Build as `sam build` does: in a scratch copy of the source."""
    scratch = shutil.copytree(source, artifacts.with_name(f"{artifacts.name}-source"))
    tools = Path(sys.executable).parent
    environ = {**os.environ, "ARTIFACTS_DIR": str(artifacts), "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["make", target, f"PYTHON={sys.executable}"],
        cwd=scratch,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty models bucket behind an S3 endpoint, whose address this is; the environment points at it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }.items():
        monkeypatch.setenv(name, value)
    # All servers of a process share moto's memory.
    httpx.post(f"{endpoint}/moto-api/reset").raise_for_status()
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
    yield endpoint
    server.stop()
