"""The search's story: run the trials, choose the winner, fit it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mlops.data.sample import sample
from mlops.errors import EstimatorFailed, MlopsError
from mlops.registry.manifest.search import Search
from mlops.spec import ModelSpec
from mlops.spec.search_space import as_candidate
from mlops.training.resources import SEARCH_ROWS
from mlops.training.search.cores import Cores
from mlops.training.search.estimators import plain_parameters
from mlops.training.search.final_fit import fit_winner
from mlops.training.search.folds import Folds
from mlops.training.search.one_standard_error import simplest_within_error, standard_error
from mlops.training.search.trials import Budget, TrialResult, TrialRunner, describe_failure, score_of


@dataclass(frozen=True)
class SearchResult:
    """The winner, fitted on all training rows: what it's called, its parameters, and how it was found.

    `scores` holds the metric in cross-validation of each candidate's best trial.
    """

    name: str
    estimator: Any
    parameters: dict[str, Any]
    scores: dict[str, float]
    search: Search
    threshold: float | None


def search(
    train: pd.DataFrame,
    spec: ModelSpec,
    progress: Callable[[str], None],
    earlier: Search | None = None,
    clock: Callable[[], float] = time.monotonic,
    cores: int | None = None,
    seconds: float | None = None,
) -> SearchResult:
    """Choose among the spec's candidates and their parameters, and fit the winner, on the training rows alone.

    The simplest candidate wins that is as good as the best by the spec's metric, within a standard error over folds.
    Its probabilities are calibrated if that makes them better, and a binary target's threshold is chosen if the spec
    asks for it, both on answers to rows that were held out. More than SEARCH_ROWS rows are searched by a stratified
    sample. Seeded: the same rows, spec and seed find the same on any number of cores, unless `search_seconds` ended the
    trials: give the `earlier` search to find the same again. `seconds` are the most that the trials may take, where
    that is less than the spec allows. Raises DatasetRejected where the metric isn't defined, and EstimatorFailed.
    """
    rows = train.iloc[sample(train[spec.target.name], SEARCH_ROWS, labels=bool(spec.target.labels), seed=spec.seed)]
    candidates = {name: as_candidate(given) for name, given in spec.candidates.items()}
    with Cores(cores) as shared:
        folds = Folds(rows, spec)
        runner = TrialRunner(
            spec, Budget.of(spec, earlier, seconds), candidates, folds, shared, len(train), progress, clock
        )
        trials = runner.run()
        place = simplest_within_error([[folds.sign * score for score in each.trial.folds] for each in trials.best])
        winner = trials.best[place]
        progress(f"fit {winner.trial.candidate} on {len(train)} rows")
        estimator = runner.estimator(winner.trial.candidate, winner.trial.parameters)
        try:
            final_fit = fit_winner(estimator, train, winner.held, spec, shared.count)
        except (MlopsError, MemoryError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever an estimator raises has a name
            failure = describe_failure(error, spec.contract)
            raise EstimatorFailed(f"{winner.trial.candidate} can't be fitted to all rows: {failure}") from None
    return SearchResult(
        name=winner.trial.candidate,
        estimator=final_fit.estimator,
        parameters=plain_parameters(estimator),
        scores={each.trial.candidate: score_of(each.trial) for each in trials.best},
        search=Search(
            metric=spec.metric,
            trials=trials.all,
            winner=winner.trial.number,
            reason=_reason(winner, trials.best, folds),
            rows=len(rows),
            ended=trials.ended,
            calibration=final_fit.calibration,
            losses=final_fit.losses or {},
        ),
        threshold=final_fit.threshold,
    )


def _reason(winner: TrialResult, best: list[TrialResult], folds: Folds) -> str:
    """Why the winner won."""
    trial = winner.trial
    if len(best) == 1:
        return f"{trial.candidate} is the only candidate"
    leader = max(best, key=lambda each: folds.sign * score_of(each.trial)).trial
    score, best_score = score_of(trial), score_of(leader)
    if best_score == score:
        return f"{trial.candidate} has the best mean over the folds"
    error = standard_error(np.subtract(leader.folds, trial.folds))
    return (
        f"{trial.candidate} ({score:.4f}) is simpler than {leader.candidate} ({best_score:.4f}) and "
        f"within a standard error ({error:.4f}) of it"
    )
