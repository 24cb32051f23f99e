"""Spark reads of batch answers and exported records what DuckDB reads."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.bench.places import make_environment
from tests.integration.batch.lake import QUERIES, make_lake, read_with_duckdb

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lake")
    make_lake(folder)
    return folder


@pytest.fixture(scope="module")
def spark() -> Path:
    """The interpreter of an environment with Spark alone; 430 MB are downloaded for it, once."""
    if shutil.which("java") is None:
        pytest.skip("there is no java on PATH; Spark needs Java 17 or newer")
    return make_environment("spark", HERE / "spark.txt") / "bin" / "python"


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", QUERIES)
def test_spark_reads_what_duckdb_reads(lake: Path, spark: Path, name: str) -> None:
    columns, rows = read_with_duckdb(lake / name, QUERIES[name])
    query = QUERIES[name].replace('"row"', "`row`")
    command = [str(spark), str(HERE / "read_with_spark.py"), str(lake / name), query]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
    assert rows
    assert (found["columns"], found["rows"]) == (sorted(columns), rows)
