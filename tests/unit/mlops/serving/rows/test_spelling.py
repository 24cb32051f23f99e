"""A text is the same text however it's spelt, in rows of every form: few or many, by name, in columns or in CSV."""

import json
from typing import Any

import pytest

from mlops.contract import Column, Contract, Target
from mlops.errors.serving import InputRejected
from mlops.serving.protocols.mlflow.frames import read_frame
from mlops.serving.protocols.mlflow.tables import read_table
from mlops.serving.protocols.v2.columns import read_columns
from mlops.serving.protocols.v2.tensors import Tensor
from mlops.serving.rows.reader import Row, RowReader

CONTRACT = Contract(
    columns=(
        Column(name="city", kind="category", required=False, missing_values=("unknown",)),
        Column(name="size", kind="category", categories=("S", "M"), required=False, missing_values=("unknown",)),
        Column(name="done", kind="category", categories=("True", "False", "maybe")),
        Column(name="grade", kind="category", categories=("1", "2")),
        Column(name="at", kind="datetime", minimum=0, maximum=30_000),
        Column(name="opens", kind="time", minimum=6, maximum=20.5, required=False),
    ),
    target=Target(name="answer", task="binary", labels=("no", "yes")),
)
PLAIN = {
    "city": "city14",
    "size": "M",
    "done": "True",
    "grade": "1",
    "at": "2026-01-05T08:30:00+00:00",
    "opens": "08:30:00",
}
SPELT: dict[str, dict[str, Any]] = {
    "as it is": PLAIN,
    "blanks": {**PLAIN, "city": " city14\u00a0", "size": "M ", "done": "\tTrue", "grade": " 1"},
    "truth values": {**PLAIN, "done": "TRUE"},
    "digits": {**PLAIN, "grade": "1.0"},
    "zone": {**PLAIN, "at": "2026-01-05 10:30:00+02:00"},
    "time of day in minutes": {**PLAIN, "opens": "08:30"},
    "time of day in few digits": {**PLAIN, "opens": "8:30:00.000"},
    "no zone": {**PLAIN, "at": "2026-01-05 08:30"},
}
COUNTS = (1, 40)


def by_name(rows: list[dict[str, Any]]) -> Any:
    return RowReader(CONTRACT, 100).read(json.dumps({"rows": rows}).encode())


def by_frame(rows: list[dict[str, Any]]) -> Any:
    frame = {"columns": [*rows[0]], "data": [[*row.values()] for row in rows]}
    return read_frame(json.dumps({"dataframe_split": frame}).encode(), RowReader(CONTRACT, 100))


def by_csv(rows: list[dict[str, Any]]) -> Any:
    lines = [",".join(rows[0]), *(",".join(f'"{cell or ""}"' for cell in row.values()) for row in rows)]
    return read_table("\n".join(lines).encode(), CONTRACT, RowReader(CONTRACT, 100))


def by_tensors(rows: list[dict[str, Any]]) -> Any:
    tensors = [Tensor(name, "BYTES", (len(rows),), [row[name] for row in rows]) for name in rows[0]]
    return read_columns(tensors, CONTRACT, RowReader(CONTRACT, 100))


DOORS = {"rows": by_name, "frame": by_frame, "csv": by_csv, "tensors": by_tensors}


def cells(rows: Any) -> list[Row]:
    return [
        {name: cell.isoformat() if name in ("at", "opens") and cell else cell for name, cell in row.items()}
        for row in rows
    ]


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("spelling", SPELT)
def test_a_row_is_the_same_however_it_is_spelt(spelling: str, door: str, count: int) -> None:
    assert cells(DOORS[door]([SPELT[spelling]] * count)) == [PLAIN] * count


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("door", DOORS)
def test_a_missing_value_in_the_contracts_words_is_missing(door: str, count: int) -> None:
    (first, *_) = cells(DOORS[door]([{**PLAIN, "city": " Unknown", "size": "UNKNOWN"}] * count))
    assert first == {**PLAIN, "city": None, "size": None}


MARKED = Contract(
    columns=(
        Column(name="size", minimum=-10, maximum=10, required=False, missing_values=("-9", "unknown")),
        Column(name="age", kind="integer", minimum=0, required=False, missing_values=("999",)),
        Column(name="weight"),
    ),
    target=Target(name="answer", task="binary", labels=("no", "yes")),
)


@pytest.mark.parametrize("count", [1, 40, 400])
@pytest.mark.parametrize("size", [-9, -9.0, "unknown", " -9.0"])
def test_a_number_that_means_a_missing_value_is_missing_even_within_the_range(size: Any, count: int) -> None:
    rows = [{"size": size, "age": 999, "weight": 1.5}, *[{"size": 2.0, "age": 9, "weight": 1.5}] * (count - 1)]
    read = RowReader(MARKED, 1_000).read(json.dumps({"rows": rows}).encode())
    assert dict(read[0]) == {"size": None, "age": None, "weight": 1.5}
    assert [dict(row) for row in read[1:]] == rows[1:]
    if not isinstance(size, str):
        frame = {"columns": ["size", "age", "weight"], "data": [[*row.values()] for row in rows]}
        framed = read_frame(json.dumps({"dataframe_split": frame}).encode(), RowReader(MARKED, 1_000))
        assert [dict(row) for row in framed] == [dict(row) for row in read]


@pytest.mark.parametrize("count", [1, 40, 400])
@pytest.mark.parametrize(
    ("name", "cell"),
    [
        *(("size", cell) for cell in (-9, "unknown", None)),
        *(("city", cell) for cell in ("", " ")),
        *(("area", cell) for cell in ("NA", "")),
    ],
)
def test_a_missing_value_of_a_required_column_is_refused_as_such(name: str, cell: Any, count: int) -> None:
    columns = (
        Column(name="size", minimum=-10, missing_values=("-9", "unknown")),
        Column(name="city", kind="category"),
        Column(name="area", kind="category", categories=("a", "b")),
    )
    contract = Contract(columns=columns, target=MARKED.target)
    good = {"size": 1, "city": "Bern", "area": "a"}
    with pytest.raises(InputRejected, match=f"{name} must not be (missing|null)") as caught:
        RowReader(contract, 1_000).read(json.dumps({"rows": [{**good, name: cell}, *[good] * (count - 1)]}).encode())
    assert [violation.rule for violation in caught.value.violations] == ["null"]


WRONG = {
    "another category": ({"size": "L"}, "size must be one of S, M"),
    "letters of no truth value": ({"size": "m"}, "size must be one of S, M"),
    "a word that isn't a truth value": ({"done": "MAYBE"}, "done must be one of True, False, maybe"),
    "leading zeros": ({"grade": "01"}, "grade must be one of 1, 2"),
    "no time": ({"at": "2026-13-05T08:30:00"}, "at must be a date and time"),
    "a time alone": ({"at": "08:30"}, "at must be a date and time"),
    "too early": ({"at": "1969-12-31T23:59:59Z"}, "at must be at least 1970-01-01T00:00:00"),
    "too late": ({"at": "2126-01-01"}, "at must be at most 2052-02-20"),
}


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", WRONG)
def test_what_is_no_spelling_is_refused(name: str, door: str, count: int) -> None:
    changed, message = WRONG[name]
    with pytest.raises(InputRejected, match=message):
        DOORS[door]([{**PLAIN, **changed}] * count)
