"""A table with every kind of column, and the ways to fit and compare models on it."""

from typing import Any

import numpy as np
import pandas as pd
from onnx import checker, load_from_string
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlops.contract import Column, Contract, Target
from mlops.training.compile import Parity, check_parity, compile_estimator, probe_rows

COLUMNS = (
    Column(name="area", unit="m2", minimum=0),
    Column(name="city", kind="category"),
    Column(name="income", required=False),
    Column(name="rooms", kind="integer", minimum=0, maximum=20),
    Column(name="heating", kind="category", categories=("gas", "oil", "none"), required=False),
    Column(name="garden", kind="boolean", required=False),
    Column(name="built", kind="date"),
)
NUMBERS = ["area", "income", "rooms", "garden", "built"]
CATEGORIES = ["city", "heating"]
TARGETS = {
    "binary": Target(name="sold", task="binary", labels=("yes", "no"), positive="yes"),
    "multiclass": Target(name="band", task="multiclass", labels=("low", "high", "mid", "top")),
    "regression": Target(name="price", task="regression"),
}
DENSE = ("area", "rooms", "built")  # the columns without missing values


def contract(task: str, *names: str) -> Contract:
    """The contract of the table, or of some of its columns."""
    return Contract(columns=tuple(c for c in COLUMNS if not names or c.name in names), target=TARGETS[task])


def table(rows: int = 300, seed: int = 1) -> pd.DataFrame:
    """Rows of every kind of column, with missing values where the contract allows them."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "area": rng.gamma(4, 25, rows),
            "city": rng.choice(["Bern", "Zürich", "Genève", "東京", " Basel"], rows, p=[0.4, 0.3, 0.2, 0.05, 0.05]),
            "income": rng.normal(5e4, 2e4, rows).round(2),
            "rooms": rng.integers(1, 9, rows).astype(float),
            "heating": rng.choice(["gas", "oil", "none"], rows),
            "garden": rng.integers(0, 2, rows).astype(float),
            "built": rng.integers(-20000, 20000, rows).astype(float),
        }
    )
    for name in ("income", "heating", "garden"):
        frame.loc[rng.random(rows) < 0.15, name] = np.nan
    return frame


def target(frame: pd.DataFrame, task: str, seed: int = 2) -> Any:
    """A noisy answer that depends on every column."""
    rng = np.random.default_rng(seed)
    score = (
        frame["area"] / 50
        + frame["income"].fillna(2e4) / 3e4
        + frame["rooms"] / 4
        + frame["garden"].fillna(0.5)
        + frame["heating"].map({"gas": 0.0, "oil": 1.0, "none": 2.0}).fillna(3.0)
        + frame["city"].map({"Bern": 1.0, "Zürich": 2.0}).fillna(0.0)
        + frame["built"] / 2e4
        + rng.normal(0, 0.5, len(frame))
    ).to_numpy()
    if task == "regression":
        return score * 1e5
    labels = np.array({"binary": ["no", "yes"], "multiclass": ["low", "mid", "high", "top"]}[task], dtype=object)
    edges = np.quantile(score, np.linspace(0, 1, len(labels) + 1)[1:-1])
    return labels[np.digitize(score, edges)]


def prepared(model: Any) -> Pipeline:
    """A model behind the usual preparation of a mixed table."""
    numbers = Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())])
    texts = Pipeline(
        [
            ("fill", SimpleImputer(strategy="most_frequent")),
            ("encode", OneHotEncoder(handle_unknown="ignore")),
        ]
    )
    columns = ColumnTransformer([("numbers", numbers, NUMBERS), ("texts", texts, CATEGORIES)])
    return Pipeline([("prepare", columns), ("model", model)])


def parity(
    estimator: Any, task: str, *names: str, rows: int = 300, limit: int = 1500, data: pd.DataFrame | None = None
) -> Parity:
    """Fit on the table (or some of its columns), compile, and compare on probe rows."""
    frame = table(rows) if data is None else data
    kept = contract(task, *names)
    inputs = frame[list(kept.names)]
    estimator.fit(inputs, target(frame, task))
    model = compile_estimator(estimator, kept)
    checker.check_model(load_from_string(model), full_check=True)
    assert compile_estimator(estimator, kept) == model
    return check_parity(estimator, kept, model, probe_rows(estimator, kept, inputs, np.random.default_rng(3), limit))
