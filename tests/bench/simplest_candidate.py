"""What does it cost to prefer the simpler of candidates that are as good?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.simplest_candidate [--seeds 3]

Public tables, as `python -m tests.bench.tables` gets them and with the spec that is drafted of each, and tables of
scikit-learn's generators are split by several seeds. The candidates are cross-validated as in a search, and each is
measured on the test rows. The rules choose from the same scores: the best mean of one cross-validation; the first
within a standard error of it; the best mean of the repeated one; and the factory's, which is the first within a
standard error and the margin of that. Losses are against the best mean of the repeated one, in margins: 1 % of an
error, 0.01 of an area. Negative ones are gains.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from sklearn import datasets

from mlops.contract import Column, Target
from mlops.data.load import load_dataset
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
from tests.bench.tables import TABLES, draft_spec, fetch_packages

SEED = 2026
PUBLIC = (
    "ames",
    "Boston",
    "Housing",
    "mpg",
    "cars",
    "diabetes",
    "Pima.tr",
    "birthwt",
    "biopsy",
    "breast_cancer",
    "Mroz",
    "titanic",
    "wine",
    "iris",
    "penguins",
)
BEST = "best mean, repeated"
RULES = ("best mean", "one standard error", BEST, "the factory's")


type Split = tuple[ModelSpec, pd.DataFrame, pd.DataFrame]
"""A spec with the training rows and the test rows of its seed."""


def tables() -> Iterator[tuple[str, Callable[[int], Split]]]:
    """Names, and the split of each seed."""
    for name in PUBLIC:
        yield name, partial(split_public, name)
    for name, inputs, target in made_tables():
        yield name, partial(split_made, inputs, target)


def split_public(name: str, seed: int) -> Split:
    """A public table's rows, with the spec that is drafted of it."""
    known = next(each for each in TABLES if each.startswith(f"{name} ("))
    read, target = TABLES[known]
    content = read().to_csv(index=False).encode()
    spec = replace(draft_spec(content, target), seed=seed)
    data = load_dataset(content, "table.csv", spec)
    return spec, data.train, data.test


def split_made(inputs: pd.DataFrame, target: Any, seed: int) -> Split:
    """A made table's rows, with the usual candidates."""
    inputs = inputs.rename(columns=lambda place: f"x{place}")
    spec = make_spec(inputs, target)
    train, test = split(inputs.assign(target=target), spec.target, spec.contract.names, 0.25, seed)
    return spec, train, test


def made_tables() -> Iterator[tuple[str, pd.DataFrame, Any]]:
    """Name, inputs and target of tables that are linear, not linear, noisy, or with outliers."""
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


def losses(given: Split) -> dict[str, float]:
    """Each rule's loss on the test rows against the best mean's choice, in margins."""
    spec, train, test = given
    inputs, target = list(spec.contract.names), spec.target.name
    metric: Any = find_metric(spec.metric, spec.target.task)
    repeats = next((count for most, count in REPEATS if len(train) <= most), 1)
    scores, tested = [], []
    with Cores() as cores:
        for candidate in spec.candidates.values():
            made = [
                Folds(train, spec, repeat).run(
                    [(fold, make_estimator(candidate.estimator, {}, SEED, len(train))) for fold in range(spec.folds)],
                    cores,
                )
                for repeat in range(repeats)
            ]
            scores.append([metric.sign * held.score for folds in made for held in folds])
            fitted = make_estimator(candidate.estimator, {}, SEED, len(train)).fit(train[inputs], train[target])
            tested.append(metric.sign * predict_held_out(fitted, test, spec).score)
    once = [each[: spec.folds] for each in scores]
    means = [float(np.mean(each)) for each in scores]
    most = absolute_margin(spec.metric, spec.margin, max(means))
    chosen = {
        "best mean": int(np.argmax([np.mean(each) for each in once])),
        "one standard error": simplest_within_error(once),
        BEST: int(np.argmax(means)),
        "the factory's": simplest_within_error(scores, most, repeats),
    }
    best = tested[chosen[BEST]]
    unit = absolute_margin(spec.metric, spec.margin, best)
    return {rule: (best - tested[place]) / unit for rule, place in chosen.items()}


def main() -> None:
    """Print each rule's mean loss on each table, and over all of them with its standard error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--tables", nargs="*", help="names; all of them by default")
    options = parser.parse_args()
    fetch_packages()
    means = []
    for name, cut in tables():
        if options.tables and name not in options.tables:
            continue
        found = pd.DataFrame([losses(cut(seed)) for seed in range(options.seeds)])
        means.append(found.mean())
        _print(name, found.mean(), found.std(ddof=1) / np.sqrt(len(found)))
    overall = pd.DataFrame(means)
    _print(f"{len(overall)} tables", overall.mean(), overall.std(ddof=1) / np.sqrt(len(overall)))


def _print(name: str, means: "pd.Series[float]", errors: "pd.Series[float]") -> None:
    print(f"{name:14}", *(f"{rule}: {means[rule]:+6.2f} ± {errors[rule]:.2f} " for rule in RULES), flush=True)


if __name__ == "__main__":
    main()
