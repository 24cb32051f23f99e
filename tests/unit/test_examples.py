"""The example dataset keeps the contract of its model, and is described beside it."""

import json
from pathlib import Path

import pytest

from examples import EXAMPLES
from mlops.data.check import check
from mlops.data.read import read_csv
from mlops.spec import load_spec


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_keeps_its_contract_and_is_described(name: str, tmp_path: Path) -> None:
    file = EXAMPLES[name](tmp_path)
    spec = load_spec(name)
    table = check(read_csv(file.read_bytes()), spec)
    described = json.loads((tmp_path / f"{file.name}-metadata.json").read_text(encoding="utf-8"))
    titles = [column["titles"] for column in described["tableSchema"]["columns"]]
    assert described["url"] == file.name
    assert titles == list(table.columns) == [*spec.contract.names, spec.target.name]
