"""A text is the same text however it's spelt, in rows of every form: few or many, by name, in columns or in CSV."""

import json
from typing import Any

import pytest

from mlops.contract import Column, Contract, Target
from mlops.errors import InputRejected
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
    ),
    target=Target(name="answer", task="binary", labels=("no", "yes")),
)
PLAIN = {"city": "city14", "size": "M", "done": "True", "grade": "1", "at": "2026-01-05T08:30:00+00:00"}
SPELT: dict[str, dict[str, Any]] = {
    "as it is": PLAIN,
    "blanks": {**PLAIN, "city": " city14\u00a0", "size": "M ", "done": "\tTrue", "grade": " 1"},
    "truth values": {**PLAIN, "done": "TRUE"},
    "digits": {**PLAIN, "grade": "1.0"},
    "zone": {**PLAIN, "at": "2026-01-05 10:30:00+02:00"},
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
    return [{name: cell if name != "at" else cell.isoformat() for name, cell in row.items()} for row in rows]


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
