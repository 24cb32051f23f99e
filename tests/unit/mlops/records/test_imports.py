"""What the API imports of records, weighed in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

FUNCTIONS = Path(__file__).parents[4] / "functions"

HEAVY = ("pyarrow", "pandas", "duckdb", "numpy", "boto3", "onnxruntime")


@pytest.mark.parametrize("module", ["ids", "layout", "schema", "truths", "window", "write"])
def test_the_api_part_imports_neither_arrow_nor_pandas_nor_duckdb(module: str) -> None:
    source = f"import sys, mlops.records.{module}; print(*sys.modules)"
    environ = {"PYTHONPATH": str(FUNCTIONS)}
    ended = subprocess.run([sys.executable, "-c", source], env=environ, capture_output=True, text=True, check=True)
    found = ended.stdout.split()
    assert f"mlops.records.{module}" in found
    assert [name for name in HEAVY if name in found] == []
