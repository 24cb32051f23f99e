"""The stack's query about challengers, asked of what serving really logs."""

import json
import time
from collections.abc import Callable

import pytest
from obstore.store import MemoryStore

from localaws.logs.insights.events import Event
from localaws.logs.insights.query import run_query
from localaws.template.load import load
from mlops.registry.store import Store
from tests.integration.serving.conftest import ROOT
from tests.unit.mlops.conftest import open_api_on
from tests.unit.mlops.serving.artifacts import challenge_with, promote, put_version
from tests.unit.mlops.serving.conftest import open_api
from tests.unit.mlops.serving.harness import Api

__all__ = ["open_api", "open_api_on"]


@pytest.fixture
def store() -> Store:
    return MemoryStore()


@pytest.fixture
def lines(store: Store, open_api: Callable[..., Api]) -> list[str]:
    """What is logged of three rows on which champion and challenger agree once."""
    put_version(store, 1)
    promote(store, 1)
    put_version(store, 2, threshold=0.9)
    challenge_with(store, 2)
    api = open_api(follow_seconds=3600)
    api.models.challenger("diagnosis").poll()
    for radius in (0.0, 1.0, 9.0):
        api.predict({"mean radius": radius, "mean texture": 0.5})
    return [json.dumps(line) for line in api.printed()]


def test_the_query_tells_what_champion_and_challenger_said_label_by_label(lines: list[str]) -> None:
    query = load(ROOT / "template.yaml").body["Resources"]["ChallengerQuery"]["Properties"]["QueryString"]
    now = int(time.time())
    events = [Event(now * 1000, line, "stream", "1:api", now * 1000, str(place)) for place, line in enumerate(lines)]
    rows = [dict(row) for row in run_query(query, events, now + 60).rows]
    said = [(row["label"], row["challenger_label"], row["predictions"]) for row in rows]
    assert said == [("benign", "benign", "1"), ("malignant", "benign", "1"), ("malignant", "malignant", "1")]
    assert {(row["model_version"], row["challenger_version"]) for row in rows} == {("1", "2")}
