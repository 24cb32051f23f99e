"""The search's story: run the trials, choose the winner, fit it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import Any

import pandas as pd

from mlops.data.row_digests import TIME
from mlops.data.sample import sample
from mlops.errors.base import MlopsError
from mlops.errors.training import EstimatorFailed
from mlops.evaluation.metrics.answers import ClassAnswers
from mlops.registry.manifest.search import Search
from mlops.spec import ModelSpec
from mlops.spec.search_space import as_candidate
from mlops.training.duration import SEARCH_ROWS
from mlops.training.search.choice import choose
from mlops.training.search.cores import Cores
from mlops.training.search.estimators import plain_parameters
from mlops.training.search.final_fit import fit_winner
from mlops.training.search.folds import Folds
from mlops.training.search.scores import NO_SCORES, Scores
from mlops.training.search.trials import Budget, TrialRunner, describe_failure

REPEATS = ((1_000, 3), (4_000, 2))
"""Up to so many rows, so many times are the candidates cross-validated."""


@dataclass(frozen=True)
class SearchResult:
    """The winner, fitted on all training rows: what it's called, its parameters, and how it was found.

    `scores` holds the metric in cross-validation, with all its repeats, of each candidate's best trial; `held_out` are
    a classifier's answers, in the winner's trial, to the training rows that were held out.
    """

    name: str
    estimator: Any
    parameters: dict[str, Any]
    scores: dict[str, float]
    search: Search
    threshold: float | None
    held_out: ClassAnswers | None


def search(
    train: pd.DataFrame,
    spec: ModelSpec,
    progress: Callable[[str], None],
    earlier: Search | None = None,
    clock: Callable[[], float] = time.monotonic,
    cores: int | None = None,
    seconds: float | None = None,
    scores: Scores = NO_SCORES,
) -> SearchResult:
    """Choose among the spec's candidates and their parameters, and fit the winner, on the training rows alone.

    The simplest candidate wins that is as good as the best by the spec's metric, within a standard error over folds and
    the spec's margin. Small tables are cross-validated several times to choose.
    Its probabilities are calibrated if that makes them better, and a binary target's threshold is chosen if the spec
    asks for it, both on answers to rows that were held out. More than SEARCH_ROWS rows are searched by a stratified
    sample. Seeded: the same rows, spec and seed find the same on any number of cores, unless `search_seconds` ended the
    trials: give the `earlier` search to find the same again. `seconds` are the most that the trials may take, where
    that is less than the spec allows. Raises DatasetRejected where the metric isn't defined, and EstimatorFailed.
    """
    rows = searched_rows(train, spec)
    with Cores(cores) as shared:
        folds = Folds(rows, spec)
        budget = Budget.of(spec, earlier, seconds)
        runner = make_runner(train, spec, folds, shared, budget, progress, clock, scores)
        began = clock()
        trials = runner.run()
        repeats = earlier.repeats if earlier else find_repeats(rows, spec, budget.seconds - clock() + began)
        choice = choose(trials.best, runner, [Folds(rows, spec, repeat) for repeat in range(1, repeats)], spec)
        winner = choice.winner
        progress(f"fit {winner.trial.candidate} on {len(train)} rows")
        estimator = runner.estimator(winner.trial.candidate, winner.trial.parameters)
        try:
            final_fit = fit_winner(estimator, train, runner.answers(winner), spec, shared.count)
        except (MlopsError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an estimator raises has a name
            failure = describe_failure(error, spec.contract)
            raise EstimatorFailed(f"{winner.trial.candidate} can't be fitted to all rows: {failure}") from None
    return SearchResult(
        name=winner.trial.candidate,
        estimator=final_fit.estimator,
        parameters=plain_parameters(estimator),
        scores=choice.means,
        search=Search(
            metric=spec.metric,
            trials=trials.all,
            winner=winner.trial.number,
            reason=choice.reason,
            rows=len(rows),
            repeats=repeats,
            ended=trials.ended,
            calibration=final_fit.calibration,
            losses=final_fit.losses or {},
        ),
        threshold=final_fit.threshold,
        held_out=final_fit.held_out,
    )


def searched_rows(train: pd.DataFrame, spec: ModelSpec) -> pd.DataFrame:
    """The training rows that are searched on."""
    labels = bool(spec.target.labels)
    return train.iloc[sample(train[spec.target.name], SEARCH_ROWS, labels=labels, seed=spec.seed)]


def make_runner(
    train: pd.DataFrame,
    spec: ModelSpec,
    folds: Folds,
    cores: Cores,
    budget: Budget | None = None,
    progress: Callable[[str], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
    scores: Scores = NO_SCORES,
) -> TrialRunner:
    """What runs the trials of a search; without a `budget` time doesn't end them."""
    candidates = {name: as_candidate(given) for name, given in spec.candidates.items()}
    budget = budget or Budget(spec.trials, inf)
    return TrialRunner(spec, budget, candidates, folds, cores, len(train), progress, clock, scores)


def find_repeats(rows: pd.DataFrame, spec: ModelSpec, seconds_left: float = inf) -> int:
    """How many times to cross-validate: more in small tables, where folds are noisy, unless the time is used up."""
    if TIME in rows or spec.group or len(spec.candidates) == 1 or seconds_left <= 0:
        return 1
    return next((repeats for most, repeats in REPEATS if len(rows) <= most), 1)
