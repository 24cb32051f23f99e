"""Whatever is wrong with a new champion: the old one goes on serving, one line and one metric say so, and it mends.

Each fault is done to version 2 while version 1 serves, and undone later; and met at a start with nothing else to serve.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import obstore
import pytest
from onnx import helper, load_from_string, numpy_helper

from mlops.contract import Column
from mlops.registry.aliases import CHAMPION
from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import (
    CONTRACT,
    ROWS,
    golden,
    linear_graph,
    promote,
    put_version,
    steeper,
)
from tests.unit.mlops.serving.harness import Api

FOLDER = "diagnosis/versions/2"
WIDER = CONTRACT.model_copy(update={"columns": (*CONTRACT.columns, Column(name="depth"))})


def read(store: Store, name: str, version: int = 2) -> bytes:
    return bytes(obstore.get(store, f"diagnosis/versions/{version}/{name}").bytes())


def failing_graph() -> bytes:
    """The logistic regression, in a graph that loads and fails when it runs."""
    model = load_from_string(linear_graph(2))
    model.graph.initializer.append(numpy_helper.from_array(np.array([7, 7, 7]), "wrong"))
    model.graph.node.insert(0, helper.make_node("Reshape", ["numbers", "wrong"], ["never"]))
    model.graph.node.append(helper.make_node("Size", ["never"], ["size"]))
    content: bytes = model.SerializeToString()
    return content


@dataclass(frozen=True)
class Fault:
    """How version 2 is made, what is done to its files, and what is said of it."""

    reason: str
    files: Callable[[Store], dict[str, bytes | None]] = lambda store: {}
    made: Callable[[Store], Any] = lambda store: steeper(store, 2)


FAULTS: dict[str, Fault] = {
    "a corrupted model": Fault(
        "model.onnx isn't the file that was written",
        lambda store: {"model.onnx": read(store, "model.onnx")[:-1] + b"\0"},
    ),
    "a truncated model": Fault(
        "model.onnx isn't the file that was written (50 bytes",
        lambda store: {"model.onnx": read(store, "model.onnx")[:50]},
    ),
    "another version's model": Fault(
        "model.onnx isn't the file that was written", lambda store: {"model.onnx": read(store, "model.onnx", 1)}
    ),
    "a model that has grown": Fault(
        "model.onnx isn't the file that was written (1,000,000 bytes".replace(",", ""),
        lambda store: {"model.onnx": b"x" * 1_000_000},
    ),
    "a missing model": Fault("model.onnx is missing", lambda store: {"model.onnx": None}),
    "another version's golden rows": Fault(
        "golden.json isn't the file that was written", lambda store: {"golden.json": read(store, "golden.json", 1)}
    ),
    "a manifest of a newer format": Fault(
        "its manifest has the format 2, and 1 can be read here",
        lambda store: {"manifest.json": b'{"format": 2, "model": "diagnosis", "version": 2, "new": []}'},
    ),
    "another version's manifest": Fault(
        "its manifest is that of diagnosis version 1", lambda store: {"manifest.json": read(store, "manifest.json", 1)}
    ),
    "a damaged manifest": Fault("its manifest can't be read", lambda store: {"manifest.json": b"{"}),
    "no manifest": Fault("has no version 2", lambda store: {"manifest.json": None}),
}
# Faults that are in the version from the start, so that only another version mends them.
UNFIT: dict[str, Fault] = {
    "a contract that doesn't match the graph": Fault(
        "takes numbers tensor(double)[2] where its contract makes numbers tensor(double)[3]",
        made=lambda store: put_version(store, 2, contract=WIDER),
    ),
    "a graph that fails when it runs": Fault(
        "model.onnx fails on its golden rows",
        made=lambda store: put_version(store, 2, graph=failing_graph(), golden_rows=golden(2)),
    ),
    "a model that answers otherwise than its golden rows": Fault(
        "misses its golden rows by", made=lambda store: put_version(store, 2, graph=linear_graph(2))
    ),
    "a file that is no model": Fault("model.onnx doesn't load", made=lambda store: put_version(store, 2, graph=b"no")),
}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A refused version is tried again at the next look."""
    monkeypatch.setattr("mlops.serving.live.follower.REFUSED_SECONDS", 0.0)


def put(store: Store, files: dict[str, bytes | None]) -> None:
    for name, content in files.items():
        if content is None:
            obstore.delete(store, f"{FOLDER}/{name}")
        else:
            obstore.put(store, f"{FOLDER}/{name}", content)


@pytest.mark.parametrize("name", [*FAULTS, *UNFIT])
def test_the_old_version_serves_one_line_and_one_metric_say_why_and_mending_it_needs_no_restart(
    store: Store, api: Api, name: str
) -> None:
    fault = (FAULTS | UNFIT)[name]
    fault.made(store)
    whole = {file: read(store, file) for file in ("model.onnx", "golden.json", "manifest.json")}
    put(store, fault.files(store))
    promote(store, 2)
    for _ in range(3):
        api.poll()
        answer = api.predict(ROWS[0])
        assert (answer.status, answer.json["version"]) == (200, 1)
    (reason,), metrics = api.faults()
    assert fault.reason in reason
    assert metrics == ["ModelRefused"]
    health = api.ask("GET", "/health")
    assert (health.status, health.json["status"]) == (200, "degraded")
    assert fault.reason in health.json["models"][0]["fault"]

    expected = 2
    if name in UNFIT:
        steeper(store, 3)
        promote(store, 3)
        expected = 3
    put(store, dict(whole))
    api.poll()
    assert api.predict(ROWS[0]).json["version"] == expected
    assert api.ask("GET", "/health").json["status"] == "ok"
    assert api.faults() == ([], [])


@pytest.mark.parametrize("name", [*FAULTS, *UNFIT])
def test_a_start_with_nothing_usable_answers_503_with_the_reason_until_it_is_mended(
    store: Store, open_api: Callable[..., Api], name: str
) -> None:
    fault = (FAULTS | UNFIT)[name]
    put_version(store, 1)
    fault.made(store)
    whole = {file: read(store, file) for file in ("model.onnx", "golden.json", "manifest.json")}
    put(store, fault.files(store))
    promote(store, 2)
    api = open_api(follow_seconds=0)
    answer = api.predict(ROWS[0])
    assert (answer.status, answer.headers["content-type"]) == (503, "application/problem+json")
    assert fault.reason in answer.json["detail"]
    assert api.ask("GET", "/health").status == 503
    (reason,), metrics = api.faults()
    assert fault.reason in reason
    assert metrics == ["ModelRefused"]
    put(store, dict(whole))
    if name in UNFIT:
        promote(store, 1)
    assert api.predict(ROWS[0]).status == 200


def test_a_model_too_large_for_the_memory_is_refused_before_it_is_read(
    store: Store, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlops.serving.scorer.MAX_BYTES", len(linear_graph(2)) - 1)
    steeper(store, 2)
    promote(store, 2)
    read_paths: list[str] = []
    get = obstore.get

    def note(store: Any, path: str, **options: Any) -> Any:
        read_paths.append(path)
        return get(store, path, **options)

    monkeypatch.setattr(obstore, "get", note)
    api.poll()
    assert f"{FOLDER}/model.onnx" not in read_paths
    (reason,), metrics = api.faults()
    assert "can be loaded next to the model that serves" in reason
    assert metrics == ["ModelRefused"]
    assert api.predict(ROWS[0]).json["version"] == 1


def test_what_nobody_foresaw_in_a_version_is_a_refusal_too(
    store: Store, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    steeper(store, 2)
    promote(store, 2)

    def exhaust(*_: Any) -> None:
        raise MemoryError("out of memory")

    with monkeypatch.context() as patch:
        patch.setattr("mlops.serving.scorer.open_session", exhaust)
        api.poll()
    (reason,), metrics = api.faults()
    assert "MemoryError: out of memory" in reason
    assert metrics == ["ModelRefused"]
    api.poll()
    assert api.predict(ROWS[0]).json["version"] == 2


def test_an_alias_that_points_at_a_version_that_isnt_there(store: Store, api: Api) -> None:
    promote(store, 9)
    api.poll()
    assert api.predict(ROWS[0]).json["version"] == 1
    assert api.faults() == (["Model 'diagnosis' has no version 9."], ["ModelRefused"])
    promote(store, 1)
    api.poll()
    assert api.ask("GET", "/health").json["status"] == "ok"


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"history": []}', b'{"history": [{"version": "x"}]}'],
    ids=["empty", "cut off", "without a move", "a version that is no number"],
)
def test_an_alias_that_cant_be_read(store: Store, api: Api, content: bytes) -> None:
    path = f"diagnosis/aliases/{CHAMPION}.json"
    whole = bytes(obstore.get(store, path).bytes())
    obstore.put(store, path, content)
    api.poll()
    api.poll()
    assert api.predict(ROWS[0]).json["version"] == 1
    (reason,), metrics = api.faults()
    assert "champion of 'diagnosis' can't be read" in reason
    assert metrics == ["RegistryUnreachable"]
    obstore.put(store, path, whole)
    api.poll()
    assert api.ask("GET", "/health").json["status"] == "ok"
