from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from mlops.errors.records import FeedbackRejected, TruthInvalid
from mlops.privacy import make_publisher
from mlops.records.bulk.cells import CellReader
from mlops.records.truths import Truth
from mlops.serving.rows.reader import RowReader
from tests.unit.mlops.records.bucket import CONTRACT, NOON, REGRESSION, make_id

SECRET = b"secret"
AT = "2026-11-29T11:00:00Z"
BY_ID = {"prediction_id": make_id(NOON), "truth": "yes", "at": AT}


def reader(*columns: str, key: tuple[str, ...] = (), contract: Any = CONTRACT, secret: bytes = SECRET) -> CellReader:
    return CellReader(contract, key, secret, columns, "t.csv")


def test_a_row_by_id_is_a_truth() -> None:
    found = reader(*BY_ID).read(BY_ID, NOON)
    assert found == Truth(make_id(NOON), "yes", datetime(2026, 11, 29, 11, tzinfo=UTC))


def test_the_truth_may_be_called_as_the_target_is() -> None:
    cells = {"prediction_id": make_id(NOON), "churned": "no", "at": AT}
    assert reader(*cells).read(cells, NOON).truth == "no"


@pytest.mark.parametrize(("cell", "expected"), [("1.5", 1.5), (" 2", None), (3, 3.0), ("1e3", 1000.0), (-2.5, -2.5)])
def test_a_number_may_be_text(cell: Any, expected: float | None) -> None:
    read = reader(*BY_ID, contract=REGRESSION)
    if expected is None:
        with pytest.raises(TruthInvalid, match="number"):
            read.read({**BY_ID, "truth": cell}, NOON)
    else:
        assert read.read({**BY_ID, "truth": cell}, NOON).truth == expected


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"truth": "maybe"}, "label"),
        ({"truth": None}, "missing"),
        ({"at": None}, "undated"),
        ({"at": "2026-11-29"}, "undated"),
        ({"at": datetime(2026, 11, 29)}, "undated"),  # noqa: DTZ001 - that is the point
        ({"at": NOON + timedelta(days=1)}, "future"),
        ({"prediction_id": None}, "prediction_id"),
        ({"prediction_id": "7"}, "prediction_id"),
    ],
)
def test_a_row_breaks_the_rules_that_a_request_breaks(change: dict[str, Any], rule: str) -> None:
    with pytest.raises(TruthInvalid) as caught:
        reader(*BY_ID).read({**BY_ID, **change}, NOON)
    assert caught.value.rule == rule


KEY = ("customer", "age", "since", "newsletter", "mean income", "plan")


def test_a_key_is_what_the_api_records_of_the_same_row() -> None:
    """Hashes too: they're made of the value as the request's reader has it."""
    row = b"""{"rows": [{"mean income": 1000, "age": 41, "plan": "family", "newsletter": true, "since": "2025-02-01",
        "customer": "ann", "e-mail": "ann@example.com"}]}"""
    (request,) = RowReader(CONTRACT, 1).read(row)
    recorded = make_publisher(CONTRACT, SECRET)(request)
    texts = {
        "mean income": "1000",
        "age": "41.0",
        "plan": "family",
        "newsletter": "True",
        "since": "2025-02-01",
        "customer": "ann",
    }
    typed = {**texts, "mean income": 1000, "age": 41, "newsletter": True, "since": date(2025, 2, 1)}
    for cells in (texts, typed):
        key = reader(*KEY, "truth", "at", key=KEY).read({**cells, "truth": "yes", "at": AT}, NOON).key
        assert key == {name: str(recorded[name]) if name == "since" else recorded[name] for name in KEY}
        assert key["customer"] != "ann"


def test_hashed_numbers_agree_too() -> None:
    contract = CONTRACT.model_copy(
        update={"columns": tuple(column.model_copy(update={"privacy": "hash"}) for column in CONTRACT.columns)}
    )
    row = b"""{"rows": [{"mean income": 1000, "age": 41, "plan": "family", "newsletter": true, "since": "2025-02-01",
        "customer": "ann", "e-mail": "ann@example.com"}]}"""
    (request,) = RowReader(contract, 1).read(row)
    recorded = make_publisher(contract, SECRET)(request)
    cells = {**{name: str(request[name]) for name in KEY}, "truth": "yes", "at": AT}
    assert reader(*cells, key=KEY, contract=contract).read(cells, NOON).key == {name: recorded[name] for name in KEY}


@pytest.mark.parametrize(
    ("column", "cell"),
    [("age", None), ("age", "old"), ("since", "yesterday"), ("newsletter", "perhaps"), ("age", "nan")],
)
def test_a_key_that_is_not_of_its_kind_is_refused_without_repeating_it(column: str, cell: str | None) -> None:
    with pytest.raises(TruthInvalid) as caught:
        reader(column, "truth", "at", key=(column,)).read({column: cell, "truth": "yes", "at": AT}, NOON)
    assert caught.value.rule == "key"
    assert str(cell) not in caught.value.reason.replace(column, "")


@pytest.mark.parametrize(
    ("columns", "key", "secret", "reason"),
    [
        (("prediction_id", "truth"), (), SECRET, "must have the columns prediction_id, truth and at"),
        (("prediction_id", "at"), (), SECRET, "must have the columns"),
        (("truth", "at"), (), SECRET, "must have the columns"),
        (("age", "truth", "at"), ("age", "plan"), SECRET, r"\(or age, plan\)"),
        (("prediction_id", "truth", "at", "age"), (), SECRET, "that feedback doesn't have: age"),
        (("shoe", "truth", "at"), ("shoe",), SECRET, "shoe isn't an input"),
        (("e-mail", "truth", "at"), ("e-mail",), SECRET, "dropped"),
        (("customer", "truth", "at"), ("customer",), b"", "dropped"),
    ],
)
def test_a_file_with_other_columns_is_rejected(
    columns: tuple[str, ...], key: tuple[str, ...], secret: bytes, reason: str
) -> None:
    with pytest.raises(FeedbackRejected, match=reason):
        reader(*columns, key=key, secret=secret)


def test_private_columns_may_come_along_for_retraining_and_are_in_no_truth() -> None:
    cells = {**BY_ID, "e-mail": "ann@example.com", "customer": "ann"}
    assert reader(*cells).read(cells, NOON) == reader(*BY_ID).read(BY_ID, NOON)
