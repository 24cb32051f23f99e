"""The targets: local AWS and `sam local` by default; CONTRACT_TARGETS chooses among them and `deployed`.

`deployed` is the stack that MLOPS_STACK names, through the ordinary AWS settings (profile, region); CONTRACT_URL
names another address of its API than the stack's output does, and MLOPS_API_KEY has a key of it. It gets a few
datasets, so choose a stage for tests.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from cli.api import connect
from tests.contract.target import Target
from tests.loops import Loop, Served, stack_outputs

# The one in containers first: what starts last has its address in .localaws/env, which other tests read.
TARGETS = os.environ.get("CONTRACT_TARGETS", "sam-local,local-aws").split(",")


def deployed() -> Iterator[Target]:
    stack = os.environ["MLOPS_STACK"]
    session: Any = boto3.Session()
    url = os.environ.get("CONTRACT_URL") or stack_outputs(session.client("cloudformation"), stack)["ApiUrl"]
    with connect(url, 60) as api:
        yield Target("deployed", stack, api, lambda name: session.client(name), patience=900)


def sam_local(served: Served) -> Iterator[Target]:
    with served.started.connect(timeout=60) as api:
        yield Target("sam-local", "mlops", api, served.clients, 120, served.unready, frozenset({"request-size"}))


def local_aws(loop: Loop) -> Iterator[Target]:
    session: Any = boto3.Session("local", "local", region_name="us-east-1")
    endpoint = loop.started.aws["AWS_ENDPOINT_URL"]
    yield Target("local-aws", "mlops", loop.api, lambda name: session.client(name, endpoint_url=endpoint), 120)


@pytest.fixture(scope="session", params=TARGETS)
def target(request: pytest.FixtureRequest) -> Iterator[Target]:
    """Each target in turn; a fixture of another one isn't started."""
    if request.param == "deployed":
        yield from deployed()
    elif request.param == "sam-local":
        yield from sam_local(request.getfixturevalue("served"))
    elif request.param == "local-aws":
        yield from local_aws(request.getfixturevalue("loop"))
    else:
        raise ValueError(f"CONTRACT_TARGETS names {request.param!r}; there are local-aws, sam-local and deployed")
