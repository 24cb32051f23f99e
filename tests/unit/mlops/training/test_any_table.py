"""Any task and any column: from text cells to a version whose golden rows the server answers."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from mlops.contract import Column, Target
from mlops.evaluation.metrics.catalog import metrics_for
from mlops.serving.scorer import Scorer
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import make_csv
from tests.unit.mlops.training.fakes import Bench

COLUMNS = (
    Column(name="length", unit="mm", minimum=0, maximum=200, required=False),
    Column(name="count", kind="integer", minimum=0),
    Column(name="wet", kind="boolean"),
    Column(name="since", kind="date"),
    Column(name="site", kind="category", categories=("north", "south", "east"), required=False),
    Column(name="finder", kind="category"),
)
TARGETS = {
    "binary": Target(name="answer", task="binary", labels=("no", "yes"), positive="yes"),
    "multiclass": Target(name="answer", task="multiclass", labels=("low", "middle", "high")),
    "regression": Target(name="answer", task="regression", unit="g"),
}
METRICS = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "rmse"}
NUMBERS = ["length", "count", "wet", "since"]
TEXTS = ["site", "finder"]


def make_lines(task: str, rows: int = 240) -> Iterator[str]:
    rng = np.random.default_rng(3)
    for row in range(rows):
        length, count = rng.uniform(0, 100), int(rng.integers(0, 9))
        wet, site = bool(rng.random() < 0.5), str(rng.choice(["north", "south", "east", ""]))
        weight = length + 5 * count + 20 * wet + {"north": 30}.get(site, 0) + rng.normal(0, 4)
        label = {
            "binary": "yes" if weight > 90 else "no",
            "multiclass": ("low", "middle", "high")[(weight > 70) + (weight > 110)],
            "regression": f"{weight:.3f}",
        }[task]
        shown = "" if rng.random() < 0.1 else f"{length:.3f}"
        day = f"2026-{row % 12 + 1:02d}-{row % 28 + 1:02d}"
        yield f"{shown},{count},{str(wet).lower()},{day},{site},{'abc'[row % 3]},{label}"


def make_spec(task: str) -> ModelSpec:
    scaled = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS), (OneHotEncoder(handle_unknown="ignore"), TEXTS)
    )
    coded = make_column_transformer(
        ("passthrough", NUMBERS),
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2), TEXTS),
    )
    regression = task == "regression"
    linear = LinearRegression() if regression else LogisticRegression(max_iter=2_000)
    boosted = HistGradientBoostingRegressor if regression else HistGradientBoostingClassifier
    return ModelSpec(
        name="leaves",
        target=TARGETS[task],
        columns=COLUMNS,
        candidates={"linear": make_pipeline(scaled, linear), "boosted": make_pipeline(coded, boosted(max_iter=30))},
        metric=METRICS[task],
        floors={"r2": 0.7} if regression else {"accuracy": 0.7},
        folds=3,
    )


@pytest.mark.parametrize("candidate", ["linear", "boosted"])
@pytest.mark.parametrize("task", TARGETS)
def test_a_table_of_every_kind_of_column_becomes_a_version_that_serves(task: str, candidate: str) -> None:
    spec = make_spec(task)
    spec = replace(spec, candidates={candidate: spec.candidates[candidate]})
    bench = Bench()
    header = ",".join([*(column.name for column in COLUMNS), "answer"])
    outcome = bench.train(make_csv(list(make_lines(task)), header), spec)
    assert outcome.standing == "promoted", outcome.manifest.gates
    assert set(outcome.manifest.metrics["test"]) == {metric.name for metric in metrics_for(spec.target.task)}
    scorer = Scorer.load(bench.versions, 1, max_rows=10)
    row = {"count": 3, "wet": True, "since": date(2026, 3, 1), "site": None, "finder": "never seen", "length": None}
    scores = scorer.score([row])
    assert (scores.values if task == "regression" else scores.labels) != []
