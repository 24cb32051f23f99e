"""MovieLens 100K: 100,000 ratings of 1,682 films by 943 people, from the wheel that ships it.

F. M. Harper and J. A. Konstan, "The MovieLens datasets", ACM TIIS 5 (2015). The data are GroupLens's, for research;
they may not be redistributed, so they are fetched and never kept in the repository.
"""

import sys

import numpy as np
import pandas as pd

from mlops.recommend.interactions import Interactions
from tests.bench.places import HOME, run_uv

WHEEL = "recbole==1.2.1"
_FILE = "recbole/dataset_example/ml-100k/ml-100k.inter"


def load_movielens(like_from: float = 1.0) -> Interactions:
    """The ratings of `like_from` stars or more, each with the weight 1; times are in ms."""
    folder = HOME / "movielens"
    if not (folder / _FILE).is_file():
        run_uv("pip", "install", "--no-deps", "--python", sys.executable, "--target", str(folder), WHEEL)
    rows = pd.read_csv(folder / _FILE, sep="\t")
    rows.columns = [name.partition(":")[0] for name in rows.columns]
    rows = rows[rows.rating >= like_from].sort_values(["timestamp", "user_id", "item_id"])
    user, users = pd.factorize(rows.user_id.astype(str), sort=True)
    item, items = pd.factorize(rows.item_id.astype(str), sort=True)
    return Interactions(
        users=np.asarray(users, dtype=object),
        items=np.asarray(items, dtype=object),
        user=user.astype(np.int32),
        item=item.astype(np.int32),
        weight=np.ones(len(rows)),
        time=rows.timestamp.to_numpy(dtype=np.int64) * 1000,
        event=np.zeros(len(rows), dtype=np.int8),
    )
