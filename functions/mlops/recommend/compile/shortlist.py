"""The best items by a shortlist: all scores are estimated in single precision, few are then computed exactly.

Single precision takes half of the memory, which is what a large product waits for. An estimate's error has a bound, so
that it's known whether an item outside the shortlist could be among the best; then all scores are summed in double
precision after all. The answer is the same in either case.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlops.recommend.compile.graph import SINGLE, Graph, declare

SPARE = 64
"""Items of a shortlist beyond those that are wanted."""
ROUNDING = 2.0**-23
"""Twice the largest relative error of one operation in single precision (IEEE 754)."""
_TINY = 1e-30  # more than what is lost where numbers are too small for single precision
_SCORES: tuple[str, list[int | None]] = ("tensor(double)", [None])
_ITEMS: tuple[str, list[int | None]] = ("tensor(int64)", [None])


@dataclass(frozen=True, slots=True)
class Estimate:
    """Tensors: the estimated `scores` [I] in single precision, and `error` [1], a double that none is farther off by.

    `score` adds the exact scores of items, given by the tensor of their indices [P], to a graph.
    """

    scores: str
    error: str
    score: Callable[[Graph, str], str]


def bound_error(graph: Graph, terms: str, size: str) -> str:
    """The error [1] of sums of so many `terms` [1] (double) whose absolute values add up to `size` at most."""
    share = graph.node("Mul", graph.node("Add", terms, graph.numbers(2.0)), graph.numbers(ROUNDING))
    return graph.node("Add", graph.node("Mul", share, size), graph.numbers(_TINY))


def add_shortlist(
    graph: Graph, estimate: Estimate, left_out: str, count: int, rank_all: Callable[[Graph], tuple[str, str]]
) -> tuple[str, str]:
    """Add the best k items of `count`; the tensors of their scores and of their indices, the lower index first.

    `left_out` is the tensor of the items that aren't answered. `rank_all` adds the same by all exact scores, which may
    begin with items that are left out where no others are.
    """
    never = graph.node("Expand", graph.constant(np.array([-np.inf], np.float32)), graph.node("Shape", left_out))
    masked = graph.node("ScatterElements", estimate.scores, left_out, never)
    size = graph.node("Min", graph.node("Add", "k", graph.integers(SPARE)), graph.integers(count))
    estimates = graph.node("TopK", masked, size, axis=0, outputs=("shortlist_estimates", "shortlist_by_estimate"))
    listed = graph.node("TopK", "shortlist_by_estimate", size, axis=0, largest=0, outputs=("shortlist", "unused"))
    most = graph.node("Min", "k", graph.integers(count))
    exact = estimate.score(graph, listed)
    best = graph.node("TopK", exact, most, axis=0, outputs=("shortlist_scores", "shortlist_places"))
    items = graph.node("Gather", listed, "shortlist_places")
    last = graph.integers(-1)
    worst = graph.doubles(graph.node("Gather", estimates, last))
    is_sure = graph.node("Greater", graph.node("Gather", best, last), graph.node("Add", worst, estimate.error))
    # What is left out has an exact score too: the shortlist must have none of it.
    is_open = graph.node("Greater", worst, graph.numbers(-np.inf))
    sure, doubtful = Graph("sure_"), Graph("doubtful_")
    found = sure.node("Identity", best), sure.node("Identity", items)
    others = rank_all(doubtful)
    branches = {
        "then_branch": sure.finish("sure", [], declare(dict(zip(found, (_SCORES, _ITEMS), strict=True)))),
        "else_branch": doubtful.finish("doubtful", [], declare(dict(zip(others, (_SCORES, _ITEMS), strict=True)))),
    }
    graph.node("If", graph.node("And", is_sure, is_open), outputs=("best_scores", "best"), **branches)
    return "best_scores", "best"


def singles(graph: Graph, tensor: str) -> str:
    """A tensor's values in single precision."""
    return graph.node("Cast", tensor, to=SINGLE)
