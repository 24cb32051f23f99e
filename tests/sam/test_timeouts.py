"""A function in a container that takes too long: the SAM CLI answers with a success, local AWS doesn't believe it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from localaws.lambdas.container_pool import ContainerPool
from localaws.runtime.function import FunctionConfig
from localaws.runtime.reaper import Reaper
from localaws.samlocal.servers import SamServer
from localaws_testing.ports import free_port
from tests.sam.conftest import CONFIG, docker_host

TEMPLATE = Path(__file__).parent / "templates/slow.yaml"


@pytest.fixture
def pool(sam: Any, tmp_path: Path) -> Iterator[ContainerPool]:
    """The function, behind a `sam local start-lambda` of the test's own."""
    port = free_port()
    words = ["local", "start-lambda", "--config-file", str(CONFIG), "--template-file", str(TEMPLATE)]
    words += ["--warm-containers", "LAZY"]
    environment = {**sam.started.aws, **docker_host(sam.started)}
    config = FunctionConfig(
        name="slow", environment={}, timeout=1, memory=128, region="us-east-1", handler="slow.handler", code=tmp_path
    )
    with Reaper() as reaper:
        server = SamServer(words, port, tmp_path / "server.log", environment, reaper)
        try:
            server.wait()
            yield ContainerPool(config, f"http://127.0.0.1:{port}", lambda _: "Slow")
        finally:
            server.close()


def test_a_time_out_is_a_failure_and_the_next_call_is_answered(pool: ContainerPool) -> None:
    assert json.loads(pool.invoke(b'{"seconds": 0}').payload) == {"slept": 0}
    late = pool.invoke(b'{"seconds": 3}')
    assert late.error == "Unhandled"
    assert json.loads(late.payload)["errorType"] == "Sandbox.Timedout"
    assert pool.invoke(b'{"seconds": 0}').error is None
