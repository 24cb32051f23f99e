from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from obstore.store import MemoryStore

from mlops.errors.records import SqlInvalid
from mlops.records.query import Stretch, open_stretch
from mlops.records.read import read_predictions
from mlops.records.truths import Truth
from tests.unit.mlops.records.bucket import (
    CONTRACT,
    DAY,
    MODEL,
    NOON,
    feedback,
    make_id,
    make_record,
    put_lines,
    put_records,
    put_truths,
)


@pytest.fixture
def stretch() -> Iterator[Stretch]:
    """Ten predictions, one of them delivered twice, of which two have truths."""
    store = MemoryStore()
    put_records(store, [make_record(NOON, number, inputs={"mean income": number}) for number in range(10)])
    put_records(store, [make_record(NOON, 9, inputs={"mean income": 9})], "again")
    put_lines(store, "bad", [b"bad"])
    put_truths(store, [Truth(make_id(NOON, number), "no", NOON) for number in (1, 2, 99)], NOON + timedelta(days=1))
    with open_stretch(feedback(store), DAY) as found:
        yield found


def test_predictions_are_each_there_once(stretch: Stretch) -> None:
    query = 'SELECT count(*) AS n, sum(inputs."mean income") AS income, min(timestamp) AS first FROM predictions'
    (row,) = stretch.sql(query).to_pylist()
    assert row == {"n": 10, "income": 45.0, "first": NOON + timedelta(milliseconds=1)}
    assert stretch.reports["predictions"].unreadable == 1
    assert "feedback" not in stretch.reports


def test_sql_sees_what_readers_see() -> None:
    store = MemoryStore()
    put_records(store, [make_record(NOON, number) for number in range(5)])
    with open_stretch(feedback(store), DAY) as found:
        table = found.sql("FROM predictions")
    assert table.to_pylist() == read_predictions(store, MODEL, CONTRACT, DAY).table().to_pylist()


def test_truths_are_predictions_with_theirs(stretch: Stretch) -> None:
    query = "SELECT prediction_id, label, truth, truth_at FROM truths ORDER BY prediction_id"
    assert [(*row.values(),) for row in stretch.sql(query).to_pylist()] == [
        (make_id(NOON, 1), "yes", "no", NOON),
        (make_id(NOON, 2), "yes", "no", NOON),
    ]


def test_feedback_is_every_line(stretch: Stretch) -> None:
    assert stretch.sql("SELECT count(*) AS n, count(reason) AS bad FROM FEEDBACK").to_pylist() == [{"n": 3, "bad": 0}]


def test_one_question_after_the_other(stretch: Stretch) -> None:
    for _ in range(2):
        assert stretch.sql("SELECT count(*) AS n FROM truths").to_pylist() == [{"n": 2}]
        query = "SELECT count(*) AS n FROM feedback ANTI JOIN predictions USING (prediction_id)"
        assert stretch.sql(query).to_pylist() == [{"n": 1}]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM '{file}'",
        "COPY (SELECT 1) TO '{file}.out'",
        "ATTACH '{file}.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT * FROM 'https://example.com/a.csv'",
        "SET enable_external_access = true",
        "SELECT * FROM stretch",
        "SELEC 1",
        "",
    ],
)
def test_sql_reaches_nothing_but_the_records(stretch: Stretch, query: str, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a\n1\n")
    with pytest.raises(SqlInvalid):
        stretch.sql(query.format(file=file))
    assert [each.name for each in tmp_path.iterdir()] == ["secret.csv"]
