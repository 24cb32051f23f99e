"""Whatever ails the registry: what serves goes on serving, one line and one metric say so, and it mends."""

from collections.abc import Callable
from threading import Event

import pytest
from obstore.exceptions import GenericError, PermissionDeniedError

from mlops.registry.store import Store
from tests.unit.mlops.serving.artifacts import ROWS, promote, put_version, steeper
from tests.unit.mlops.serving.fakes import Wire
from tests.unit.mlops.serving.harness import Api

STORES: dict[str, Exception] = {
    "gone": GenericError("Generic S3 error: error sending request\n\nDebug source: …"),
    "refusing": PermissionDeniedError("The operation lacked the necessary privileges\n\nDebug source: …"),
    "without credentials": OSError("169.254.170.2 gives no credentials: it answered 500"),
}


@pytest.mark.parametrize("kind", STORES)
def test_a_store_that_is_gone_or_refuses(store: Store, api: Api, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    steeper(store, 2)
    promote(store, 2)
    wire = Wire(monkeypatch)
    wire.cut, wire.error = True, STORES[kind]
    for _ in range(3):
        api.poll()
        assert api.predict(ROWS[0]).json["version"] == 1
    (reason,), metrics = api.faults()
    assert reason == str(STORES[kind]).partition("\n")[0]
    assert metrics == ["RegistryUnreachable"]
    wire.cut = False
    api.poll()
    assert api.predict(ROWS[0]).json["version"] == 2


@pytest.mark.parametrize("kind", STORES)
def test_a_start_without_a_store_answers_503_and_finds_the_champion_when_it_is_back(
    store: Store, open_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    put_version(store, 1)
    promote(store, 1)
    wire = Wire(monkeypatch)
    wire.cut, wire.error = True, STORES[kind]
    api = open_api(follow_seconds=0)
    for _ in range(2):
        answer = api.predict(ROWS[0])
        assert (answer.status, "registry can't be read" in answer.json["detail"]) == (503, True)
    assert api.faults()[1] == ["RegistryUnreachable"]
    wire.cut = False
    assert api.predict(ROWS[0]).json["version"] == 1


def test_a_slow_store_delays_no_request_and_its_version_is_adopted_when_it_comes(
    store: Store, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    steeper(store, 2)
    promote(store, 2)
    wire = Wire(monkeypatch)
    wire.slow = Event()
    assert {api.predict(ROWS[0]).json["version"] for _ in range(20)} == {1}, "they'd wait for ever if they waited"
    assert wire.waiting <= 2, "one look at the champion and one at the challenger, no more"
    wire.slow.set()
    api.poll()
    assert api.predict(ROWS[0]).json["version"] == 2
    assert api.faults() == ([], []), "slow is not gone"


def test_a_start_waits_for_a_slow_store_only_so_long_and_a_later_request_finds_what_it_brought(
    store: Store, open_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_version(store, 1)
    promote(store, 1)
    monkeypatch.setattr("mlops.serving.live.follower.PATIENCE_SECONDS", 0.05)
    wire = Wire(monkeypatch)
    wire.slow = Event()
    api = open_api(follow_seconds=0)
    answer = api.predict(ROWS[0])
    assert (answer.status, "the registry is slow" in answer.json["detail"]) == (503, True)
    assert answer.headers["retry-after"]
    assert api.faults() == (["it hasn't answered within 0.05 seconds"], ["RegistryUnreachable"])
    wire.slow.set()
    api.poll()
    assert api.predict(ROWS[0]).json["version"] == 1
    assert api.ask("GET", "/health").json["status"] == "ok"
