"""The example dataset keeps the contract of its model, and is described beside it."""

import json
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from examples import EXAMPLES
from mlops.data.check import check
from mlops.data.read_csv import read_csv
from mlops.spec import load_spec


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_keeps_its_contract_and_is_described(name: str, tmp_path: Path) -> None:
    file = EXAMPLES[name](tmp_path)
    spec = load_spec(name)
    table = check(read_csv(file.read_bytes()), spec).rows
    described = json.loads((tmp_path / f"{file.name}-metadata.json").read_text(encoding="utf-8"))
    titles = [column["titles"] for column in described["tableSchema"]["columns"]]
    assert described["url"] == file.name
    assert titles == list(table.columns) == [*spec.contract.names, spec.target.name]


def test_the_diagnosis_example_is_the_data_that_scikit_learn_ships(tmp_path: Path) -> None:
    data = load_breast_cancer()
    file = EXAMPLES["diagnosis"](tmp_path)
    table = check(read_csv(file.read_bytes()), load_spec("diagnosis")).rows
    assert list(table.columns[:-1]) == list(data.feature_names)
    assert (table.iloc[:, :-1].to_numpy() == data.data).all()
    assert table["diagnosis"].tolist() == data.target_names[data.target].tolist()


def test_units_and_descriptions_are_the_specs(tmp_path: Path) -> None:
    file = EXAMPLES["diagnosis"](tmp_path)
    described = json.loads(file.with_name(f"{file.name}-metadata.json").read_text(encoding="utf-8"))
    columns = {column["titles"]: column for column in described["tableSchema"]["columns"]}
    for column in load_spec("diagnosis").columns:
        assert columns[column.name].get("schema:unitText") == column.unit
        assert columns[column.name]["dc:description"] == column.description
    assert columns["mean area"]["schema:unitText"] == "px²"
