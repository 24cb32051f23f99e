import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import obstore
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore

from mlops.errors.records import FeedbackRejected
from mlops.records.bulk import ingest
from mlops.records.bulk.ingest import FeedbackFile, ingest_file
from mlops.records.join import join_truths
from mlops.records.truths import Truth
from mlops.records.write import store_feedback
from tests.unit.mlops.records.bucket import (
    CONTRACT,
    MODEL,
    NOON,
    contents,
    feedback,
    make_id,
    make_record,
    put_records,
)

PUBLIC = CONTRACT.model_copy(
    update={"columns": tuple(column.model_copy(update={"privacy": "keep"}) for column in CONTRACT.columns)}
)
HEADER = "prediction_id,truth,at"
AT = "2026-11-29T11:00:00Z"


class Killed(BaseException):
    """The process ends here."""


def make_lines(count: int, bad: int = 0) -> list[str]:
    """Rows of a feedback file; every so many-th is wrong."""
    return [
        f"{make_id(NOON - timedelta(days=1), number)},{'maybe' if bad and number % bad == 0 else 'yes'},{AT}"
        for number in range(count)
    ]


def make_file(folder: Path, lines: list[str], name: str = "truths.csv", **changes: Any) -> FeedbackFile:
    path = folder / name.replace("/", "_")
    path.write_text("\n".join([HEADER, *lines, ""]))
    given: dict[str, Any] = {"model": MODEL, "contract": CONTRACT, "source": f"feedback/{MODEL}/{name}", "path": path}
    return FeedbackFile(**(given | changes))


def test_a_file_is_stored_as_if_its_truths_had_come_in_requests(tmp_path: Path) -> None:
    store = MemoryStore()
    report = ingest_file(store, make_file(tmp_path, make_lines(10)), NOON)
    assert (report["rows"], report["stored"], report["objects"], report["rejected"]["rows"]) == (10, 10, 1, 0)
    by_file, by_request = MemoryStore(), MemoryStore()
    put_records(by_file, [make_record(NOON - timedelta(days=1), number) for number in range(10)])
    put_records(by_request, [make_record(NOON - timedelta(days=1), number) for number in range(10)])
    ingest_file(by_file, make_file(tmp_path, make_lines(10)), NOON)
    truths = [
        Truth(make_id(NOON - timedelta(days=1), number), "yes", NOON - timedelta(hours=1)) for number in range(10)
    ]
    store_feedback(by_request, MODEL, truths, NOON)
    joined = [
        [row for table in join_truths(feedback(each)) for row in table.to_pylist()] for each in (by_file, by_request)
    ]
    assert joined[0] == joined[1]
    assert len(joined[0]) == 10


def test_the_same_file_again_changes_nothing_wherever_it_lies_and_whenever(tmp_path: Path) -> None:
    store = MemoryStore()
    report = ingest_file(store, make_file(tmp_path, make_lines(10, bad=3)), NOON)
    before = contents(store)
    later = NOON + timedelta(days=2)
    again = ingest_file(store, make_file(tmp_path, make_lines(10, bad=3), "copy.csv"), later)
    assert contents(store) == before
    assert again == report


def test_the_same_file_under_other_rules_is_read_anew(tmp_path: Path) -> None:
    store = MemoryStore()
    ingest_file(store, make_file(tmp_path, make_lines(9, bad=3)), NOON)
    target = CONTRACT.target.model_copy(update={"labels": ("no", "yes", "maybe"), "task": "multiclass"})
    wider = CONTRACT.model_copy(update={"target": target})
    report = ingest_file(store, make_file(tmp_path, make_lines(9, bad=3), contract=wider), NOON)
    assert (report["stored"], report["rejected"]["rows"]) == (9, 0)


def test_rows_that_cannot_be_used_are_counted_listed_and_none_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest, "ROWS_PER_OBJECT", 7)
    store = MemoryStore()
    lines = [*make_lines(40), "x,yes," + AT, f"{make_id(NOON)},yes,", "too,few", *make_lines(30, bad=1)]
    report = ingest_file(store, make_file(tmp_path, lines, contract=PUBLIC), NOON)
    assert report["rows"] == len(lines) == report["stored"] + report["rejected"]["rows"]
    assert report["rejected"]["reasons"] == {"label": 30, "prediction_id": 1, "shape": 1, "undated": 1}
    assert len(report["rejected"]["examples"]) == 20
    listed = gzip.decompress(bytes(obstore.get(store, report["rejected"]["all"]).bytes())).splitlines()
    rows = [json.loads(line) for line in listed]
    assert [row["row"] for row in rows] == [40, 41, 42, *range(43, 73)]
    assert rows[0] == {
        "row": 40,
        "rule": "prediction_id",
        "message": "must be the id of a prediction, a version 7 UUID",
        "prediction_id": "x",
        "truth": "yes",
        "at": AT,
    }
    assert rows[:20] == report["rejected"]["examples"]


def test_where_columns_are_private_no_cell_but_a_predictions_id_is_repeated(tmp_path: Path) -> None:
    store = MemoryStore()
    lines = ["Smith,yes," + AT, f"{make_id(NOON)},Smith,{AT}", f"{make_id(NOON)},yes,1931-07-13", f"{AT},{AT},Smith"]
    report = ingest_file(store, make_file(tmp_path, lines), NOON)
    assert report["rejected"]["rows"] == 4
    assert [{*each} - {"row", "rule", "message"} for each in report["rejected"]["examples"]] == [
        set(),
        {"prediction_id"},
        {"prediction_id"},
        set(),
    ]
    stored = b"".join(gzip.decompress(each) if each[:2] == b"\x1f\x8b" else each for each in contents(store).values())
    assert b"Smith" not in stored
    assert b"1931" not in stored


@pytest.mark.parametrize("header", ["Smith,1931-07-13,yes", "prediction_id,truth,at,Smith"])
def test_where_columns_are_private_a_header_that_may_be_a_row_is_not_repeated(tmp_path: Path, header: str) -> None:
    for contract, is_named in ((PUBLIC, True), (CONTRACT, False)):
        file = make_file(tmp_path, [], contract=contract)
        file.path.write_text(f"{header}\n")
        with pytest.raises(FeedbackRejected) as caught:
            ingest_file(MemoryStore(), file, NOON)
        assert ("Smith" in str(caught.value)) == is_named
        assert ("more" in str(caught.value)) != is_named


def test_a_file_whose_rows_are_all_wrong_stores_nothing_and_says_so(tmp_path: Path) -> None:
    store = MemoryStore()
    report = ingest_file(store, make_file(tmp_path, make_lines(3, bad=1)), NOON)
    assert (report["stored"], report["objects"], report["rejected"]["reasons"]) == (0, 0, {"label": 3})
    assert not [key for key in contents(store) if key.startswith("records/")]


def test_a_file_with_other_columns_leaves_nothing_behind(tmp_path: Path) -> None:
    store = MemoryStore()
    file = make_file(tmp_path, [])
    file.path.write_text("a,b\n1,2\n")
    with pytest.raises(FeedbackRejected):
        ingest_file(store, file, NOON)
    assert contents(store) == {}


def test_lines_name_the_file_they_came_from(tmp_path: Path) -> None:
    store = MemoryStore()
    ingest_file(store, make_file(tmp_path, make_lines(1)), NOON)
    (content,) = [content for key, content in contents(store).items() if key.startswith("records/")]
    assert json.loads(gzip.decompress(content))["source"] == f"file:feedback/{MODEL}/truths.csv"


@given(st.lists(st.integers(0, 25), max_size=4), st.sampled_from([1, 3, 10]))
@settings(max_examples=40, deadline=None)
def test_ended_anywhere_and_repeated_it_ends_in_the_same_state(
    tmp_path_factory: pytest.TempPathFactory, stops: list[int], per_object: int
) -> None:
    """Stops before or after the calls to the store, by number, one after the other."""
    folder = tmp_path_factory.mktemp("ingest")
    file = make_file(folder, make_lines(12, bad=5))
    expected, store = MemoryStore(), MemoryStore()
    real = obstore.put
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ingest, "ROWS_PER_OBJECT", per_object)
        report = ingest_file(expected, file, NOON)
        for attempt, stop in enumerate(stops):
            calls = iter(range(1000))

            def put(*arguments: Any, stop: int = stop, calls: Any = calls, **options: Any) -> Any:
                if next(calls) == stop:
                    raise Killed
                result = real(*arguments, **options)
                if next(calls) == stop:
                    raise Killed
                return result

            patch.setattr(obstore, "put", put)
            try:
                # The first to get as far as the claim decides when the file was received.
                ingest_file(store, file, NOON + timedelta(days=attempt) if contents(store) else NOON)
            except Killed:
                continue
        patch.setattr(obstore, "put", real)
        last = ingest_file(store, file, NOON + timedelta(days=9) if contents(store) else NOON)
    assert contents(store) == contents(expected)
    assert last == report
