"""Evidently's own answers to windows of one column; run by the Python of its environment: WINDOWS OUT (both JSON).

A window is {"reference": [...], "current": [...], "text": whether the column is a category}. The answer is whether
Evidently finds drift by its defaults, by which method, and the value.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift


def ask(window: dict[str, Any]) -> dict[str, Any]:
    kind = "categorical_columns" if window["text"] else "numerical_columns"
    definition = DataDefinition(**{kind: ["x"]})
    current, reference = (
        Dataset.from_pandas(pd.DataFrame({"x": window[name]}), data_definition=definition)
        for name in ("current", "reference")
    )
    found = Report([ValueDrift(column="x")]).run(current, reference).dict()["metrics"][0]
    value, method, threshold = float(found["value"]), found["config"]["method"], found["config"]["threshold"]
    drifted = value < threshold if "p_value" in method else value >= threshold
    return {"drifted": drifted, "method": method, "value": value}


def main(windows: str, out: str) -> None:
    Path(out).write_text(json.dumps([ask(window) for window in json.loads(Path(windows).read_text())]))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
