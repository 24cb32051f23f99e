"""The search: which candidate, with which hyperparameters, by validation inside the training data."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from mlops.errors.training import EstimatorFailed
from mlops.recommend.candidates.catalog import CATALOG, Candidate, Grid, Parameters, check_grid
from mlops.recommend.candidates.gram import NotPositiveDefinite
from mlops.recommend.candidates.popularity import trending
from mlops.recommend.evaluation.lists import answer
from mlops.recommend.split import Task
from mlops.registry.manifest import search as evidence
from mlops.spec.recommender import RecommenderSpec

type Floats = NDArray[np.float64]
type Progress = Callable[[str], None]

PATIENCE = 1
"""How many values in turn may be worse before the search turns back."""
WORTH = 0.01
"""By which share of the score a candidate must have gained for all its hyperparameters to be gone through again."""


@dataclass(frozen=True, eq=False)
class Found:
    """The winner, and the search that found it."""

    candidate: str
    parameters: dict[str, float]
    search: evidence.Search


@dataclass(frozen=True, eq=False)
class _Trial:
    """A trial and the mean score of each validation user [V]."""

    number: int
    candidate: str
    parameters: Parameters
    scores: Floats

    @property
    def score(self) -> float:
        return float(self.scores.mean())


def search(tasks: list[Task], spec: RecommenderSpec, progress: Progress) -> Found:
    """The simplest of the spec's candidates, in its order, that is within a standard error of the best.

    Each candidate is searched on its own, one hyperparameter after another, from the values that it starts with: up
    and down its values until two in turn are worse, and again while that gains a hundredth. The
    standard error is that of the difference between the two candidates' best trials over the validation users, and
    simplicity may cost the spec's margin at most. Raises SpecInvalid for hyperparameters that a candidate doesn't have,
    and EstimatorFailed if no trial succeeded, or nobody is there to validate with.
    """
    for name, grid in spec.candidates.items():
        check_grid(spec.name, name, grid)
    if not sum(len(task.users) for task in tasks):
        raise EstimatorFailed(
            "the validation found no user who took an item that was known before: there are too few interactions, or "
            "too few times, or with split='time' hardly anybody comes back (then hold out users, split='users')"
        )
    runner = _Runner(tasks, spec, progress)
    best = [trial for name, grid in spec.candidates.items() if (trial := runner.climb(CATALOG[name], grid))]
    if not best:
        raise EstimatorFailed("; ".join(each.failure for each in runner.trials if each.failure))
    winner, reason = _choose(best, spec.margin)
    record = evidence.Search(
        metric=spec.metric,
        trials=tuple(runner.trials),
        winner=winner.number,
        reason=reason,
        rows=runner.rows,
        ended="space",
    )
    return Found(winner.candidate, dict(winner.parameters), record)


def _choose(best: list[_Trial], margin: float) -> tuple[_Trial, str]:
    leader = max(best, key=lambda trial: trial.score)
    for trial in best:
        loss = leader.scores - trial.scores
        error = float(loss.std(ddof=1) / math.sqrt(len(loss))) if len(loss) > 1 else 0.0
        if trial is leader or loss.mean() <= min(error, margin):
            break
    if len(best) == 1:
        return trial, f"{trial.candidate} is the only candidate"
    if trial is leader:
        return trial, f"{trial.candidate} has the best mean over the validation users"
    return trial, (
        f"{trial.candidate} ({trial.score:.4f}) is simpler than {leader.candidate} ({leader.score:.4f}) and within a "
        f"standard error ({error:.4f}) of it, and within the margin ({margin:.4f})"
    )


@dataclass(eq=False)
class _Runner:
    """Runs trials on all tasks, each only once."""

    tasks: list[Task]
    spec: RecommenderSpec
    progress: Progress
    trials: list[evidence.Trial] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._known: dict[tuple[str, tuple[tuple[str, float], ...]], _Trial | None] = {}
        self._matrices: list[csr_array] = [task.known.histories().matrix for task in self.tasks]
        self._trending = [trending(task.known, self.spec.half_life_days) for task in self.tasks]
        users = np.concatenate([task.users for task in self.tasks])
        self._places = np.unique(users, return_inverse=True)[1]

    @property
    def rows(self) -> int:
        """How many events were learnt from."""
        return sum(len(task.known) for task in self.tasks)

    def climb(self, candidate: Candidate, given: Grid) -> _Trial | None:
        """The best trial that changing one hyperparameter at a time leads to; None if all failed."""
        grid = given or candidate.grid
        start = {**candidate.start, **{name: _nearest(values, candidate.start[name]) for name, values in grid.items()}}
        best = self.run(candidate, start)
        while True:
            before = best
            for name, values in grid.items():
                for ordered in (sorted(values), sorted(values, reverse=True)):
                    best = self._walk(candidate, name, ordered, best, best.parameters if best else start)
            if best is None or len(grid) == 1 or (before and best.score <= before.score * (1 + WORTH)):
                return best

    def _walk(
        self, candidate: Candidate, name: str, values: list[float], best: _Trial | None, begin: Parameters
    ) -> _Trial | None:
        """The best trial on the way along the values that follow in one direction."""
        misses = 0
        for value in values[values.index(begin[name]) + 1 :]:
            trial = self.run(candidate, {**begin, name: value})
            if trial and (best is None or trial.score > best.score):
                best, misses = trial, 0
            else:
                misses += 1
            if misses > PATIENCE:
                break
        return best

    def run(self, candidate: Candidate, parameters: Parameters) -> _Trial | None:
        """A trial's result; None if it failed."""
        key = candidate.name, tuple(sorted(parameters.items()))
        if key not in self._known:
            self._known[key] = self._try(candidate, parameters)
        return self._known[key]

    def _try(self, candidate: Candidate, parameters: Parameters) -> _Trial | None:
        began, number = time.monotonic(), len(self.trials)
        failure, scores = None, []
        try:
            for task, matrix, popular in zip(self.tasks, self._matrices, self._trending, strict=True):
                model = candidate.fit(task.known, matrix, parameters, self.spec.seed)
                scores.append(answer(model, popular, task, self.spec.k).score(self.spec.metric))
        except NotPositiveDefinite as error:
            failure = str(error)
        folds = () if failure else tuple(float(each.mean()) for each in scores if len(each))
        by_user = None if failure else self._by_user(np.concatenate(scores))
        self.trials.append(
            evidence.Trial(
                number=number,
                candidate=candidate.name,
                parameters=dict(parameters),
                folds=folds,
                score=None if by_user is None else float(by_user.mean()),
                pruned=False,
                seconds=time.monotonic() - began,
                failure=failure,
            )
        )
        self.progress(_describe(self.trials[-1], self.spec))
        return None if by_user is None else _Trial(number, candidate.name, dict(parameters), by_user)

    def _by_user(self, scores: Floats) -> Floats:
        """Each user's mean over the tasks that the user is in: these aren't independent, users are."""
        return np.bincount(self._places, scores) / np.bincount(self._places)


def _nearest(values: tuple[float, ...], wanted: float) -> float:
    return wanted if wanted in values else values[len(values) // 2]


def _describe(trial: evidence.Trial, spec: RecommenderSpec) -> str:
    chosen = ", ".join(f"{name}={value:g}" for name, value in sorted(trial.parameters.items()))
    result = trial.failure or f"{spec.metric}@{spec.k} {trial.score:.4f}"
    return f"trial {trial.number}: {trial.candidate} ({chosen}): {result}"
