"""NannyML's own estimates of its own data sets; run by the Python of its environment: SIZE of a window, OUT (JSON).

CBPE and DLE as its documentation uses them, in windows of equal size.
"""

import json
import sys
from pathlib import Path
from typing import Any

import nannyml
import pandas as pd

BINARY = ["accuracy", "precision", "recall", "f1", "roc_auc", "average_precision"]
SEVERAL = ["accuracy", "precision", "recall", "f1", "roc_auc"]
CARDS = ("prepaid_card", "highstreet_card", "upmarket_card")
CARS = ["car_age", "km_driven", "price_new", "accident_count", "door_count", "fuel", "transmission"]


def window_rows(size: int, rows: pd.DataFrame) -> int:
    return min(size, len(rows) // 8)


def cbpe(names: list[str], size: int, rows: pd.DataFrame, **columns: object) -> nannyml.CBPE:
    return nannyml.CBPE(metrics=names, chunk_size=window_rows(size, rows), **columns)


def estimate(
    estimator: nannyml.CBPE | nannyml.DLE, reference: pd.DataFrame, rows: pd.DataFrame, names: list[str]
) -> dict[str, Any]:
    estimator.fit(reference)
    found = estimator.estimate(rows).filter(period="analysis").to_df()
    starts, ends = (found["chunk"][name].tolist() for name in ("start_index", "end_index"))
    kept = ("value", "lower_confidence_boundary", "upper_confidence_boundary")
    metrics = {name: {column: found[name][column].tolist() for column in kept} for name in names}
    return {"windows": [[start, end + 1] for start, end in zip(starts, ends, strict=True)], "metrics": metrics}


def main(size: int, out: str) -> None:
    results = {}
    for name, load, truth, chance, answer in (
        ("employment", nannyml.load_us_census_ma_employment_data, "employed", "predicted_probability", "prediction"),
        ("car_loan", nannyml.load_synthetic_car_loan_dataset, "repaid", "y_pred_proba", "y_pred"),
        ("housing", nannyml.load_modified_california_housing_dataset, "clf_target", "y_pred_proba", "y_pred"),
    ):
        reference, rows, _ = load()
        columns = {"y_true": truth, "y_pred": answer, "y_pred_proba": chance, "problem_type": "classification_binary"}
        results[name] = estimate(cbpe(BINARY, size, rows, **columns), reference, rows, BINARY)
    reference, rows, _ = nannyml.load_synthetic_multiclass_classification_dataset()
    chances = {card: f"y_pred_proba_{card}" for card in CARDS}
    kind = "classification_multiclass"
    several = cbpe(SEVERAL, size, rows, y_true="y_true", y_pred="y_pred", y_pred_proba=chances, problem_type=kind)
    results["credit_card"] = estimate(several, reference, rows, SEVERAL)
    reference, rows, _ = nannyml.load_synthetic_car_price_dataset()
    cars = nannyml.DLE(
        feature_column_names=CARS,
        y_true="y_true",
        y_pred="y_pred",
        metrics=["mae", "rmse"],
        chunk_size=window_rows(size, rows),
    )
    results["car_price"] = estimate(cars, reference, rows, ["mae", "rmse"])
    Path(out).write_text(json.dumps(results))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
