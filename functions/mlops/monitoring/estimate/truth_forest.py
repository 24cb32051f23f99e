"""A second opinion on how often each label is true: from the model's probabilities and the inputs together."""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import RandomForestRegressor

from mlops.evaluation.metrics.answers import ClassAnswers, Floats

TREES = 40
LEAF_ROWS = 20
ROWS_PER_TREE = 20_000


@dataclass(frozen=True, eq=False)
class TruthForest:
    """A forest grown on the held-out rows."""

    forest: RandomForestRegressor

    def chances(self, answers: ClassAnswers, inputs: Floats | None) -> Floats:
        """How often each label is true for the rows [n, k]. Raises ValueError for rows without inputs."""
        if inputs is None:
            raise ValueError("the reference has inputs and the window's rows have none")
        shares = self.forest.predict(_describe(answers, inputs)).reshape(len(answers), -1)
        chances: Floats = shares / shares.sum(axis=1, keepdims=True)
        return chances


def fit_truth_forest(answers: ClassAnswers, inputs: Floats, seed: int) -> TruthForest:
    """The forest for held-out rows with inputs [n, d]."""
    share = min(1.0, ROWS_PER_TREE / len(answers))
    forest = RandomForestRegressor(
        TREES, min_samples_leaf=LEAF_ROWS, max_features=1.0, max_samples=share, random_state=seed
    )
    forest.fit(_describe(answers, inputs), np.eye(len(answers.labels))[answers.truth])
    return TruthForest(forest)


def _describe(answers: ClassAnswers, inputs: Floats) -> Floats:
    return np.column_stack([answers.probabilities, inputs])
