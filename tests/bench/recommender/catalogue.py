"""What EASE^R loses where a catalogue is too large for all its weights: pruned, sparse and factored forms beside it.

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.recommender.catalogue [--items 8000]

On MovieLens 100K (known users) and on a simulated shop whose Gram matrix still fits. *Pruned*: the strongest weights of
each item; *sparse*: solved for each item's nearest only, as for catalogues of more than 25,000 items; *factored*: iALS.
Sizes are those that the form would have with 100,000 items.
"""

import argparse
import math
import time
from collections.abc import Iterator

import numpy as np
from threadpoolctl import threadpool_limits

from mlops.recommend.candidates.ease import fit_ease
from mlops.recommend.candidates.ials import fit_ials
from mlops.recommend.candidates.popularity import fit_popularity, trending
from mlops.recommend.candidates.sparse_ease import fit_sparse_ease
from mlops.recommend.candidates.sparse_rows import prune
from mlops.recommend.evaluation.comparison import compare
from mlops.recommend.evaluation.lists import answer
from mlops.recommend.forms import model_bytes
from mlops.recommend.models import DenseItems, ItemModel
from mlops.recommend.split import Task, cut_time, split_by_time
from tests.bench.recommender.big_shop import draw_big_shop
from tests.bench.recommender.movielens import load_movielens
from tests.bench.recommender.protocols import hold_out_ratings

MOST_USERS = 5_000
REGULARIZATION = {"MovieLens 100K": 350.0, "shop": 100.0}
WIDTHS = (25, 50, 100, 200)
LARGE = 100_000


def main() -> None:
    """Print a table of NDCG@10 and of the difference to EASE^R with all weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--items", type=int, default=8_000, help="of the shop (8,000)")
    items = parser.parse_args().items
    print("| data | form | MB of 100,000 items | NDCG@10 | difference to all weights | CPU, s |")
    print("|---|---|---|---|---|---|")
    with threadpool_limits(limits=1):
        _measure("MovieLens 100K", hold_out_ratings(load_movielens(), 0))
        shop = draw_big_shop(10 * items, items, 200 * items, seed=0)
        _measure("shop", split_by_time(shop, cut_time(shop, 0.2), MOST_USERS, np.random.default_rng(0)))


def _measure(data: str, task: Task) -> None:
    popular = trending(task.known, math.inf)
    complete = None
    for form, model, seconds in _forms(task, REGULARIZATION[data]):
        answers = answer(model, popular, task, 10)
        complete = complete or answers
        found, _ = compare(answers, complete, "ndcg", 0.01)
        loss = f"{found.difference:+.4f} ({found.low:+.4f} to {found.high:+.4f})" if answers is not complete else ""
        cells = (data, form, f"{_megabytes(model):,.0f}", f"{found.candidate:.4f}", loss, f"{seconds:.1f}")
        print(f"| {' | '.join(cells)} |", flush=True)


def _forms(task: Task, regularization: float) -> Iterator[tuple[str, ItemModel, float]]:
    matrix = task.known.histories().matrix
    began = time.process_time()

    def seconds() -> float:
        nonlocal began
        before, began = began, time.process_time()
        return began - before

    dense = fit_ease(matrix, regularization)
    yield "EASE^R, all weights", dense, seconds()
    for width in WIDTHS:
        seconds()
        pruned = prune(dense, width)
        yield f"pruned, {width} an item", pruned, seconds()
    for width in WIDTHS:
        seconds()
        sparse = fit_sparse_ease(matrix, regularization, width)
        yield f"sparse, {width} an item", sparse, seconds()
    for factors in (32, 64, 128):
        seconds()
        model = fit_ials(matrix, factors, 0.1, 0.1 if task.since else 0.3, 0.5, iterations=12, seed=0)
        yield f"factored, {factors} factors", model, seconds()
    yield "popularity", fit_popularity(task.known, math.inf), 0.0


def _megabytes(model: ItemModel) -> float:
    """The size of the same form with LARGE items."""
    a_row = model_bytes(model) / model.count
    return 1e-6 * LARGE * (a_row * LARGE / model.count if isinstance(model, DenseItems) else a_row)


if __name__ == "__main__":
    main()
