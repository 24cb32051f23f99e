"""Batch answers and exported records as they lie, and what DuckDB reads of them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
from obstore.store import LocalStore

from cli.records.partitions import write_partitions
from mlops.records.query import open_stretch
from mlops.records.standing import FeedbackSource
from mlops.records.window import Window
from tests.unit.mlops.batch.world import NOW, World, make_table
from tests.unit.mlops.serving.artifacts import CONTRACT, promote, put_version

COLUMNS = {
    "file", "row", "patient", "prediction_id", "model_version", "label", "probability", "probabilities", "model", "day",
    "run",
}  # fmt: skip
ANSWERS = """
    SELECT model, day, run, file, "row", patient, prediction_id, model_version, label, probability,
        probabilities.benign AS benign, probabilities.malignant AS malignant
    FROM lake ORDER BY day, run, file, "row"
"""
RECORDS = """
    SELECT kind, model, day, CAST(prediction_id AS VARCHAR(36)) AS prediction_id, model_version, label,
        inputs['mean radius'] AS radius
    FROM lake ORDER BY prediction_id
"""


QUERIES = {"answers/answers": ANSWERS, "exported": RECORDS}
"""Folder of the lake → a query over it."""


def make_lake(folder: Path) -> None:
    """Answers of two days, and the records of them, exported."""
    for name in ("answers", "records"):
        (folder / name).mkdir()
    world = World(answers=LocalStore(folder / "answers"), records=LocalStore(folder / "records"))  # type: ignore[arg-type]
    put_version(world.registry, 1)
    promote(world.registry, 1)
    for days, rows in ((0, 40), (1, 30)):
        world.now = NOW + timedelta(days=days)
        world.put("rows.parquet", make_table(rows))
        assert world.run(key=["patient"], chunk_rows=10)["answered"] == rows
    window = Window(NOW - timedelta(days=1), NOW + timedelta(days=2))
    source = FeedbackSource(world.records, "diagnosis", CONTRACT, window, ())
    with open_stretch(source, window) as stretch:
        assert (
            write_partitions(stretch.stream("FROM predictions"), folder / "exported", "predictions", "diagnosis") == 70
        )


def read_with_duckdb(folder: Path, query: str) -> tuple[set[str], list[dict[str, Any]]]:
    """The columns that DuckDB finds in a folder, and the result of a query over it."""
    with duckdb.connect() as connection:
        connection.execute(
            f"""CREATE VIEW lake AS FROM read_parquet('{folder}/**/*.parquet', hive_partitioning = true,
            hive_types_autocast = false)"""
        )
        columns = {name for (name, *_) in connection.execute("DESCRIBE lake").fetchall()}
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return columns, [dict(zip(names, row, strict=True)) for row in found.fetchall()]
