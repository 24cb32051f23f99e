"""The loop of these tests, and one good row to ask it with."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest

from tests.loops import READY, ROOT, Loop, Started, running_loop, start
from tests.permissions import record
from tests.permissions.outcome import has_passed, pytest_runtest_makereport
from tests.permissions.template import Template

__all__ = ["READY", "ROOT", "Loop", "Started", "pytest_runtest_makereport", "running_loop", "start"]


@pytest.fixture
def row(loop: Loop) -> dict[str, Any]:
    """One good row, the one that the API's own documentation shows."""
    document = loop.api.get("/openapi.json").json()
    body = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["example"]
    example: dict[str, Any] = body["rows"][0]
    return example


@pytest.fixture
def calls_on_record(request: pytest.FixtureRequest) -> Iterator[None]:
    """What a test is on record for needing of the template's permissions, it has needed when it's over."""
    yield
    check_calls(request, boto3.client("cloudformation"), "mlops")


def check_calls(request: pytest.FixtureRequest, cloudformation: Any, stack: str) -> None:
    """Check, or record, what a stack has needed of the template's permissions when a test is over, if it passed."""
    if not has_passed(request.node):
        return
    port = urlsplit(cloudformation.meta.endpoint_url).port
    assert port
    test = request.node.nodeid
    places = [*Template(ROOT / "template.yaml").places()]
    record.check(test, record.seen(places, port, stack, test, cloudformation))
