"""The candidates by name: how each is fitted, from which hyperparameters the search starts, and which it tries."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from scipy.sparse import csr_array

from mlops.errors.training import SpecInvalid
from mlops.recommend.candidates.ease import fit_ease
from mlops.recommend.candidates.ials import fit_ials
from mlops.recommend.candidates.item_knn import fit_item_knn
from mlops.recommend.candidates.popularity import fit_popularity
from mlops.recommend.candidates.sparse_ease import fit_sparse_ease
from mlops.recommend.interactions import Interactions
from mlops.recommend.models import ItemModel

type Parameters = Mapping[str, float]
type Grid = Mapping[str, tuple[float, ...]]
type Fit = Callable[[Interactions, csr_array, Parameters, int], ItemModel]


DENSE_UP_TO = 25_000
"""Catalogues of more items have EASE^R's weights solved for each item's NEIGHBOURS only: a Gram matrix of so many items
takes 2.5 GB."""
NEIGHBOURS = 100


@dataclass(frozen=True)
class Candidate:
    """A kind of model: `start` has all its hyperparameters, `grid` those that the search tries, in its order."""

    name: str
    fit: Fit
    start: Parameters
    grid: Grid


def _popularity(known: Interactions, matrix: csr_array, given: Parameters, seed: int) -> ItemModel:  # noqa: ARG001
    return fit_popularity(known, given["half_life_days"])


def _item_knn(known: Interactions, matrix: csr_array, given: Parameters, seed: int) -> ItemModel:  # noqa: ARG001
    return fit_item_knn(matrix, int(given["neighbours"]), given["shrink"], given["exponent"])


def _ease(known: Interactions, matrix: csr_array, given: Parameters, seed: int) -> ItemModel:  # noqa: ARG001
    if is_dense(matrix.shape[1]):
        return fit_ease(matrix, given["regularization"])
    return fit_sparse_ease(matrix, given["regularization"], NEIGHBOURS)


def _ials(known: Interactions, matrix: csr_array, given: Parameters, seed: int) -> ItemModel:  # noqa: ARG001
    return fit_ials(
        matrix,
        factors=int(given["factors"]),
        unobserved=given["unobserved"],
        regularization=given["regularization"],
        exponent=given["exponent"],
        iterations=int(given["iterations"]),
        seed=seed,
    )


CATALOG: Mapping[str, Candidate] = {
    each.name: each
    for each in (
        Candidate(
            "popularity",
            _popularity,
            start={"half_life_days": math.inf},
            grid={"half_life_days": (math.inf, 365.0, 90.0, 30.0, 7.0)},
        ),
        Candidate(
            "item-knn",
            _item_knn,
            start={"neighbours": 100, "shrink": 0.0, "exponent": 0.5},
            grid={"neighbours": (20, 50, 100, 200), "shrink": (0.0, 10.0, 100.0), "exponent": (0.3, 0.5, 0.7)},
        ),
        Candidate(
            "ease",
            _ease,
            start={"regularization": 300.0},
            grid={"regularization": (10.0, 30.0, 100.0, 200.0, 300.0, 500.0, 1000.0, 3000.0, 10000.0)},
        ),
        Candidate(
            "ials",
            _ials,
            start={"factors": 64, "unobserved": 0.3, "regularization": 0.3, "exponent": 0.5, "iterations": 12},
            grid={
                "regularization": (0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0),
                "unobserved": (0.01, 0.03, 0.1, 0.3, 1.0),
                "factors": (32, 64, 128),
            },
        ),
    )
}
"""The candidates, simplest first."""


def is_dense(items: int) -> bool:
    """Whether EASE^R has the weights of all pairs of so many items."""
    return items <= DENSE_UP_TO


def check_grid(model: str, candidate: str, grid: Grid) -> None:
    """Raise SpecInvalid for hyperparameters that the candidate doesn't have, or of values that it can't have."""
    known = CATALOG[candidate].start
    if unknown := [name for name in grid if name not in known]:
        raise SpecInvalid(model, f"{candidate} has no {', '.join(unknown)}; it has {', '.join(known)}")
    for name, values in grid.items():
        lowest = 1.0 if name in ("neighbours", "factors", "iterations") else 0.0
        if odd := [value for value in values if not value >= lowest]:
            raise SpecInvalid(model, f"{candidate}: {name} is {odd[0]:g}; it must be at least {lowest:g}")
