"""An uploaded file becomes feedback objects and a report, whatever dies on the way and however often it's delivered."""

import gzip
import json
from datetime import timedelta
from itertools import count
from typing import Any

import obstore
import pytest

from mlops.errors.base import ErrorWithheld
from mlops.events import ObjectCreated
from mlops.ingestion import feedback_file
from mlops.privacy import hash_value
from mlops.records.bulk import ingest
from mlops.records.join import join_truths
from mlops.registry.versions import Versions
from tests.unit.mlops.ingestion.desk import AT, KEY, YESTERDAY, Desk, make_csv
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
from tests.unit.mlops.registry.faults import Breaker, Interrupted
from tests.unit.mlops.registry.samples import FILES, make_recommender_manifest
from tests.unit.mlops.serving.artifacts import promote


def joined(desk: Desk, **changes: Any) -> tuple[list[tuple[str, str]], Any]:
    """The truths that have a prediction, and the counts."""
    found = join_truths(feedback(desk.records, **changes))
    rows = [row for table in found for row in table.to_pylist()]
    return sorted((row["prediction_id"], row["truth"]) for row in rows), found.counts


def written(desk: Desk) -> dict[str, bytes]:
    """What ingestion wrote into the records bucket."""
    return {key: each for key, each in contents(desk.records).items() if "kind=prediction" not in key}


def test_a_file_is_stored_reported_and_joined(desk: Desk) -> None:
    put_records(desk.records, [make_record(YESTERDAY, number) for number in range(8)])
    report = desk.take(desk.put(make_csv(10, bad=5), version="v7"))
    assert {name: report[name] for name in ("model", "source", "s3_version", "outcome", "rows", "stored")} == {
        "model": MODEL,
        "source": KEY,
        "s3_version": "v7",
        "outcome": "stored",
        "rows": 10,
        "stored": 8,
    }
    assert report["reason"] == "8 of 10 rows are stored; 2 can't be used (2 by 'label')"
    assert report["rejected"]["reasons"] == {"label": 2}
    assert report["rejected"]["all"].removeprefix("s3://records/") in contents(desk.records)
    found, counts = joined(desk)
    assert found == [(make_id(YESTERDAY, number), "yes") for number in (1, 2, 3, 4, 6, 7)]
    assert (counts.received, counts.used, counts.unknown) == (8, 6, 2)
    (line,) = [line for line in desk.lines() if line.get("record") == "feedback_file"]
    assert (line["model"], line["outcome"], line["stored"], line["rejected"]) == (MODEL, "stored", 8, {"label": 2})


def test_rows_may_be_named_by_the_champions_key(desk: Desk) -> None:
    desk.train(key=("age", "customer"), number=2)
    column = next(column for column in CONTRACT.columns if column.name == "customer")
    inputs = {"age": 41.0, "customer": hash_value(column, "Smith", desk.privacy_key)}
    put_records(desk.records, [make_record(YESTERDAY, inputs=inputs)])
    content = f"age,customer,truth,at\n41,Smith,no,{AT}\n42,Smith,yes,{AT}\n".encode()
    report = desk.take(desk.put(content))
    assert (report["outcome"], report["stored"]) == ("stored", 2)
    lines = b"".join(map(gzip.decompress, _records(desk).values()))
    assert b"Smith" not in lines
    assert [json.loads(line)["key"].keys() for line in lines.splitlines()] == [{"age", "customer"}] * 2
    found, counts = joined(desk, key=("age", "customer"))
    assert found == [(make_id(YESTERDAY), "no")]
    assert (counts.used, counts.unknown) == (1, 1)


def test_the_same_delivery_again_changes_nothing(desk: Desk) -> None:
    created = desk.put(make_csv(5, bad=2), version="v1")
    first = desk.take(created)
    before = contents(desk.records)
    desk.clock = lambda: NOON + timedelta(days=1)
    assert desk.take(created) == first
    assert contents(desk.records) == before


def test_the_same_content_in_another_upload_is_unchanged_and_says_where_it_was(desk: Desk) -> None:
    desk.take(desk.put(make_csv(5), version="v1"))
    before = contents(desk.records)
    again = desk.take(desk.put(make_csv(5), version="v2"))
    other = desk.take(desk.put(make_csv(5), key=f"feedback/{MODEL}/copy.csv", version="v1"))
    assert contents(desk.records) == before
    for report, key, version in ((again, KEY, "v2"), (other, f"feedback/{MODEL}/copy.csv", "v1")):
        assert (report["outcome"], report["source"], report["s3_version"]) == ("unchanged", key, version)
        assert f"{KEY} at 2026-11-29T12:00:00" in report["reason"]


REJECTED: dict[str, tuple[bytes, str]] = {
    "other columns": (b"a,b\n1,2\n", "it must have the columns prediction_id, truth and at"),
    "no rows that can be used": (make_csv(3, bad=1), "none of 3 rows can be used (3 by 'label')"),
    "no rows": (make_csv(0), "it has no rows"),
    "nothing": (b"", "it's empty"),
}


@pytest.mark.parametrize("kind", REJECTED)
def test_a_file_that_holds_no_feedback_is_rejected_in_its_report(desk: Desk, kind: str) -> None:
    content, reason = REJECTED[kind]
    report = desk.take(desk.put(content))
    assert report["outcome"] == "rejected"
    assert reason in report["reason"]
    assert _records(desk) == {}
    (line,) = [line for line in desk.lines() if line.get("record") == "feedback_file"]
    assert (line["level"], line["outcome"]) == ("WARNING", "rejected")


def test_a_model_without_a_champion_takes_none_yet(desk: Desk) -> None:
    report = desk.take(desk.put(make_csv(3), key="feedback/other/truths.csv"))
    assert (report["outcome"], report["model"]) == ("rejected", "other")
    assert "there is no champion of 'other'" in report["reason"]


def test_a_recommender_takes_no_file_of_truths(desk: Desk) -> None:
    Versions(desk.registry, "shop").write(make_recommender_manifest(), FILES)
    promote(desk.registry, 1, "shop")
    report = desk.take(desk.put(make_csv(3), key="feedback/shop/truths.csv"))
    assert (report["outcome"], report["model"]) == ("rejected", "shop")
    assert "is of the kind 'recommender', and this takes the kind 'table'" in report["reason"]


def test_a_file_that_was_deleted_meanwhile_is_logged(desk: Desk) -> None:
    created = desk.put(make_csv(3))
    obstore.delete(desk.data, KEY)
    assert desk.take(created) == {}
    (line,) = [line for line in desk.lines() if line.get("record") == "feedback_file"]
    assert "it was deleted" in line["reason"]


@pytest.mark.parametrize("key", ["feedback/a/b/t.csv", "feedback/t.csv", "feedback/No Name/t.csv", "feedback//t.csv"])
def test_a_key_that_names_no_model_is_logged(desk: Desk, key: str) -> None:
    created = desk.put(make_csv(3))
    desk.take(ObjectCreated(bucket=created.bucket, key=key, s3_version=None))
    (line,) = [line for line in desk.lines() if line.get("record") == "feedback_file"]
    assert f"{key} isn't feedback/<model>/<name>.csv" in line["reason"]
    assert contents(desk.records) == {}


def test_killed_at_any_storage_call_and_repeated_it_ends_in_the_same_state(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ingest, "ROWS_PER_OBJECT", 20)

    def run(breaker: Breaker | None) -> tuple[Desk, int]:
        desk = Desk(monkeypatch)
        desk.train()
        put_records(desk.records, [make_record(YESTERDAY, number) for number in range(60)])
        created = desk.put(make_csv(70, bad=9), version="v1")
        calls = 0
        if breaker:
            with breaker.installed():
                try:
                    desk.deliver(created)
                except Interrupted:
                    calls = breaker.calls
                else:
                    return desk, 0
        desk.deliver(created)
        return desk, calls

    whole, _ = run(None)
    assert whole.report()["stored"] == 62
    assert joined(whole)[1].used == 53
    survived = 0
    for after in (False, True):
        for dies_at in count(1):
            desk, calls = run(Breaker(dies_at, after))
            if not calls:
                break
            survived += 1
            assert written(desk) == written(whole), (dies_at, after)
            assert contents(desk.data) == contents(whole.data), (dies_at, after)
    # The champion (2), the file, its report (2), claim (2), 4 objects, rejected rows, report, the upload's report.
    assert survived == 2 * 13


def test_killed_after_its_claim_and_repeated_the_next_day_it_keeps_the_first_day(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    created = desk.put(make_csv(5))
    with Breaker(5, after=True).installed(), pytest.raises(Interrupted):
        desk.take(created)
    desk.clock = lambda: NOON + timedelta(days=1)
    assert desk.take(created)["received_at"].startswith("2026-11-29")
    (key,) = _records(desk)
    assert f"day={NOON.date()}" in key


def test_an_error_of_ours_does_not_repeat_private_cells(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> Any:
        raise ValueError("Smith")

    monkeypatch.setattr(feedback_file, "ingest_file", fail)
    with pytest.raises(ErrorWithheld) as caught:
        desk.take(desk.put(make_csv(3)))
    assert "Smith" not in str(caught.value)
    desk.train(CONTRACT.model_copy(update={"columns": CONTRACT.columns[:3]}), number=2)
    with pytest.raises(ValueError, match="Smith"):
        desk.take(desk.put(make_csv(3)))


def _records(desk: Desk) -> dict[str, bytes]:
    return {key: content for key, content in contents(desk.records).items() if key.startswith("records/kind=feedback")}
