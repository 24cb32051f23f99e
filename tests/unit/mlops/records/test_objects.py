import gzip
from datetime import timedelta

import obstore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from mlops.errors.records import ObjectDamaged
from mlops.records import objects
from mlops.records.layout import FEEDBACK, PREDICTION
from mlops.records.objects import fetch_objects, list_models, list_objects, unzip_lines
from tests.unit.mlops.records.bucket import MODEL, NOON, make_record, put_lines, put_records


@given(st.lists(st.binary(min_size=1, max_size=40).map(lambda line: line.replace(b"\n", b"_"))), st.integers(1, 64))
@settings(max_examples=200)
def test_blocks_are_whole_lines_and_lose_none_however_small_they_are(lines: list[bytes], size: int) -> None:
    content = gzip.compress(b"".join(line + b"\n" for line in lines))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(objects, "BLOCK_BYTES", size)
        blocks = [*unzip_lines(content)]
    assert b"".join(blocks).splitlines() == b"\n".join(lines).splitlines()
    assert all(block.endswith(b"\n") for block in blocks)


def test_several_gzip_streams_after_each_other_are_one_object() -> None:
    assert b"".join(unzip_lines(gzip.compress(b"a\n") + gzip.compress(b"b"))) == b"a\nb"


@pytest.mark.parametrize(
    "damage", [lambda content: content[:-9], lambda content: content + b"junk", lambda content: b""]
)
def test_a_damaged_object_is_an_error(damage: object) -> None:
    content = damage(gzip.compress(b"one\ntwo\nthree\n"))  # type: ignore[operator]
    with pytest.raises(ObjectDamaged):
        list(unzip_lines(content))


def test_lines_before_the_damage_are_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "BLOCK_BYTES", 8)
    blocks: list[bytes] = []
    with pytest.raises(ObjectDamaged, match="breaks off"):
        for block in unzip_lines(gzip.compress(b"one\ntwo\nthree\n")[:-9]):
            blocks.append(block)
    assert b"".join(blocks).startswith(b"one\ntwo\n")


def test_only_the_days_that_were_asked_for_are_listed() -> None:
    store = MemoryStore()
    for days in range(3):
        put_records(store, [make_record(NOON + timedelta(days=days))], f"day-{days}")
    asked = [NOON.date() + timedelta(days=1)]
    assert [key.rpartition("/")[2] for key, _ in list_objects(store, PREDICTION, MODEL, asked)] == ["day-1.json.gz"]
    assert list_objects(store, FEEDBACK, MODEL, asked) == []


def test_models_are_those_that_have_records() -> None:
    store = MemoryStore()
    assert list_models(store, PREDICTION) == []
    put_records(store, [make_record(NOON)])
    assert list_models(store, PREDICTION) == [MODEL]


def test_objects_come_in_the_order_they_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "_FETCHED_BYTES", 100)
    store = MemoryStore()
    keys = [put_lines(store, f"{number:03d}", [b"x" * number]) for number in range(50)]
    listed = list_objects(store, PREDICTION, MODEL, [NOON.date()])
    assert [fetched.key for fetched in fetch_objects(store, listed)] == keys
    assert sum(len(fetched.content or b"") for fetched in fetch_objects(store, listed)) == sum(
        size for _, size in listed
    )


def test_an_object_that_was_deleted_since_has_no_content() -> None:
    store = MemoryStore()
    key = put_lines(store, "gone", [b"x"])
    listed = list_objects(store, PREDICTION, MODEL, [NOON.date()])
    obstore.delete(store, key)
    assert [(fetched.key, fetched.content) for fetched in fetch_objects(store, listed)] == [(key, None)]
