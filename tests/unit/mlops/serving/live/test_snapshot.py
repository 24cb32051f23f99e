"""What a process does around a snapshot, through the hooks that Lambda's runtime runs."""

import random
from collections.abc import Iterator

import pytest
import snapshot_restore_py
from awslambdaric.lambda_runtime_hooks_runner import run_after_restore, run_before_snapshot
from obstore.exceptions import GenericError

from mlops.registry.store import Store
from mlops.serving.live.champions import Champions
from mlops.serving.live.prefetch import Prefetch
from mlops.serving.live.snapshot import survive_snapshots
from mlops.settings import ApiSettings
from tests.unit.mlops.serving.artifacts import promote, put_version, steeper
from tests.unit.mlops.serving.fakes import Diary, Wire

SETTINGS = ApiSettings(models_bucket="models", follow_seconds=3600)


@pytest.fixture(autouse=True)
def hooks() -> Iterator[None]:
    """No hook of another test's."""
    lists = (snapshot_restore_py.get_before_snapshot(), snapshot_restore_py.get_after_restore())
    for each in lists:
        each.clear()
    yield
    for each in lists:
        each.clear()


@pytest.fixture
def diary() -> Diary:
    return Diary()


@pytest.fixture
def champions(store: Store, diary: Diary) -> Champions:
    put_version(store, 1)
    promote(store, 1)
    put_version(store, 1, model="other")
    promote(store, 1, model="other")
    found = Champions(store, SETTINGS, diary)
    survive_snapshots(
        found,
        lambda: store,
        snapshot_restore_py.register_before_snapshot,
        snapshot_restore_py.register_after_restore,
    )
    return found


def versions(champions: Champions) -> dict[str, int | None]:
    return {each.model: each.scorer.manifest.version if each.scorer else None for each in champions.followers()}


def test_a_snapshot_is_taken_with_every_models_champion_loaded(champions: Champions) -> None:
    run_before_snapshot()
    assert versions(champions) == {"diagnosis": 1, "other": 1}


def test_what_was_promoted_since_the_snapshot_answers_the_first_request(store: Store, champions: Champions) -> None:
    run_before_snapshot()
    steeper(store, 2)
    promote(store, 2)
    run_after_restore()
    assert versions(champions) == {"diagnosis": 2, "other": 1}


def test_a_restored_process_without_a_store_serves_what_it_has(
    champions: Champions, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_before_snapshot()
    wire = Wire(monkeypatch)
    wire.cut = True
    run_after_restore()
    assert versions(champions) == {"diagnosis": 1, "other": 1}
    assert diary.told[-1][0] == "unreachable"


def test_a_snapshot_without_a_store_is_taken_all_the_same_and_says_so(
    champions: Champions, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise GenericError("gone\n\nDebug source: …")

    monkeypatch.setattr("mlops.serving.live.champions.list_models", fail)
    run_before_snapshot()
    assert diary.told == [("unreachable", "gone")]


def test_a_library_that_draws_at_random_repeats_nothing_after_a_restore(champions: Champions) -> None:
    state = random.getstate()
    run_after_restore()
    first = random.random()
    random.setstate(state)
    run_after_restore()
    assert random.random() != first


def test_a_start_uses_what_was_fetched_ahead_and_asks_the_store_for_nothing(
    store: Store, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    steeper(store, 1)
    promote(store, 1)
    monkeypatch.setattr("mlops.serving.live.prefetch.open_store", lambda *_: store)
    ahead = Prefetch.start({"MODELS_BUCKET": "models", "DEFAULT_MODEL": "diagnosis"})
    assert ahead
    assert ahead.copy(10)

    champions = Champions(store, SETTINGS, diary)
    looks: list[str] = []
    monkeypatch.setattr("mlops.serving.live.follower.Follower.demand", lambda follower: looks.append(follower.model))
    champions.warm(ahead)
    assert versions(champions) == {"diagnosis": 1}
    assert looks == []
    assert diary.told == [("adopted", 1)]


def test_what_was_fetched_ahead_and_cant_be_used_is_asked_for_again_and_the_reason_told(
    store: Store, diary: Diary, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_version(store, 1)
    promote(store, 1)
    put_version(store, 2, graph=b"not a model")
    promote(store, 2)
    monkeypatch.setattr("mlops.serving.live.prefetch.open_store", lambda *_: store)
    champions = Champions(store, SETTINGS, diary)
    champions.warm(Prefetch.start({"MODELS_BUCKET": "models", "DEFAULT_MODEL": "diagnosis"}))
    assert versions(champions) == {"diagnosis": 1}
    assert [told[:2] for told in diary.told] == [("refused", 2), ("adopted", 1)]
