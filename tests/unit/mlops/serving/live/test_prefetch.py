"""What a start reads of the registry is fetched ahead of it."""

import obstore
import pytest
from obstore.exceptions import GenericError
from obstore.store import MemoryStore

from mlops.registry.store import Store
from mlops.serving.live.follower import Follower
from mlops.serving.live.prefetch import FILES, Prefetch
from tests.unit.mlops.serving.artifacts import promote, put_version, steeper
from tests.unit.mlops.serving.fakes import Recorder
from tests.unit.mlops.serving.recommend.shop import put_shop

ENVIRON = {"MODELS_BUCKET": "models", "DEFAULT_MODEL": "diagnosis"}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Store:
    """What any address opens."""
    found = MemoryStore()
    monkeypatch.setattr("mlops.serving.live.prefetch.open_store", lambda *_: found)
    return found


def fetched(environ: dict[str, str] = ENVIRON) -> Store:
    ahead = Prefetch.start(environ)
    assert ahead
    copy = ahead.copy(10)
    assert copy
    return copy


def paths(copy: Store) -> list[str]:
    return sorted(entry["path"] for page in obstore.list(copy) for entry in page)


def test_the_champion_and_what_a_start_reads_of_it_is_copied(store: Store) -> None:
    put_version(store, 1)
    steeper(store, 2)
    promote(store, 2)
    copy = fetched()
    expected = ["diagnosis/aliases/champion.json", *(f"diagnosis/versions/2/{name}" for name in sorted(FILES))]
    assert paths(copy) == expected
    for path in expected:
        assert bytes(obstore.get(copy, path).bytes()) == bytes(obstore.get(store, path).bytes())


def test_a_recommenders_items_are_copied_too_and_its_histories_are_not(store: Store) -> None:
    put_shop(store, model="diagnosis")
    copy = fetched()
    names = sorted([*FILES, "items.json"])
    assert paths(copy) == ["diagnosis/aliases/champion.json", *(f"diagnosis/versions/1/{name}" for name in names)]
    listener = Recorder()
    follower = Follower(store, "diagnosis", listener, max_rows=10, every=3)
    assert follower.adopt(copy)
    assert listener.events == [("adopted", 1)]


def test_what_is_missing_or_damaged_is_so_in_the_copy(store: Store) -> None:
    assert paths(fetched()) == []
    obstore.put(store, "diagnosis/aliases/champion.json", b"{")
    assert paths(fetched()) == ["diagnosis/aliases/champion.json"]
    obstore.put(store, "diagnosis/aliases/champion.json", b'{"version": 9}')
    assert paths(fetched()) == ["diagnosis/aliases/champion.json"]


def test_a_store_that_fails_leaves_the_copy_incomplete(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise GenericError("gone")

    monkeypatch.setattr(obstore, "get", fail)
    assert paths(fetched()) == []


@pytest.mark.parametrize("variable", ENVIRON)
def test_without_a_bucket_or_a_model_nothing_is_fetched(variable: str) -> None:
    assert Prefetch.start({name: value for name, value in ENVIRON.items() if name != variable}) is None


def test_a_process_that_answers_at_once_goes_on_with_the_client(store: Store) -> None:
    ahead = Prefetch.start({**ENVIRON, "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"})
    assert ahead
    assert ahead.client is store


@pytest.mark.parametrize("kind", [{}, {"AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start"}])
def test_a_process_that_may_be_frozen_first_does_not(store: Store, kind: dict[str, str]) -> None:
    ahead = Prefetch.start(ENVIRON | kind)
    assert ahead
    assert ahead.client is None
