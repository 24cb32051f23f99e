"""What an explanation costs compared with the answer that it explains and with the shap library, in one run on one row.

Forests of 50,000 and 200,000 leaves are among the models; the search lets one grow to 400,000.

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
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier, RandomForestRegressor
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
LARGE = (3_000, 12_000)
"""Rows of tables on which forests of 100 trees are large."""


def measure(call: Callable[[], object], calls: int) -> float:
    """The median over the rounds of a call's mean processor time, in milliseconds."""
    spent = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for _ in range(calls):
            call()
        spent.append((time.process_time() - started) / calls * 1e3)
    return statistics.median(spent)


def compare(model: Any, rows: pd.DataFrame, contract: Contract, *, calls: int = CALLS) -> tuple[float, ...]:
    """Milliseconds of an answer, of our explanation and of the library's; kilobytes of model and explainer."""
    compiled = compile_estimator(model, contract)
    session = open_session(compiled)
    files = make_explainer(model, rows, contract)
    explainer = read_explainer(files[ABOUT], files[NUMBERS])
    features = open_session(explainer.graph)
    one = {"numbers": rows.head(1).to_numpy()}
    is_linear = isinstance(model, LogisticRegression)
    library = shap.LinearExplainer(model, rows) if is_linear else shap.TreeExplainer(model)
    return (
        measure(lambda: session.run(None, one), 30 * calls),
        measure(lambda: explainer.explain(features.run(None, one)[0], [0]), calls),
        measure(lambda: library.shap_values(rows.head(1)), calls),
        len(compiled) / 1e3,
        sum(map(len, files.values())) / 1e3,
    )


def make_large(count: int) -> tuple[Any, pd.DataFrame, Contract]:
    """A forest that is fitted to a noisy table, the table, and its contract."""
    random = np.random.default_rng(0)
    cells = random.normal(size=(count, 20))
    names = [f"x{place}" for place in range(cells.shape[1])]
    rows = pd.DataFrame(cells, columns=names)
    values = cells[:, 0] * cells[:, 1] + random.normal(size=count)
    contract = Contract(columns=tuple(Column(name=name) for name in names), target=Target(name="y", task="regression"))
    return RandomForestRegressor(n_estimators=100, min_samples_leaf=3, random_state=0).fit(rows, values), rows, contract


def count_leaves(model: Any) -> int:
    """The leaves of a forest."""
    return sum(int(tree.get_n_leaves()) for tree in model.estimators_)


def add(table: Table, name: str, found: tuple[float, ...]) -> None:
    """A model's line of the table."""
    *times, compiled, size = found
    table.add_row(name, *(f"{each:.3f}" for each in times), f"{compiled:,.0f}", f"{size:,.0f}")


def main() -> None:
    """Measure, and print a table."""
    warnings.filterwarnings("ignore")  # shap's own, of versions to come
    data = load_breast_cancer(as_frame=True)
    names = [str(name) for name in data.data.columns]
    rows = pd.DataFrame(data.data.to_numpy(), columns=names)
    labels = np.where(data.target == 1, "benign", "malignant")
    target = Target(name="diagnosis", task="binary", labels=("benign", "malignant"))
    contract = Contract(columns=tuple(Column(name=name) for name in names), target=target)
    table = Table("model", "answer, ms", "explanation, ms", "shap library, ms", "model, kB", "explainer, kB")
    table.title = "One row: medians of processor time"
    for name, model in MODELS.items():
        add(table, name, compare(model.fit(rows, labels), rows, contract))
    for count in LARGE:
        large, rows, contract = make_large(count)
        add(table, f"RandomForest(100), {count_leaves(large):,} leaves", compare(large, rows, contract, calls=1))
    Console().print(table)


if __name__ == "__main__":
    main()
