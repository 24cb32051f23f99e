from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import ExtraTreesClassifier, HistGradientBoostingClassifier, RandomForestClassifier

from mlops.contract import Column, Contract, Target
from mlops.training.compile import check_parity, compile_estimator, probe_rows

CONTRACT = Contract(
    columns=tuple(Column(name=name, required=False) for name in "abc"),
    target=Target(name="kind", task="binary", labels=("0", "1")),
)
MODELS = [
    RandomForestClassifier(4, random_state=0),
    ExtraTreesClassifier(4, random_state=0),
    HistGradientBoostingClassifier(max_iter=4, min_samples_leaf=2),
]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    model=st.sampled_from(MODELS),
    seed=st.integers(0, 2**32 - 1),
    exponent=st.integers(-44, 26),  # what scikit-learn's trees take: float32 ends at 3e38
    shift=st.sampled_from([0.0, 1.0, 16_777_216.0, -1e9]),
    steps=st.integers(1, 50),
    missing=st.floats(0, 0.5),
)
def test_trees_are_exact_on_numbers_of_any_size(
    model: Any, seed: int, exponent: int, shift: float, steps: int, missing: float
) -> None:
    rng = np.random.default_rng(seed)
    grid = rng.integers(-steps, steps, (80, 3)) + shift  # many ties, and neighbours that float32 can't tell apart
    rows = pd.DataFrame(np.where(rng.random(grid.shape) < missing, np.nan, grid * 10.0**exponent), columns=list("abc"))
    labels = (np.nan_to_num(grid).sum(axis=1) + rng.normal(0, 1, len(grid)) > 3 * shift).astype(int)
    labels[:2] = [0, 1]
    model.fit(rows, labels)
    probes = probe_rows(model, CONTRACT, rows, rng, 400)
    assert check_parity(model, CONTRACT, compile_estimator(model, CONTRACT), probes).difference < 1e-12
