"""What a process does around a snapshot, through the hooks that Lambda's runtime runs."""

import random
from collections.abc import Iterator

import pytest
import snapshot_restore_py
from awslambdaric.lambda_runtime_hooks_runner import run_after_restore, run_before_snapshot
from obstore.exceptions import GenericError

from mlops.registry.store import Store
from mlops.serving.live.prefetch import Prefetch
from mlops.serving.live.served_models import ServedModels
from mlops.serving.live.snapshot import survive_snapshots
from mlops.serving.settings import ApiSettings
from tests.unit.mlops.serving.artifacts import promote, put_version, steeper
from tests.unit.mlops.serving.fakes import Recorder, Wire

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
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def models(store: Store, recorder: Recorder) -> ServedModels:
    put_version(store, 1)
    promote(store, 1)
    put_version(store, 1, model="other")
    promote(store, 1, model="other")
    found = ServedModels(store, SETTINGS, recorder)
    survive_snapshots(
        found,
        lambda: store,
        snapshot_restore_py.register_before_snapshot,
        snapshot_restore_py.register_after_restore,
    )
    return found


def versions(models: ServedModels) -> dict[str, int | None]:
    return {each.model: each.scorer.manifest.version if each.scorer else None for each in models.champions()}


def test_a_snapshot_is_taken_with_every_models_champion_loaded(models: ServedModels) -> None:
    run_before_snapshot()
    assert versions(models) == {"diagnosis": 1, "other": 1}


def test_what_was_promoted_since_the_snapshot_answers_the_first_request(store: Store, models: ServedModels) -> None:
    run_before_snapshot()
    steeper(store, 2)
    promote(store, 2)
    run_after_restore()
    assert versions(models) == {"diagnosis": 2, "other": 1}


def test_a_restored_process_without_a_store_serves_what_it_has(
    models: ServedModels, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_before_snapshot()
    wire = Wire(monkeypatch)
    wire.cut = True
    run_after_restore()
    assert versions(models) == {"diagnosis": 1, "other": 1}
    assert recorder.events[-1][0] == "unreachable"


def test_a_snapshot_without_a_store_is_taken_anyway_and_reports_that(
    models: ServedModels, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise GenericError("gone\n\nDebug source: …")

    monkeypatch.setattr("mlops.serving.live.served_models.list_models", fail)
    run_before_snapshot()
    assert recorder.events == [("unreachable", "gone")]


def test_a_library_that_draws_at_random_repeats_nothing_after_a_restore(models: ServedModels) -> None:
    state = random.getstate()
    run_after_restore()
    first = random.random()
    random.setstate(state)
    run_after_restore()
    assert random.random() != first


def test_a_start_uses_what_was_prefetched_and_reads_nothing_from_the_store(
    store: Store, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    steeper(store, 1)
    promote(store, 1)
    monkeypatch.setattr("mlops.serving.live.prefetch.open_store", lambda *_: store)
    prefetch = Prefetch.start({"MODELS_BUCKET": "models", "DEFAULT_MODEL": "diagnosis"})
    assert prefetch
    assert prefetch.copy(10)

    models = ServedModels(store, SETTINGS, recorder)
    required: list[str] = []
    monkeypatch.setattr(
        "mlops.serving.live.follower.Follower.require", lambda follower: required.append(follower.model)
    )
    models.warm_up(prefetch)
    assert versions(models) == {"diagnosis": 1}
    assert required == []
    assert recorder.events == [("adopted", 1)]


def test_prefetched_files_that_cant_be_used_are_read_again_and_the_reason_is_reported(
    store: Store, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_version(store, 1)
    promote(store, 1)
    put_version(store, 2, graph=b"not a model")
    promote(store, 2)
    monkeypatch.setattr("mlops.serving.live.prefetch.open_store", lambda *_: store)
    models = ServedModels(store, SETTINGS, recorder)
    models.warm_up(Prefetch.start({"MODELS_BUCKET": "models", "DEFAULT_MODEL": "diagnosis"}))
    assert versions(models) == {"diagnosis": 1}
    assert [event[:2] for event in recorder.events] == [("refused", 2), ("adopted", 1), ("fell back", 2)]
