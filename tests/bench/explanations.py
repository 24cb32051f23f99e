"""What an explanation costs compared with the answer that it explains and with the shap library, in one run on one row.

`python -m tests.bench.explanations`, with functions, scripts and the root on PYTHONPATH.
"""

import statistics
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import shap
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from mlops.artifact.explanation.files import ABOUT, NUMBERS, read_explainer
from mlops.artifact.session import open_session
from mlops.contract import Column, Contract, Target
from mlops.training.artifacts.explainer import make_explainer
from mlops.training.compile import compile_estimator

ROUNDS = 7
CALLS = 30

MODELS: dict[str, Any] = {
    "RandomForest(100)": RandomForestClassifier(n_estimators=100, random_state=0),
    "HistGradientBoosting": HistGradientBoostingClassifier(random_state=0),
    "LogisticRegression": LogisticRegression(max_iter=10_000),
}


def measure(call: Callable[[], object]) -> float:
    """The median over the rounds of a call's mean time, in milliseconds."""
    spent = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(CALLS):
            call()
        spent.append((time.perf_counter() - started) / CALLS * 1e3)
    return statistics.median(spent)


def compare(model: Any, rows: pd.DataFrame, contract: Contract) -> tuple[float, float, float, float]:
    """Milliseconds of an answer, of our explanation and of the library's; kilobytes of the explainer."""
    session = open_session(compile_estimator(model, contract))
    files = make_explainer(model, rows, contract)
    explainer = read_explainer(files[ABOUT], files[NUMBERS])
    features = open_session(explainer.graph)
    one = {"numbers": rows.head(1).to_numpy()}
    is_linear = isinstance(model, LogisticRegression)
    library = shap.LinearExplainer(model, rows) if is_linear else shap.TreeExplainer(model)
    return (
        measure(lambda: session.run(None, one)),
        measure(lambda: explainer.explain(features.run(None, one)[0], [1])),
        measure(lambda: library.shap_values(rows.head(1))),
        sum(map(len, files.values())) / 1e3,
    )


def main() -> None:
    """Measure, and print a table."""
    warnings.filterwarnings("ignore")  # shap's own, of versions to come
    data = load_breast_cancer(as_frame=True)
    names = [str(name) for name in data.data.columns]
    rows = pd.DataFrame(data.data.to_numpy(), columns=names)
    labels = np.where(data.target == 1, "benign", "malignant")
    target = Target(name="diagnosis", task="binary", labels=("benign", "malignant"))
    contract = Contract(columns=tuple(Column(name=name) for name in names), target=target)
    table = Table(
        "model", "answer, ms", "explanation, ms", "shap library, ms", "explainer, kB", title="One row, medians"
    )
    for name, model in MODELS.items():
        *times, size = compare(model.fit(rows, labels), rows, contract)
        table.add_row(name, *(f"{each:.3f}" for each in times), f"{size:,.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
