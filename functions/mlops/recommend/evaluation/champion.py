"""A candidate compared with an earlier version on the same users: neither has seen what is held out of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlops.artifact.history import History
from mlops.artifact.recommender.items import Items
from mlops.artifact.recommender.ranking import Ranking
from mlops.errors.training import SpecInvalid
from mlops.recommend.candidates.catalog import CATALOG, check_grid
from mlops.recommend.candidates.popularity import trending
from mlops.recommend.evaluation.comparison import compare
from mlops.recommend.evaluation.held_out_test import HeldOutTest
from mlops.recommend.evaluation.lists import Answers, answer, judge
from mlops.recommend.fit import fit
from mlops.recommend.rank import NOTHING
from mlops.recommend.split import Task
from mlops.registry.manifest import evidence
from mlops.spec.recommender import RecommenderSpec


@dataclass(frozen=True, eq=False)
class EarlierVersion:
    """A version: its compiled graph and items, how it was fitted, and the time (ms) of its latest interaction."""

    version: int
    ranking: Ranking
    items: Items
    candidate: str
    parameters: Mapping[str, Any]
    latest: int


def compare_with_version(test: HeldOutTest, other: EarlierVersion, spec: RecommenderSpec) -> evidence.Comparison:
    """Compare the tested candidate with a version on the test users.

    Where all that the version learnt is older than what's held out, it answers itself: its age is part of what a
    candidate replaces. Else it may have seen what's held out, and its procedure is repeated on what the candidate was
    fitted to. A procedure that can't be repeated is the comparison's reason.
    """
    task = test.task
    fresh = task.since is not None and other.latest < task.since
    try:
        answers = answer_by_version(other, task, spec.k) if fresh else _repeat(other, task, spec)
    except SpecInvalid as error:
        return evidence.Comparison(version=other.version, reason=str(error))
    overall, slices = compare(test.answers, answers, spec.metric, spec.margin, test.slices)
    users = len(task.users)
    return evidence.Comparison(
        version=other.version,
        rows=users,
        fresh_rows=users if fresh else 0,
        not_repeated="all that it learnt is older than what is held out" if fresh else None,
        overall=overall,
        slices=slices,
    )


def answer_by_version(other: EarlierVersion, task: Task, k: int) -> Answers:
    """What a version answers to the users of a task; items that it doesn't know, or the task doesn't, are no hits."""
    places = other.items.places
    theirs = np.array([places.get(item, NOTHING) for item in task.known.items], dtype=np.int64)
    ours = np.full(len(other.items.ids), NOTHING)
    ours[theirs[theirs >= 0]] = np.flatnonzero(theirs >= 0)
    lists = np.full((len(task.users), k), NOTHING)
    for user in range(len(lists)):
        ranked = _rank(other, _translate(task.histories.row(user), theirs), k)
        lists[user, : len(ranked)] = ours[ranked]
    return judge(lists, task.relevant)


def _translate(history: History, theirs: NDArray[np.int64]) -> History:
    """A history in another version's indices, without the items that it doesn't know."""
    items, disliked = theirs[history.items], theirs[history.disliked]
    known = items >= 0
    order = np.argsort(items[known])
    return History(items[known][order], history.weights[known][order], np.sort(disliked[disliked >= 0]))


def _rank(other: EarlierVersion, history: History, k: int) -> NDArray[np.int64]:
    """The version's list: by its graph, or what was trending for a history without weight."""
    if history.weights.any():
        return other.ranking.rank(history, k).items
    left_out = np.concatenate((history.items, history.disliked))
    return other.items.trending[~np.isin(other.items.trending, left_out)][:k]


def _repeat(other: EarlierVersion, task: Task, spec: RecommenderSpec) -> Answers:
    """The answers of a version's procedure, fitted to what the candidate was fitted to. Raises SpecInvalid."""
    name = other.candidate
    if name not in CATALOG:
        raise SpecInvalid(spec.name, f"version {other.version} is a {name}, which is no candidate any more")
    check_grid(spec.name, name, {key: (value,) for key, value in other.parameters.items()})
    parameters = {**CATALOG[name].start, **other.parameters}
    served, _ = fit(name, parameters, task.known, spec)
    return answer(served, trending(task.known, spec.half_life_days), task, spec.k)
