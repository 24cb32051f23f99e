"""A deployed API's limits of requests a second."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from localaws.cloud import LocalCloud
from localaws.settings import Settings
from localaws_testing.ports import free_port
from loop.flow import PARAMETERS
from tests.loops import ROOT


@pytest.fixture(scope="module")
def api() -> Iterator[httpx.Client]:
    settings = Settings(
        state=ROOT / ".localaws",
        port=free_port(),
        http_port=free_port(),
        stack_name="mlops",
        iam="enforce",
        parameters={**PARAMETERS, "ExpensiveRequestsPerSecond": "1"},
    )
    with (
        LocalCloud(settings, ROOT / "template.yaml", lambda _: None) as running,
        httpx.Client(base_url=running.outputs["ApiUrl"], timeout=60) as client,
    ):
        yield client


def test_routes_that_may_read_the_registry_are_throttled_more_than_the_others(api: httpx.Client) -> None:
    with ThreadPoolExecutor(12) as pool:

        def ask(path: str) -> set[int]:
            return {answer.status_code for answer in pool.map(api.post, [path] * 12)}

        for path in ("/models/diagnosis/versions/1/predict", "/v2/models/diagnosis/versions/1/infer"):
            assert ask(path) == {401, 429}
        assert ask("/predict") == {401}
