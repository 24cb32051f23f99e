"""Two models on the same users: is the candidate better, not worse, or worse than the champion, or undecided?

Each user is answered by both, so what makes a user hard cancels out. The metric is a mean over users, and so is the
difference: Student's t tests and interval of the users' differences.
"""

import math
from collections.abc import Sequence

from scipy.special import stdtr, stdtrit

from mlops.evaluation.verdicts import ALPHA, conclude, conclude_slices
from mlops.recommend.evaluation.lists import Answers
from mlops.recommend.evaluation.slices import Slice
from mlops.registry.manifest.evidence import Difference

FEWEST_USERS = 30


def compare(
    candidate: Answers, champion: Answers, metric: str, margin: float, slices: Sequence[Slice] = ()
) -> tuple[Difference, tuple[Difference, ...]]:
    """The difference on all users, and on each slice, in a ranking metric; `margin` is the loss that doesn't matter.

    Raises ValueError for answers to other users, or to fewer than FEWEST_USERS.
    """
    if candidate.lists.shape[0] != champion.lists.shape[0] or (candidate.relevant != champion.relevant).nnz:
        raise ValueError("candidate and champion must answer the same users in the same order")
    if len(candidate.lists) < FEWEST_USERS:
        raise ValueError(f"{len(candidate.lists)} users are too few to compare on: {FEWEST_USERS} are needed")
    overall = _difference(candidate, champion, metric, margin, "all users")
    parts = [
        _difference(part.of(candidate), part.of(champion), metric, margin, part.where)
        for part in slices
        if len(part.users) >= FEWEST_USERS
    ]
    return conclude(overall), conclude_slices(parts)


def _difference(candidate: Answers, champion: Answers, metric: str, margin: float, where: str) -> Difference:
    scores = candidate.score(metric), champion.score(metric)
    gains = scores[0] - scores[1]
    users, gain = len(gains), float(gains.mean())
    error = float(gains.std(ddof=1)) / math.sqrt(users)
    reach = float(stdtrit(users - 1, 1 - ALPHA)) * error
    return Difference(
        metric=metric,
        where=where,
        rows=users,
        candidate=float(scores[0].mean()),
        champion=float(scores[1].mean()),
        difference=gain,
        low=gain - reach,
        high=gain + reach,
        margin=margin,
        p_better=_p_value(gain, error, users),
        p_not_worse=_p_value(gain + margin, error, users),
        p_worse=_p_value(-margin - gain, error, users),
        alpha=ALPHA,
        verdict="undecided",
    )


def _p_value(distance: float, error: float, users: int) -> float:
    """One-sided: how likely so large a mean, or a larger one, is if the true one is 0 or below."""
    if error > 0:
        return float(stdtr(users - 1, -distance / error))
    return 0.5**users if distance > 0 else 1.0
