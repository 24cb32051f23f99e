import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import snapshot_restore_py

from tests.moto_server import moto_server

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
        "AUTHORIZATION": "open",
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
    with moto_server(monkeypatch) as endpoint:
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield endpoint
