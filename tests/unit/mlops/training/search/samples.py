"""Tables of which it's known what suits them, and clocks that don't tick by themselves."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.spec import ModelSpec
from tests.unit.mlops.samples import make_spec

LINEAR = LogisticRegression()
BOOSTING = HistGradientBoostingClassifier(max_iter=20)


def make_rows(rows: int = 200, seed: int = 0, *, product: bool = False) -> pd.DataFrame:
    """Leaves whose kind depends on the sum of two numbers, and on chance; or on their product, which no line tells."""
    random = np.random.default_rng(seed)
    length, width = random.normal(size=(2, rows))
    score = 3 * length * width if product else 1.5 * length + 1.5 * width
    kinds = np.where(random.random(rows) < chance(score), "long", "short")
    return pd.DataFrame({"length": length, "width": width, "kind": kinds})


def make_search_spec(**changes: object) -> ModelSpec:
    """Leaves told by a line or by boosted trees, on 4 folds."""
    return make_spec(
        **{"candidates": {"linear": LINEAR, "boosting": BOOSTING}, "folds": 4, "metric": "log_loss"} | changes
    )


def make_answers(rows: int = 1000, seed: int = 0, *, sharpness: float = 1.0, base: float = 0.0) -> ClassAnswers:
    """A binary model's answers: calibrated at sharpness 1, and beyond it surer than it may be."""
    random = np.random.default_rng(seed)
    logit = base + random.normal(0, 2, rows)
    truth = (random.random(rows) < chance(logit)).astype(np.intp)
    claimed = chance(sharpness * logit)
    return ClassAnswers(truth, np.column_stack([1 - claimed, claimed]), ("no", "yes"))


def chance(logit: Floats) -> Floats:
    """Its logistic function."""
    chances: Floats = 1 / (1 + np.exp(-logit))
    return chances


class Clock:
    """Time passes only when somebody looks: so many seconds each time."""

    def __init__(self, seconds: float = 1.0) -> None:
        self._times = self._count(seconds)

    def __call__(self) -> float:
        return next(self._times)

    @staticmethod
    def _count(seconds: float) -> Iterator[float]:
        now = 0.0
        while True:
            yield now
            now += seconds
