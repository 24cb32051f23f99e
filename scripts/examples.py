"""Example datasets, written as CSV with their columns' names, units and descriptions beside them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sklearn.datasets import load_breast_cancer

from mlops.contract import Contract
from mlops.spec import load_spec


def write_diagnosis(folder: Path) -> Path:
    """Write diagnosis.csv, the 569 rows of Breast Cancer Wisconsin (Diagnostic), and its metadata; returns the CSV."""
    contract = load_spec("diagnosis").contract
    bundle = load_breast_cancer(as_frame=True)
    table = bundle.data[list(contract.names)].copy()
    table[contract.target.name] = [str(bundle.target_names[code]) for code in bundle.target]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "diagnosis.csv"
    table.to_csv(path, index=False, lineterminator="\n")
    metadata = json.dumps(describe_columns(path.name, contract), indent=2, ensure_ascii=False)
    path.with_name(f"{path.name}-metadata.json").write_text(metadata + "\n", encoding="utf-8")
    return path


def describe_columns(file: str, contract: Contract) -> dict[str, Any]:
    """CSV on the Web metadata of a dataset that keeps the contract (https://www.w3.org/TR/tabular-metadata/).

    The vocabulary has no word for units; the property `schema:unitText` of schema.org says them.
    """
    columns = [
        {
            "name": column.name.replace(" ", "_"),
            "titles": column.name,
            "dc:description": column.description,
            "schema:unitText": column.unit,
            "datatype": {"base": "double", "minimum": column.minimum, "maximum": column.maximum},
            "required": column.required,
        }
        for column in contract.columns
    ]
    target = contract.target
    labels = "|".join(target.labels)
    columns.append(
        {
            "name": target.name,
            "titles": target.name,
            "dc:description": target.description,
            "datatype": {"base": "string", "format": labels} if labels else "double",
            "required": True,
        }
    )
    return {
        "@context": "http://www.w3.org/ns/csvw",
        "url": file,
        "dialect": {"encoding": "utf-8", "delimiter": ",", "header": True},
        "tableSchema": {"columns": [_without_gaps(column) for column in columns]},
    }


def _without_gaps(document: Mapping[str, Any]) -> dict[str, Any]:
    """The members that say something."""
    return {
        name: _without_gaps(value) if isinstance(value, dict) else value
        for name, value in document.items()
        if value is not None
    }


EXAMPLES: Mapping[str, Callable[[Path], Path]] = {"diagnosis": write_diagnosis}
