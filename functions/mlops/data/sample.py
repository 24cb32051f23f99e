"""A representative sample of rows."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LEAST_OF_A_LABEL = 10


def sample(target: pd.Series, count: int, *, labels: bool, seed: int) -> NDArray[np.intp]:
    """The positions of about `count` rows, in order; all, if there aren't more. Seeded.

    Of each label of the target as large a share as it has among all rows, and no fewer than 10, if it has them.
    """
    if len(target) <= count:
        return np.arange(len(target))
    random = np.random.default_rng(seed)
    if not labels:
        return np.sort(random.choice(len(target), size=count, replace=False))
    codes, _ = pd.factorize(target, sort=True)
    chosen = []
    for code in range(codes.max() + 1):
        rows = np.flatnonzero(codes == code)
        size = max(round(len(rows) * count / len(target)), min(len(rows), LEAST_OF_A_LABEL))
        chosen.append(random.choice(rows, size=size, replace=False))
    return np.sort(np.concatenate(chosen))
