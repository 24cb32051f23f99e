"""The test of the winner on held-out interactions: metrics, slices, and the differences that gates look at."""

from dataclasses import dataclass

import numpy as np

from mlops.errors.training import EstimatorFailed
from mlops.recommend.candidates.catalog import NEIGHBOURS, Parameters, is_dense
from mlops.recommend.candidates.ease import fit_ease
from mlops.recommend.candidates.popularity import fit_popularity, trending
from mlops.recommend.candidates.sparse_ease import fit_sparse_ease
from mlops.recommend.evaluation.comparison import FEWEST_USERS, compare
from mlops.recommend.evaluation.estimates import estimate_all, estimate_ranking
from mlops.recommend.evaluation.lists import Answers, answer
from mlops.recommend.evaluation.slices import Slice, cut_slices, item_shares
from mlops.recommend.models import ItemModel
from mlops.recommend.split import Task, head_of
from mlops.registry.manifest import evidence
from mlops.spec.recommender import RecommenderSpec

HEAD = 8_000


@dataclass(frozen=True, eq=False)
class HeldOutTest:
    """How good the winner is on held-out interactions.

    `answers` are its lists for the users of the `task`, `baseline` those of what's trending, and `better` their
    difference. `pruning` is the difference to the same model with all its weights, None where it's served with all:
    where the catalogue is too large for these to be known, among its HEAD most popular items.
    `estimates`, `baseline_estimates` and `slices` count users as their rows; `too_small` names the slices that have too
    few of them.
    """

    task: Task
    answers: Answers
    baseline: Answers
    slices: tuple[Slice, ...]
    better: evidence.Difference
    pruning: evidence.Difference | None
    estimates: dict[str, evidence.Estimate]
    baseline_estimates: dict[str, evidence.Estimate]
    slice_estimates: tuple[evidence.Slice, ...]
    too_small: tuple[str, ...]


def evaluate(
    served: ItemModel, fitted: ItemModel, procedure: tuple[str, Parameters], task: Task, spec: RecommenderSpec
) -> HeldOutTest:
    """Test what was found, as it's served, and as it was fitted if that's another model.

    The `procedure` that it was fitted by is the candidate and its hyperparameters.

    Raises EstimatorFailed if there are too few test users to compare anything on.
    """
    if len(task.users) < FEWEST_USERS:
        raise EstimatorFailed(
            f"only {len(task.users)} users took something new in the held-out part, and {FEWEST_USERS} are needed"
        )
    popular, rng = trending(task.known, spec.half_life_days), np.random.default_rng([spec.seed, 3])
    answers = answer(served, popular, task, spec.k)
    baseline = answer(fit_popularity(task.known, spec.half_life_days), popular, task, spec.k)
    judged, too_small = cut_slices(task)
    matrix, shares = task.histories.matrix, item_shares(task)
    if fitted is not served:
        complete = answer(fitted, popular, task, spec.k)
        pruning: evidence.Difference | None = compare(answers, complete, spec.metric, spec.pruning_margin)[0]
    else:
        pruning = _sparse_loss(*procedure, task, spec)
    better, _ = compare(answers, baseline, spec.metric, 0.0)
    return HeldOutTest(
        task=task,
        answers=answers,
        baseline=baseline,
        slices=judged,
        better=better,
        pruning=pruning,
        estimates=estimate_all(answers, matrix, shares, rng),
        baseline_estimates=estimate_all(baseline, matrix, shares, rng),
        slice_estimates=tuple(
            evidence.Slice(where=part.where, rows=len(part.users), estimates=estimate_ranking(part.of(answers), rng))
            for part in judged
        ),
        too_small=tuple(part.where for part in too_small),
    )


def _sparse_loss(
    candidate: str, parameters: Parameters, task: Task, spec: RecommenderSpec
) -> evidence.Difference | None:
    """What EASE^R loses by having each item's nearest only, where it does: both forms among the head of the items."""
    if candidate != "ease" or is_dense(len(task.known.items)):
        return None
    head = head_of(task, HEAD)
    if len(head.users) < FEWEST_USERS:
        raise EstimatorFailed(f"only {len(head.users)} users took something of the {HEAD:,} most popular items")
    matrix, regularization = head.known.histories().matrix, parameters["regularization"]
    forms = fit_sparse_ease(matrix, regularization, NEIGHBOURS), fit_ease(matrix, regularization)
    popular = trending(head.known, spec.half_life_days)
    sparse, complete = (answer(form, popular, head, spec.k) for form in forms)
    return compare(sparse, complete, spec.metric, spec.pruning_margin)[0]
