"""Versions are numbered without gaps or doubles, exist once complete, and never change."""

import json
from concurrent.futures import ThreadPoolExecutor

import obstore
import pytest
from obstore.store import MemoryStore

from mlops.errors.registry import ArtifactInvalid, KindMismatch, VersionNotFound
from mlops.registry.versions import MAX_MANIFEST, Versions, list_models
from tests.unit.mlops.registry.faults import Breaker, Interrupted
from tests.unit.mlops.registry.samples import FILES, make_manifest, make_recommender_manifest


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def versions(store: MemoryStore) -> Versions:
    return Versions(store, "leaves")


def test_trainings_get_numbers_in_turn_and_keep_them(versions: Versions) -> None:
    assert [versions.claim(key) for key in ("a", "b", "a", "c", "b")] == [1, 2, 1, 3, 2]
    assert sorted(versions.claimed()) == [1, 2, 3]
    assert versions.numbers() == []


def test_trainings_at_once_get_different_numbers_and_deliveries_of_one_get_the_same(versions: Versions) -> None:
    keys = [f"training-{number % 8}" for number in range(32)]
    with ThreadPoolExecutor(16) as pool:
        numbers = list(pool.map(versions.claim, keys))
    claimed = dict(zip(keys, numbers, strict=True))
    assert [claimed[key] for key in keys] == numbers
    assert sorted(claimed.values()) == list(range(1, 9))


@pytest.mark.parametrize("after", [False, True])
def test_a_claim_that_is_interrupted_anywhere_is_finished_by_the_next(after: bool) -> None:
    with Breaker().installed() as whole:
        Versions(MemoryStore(), "leaves").claim("a")
    for call in range(1, whole.calls + 1):
        versions = Versions(MemoryStore(), "leaves")
        with Breaker(call, after).installed(), pytest.raises(Interrupted):
            versions.claim("a")
        other = versions.claim("b")
        mine = versions.claim("a")
        assert mine == versions.claim("a")
        assert {mine, other} == {1, 2}


def test_a_version_exists_once_its_manifest_is_written(versions: Versions) -> None:
    number = versions.claim("key")
    assert not versions.exists(number)
    assert versions.numbers() == []
    versions.write(make_manifest(number), FILES)
    assert versions.exists(number)
    assert versions.numbers() == [1]
    assert versions.manifest(number) == make_manifest(number)
    assert {name: versions.read(make_manifest(number), name) for name in FILES} == FILES


def test_numbers_are_sorted_as_numbers(versions: Versions) -> None:
    for number in range(1, 12):
        assert versions.claim(f"key-{number}") == number
        versions.write(make_manifest(number, f"key-{number}"), FILES)
    assert versions.numbers() == list(range(1, 12))


def test_a_complete_version_is_never_written_again(versions: Versions, store: MemoryStore) -> None:
    versions.write(make_manifest(), FILES)
    later = make_manifest().model_copy(update={"candidate": "another", "files": {}})
    versions.write(later, {})
    assert versions.manifest(1).candidate == "linear"


def test_files_that_the_manifest_does_not_describe_are_refused(versions: Versions) -> None:
    with pytest.raises(ArtifactInvalid, match="differs from the manifest"):
        versions.write(make_manifest(), {**FILES, "model.onnx": b"another graph"})
    assert not versions.exists(1)


def test_a_version_that_was_never_completed_is_not_found(versions: Versions) -> None:
    versions.claim("key")
    with pytest.raises(VersionNotFound):
        versions.manifest(1)


DAMAGES = {
    "altered": (b"b graph", "isn't the file that was written"),
    "truncated": (b"a gr", "4 bytes, 7 expected"),
    "missing": (None, "is missing"),
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_damaged_file_is_refused(versions: Versions, store: MemoryStore, kind: str) -> None:
    content, words = DAMAGES[kind]
    versions.write(make_manifest(), FILES)
    path = "leaves/versions/1/model.onnx"
    if content is None:
        obstore.delete(store, path)
    else:
        obstore.put(store, path, content)
    with pytest.raises(ArtifactInvalid, match=words):
        versions.read(make_manifest(), "model.onnx")


def test_a_file_that_the_manifest_does_not_list_is_refused(versions: Versions) -> None:
    versions.write(make_manifest(), FILES)
    with pytest.raises(ArtifactInvalid, match="lists no secrets"):
        versions.read(make_manifest(), "secrets")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}'])
def test_a_manifest_that_cannot_be_read_is_refused(versions: Versions, store: MemoryStore, content: bytes) -> None:
    obstore.put(store, "leaves/versions/1/manifest.json", content)
    with pytest.raises(ArtifactInvalid, match="manifest can't be read"):
        versions.manifest(1)


def test_a_manifest_of_another_version_is_refused(versions: Versions, store: MemoryStore) -> None:
    obstore.put(store, "leaves/versions/2/manifest.json", make_manifest(1).model_dump_json().encode())
    with pytest.raises(ArtifactInvalid, match="leaves version 1"):
        versions.manifest(2)


def test_models_are_listed_by_name(store: MemoryStore) -> None:
    for model in ("roots", "leaves"):
        Versions(store, model).claim("key")
    assert list_models(store) == ["leaves", "roots"]


def test_a_manifest_of_a_newer_format_is_refused_by_its_format_whatever_else_is_in_it(
    versions: Versions, store: MemoryStore
) -> None:
    obstore.put(store, "leaves/versions/1/manifest.json", b'{"model": 7, "format": 2, "new": true}')
    with pytest.raises(ArtifactInvalid, match="has the format 2, and 1 can be read here"):
        versions.manifest(1)


def test_a_manifest_that_is_far_too_large_is_not_read(versions: Versions, store: MemoryStore) -> None:
    obstore.put(store, "leaves/versions/1/manifest.json", b" " * (MAX_MANIFEST + 1))
    with pytest.raises(ArtifactInvalid, match="has 5,000,001 bytes"):
        versions.manifest(1)


def test_a_version_is_read_as_the_kind_that_it_is(store: MemoryStore) -> None:
    written = make_recommender_manifest()
    versions = Versions(store, "shop")
    versions.write(written, FILES)
    assert versions.manifest(1) == versions.recommender(1) == written
    with pytest.raises(KindMismatch, match="Version 1 of 'shop' is of the kind 'recommender', and this takes the kind"):
        versions.table(1)


def test_a_table_is_no_recommender(versions: Versions) -> None:
    versions.write(make_manifest(), FILES)
    assert versions.table(1) == make_manifest()
    with pytest.raises(KindMismatch, match="kind 'table', and this takes the kind 'recommender'"):
        versions.recommender(1)


def test_a_manifest_from_before_there_were_kinds_is_that_of_a_table(versions: Versions, store: MemoryStore) -> None:
    written = json.loads(make_manifest().model_dump_json())
    assert written.pop("kind") == "table"
    obstore.put(store, "leaves/versions/1/manifest.json", json.dumps(written).encode())
    assert versions.manifest(1) == versions.table(1) == make_manifest()


@pytest.mark.parametrize("kind", ["forecast", None, 7, ["table"]])
def test_a_manifest_of_a_kind_that_only_newer_code_knows_is_refused(
    versions: Versions, store: MemoryStore, kind: object
) -> None:
    written = json.loads(make_manifest().model_dump_json()) | {"kind": kind}
    obstore.put(store, "leaves/versions/1/manifest.json", json.dumps(written).encode())
    with pytest.raises(ArtifactInvalid, match="can't be read here; deploy newer code"):
        versions.manifest(1)
