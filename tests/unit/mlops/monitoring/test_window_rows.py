"""Records as they lie in the bucket become answers that metrics, slices and estimates take."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from obstore.store import MemoryStore

from mlops.contract import Contract
from mlops.evaluation.inputs import encode_inputs
from mlops.evaluation.metrics.answers import ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import measure
from mlops.evaluation.slices import match_slices
from mlops.monitoring.window_rows import WindowRows, read_rows
from mlops.records.join import join_truths
from mlops.records.read import read_predictions
from mlops.records.truths import Truth
from tests.unit.mlops.records.bucket import (
    CONTRACT,
    DAY,
    MODEL,
    NOON,
    REGRESSION,
    feedback,
    make_id,
    make_record,
    put_records,
    put_truths,
)

INPUTS = {
    "mean income": 900.0,
    "age": 30.0,
    "plan": None,
    "newsletter": False,
    "since": "1970-01-11",
    "customer": "f00",
}


def _store(*changes: dict[str, Any]) -> MemoryStore:
    """A prediction a minute, each changed in its own way."""
    store = MemoryStore()
    put_records(store, [make_record(NOON + timedelta(minutes=n), n, **each) for n, each in enumerate(changes)])
    return store


def _read(store: MemoryStore, contract: Contract = CONTRACT, threshold: float | None = None) -> WindowRows | None:
    return read_rows(read_predictions(store, MODEL, contract, DAY).table(), contract, threshold)


def _name(number: int) -> str:
    return make_id(NOON + timedelta(minutes=number), number)


def test_a_classifier_s_records_are_its_answers_in_the_order_of_the_labels() -> None:
    rows = _read(_store({}, {"label": "no", "probabilities": {"no": 0.625, "yes": 0.375}}), threshold=0.3)
    assert rows is not None
    assert isinstance(rows.answers, ClassAnswers)
    assert rows.answers.probabilities.tolist() == [[0.25, 0.75], [0.625, 0.375]]
    assert (rows.answers.labels, rows.answers.positive, rows.answers.threshold) == (("no", "yes"), 1, 0.3)


def test_joined_rows_have_their_truth() -> None:
    store = _store({}, {}, {})
    put_truths(store, [Truth(_name(0), "yes", NOON), Truth(_name(2), "no", NOON)], NOON)
    (table,) = join_truths(feedback(store), DAY)
    rows = read_rows(table, CONTRACT)
    assert rows is not None
    assert measure(rows.answers)["accuracy"] == 0.5


def test_a_regression_s_records_are_values_with_their_truth() -> None:
    answer = {"label": None, "probability": None, "probabilities": None, "value": 7.5}
    store = _store(answer, answer)
    put_truths(store, [Truth(_name(1), 9.0, NOON)], NOON)
    (table,) = join_truths(feedback(store, REGRESSION), DAY)
    joined, alone = read_rows(table, REGRESSION), _read(store, REGRESSION)
    assert joined is not None
    assert alone is not None
    assert isinstance(joined.answers, ValueAnswers)
    assert joined.answers.residuals.tolist() == [1.5]
    assert alone.answers.truth.tolist() == [7.5, 7.5]


def test_inputs_are_the_numbers_of_training_s_table() -> None:
    rows = _read(_store({}, {"inputs": INPUTS}))
    assert rows is not None
    assert [*rows.inputs] == ["mean income", "age", "plan", "newsletter", "since"]
    described = rows.described()
    assert described is not None
    assert described.inputs is not None
    assert np.array_equal(described.inputs, encode_inputs(rows.inputs, CONTRACT), equal_nan=True)  # type: ignore[arg-type]
    assert described.inputs[1, [0, 1, 3, 4]].tolist() == [900.0, 30.0, 0.0, 10.0]
    assert np.isnan(described.inputs[1, 2])


def test_rows_fall_into_slices_by_their_recorded_inputs() -> None:
    rows = _read(_store({}, {"inputs": INPUTS}, {"inputs": INPUTS}))
    assert rows is not None
    names = ["age = up to 35", "plan = missing", "newsletter = true", "since = above 2000-01-01", "customer = part 1"]
    found = match_slices(rows.inputs, CONTRACT, names)
    assert [(str(part), part.rows.tolist()) for part in found] == [
        ("age = up to 35", [1, 2]),
        ("plan = missing", [1, 2]),
        ("newsletter = true", [0]),
        ("since = above 2000-01-01", [0]),
    ]


def test_rows_whose_inputs_were_not_recorded_are_answers_but_describe_nothing() -> None:
    rows = _read(_store({}, {"inputs": None}, {}))
    assert rows is not None
    assert rows.recorded.tolist() == [True, False, True]
    described = rows.described()
    assert described is not None
    assert (len(rows), len(rows.answered()), len(described)) == (3, 3, 2)
    part = rows.take(np.array([1]))
    assert part.described() is None
    assert part.answered().inputs is None


def test_records_without_the_column_of_inputs_can_be_read() -> None:
    table = read_predictions(_store({}), MODEL, CONTRACT, DAY, fields=["probabilities"]).table()
    rows = read_rows(table, CONTRACT)
    assert rows is not None
    assert rows.described() is None


def test_a_record_without_a_whole_answer_is_left_out() -> None:
    rows = _read(_store({}, {"probabilities": None}, {"probabilities": {"yes": 0.75}}))
    assert rows is not None
    assert len(rows) == 1
    assert _read(_store({"probabilities": None})) is None


def test_a_truth_that_is_no_label_is_refused() -> None:
    store = _store({})
    table = read_predictions(store, MODEL, CONTRACT, DAY).table()
    with pytest.raises(ValueError, match=r"truths \['perhaps'\] are not among the labels \['no', 'yes'\]"):
        read_rows(table.append_column("truth", [["perhaps"]]), CONTRACT)
