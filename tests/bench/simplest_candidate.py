"""What does it cost to prefer the simpler of candidates that are as good?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.simplest_candidate [--seeds 3]

Tables of scikit-learn and its generators, each with the usual candidates, are split by several seeds. The candidates
are cross-validated as in a search, and each is measured on the test rows. The rules choose from the same scores: the
best mean; the first within a standard error; and the factory's, which is that within the margin, by repeated folds.
Losses are against the best mean's choice, in margins: 1 % of an error, 0.01 of an area. Negative ones are gains.
"""

import argparse
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets

from mlops.contract import Column, Target
from mlops.data.split import split
from mlops.evaluation.metrics.catalog import absolute_margin, find_metric
from mlops.spec import ModelSpec
from mlops.spec.candidates import candidates_for
from mlops.spec.table import METRICS
from mlops.training.search.cores import Cores
from mlops.training.search.estimators import make_estimator
from mlops.training.search.folds import Folds, predict_held_out
from mlops.training.search.one_standard_error import simplest_within_error
from mlops.training.search.winner import REPEATS

SEED = 2026
RULES = ("best mean", "one standard error", "the factory's")


def tables() -> Iterator[tuple[str, pd.DataFrame, Any]]:
    """Name, inputs and target: real tables, and made ones that are linear, not linear, noisy, or with outliers."""
    for name in ("breast_cancer", "wine", "iris", "diabetes"):
        found = getattr(datasets, f"load_{name}")()
        target = found.target if name == "diabetes" else np.array([f"c{each}" for each in found.target])
        yield name, pd.DataFrame(found.data), target
    random = np.random.RandomState(0)
    for name, made in {
        "friedman": datasets.make_friedman1(400, noise=2.0, random_state=0),
        "friedman3": datasets.make_friedman3(500, noise=0.3, random_state=0),
        "linear": datasets.make_regression(400, 10, n_informative=5, noise=60.0, random_state=0),
        "sparse": datasets.make_sparse_uncorrelated(300, 10, random_state=0),
    }.items():
        yield name, pd.DataFrame(made[0]), made[1]
    x, y = datasets.make_friedman1(600, noise=1.0, random_state=1)
    yield "outliers", pd.DataFrame(x), np.exp(y / 6 + random.standard_t(3, 600) / 8)
    x, y = datasets.make_friedman2(500, noise=100.0, random_state=1)
    yield "houses", pd.DataFrame(x), np.exp((y - y.mean()) / y.std() + 0.3 * random.standard_normal(500))
    made_of: dict[str, dict[str, Any]] = {
        "separable": {"n_samples": 600, "class_sep": 1.0, "flip_y": 0.05},
        "clusters": {"n_samples": 800, "n_clusters_per_class": 3, "n_informative": 5, "flip_y": 0.05},
        "noise": {"n_samples": 400, "class_sep": 0.4, "flip_y": 0.3},
        "rare": {"n_samples": 1200, "weights": [0.93], "flip_y": 0.02},
    }
    for name, options in made_of.items():
        x, y = datasets.make_classification(n_features=10, random_state=3, **options)
        yield name, pd.DataFrame(x), np.array([f"c{each}" for each in y])


def make_spec(rows: pd.DataFrame, target: Any) -> ModelSpec:
    """The spec that a draft would have."""
    known = np.unique(target)
    task = "regression" if target.dtype.kind == "f" else "binary" if len(known) == 2 else "multiclass"
    labels = () if task == "regression" else tuple(map(str, known))
    described = Target.model_validate({"name": "target", "task": task, "labels": labels})
    columns = tuple(Column(name=name) for name in rows.columns)
    spec = ModelSpec(
        name="bench", target=described, columns=columns, candidates={"any": None}, metric=METRICS[task], floors={}
    )
    return ModelSpec(
        name="bench",
        target=described,
        columns=columns,
        candidates=candidates_for(spec.contract),
        metric=METRICS[task],
        floors={},
    )


def losses(inputs: pd.DataFrame, target: Any, seed: int) -> dict[str, float]:
    """Each rule's loss on the test rows against the best mean's choice, in margins."""
    inputs = inputs.rename(columns=lambda place: f"x{place}")
    spec = make_spec(inputs, target)
    train, test = split(inputs.assign(target=target), spec.target, spec.contract.names, 0.25, seed)
    metric: Any = find_metric(spec.metric, spec.target.task)
    repeats = next((count for most, count in REPEATS if len(train) <= most), 1)
    scores, tested = [], []
    with Cores() as cores:
        for given in spec.candidates.values():
            made = [
                Folds(train, spec, repeat).run(
                    [(fold, make_estimator(given.estimator, {}, SEED, len(train))) for fold in range(spec.folds)], cores
                )
                for repeat in range(repeats)
            ]
            scores.append([metric.sign * held.score for folds in made for held in folds])
            fitted = make_estimator(given.estimator, {}, SEED, len(train)).fit(train[list(inputs)], train["target"])
            tested.append(metric.sign * predict_held_out(fitted, test, spec).score)
    once = [each[: spec.folds] for each in scores]
    means = [float(np.mean(each)) for each in scores]
    most = absolute_margin(spec.metric, spec.margin, max(means))
    chosen = {
        "best mean": int(np.argmax([np.mean(each) for each in once])),
        "one standard error": simplest_within_error(once),
        "the factory's": simplest_within_error(scores, most, repeats),
    }
    unit = absolute_margin(spec.metric, spec.margin, tested[chosen["best mean"]])
    return {rule: (tested[chosen["best mean"]] - tested[place]) / unit for rule, place in chosen.items()}


def main() -> None:
    """Print each rule's mean loss on each table, and over all of them with its standard error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    means = []
    for name, inputs, target in tables():
        found = pd.DataFrame([losses(inputs, target, seed) for seed in range(options.seeds)])
        means.append(found.mean())
        print(f"{name:14}", *(f"{rule}: {found[rule].mean():+6.2f}" for rule in RULES), flush=True)
    overall = pd.DataFrame(means)
    errors = overall.std(ddof=1) / np.sqrt(len(overall))
    print("all", *(f"{rule}: {overall[rule].mean():+.2f} ± {errors[rule]:.2f}" for rule in RULES))


if __name__ == "__main__":
    main()
