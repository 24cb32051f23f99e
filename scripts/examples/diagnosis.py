"""The dataset of the diagnosis model, breast biopsies, with descriptions of its columns."""

import json
from pathlib import Path

from examples.table import write_table
from mlops.spec import load_table_spec


def write_diagnosis(folder: Path) -> Path:
    """Write diagnosis.csv and its column descriptions into a folder; returns the CSV's path.

    Breast Cancer Wisconsin (Diagnostic), 569 rows, as it ships with scikit-learn: 30 measurements, and the diagnosis.
    """
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    file = folder / "diagnosis.csv"
    rows = ([*row, data.target_names[label]] for row, label in zip(data.data.tolist(), data.target, strict=True))
    write_table(file, [*data.feature_names, "diagnosis"], rows)
    _write_metadata(file, "diagnosis")
    return file


def _write_metadata(file: Path, model: str) -> None:
    """Write the columns' metadata in the W3C's format "CSV on the Web" (https://www.w3.org/TR/tabular-metadata/)."""
    contract = load_table_spec(model).contract
    columns = [
        {
            "titles": column.name,
            "datatype": {"base": "number", "minimum": column.minimum, "maximum": column.maximum},
            "dc:description": column.description,
            **({"schema:unitText": column.unit} if column.unit else {}),
        }
        for column in contract.columns
    ]
    target = {"titles": contract.target.name, "datatype": "string", "dc:description": contract.target.description}
    schema = {"columns": [*columns, target]}
    document = {"@context": "http://www.w3.org/ns/csvw", "url": file.name, "tableSchema": schema}
    file.with_name(f"{file.name}-metadata.json").write_text(json.dumps(document, indent=2, ensure_ascii=False))
