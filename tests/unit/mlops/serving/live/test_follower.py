"""Which version answers when the champion changes, and when it can't be used."""

from typing import Any

import obstore
import pytest

from mlops.errors.serving import ModelUnavailable
from mlops.registry.store import Store
from mlops.serving.live.follower import REFUSED_SECONDS, Follower
from tests.unit.mlops.serving.artifacts import golden, linear_graph, promote, put_version, sum_graph
from tests.unit.mlops.serving.fakes import Clock, Recorder, ThreadAtOnce, Wire


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Wire:
    return Wire(monkeypatch)


@pytest.fixture
def follower(store: Store, clock: Clock, recorder: Recorder) -> Follower:
    return Follower(store, "diagnosis", recorder, max_rows=100, every=3.0, clock=clock)


@pytest.fixture
def serving(store: Store, follower: Follower, recorder: Recorder) -> Follower:
    """A follower that serves version 1."""
    put_version(store, 1)
    promote(store, 1)
    follower.poll()
    assert recorder.events == [("adopted", 1)]
    recorder.events.clear()
    return follower


def version(follower: Follower) -> int | None:
    return follower.scorer.manifest.version if follower.scorer else None


UNFIT: dict[str, tuple[dict[str, Any], str]] = {
    "misses its golden rows": ({"graph": linear_graph(1.001)}, "misses its golden rows by"),
    "has more columns": ({"graph": linear_graph(columns=3)}, "takes numbers tensor(double)[3]"),
    "has another output": ({"graph": linear_graph(output="chances")}, "no output probabilities"),
    "is a regression": ({"graph": sum_graph(2)}, "no output probabilities"),
    "is no ONNX file": ({"graph": b"not a model"}, "doesn't load"),
    "has no golden answers": ({"golden_rows": b'{"rows": []}'}, "golden.json can't be used"),
    "has broken golden rows": ({"golden_rows": b"{"}, "golden.json can't be used"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_a_version_that_isnt_what_it_says_is_refused(
    store: Store, serving: Follower, recorder: Recorder, kind: str
) -> None:
    parts, reason = UNFIT[kind]
    put_version(store, 2, **parts)
    promote(store, 2)
    serving.poll()
    assert version(serving) == 1
    assert recorder.events[0][:2] == ("refused", 2)
    assert reason in recorder.events[0][2]


def test_a_refusal_is_told_once_and_the_version_tried_again_only_later(
    store: Store, serving: Follower, recorder: Recorder, clock: Clock, wire: Wire
) -> None:
    put_version(store, 2, graph=linear_graph(2))
    promote(store, 2)
    serving.poll()
    loads = wire.gets
    serving.poll()
    assert wire.gets == loads + 1
    clock.now += REFUSED_SECONDS
    serving.poll()
    assert wire.gets > loads + 2
    assert [event[0] for event in recorder.events] == ["refused", "fell back"]


def test_a_mended_version_is_adopted_without_a_restart(
    store: Store, serving: Follower, recorder: Recorder, clock: Clock
) -> None:
    put_version(store, 2, graph=linear_graph(2), golden_rows=golden(2))
    obstore.put(store, "diagnosis/versions/2/model.onnx", b"damaged")
    promote(store, 2)
    serving.poll()
    obstore.put(store, "diagnosis/versions/2/model.onnx", linear_graph(2))
    clock.now += REFUSED_SECONDS
    serving.poll()
    assert version(serving) == 2
    assert serving.fault is None


def test_a_rollback_from_a_refused_version_clears_the_fault(store: Store, serving: Follower) -> None:
    promote(store, 9)
    serving.poll()
    assert serving.fault
    promote(store, 1)
    serving.poll()
    assert version(serving) == 1
    assert not serving.fault


def test_a_store_that_is_gone_leaves_the_old_version_serving_and_is_told_once(
    store: Store, serving: Follower, recorder: Recorder, wire: Wire
) -> None:
    wire.cut = True
    serving.poll()
    serving.poll()
    assert version(serving) == 1
    assert recorder.events == [("unreachable", "Generic S3 error: connection refused")]
    wire.cut = False
    serving.poll()
    assert serving.fault is None
    wire.cut = True
    serving.poll()
    assert len(recorder.events) == 2


def test_a_promotion_during_an_outage_is_adopted_when_the_store_is_back(
    store: Store, serving: Follower, wire: Wire
) -> None:
    put_version(store, 2)
    promote(store, 2)
    wire.cut = True
    serving.poll()
    wire.cut = False
    serving.poll()
    assert version(serving) == 2


def test_a_cold_start_with_a_bad_champion_serves_the_version_before_it(
    store: Store, follower: Follower, recorder: Recorder
) -> None:
    put_version(store, 1)
    promote(store, 1)
    put_version(store, 2, graph=b"not a model")
    promote(store, 2)
    follower.poll()
    assert version(follower) == 1
    assert "Version 2" in (follower.fault or "")
    assert [each[:2] for each in recorder.events] == [("refused", 2), ("adopted", 1), ("fell back", 2)]


def test_a_cold_start_with_no_usable_version_says_why(store: Store, follower: Follower) -> None:
    put_version(store, 1, graph=b"not a model")
    promote(store, 1)
    with pytest.raises(ModelUnavailable, match="Version 1 of 'diagnosis' can't be used"):
        follower.require()


def test_a_store_that_has_just_failed_isnt_asked_again_at_once(follower: Follower, clock: Clock, wire: Wire) -> None:
    wire.cut = True
    for _ in range(3):
        with pytest.raises(ModelUnavailable, match="registry can't be read"):
            follower.require()
    assert wire.gets == 1
    clock.now += 3.0
    with pytest.raises(ModelUnavailable):
        follower.require()
    assert wire.gets == 2


@pytest.mark.parametrize(("later", "looks"), [(2.9, 0), (3.0, 1), (-500.0, 1)], ids=["soon", "due", "clock went back"])
def test_a_look_is_started_only_when_it_is_due(
    serving: Follower, clock: Clock, wire: Wire, monkeypatch: pytest.MonkeyPatch, later: float, looks: int
) -> None:
    monkeypatch.setattr("mlops.serving.live.follower.Thread", ThreadAtOnce)
    clock.now += later
    before = wire.gets
    serving.poll_if_due()
    assert wire.gets - before == looks
    serving.poll_if_due()
    assert wire.gets - before == looks


def test_no_second_look_starts_while_one_is_under_way(
    serving: Follower, clock: Clock, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen: list[ThreadAtOnce] = []
    monkeypatch.setattr(ThreadAtOnce, "start", lambda thread: frozen.append(thread))
    monkeypatch.setattr("mlops.serving.live.follower.Thread", ThreadAtOnce)
    clock.now += 10
    serving.poll_if_due()
    serving.poll_if_due()
    assert len(frozen) == 1
    frozen[0].target()
    clock.now += 10
    serving.poll_if_due()
    assert len(frozen) == 2
