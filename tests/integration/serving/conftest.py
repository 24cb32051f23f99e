import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[3]
BUCKET = "models"


@pytest.fixture(scope="session")
def layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The serving layer's python/ folder, built as `sam build` builds it: in a scratch copy of its source."""
    source = tmp_path_factory.mktemp("layer") / "serving"
    shutil.copytree(ROOT / "layers" / "serving", source)
    artifacts = tmp_path_factory.mktemp("artifacts")
    tools = Path(sys.executable).parent
    environ = {**os.environ, "ARTIFACTS_DIR": str(artifacts), "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["make", "build-ServingLayer", f"PYTHON={sys.executable}"],
        cwd=source,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return artifacts / "python"


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
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
    yield endpoint
    server.stop()
