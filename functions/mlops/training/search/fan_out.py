"""A search whose fits run elsewhere, many at once: what to fit next, one fit, and the scores in the registry's store.

A search with all of these scores known tries, chooses and finds the same as one without any.
"""

import json
from typing import Any

import obstore
import pandas as pd

from mlops.errors.base import MlopsError
from mlops.registry.store import Store
from mlops.spec import ModelSpec
from mlops.training.search.choice import choose
from mlops.training.search.cores import Cores
from mlops.training.search.folds import Folds
from mlops.training.search.scores import FoldFit, KnownScores, Plan, Planned
from mlops.training.search.trials import describe_failure
from mlops.training.search.winner import find_repeats, make_runner, searched_rows


def plan(train: pd.DataFrame, spec: ModelSpec, known: KnownScores) -> list[FoldFit]:
    """The fits that a search on these training rows needs next; none if it needs no more, or isn't to go on."""
    rows = searched_rows(train, spec)
    with Cores() as cores:
        folds = Folds(rows, spec)
        asked = Plan(known, len(folds))
        runner = make_runner(train, spec, folds, cores, scores=asked)
        try:
            trials = runner.run()
            choose(trials.best, runner, [Folds(rows, spec, each) for each in range(1, find_repeats(rows, spec))], spec)
        except (Planned, MlopsError):
            # An error is that of the dataset or of all candidates: the training itself will report it.
            return asked.pending
    return asked.pending


def fit(train: pd.DataFrame, spec: ModelSpec, wanted: FoldFit) -> dict[str, Any]:
    """The outcome of one fit: its score, or why it failed."""
    with Cores() as cores:
        folds = Folds(searched_rows(train, spec), spec, wanted.repeat)
        runner = make_runner(train, spec, folds, cores)
        try:
            (held,) = folds.run([(wanted.fold, runner.estimator(wanted.candidate, wanted.parameters))], cores)
        except (MlopsError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an estimator raises ends its trial
            return {"failure": describe_failure(error, spec.contract)}
    return {"score": held.score}


def write_outcome(store: Store, model: str, training_key: str, wanted: FoldFit, outcome: dict[str, Any]) -> None:
    """Keep the outcome of a fit for the training with this key."""
    obstore.put(store, f"{_folder(model, training_key)}/{wanted.key}.json", json.dumps(outcome).encode())


def read_scores(store: Store, model: str, training_key: str) -> KnownScores:
    """All outcomes of fits for the training with this key."""
    listed = [each["path"] for page in obstore.list(store, f"{_folder(model, training_key)}/") for each in page]
    outcomes = {
        path.rpartition("/")[2].removesuffix(".json"): json.loads(bytes(obstore.get(store, path).bytes()))
        for path in listed
    }
    return KnownScores(outcomes)


def _folder(model: str, training_key: str) -> str:
    return f"{model}/searches/{training_key}"
