"""The example datasets are whole; that of diagnosis keeps the contract of its model, and is described beside it."""

import json
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from examples import EXAMPLES
from mlops.data.check import check
from mlops.data.inference import draft
from mlops.data.read_csv import read_csv
from mlops.spec import load_table_spec


def test_the_diagnosis_example_keeps_its_contract_and_is_described(tmp_path: Path) -> None:
    file = EXAMPLES["diagnosis"].write(tmp_path)
    spec = load_table_spec("diagnosis")
    table = check(read_csv(file.read_bytes()), spec).rows
    described = json.loads((tmp_path / f"{file.name}-metadata.json").read_text(encoding="utf-8"))
    titles = [column["titles"] for column in described["tableSchema"]["columns"]]
    assert described["url"] == file.name
    assert titles == list(table.columns) == [*spec.contract.names, spec.target.name]


SHAPES = {"iris": (150, 5), "wine": (178, 14), "digits": (1797, 65), "diabetes": (442, 11), "mixed": (800, 9)}


@pytest.mark.parametrize("name", SHAPES)
def test_an_example_is_whole_and_has_its_target_last(name: str, tmp_path: Path) -> None:
    file = EXAMPLES[name].write(tmp_path)
    table = read_csv(file.read_bytes())
    assert (file.name, table.shape) == (f"{name}.csv", SHAPES[name])
    assert table.column_names[-1] == EXAMPLES[name].target
    assert EXAMPLES[name].write(tmp_path / "again").read_bytes() == file.read_bytes()


def test_the_mixed_example_has_every_kind_of_column_and_missing_cells(tmp_path: Path) -> None:
    table = read_csv(EXAMPLES["mixed"].write(tmp_path).read_bytes())
    drafted = draft(table, "mixed", "churned")
    assert {column.kind for column in drafted.columns} == {"integer", "number", "category", "boolean", "date"}
    assert {column.kind for column in drafted.columns if not column.required} == {"number", "category", "date"}


def test_the_diagnosis_example_is_the_data_that_scikit_learn_ships(tmp_path: Path) -> None:
    data = load_breast_cancer()
    file = EXAMPLES["diagnosis"].write(tmp_path)
    table = check(read_csv(file.read_bytes()), load_table_spec("diagnosis")).rows
    assert list(table.columns[:-1]) == list(data.feature_names)
    assert (table.iloc[:, :-1].to_numpy() == data.data).all()
    assert table["diagnosis"].tolist() == data.target_names[data.target].tolist()


def test_units_and_descriptions_are_the_specs(tmp_path: Path) -> None:
    file = EXAMPLES["diagnosis"].write(tmp_path)
    described = json.loads(file.with_name(f"{file.name}-metadata.json").read_text(encoding="utf-8"))
    columns = {column["titles"]: column for column in described["tableSchema"]["columns"]}
    for column in load_table_spec("diagnosis").columns:
        assert columns[column.name].get("schema:unitText") == column.unit
        assert columns[column.name]["dc:description"] == column.description
    assert columns["mean area"]["schema:unitText"] == "px²"
