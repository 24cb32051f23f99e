"""Which tasks a spec makes of its interactions: the test, and inside the training data the validation."""

import numpy as np

from mlops.recommend.interactions import Interactions
from mlops.recommend.split import Task, cut_time, draw_users, fold_users, split_by_time, split_by_users
from mlops.spec.recommender import RecommenderSpec

MOST_TEST_USERS = 20_000
MOST_VALIDATION_USERS = 5_000
SEARCHED_USERS, SEARCHED_ITEMS = 20_000, 5_000
"""The search sees so many users, drawn at random, and the most popular items: what it finds holds for all."""
FOLDS = 5
WINDOWS = 2
LEAST_LEARNT = 0.3
"""The share of the training data that there must be before an earlier window."""


def hold_out(interactions: Interactions, spec: RecommenderSpec) -> Task:
    """The test: the latest events, or a share of the users, as the spec's `split` says."""
    rng = np.random.default_rng([spec.seed, 1])
    if spec.split == "time":
        return split_by_time(interactions, cut_time(interactions, spec.test_share), MOST_TEST_USERS, rng)
    return split_by_users(interactions, draw_users(interactions, spec.test_share, rng), MOST_TEST_USERS, rng)


def hold_out_for_search(known: Interactions, spec: RecommenderSpec) -> list[Task]:
    """The validation inside the training data, cut as the test is.

    By time: successive windows as long as the test, each after what is learnt from. By users: every user once in five
    folds, or one fold where there are many.
    """
    rng = np.random.default_rng([spec.seed, 2])
    sample = sample_for_search(known, rng)
    if spec.split == "time":
        windows = [number for number in range(WINDOWS) if 1 - (number + 1) * spec.test_share >= LEAST_LEARNT]
        return [_window(sample, number, spec.test_share, rng) for number in windows or [0]]
    active = len(np.unique(sample.user))
    folds = max(FOLDS, round(active / MOST_VALIDATION_USERS))
    fold = fold_users(sample, folds, rng)
    tested = range(FOLDS if folds == FOLDS else 1)
    return [split_by_users(sample, fold == number, MOST_VALIDATION_USERS, rng) for number in tested]


def sample_for_search(interactions: Interactions, rng: np.random.Generator) -> Interactions:
    """The events of at most SEARCHED_USERS users with the SEARCHED_ITEMS most popular items."""
    counts = np.bincount(interactions.item, minlength=len(interactions.items))
    popular = np.zeros(len(counts), dtype=np.bool_)
    popular[np.argsort(-counts, kind="stable")[:SEARCHED_ITEMS]] = True
    chosen = np.zeros(len(interactions.users), dtype=np.bool_)
    chosen[rng.permutation(np.unique(interactions.user))[:SEARCHED_USERS]] = True
    return interactions.take(popular[interactions.item] & chosen[interactions.user]).compact()


def _window(known: Interactions, number: int, share: float, rng: np.random.Generator) -> Task:
    """The window that ends `number` windows before the end, and what was before it."""
    rest = known.take(known.time < cut_time(known, number * share)) if number else known
    return split_by_time(rest, cut_time(rest, share / (1 - number * share)), MOST_VALIDATION_USERS, rng)
