"""`implicit`'s ALS: hyperparameters by validation, then the test's lists. Runs in an environment of its own.

Arguments: the folder that the bench wrote its matrices to, and the one for the lists.
"""

import itertools
import json
import sys
from pathlib import Path

import numpy as np
from implicit.als import AlternatingLeastSquares
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, load_npz

FACTORS, REGULARIZATION, ALPHA = (32, 64, 128), (1.0, 10.0, 30.0), (1.0, 3.0)


def main() -> None:
    given, out = Path(sys.argv[1]), Path(sys.argv[2])
    settings = json.loads((given / "settings.json").read_text())
    tasks = [Task(given / f"validation-{number}", settings["k"]) for number in range(settings["tasks"])]
    grid = itertools.product(FACTORS, REGULARIZATION, ALPHA)
    best = max(
        grid,
        key=lambda each: float(np.mean(np.concatenate([task.score(*each, seed=settings["seed"]) for task in tasks]))),
    )
    test = Task(given / "test", settings["k"])
    np.save(out / "lists.npy", test.lists(*best, seed=settings["seed"]))
    (out / "chosen.json").write_text(json.dumps(dict(zip(("factors", "regularization", "alpha"), best, strict=True))))


class Task:
    """What is learnt from, the histories of the test users, and what they took besides."""

    def __init__(self, folder: Path, k: int) -> None:
        self.known, self.histories, self.relevant = (
            csr_matrix(load_npz(folder / f"{name}.npz"), dtype=np.float32)
            for name in ("known", "histories", "relevant")
        )
        self.k = k

    def lists(self, factors: int, regularization: float, alpha: float, *, seed: int) -> NDArray[np.int32]:
        model = AlternatingLeastSquares(
            factors=factors, regularization=regularization, alpha=alpha, iterations=15, random_state=seed, num_threads=1
        )
        model.fit(self.known, show_progress=False)
        users = np.arange(self.histories.shape[0])
        found, _ = model.recommend(users, self.histories, N=self.k, recalculate_user=True)
        return np.asarray(found, dtype=np.int32)

    def score(self, factors: int, regularization: float, alpha: float, *, seed: int) -> NDArray[np.float64]:
        """NDCG of each user."""
        found = self.lists(factors, regularization, alpha, seed=seed)
        hits = np.asarray(self.relevant[np.arange(len(found))[:, np.newaxis], found].todense()) > 0
        discounts = 1 / np.log2(np.arange(2, self.k + 2))
        counts = np.minimum(np.diff(self.relevant.indptr), self.k)
        return np.asarray((hits @ discounts) / np.cumsum(discounts)[counts - 1], dtype=np.float64)


if __name__ == "__main__":
    main()
