"""The choice among the candidates' best trials."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mlops.errors.training import EstimatorFailed
from mlops.evaluation.metrics.catalog import absolute_margin
from mlops.spec import ModelSpec
from mlops.training.search.folds import Folds
from mlops.training.search.one_standard_error import simplest_within_error, standard_error
from mlops.training.search.trials import TrialResult, TrialRunner


@dataclass(frozen=True, eq=False)
class Choice:
    """The winning trial, each candidate's mean score over all folds, and why the winner won."""

    winner: TrialResult
    means: dict[str, float]
    reason: str


def choose(best: Sequence[TrialResult], runner: TrialRunner, repeats: Sequence[Folds], spec: ModelSpec) -> Choice:
    """The simplest of each candidate's best trials, in the spec's order, that is as good as the best of them.

    As good is within a standard error, and within the spec's margin: simplicity may cost the loss that doesn't matter.
    The trials are run again on the folds of `repeats`, so that the folds decide less by chance. One that fails there is
    no longer a choice. Raises EstimatorFailed if all do.
    """
    best, scores = _repeat(best, runner, repeats)
    means = [float(np.mean(each)) for each in scores]
    sign, count = runner.folds.sign, 1 + len(repeats)
    leader = int(np.argmax(sign * np.array(means)))
    most = absolute_margin(spec.metric, spec.margin, means[leader])
    place = simplest_within_error([[sign * score for score in each] for each in scores], most, count)
    names = [each.trial.candidate for each in best]
    if len(best) == 1:
        reason = f"{names[0]} is the only candidate"
    elif place == leader:
        reason = f"{names[place]} has the best mean over the folds"
    else:
        error = standard_error(np.subtract(scores[leader], scores[place]), count)
        reason = (
            f"{names[place]} ({means[place]:.4f}) is simpler than {names[leader]} ({means[leader]:.4f}) and within a "
            f"standard error ({error:.4f}) of it, and within the margin ({most:.4f})"
        )
    return Choice(best[place], dict(zip(names, means, strict=True)), reason)


def _repeat(
    best: Sequence[TrialResult], runner: TrialRunner, repeats: Sequence[Folds]
) -> tuple[list[TrialResult], list[list[float]]]:
    """The trials that can be fitted on all folds, and their scores on them."""
    kept, scores, failures = [], [], []
    for each in best:
        try:
            again = [score for folds in repeats for score in runner.repeat(each, folds)]
        except EstimatorFailed as error:
            runner.progress(str(error))
            failures.append(str(error))
        else:
            kept.append(each)
            scores.append([*each.trial.folds, *again])
    if not kept:
        raise EstimatorFailed("; ".join(failures))
    return kept, scores
