"""EASE^R updated for some users' new histories: how exact it is, and when it costs less than learning again.

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.recommender.increment [--items 1682 4000 8000]

O. Jeunen, J. Van Balen and B. Goethals, "Embarrassingly shallow auto-encoders for dynamic collaborative filtering"
(UMUAI 32, 2022): what some users did changes the Gram matrix by one of low rank, and so its inverse, by the Woodbury
identity. Times are of the processor, on one core.
"""

import argparse
import time
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lu_factor, lu_solve
from scipy.sparse import csr_array, vstack
from threadpoolctl import threadpool_limits

from mlops.recommend.candidates.ease import invert_gram, weights_of
from mlops.recommend.models import DenseItems

type Doubles = NDArray[np.float64]
EVENTS = 20
REGULARIZATION = 200.0
CHECKED_UP_TO = 5_000


@dataclass(frozen=True, eq=False)
class Inverse:
    """P = (XᵀX + regularization)⁻¹ [I, I] of all users' histories X, in double precision."""

    matrix: Doubles
    regularization: float

    @classmethod
    def of(cls, histories: csr_array, regularization: float) -> Self:
        """P of histories [U, I], of up to DOUBLE_UP_TO items."""
        return cls(invert_gram(histories, regularization).astype(np.float64, copy=False), regularization)

    def model(self) -> DenseItems:
        """The item weights."""
        return DenseItems(weights_of(self.matrix.copy(order="F")))

    def update(self, before: csr_array, after: csr_array) -> "Inverse":
        """P when some users' histories, `before` [C, I], have become `after` [C, J]; items from place I on are new.

        New users have an empty row before, those who are gone have one after. The work is proportional to I² C, where
        learning again is to I³.
        """
        old, items = len(self.matrix), after.shape[1]
        grown = np.zeros((items, items))
        grown[:old, :old] = self.matrix
        grown[np.arange(old, items), np.arange(old, items)] = 1 / self.regularization
        was = csr_array((before.data, before.indices, before.indptr), shape=(before.shape[0], items))
        rows = csr_array(vstack([after, was]))
        signs = np.concatenate((np.ones(after.shape[0]), -np.ones(was.shape[0])))
        kept = np.diff(rows.indptr) > 0
        rows, signs = rows[kept], signs[kept]
        product = rows @ grown
        small = np.diag(signs) + rows @ product.T
        grown -= product.T @ lu_solve(lu_factor(small), product)
        return Inverse(grown, self.regularization)


def draw_histories(users: int, items: int, rng: np.random.Generator) -> csr_array:
    """EVENTS events a user, of items whose popularity falls by a power law."""
    chances = np.arange(1, items + 1) ** -0.8
    item = rng.choice(items, users * EVENTS, p=chances / chances.sum())
    matrix = csr_array((np.ones(len(item)), (np.repeat(np.arange(users), EVENTS), item)), shape=(users, items))
    matrix.data[:] = 1
    return matrix


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, nargs="*", default=[1682, 4000, 8000])
    print("| items | changed users | learning again, s | update, s | greatest difference of the weights |")
    print("|---|---|---|---|---|")
    with threadpool_limits(limits=1):
        for items in parser.parse_args().items:
            _measure(items, np.random.default_rng(items))


def _measure(items: int, rng: np.random.Generator) -> None:
    histories = draw_histories(20 * items, items, rng)
    began = time.process_time()
    inverse = Inverse.of(histories, REGULARIZATION)
    again = time.process_time() - began
    for changed in (1, 10, 100, 1000):
        after = draw_histories(changed, items, rng)
        began = time.process_time()
        updated = inverse.update(histories[:changed], after)
        took = time.process_time() - began
        difference = "not measured"
        if items <= CHECKED_UP_TO:
            refitted = Inverse.of(csr_array(vstack([after, histories[changed:]])), REGULARIZATION)
            difference = f"{np.abs(updated.model().weights - refitted.model().weights).max():.0e}"
        print(f"| {items:,} | {changed:,} | {again:.2f} | {took:.2f} | {difference} |", flush=True)


if __name__ == "__main__":
    main()
