"""`sam local start-api` with warm containers; what it answers is the contract's business."""

from typing import Any

import httpx

from localaws.template.load import load
from tests.loops import ROOT


def test_requests_reuse_the_container_that_was_started_with_the_server(sam: Any) -> None:
    url = f"http://localhost:{sam.started.ports['http-port']}"
    before = {container.id for container in sam.engine.containers.list()}
    ids = {httpx.get(f"{url}/health", timeout=60).status_code for _ in range(3)}
    assert ids == {200}
    assert {container.id for container in sam.engine.containers.list()} == before


def test_the_memory_of_a_container_is_limited_as_the_template_says(sam: Any) -> None:
    limits = {
        container.labels["sam.cli.function.name"]: container.attrs["HostConfig"]["Memory"] / 2**20
        for container in sam.engine.containers.list()
    }
    resources: Any = load(ROOT / "template.yaml").body["Resources"]
    functions = {name: each for name, each in resources.items() if each["Type"] == "AWS::Serverless::Function"}
    assert limits == {name: each["Properties"]["MemorySize"] for name, each in functions.items()}
    assert {"ApiFunction", "TrainFunction", "IngestFunction"} <= limits.keys()
