"""A hundred thousand rows with every kind of column: a batch's answers are /predict's, bit by bit."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import batched
from typing import Any

import httpx
import numpy as np
import obstore
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mlops.spec import ModelSpec
from mlops.spec.table import boolean, category, integer, labels, number, table_spec
from mlops.spec.table import date as day
from mlops.spec.table import datetime as moment
from mlops.spec.table import time as clock
from tests.integration.serving.server import serve
from tests.unit.mlops.batch.world import World
from tests.unit.mlops.training.fakes import Bench

ROWS = 100_000
BODY = 10_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def make_spec() -> ModelSpec:
    return table_spec(
        "leaves",
        labels("answer", "no", "yes", positive="yes"),
        number("length", required=False),
        integer("count", minimum=0),
        boolean("wet"),
        day("since", required=False),
        moment("seen"),
        clock("opens", required=False),
        category("site", "north", "south", "east", required=False),
        category("finder"),
        trials=3,
    )


def make_table(count: int, seed: int) -> pa.Table:
    """Rows of every kind, some of them missing, some far from the others."""
    draw = np.random.default_rng(seed)
    missing = draw.random((count, 4)) < 0.1
    days = draw.integers(-200_000, 200_000, count)
    moments = draw.integers(-(10**15), 9 * 10**15, count)
    ticks = draw.integers(0, 86_400_000_000, count)

    def column(values: list[Any], kind: pa.DataType, mask: Any = None) -> pa.Array:
        gaps = [False] * count if mask is None else mask.tolist()
        return pa.array([None if gap else value for value, gap in zip(values, gaps, strict=True)], kind)

    return pa.table(
        {
            "length": column((10 ** draw.uniform(-8, 8, count)).tolist(), pa.float64(), missing[:, 0]),
            "count": column(draw.integers(0, 2**40, count).tolist(), pa.int64()),
            "wet": column((draw.random(count) < 0.5).tolist(), pa.bool_()),
            "since": column([date(1970, 1, 1) + timedelta(int(n)) for n in days], pa.date32(), missing[:, 1]),
            "seen": column([EPOCH + timedelta(microseconds=int(n)) for n in moments], pa.timestamp("us", "UTC")),
            "opens": column(
                [(EPOCH + timedelta(microseconds=int(n))).time() for n in ticks], pa.time64("us"), missing[:, 2]
            ),
            "site": column(draw.choice(["north", "south", "east"], count).tolist(), pa.string(), missing[:, 3]),
            "finder": column(draw.choice(["a", 'b, "c"', "d\nd", "ü"], count).tolist(), pa.string()),
        }
    )


def to_json(cell: Any) -> Any:
    """A cell as a client sends it."""
    return cell.isoformat() if isinstance(cell, date | datetime | time) else cell


def write_csv(table: pa.Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.column_names)
    for row in table.to_pylist():
        writer.writerow("" if cell is None else to_json(cell) for cell in row.values())
    return out.getvalue().encode()


@dataclass
class Expected:
    """A trained model, rows, and what /predict answers to them."""

    world: World
    table: pa.Table
    labels: list[str]
    probabilities: list[dict[str, float]]


@pytest.fixture(scope="module")
def expected() -> Iterator[Expected]:
    bench = Bench()
    table = make_table(600, seed=1)
    noise = np.random.default_rng(3).random(600) < 0.15
    answers = ["yes" if each else "no" for each in table["wet"].to_numpy() ^ noise]
    rows = write_csv(table.append_column("answer", pa.array(answers)))
    outcome = bench.train(rows, make_spec())
    assert outcome.standing == "promoted", outcome.manifest.gates
    world = World(registry=bench.store)
    given = make_table(ROWS, seed=2)
    rows_of = [{name: to_json(cell) for name, cell in row.items()} for row in given.to_pylist()]
    predictions: list[dict[str, Any]] = []
    with serve(bench.store, default_model="leaves") as address:
        for body in batched(rows_of, BODY, strict=False):
            answer = httpx.post(f"http://{address}/predict", json={"rows": body}, timeout=120)
            assert answer.status_code == 200, answer.text
            predictions += answer.json()["predictions"]
        # One row alone has the same answer as among ten thousand.
        for place in range(0, ROWS, ROWS // 20):
            alone = httpx.post(f"http://{address}/predict", json={"rows": [rows_of[place]]}).json()["predictions"][0]
            assert alone["probabilities"] == predictions[place]["probabilities"]
    yield Expected(
        world, given, [each["label"] for each in predictions], [each["probabilities"] for each in predictions]
    )


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
def test_a_hundred_thousand_rows_of_every_kind_have_the_answers_of_predict(expected: Expected, ending: str) -> None:
    content = io.BytesIO()
    pq.write_table(expected.table, content, row_group_size=30_000)
    body = content.getvalue() if ending == ".parquet" else write_csv(expected.table)
    obstore.put(expected.world.data, f"batch/rows{ending}", body)
    manifest = expected.world.run(f"rows{ending}", model="leaves", chunk_rows=20_000)
    assert (manifest["rows"], manifest["answered"]) == (ROWS, ROWS), manifest["rejected"]
    answers = expected.world.answers_of(manifest)
    assert answers["row"].to_pylist() == list(range(ROWS))
    assert answers["label"].to_pylist() == expected.labels
    assert answers["probabilities"].to_pylist() == expected.probabilities
    assert len({*expected.labels}) == 2
