"""A row is read alike by training, batches, the command line, /invocations and pyfunc, however its cells are spelt."""

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from mlops.artifact.frame_reader import read_frame
from mlops.artifact.frames import frame_inputs
from mlops.artifact.inputs import Inputs
from mlops.batch.rows import TableReader
from mlops.contract import Column, Contract, Kind
from mlops.data.check import check
from mlops.data.json_cells import json_cells
from mlops.data.read_csv import read_csv
from mlops.serving.protocols.mlflow.tables import read_table
from mlops.serving.rows.reader import RowReader
from mlops.spec.table import boolean, category, date, datetime, integer, labels, number, table_spec, time

ROWS = 120
BUSY = np.random.default_rng(2).choice(["no", "yes"], ROWS).tolist()
type Named = dict[str, Any]


def by_batch(contract: Contract, cells: pa.Table) -> Named:
    read = TableReader(contract).read(cells)
    assert read.rejected == {}
    return Inputs(contract)(read.rows)


def by_command(contract: Contract, cells: pa.Table) -> Named:
    """As `mlops predict` sends them, in JSON."""
    kinds: dict[str, Kind] = {column.name: column.kind for column in contract.columns}
    lists = [json_cells(cells[name], kinds[name]) for name in cells.column_names]
    rows = [dict(zip(cells.column_names, row, strict=True)) for row in zip(*lists, strict=True)]
    return Inputs(contract)(RowReader(contract, ROWS).read(json.dumps({"rows": rows}).encode()))


def by_csv(contract: Contract, cells: pa.Table) -> Named:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(f" {name}" for name in cells.column_names)
    writer.writerows(zip(*(cells[name].to_pylist() for name in cells.column_names), strict=True))
    return Inputs(contract)(read_table(file.getvalue().encode(), contract, RowReader(contract, ROWS)))


def by_frame(contract: Contract, cells: pa.Table) -> Named:
    return frame_inputs(contract, read_frame(contract, cells.to_pandas()))


DOORS = {"batch": by_batch, "command": by_command, "csv": by_csv, "frame": by_frame}

SPELT: dict[str, tuple[tuple[Column, ...], tuple[str, ...]]] = {
    "a mark as a missing value": (
        number("x", -1_000, 1_000, required=False, missing_values=("-999",)),
        ("-999", "-999.0", "-9.99e2", "1.5", " 2 "),
    ),
    "zero as a missing value": (
        integer("x", 0, 9, required=False, missing_values=("0",)),
        ("0", "0.0", "-0", "5", "5.0"),
    ),
    "a word as a missing value of numbers": (
        number("x", required=False, missing_values=("Unknown",)),
        ("unknown", " UNKNOWN", "1,234.5", "1'234"),
    ),
    "nine as a missing truth value": (boolean("x", required=False, missing_values=("9",)), ("9", "1", "no", "TRUE")),
    "the last day as a missing one": (
        date("x", required=False, missing_values=("9999-12-31",)),
        ("9999-12-31", "2026-01-31", "2026-02-01 00:00:00", "2026-02-01T00:00:00Z"),
    ),
    "the last moment as a missing one": (
        datetime("x", required=False, missing_values=("9999-12-31",)),
        ("9999-12-31", "9999-12-31T00:00:00Z", "2026-02-01 08:30"),
    ),
    "midnight as a missing time": (time("x", required=False, missing_values=("00:00",)), ("0:00", "00:00:00", "8:30")),
    "missing values beside listed categories": (
        category("x", "a", "b", required=False),
        ("NA", "n/a", "?", "NULL", "", " ", "a", "b "),
    ),
    "a category called NA": (category("x", "NA", "DE", required=False), ("NA", "DE", "null", "")),
    "a word among any texts": (category("x", required=False, missing_values=("other",)), ("Other ", "", "NA", "none")),
    "truth values as categories": (category("x", "yes", "no", required=False), ("YES", "n", "1", "false", "#N/A")),
    "missing values in words": (number("x", required=False), ("NA", "-", "--", "nil", "n.a.", "nan", ".", "1")),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("name", SPELT)
def test_each_door_reads_what_training_read(name: str, door: str) -> None:
    column, cells = SPELT[name]
    spec = table_spec("shops", labels("busy", "no", "yes"), number("size"), column, repeats="keep", min_rows=50)
    lines = [
        "size,x,busy",
        *(f'{row / 7:.3f},"{cells[row % len(cells)]}",{BUSY[row]}' for row in range(ROWS)),
    ]
    table = read_csv("\n".join(lines).encode())
    rows = check(table, spec).rows
    assert len(rows) == ROWS
    assert rows["x"].isna().any()
    wanted = frame_inputs(spec.contract, rows)
    found = DOORS[door](spec.contract, table.select(["size", "x"]))
    assert found.keys() == wanted.keys()
    for each in wanted:
        np.testing.assert_array_equal(found[each], wanted[each])


TYPED: dict[str, tuple[tuple[Column, ...], Any]] = {
    "whole numbers": (integer("x", required=False, missing_values=("-9",)), pa.array([-9, 1, 2], pa.int16())),
    "numbers": (number("x", 0, 5, required=False, missing_values=("-9",)), pa.array([-9.0, 1.5, None])),
    "truth values": (boolean("x", required=False, missing_values=("9",)), pa.array([9, 1, 0], pa.int8())),
    "dates": (
        date("x", required=False, missing_values=("9999-12-31",)),
        pa.array(["9999-12-31", "2026-01-31", None]).cast(pa.date32()),
    ),
    "times": (
        datetime("x", required=False, missing_values=("9999-12-31",)),
        pa.array(["9999-12-31", "2026-01-31 08:30:00"]).cast(pa.timestamp("s")),
    ),
    "codes": (category("x", "1", "2", required=False, missing_values=("0",)), pa.array([0, 1, 2])),
}


NUMBERS: dict[str, Any] = {
    "decimals": pa.array([Decimal("45.66"), Decimal("0.10"), None]),
    "single precision": pa.array([91.72, 0.1, None], pa.float32()),
    "whole numbers": pa.array([3, -7, None], pa.int16()),
    "doubles": pa.array([45.66, 1e-300, float("nan")]),
}


@pytest.mark.parametrize("name", NUMBERS)
def test_typed_numbers_are_the_same_through_each_door(name: str) -> None:
    spec = table_spec("a", labels("busy", "no", "yes"), number("x", required=False), repeats="keep", min_rows=50)
    busy = BUSY[:120]
    table = pa.table({"x": pa.chunked_array([NUMBERS[name]] * 40), "busy": busy})
    wanted = frame_inputs(spec.contract, check(table, spec).rows)["numbers"]
    for door in (by_batch, by_command, by_frame):
        np.testing.assert_array_equal(door(spec.contract, table.select(["x"]))["numbers"], wanted)


@pytest.mark.parametrize("name", TYPED)
def test_a_missing_value_of_the_contract_is_one_in_cells_that_have_a_type(name: str) -> None:
    column, cells = TYPED[name]
    spec = table_spec("shops", labels("busy", "no", "yes"), number("size"), column, repeats="keep", min_rows=50)
    count = len(cells) * 40
    sizes, busy = [row / 7 for row in range(count)], BUSY[:count]
    table = pa.table({"size": sizes, "x": pa.chunked_array([cells] * 40), "busy": busy})
    rows = check(table, spec).rows
    assert (len(rows), int(rows["x"].isna().sum())) == (count, 40 * (1 + cells.null_count))
    wanted = frame_inputs(spec.contract, rows)
    given = table.select(["size", "x"])
    for found in (by_batch(spec.contract, given), by_frame(spec.contract, given)):
        for each in wanted:
            np.testing.assert_array_equal(found[each], wanted[each])


def test_beside_a_decimal_comma_no_comma_is_taken_for_one_between_thousands() -> None:
    read: Callable[[list[str]], list[Any]] = lambda texts: json_cells(pa.chunked_array([texts]), "number")  # noqa: E731
    assert read(["1,234", "0,5"]) == ["1,234", "0,5"]
    assert read(["1,234", "7"]) == [1234.0, 7.0]
    rejected = TableReader(table_spec("a", labels("b", "c", "d"), number("x")).contract).read(
        pa.table({"x": ["1,234", "0,5", "7"]})
    )
    assert [*rejected.rejected] == [0, 1]


def test_digits_of_other_scripts_are_no_number_in_any_file() -> None:
    assert json_cells(pa.chunked_array([["\uff11\uff12"]]), "number") == ["\uff11\uff12"]
    frame = pd.DataFrame({"x": ["\uff11\uff12"]})
    with pytest.raises(ValueError, match="must be a number"):
        read_frame(table_spec("a", labels("b", "c", "d"), number("x")).contract, frame)
