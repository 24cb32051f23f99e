"""A BentoML service of the forest: https://docs.bentoml.com/en/latest/get-started/hello-world.html"""

import os

import bentoml
import joblib
import numpy as np


@bentoml.service(workers=1, logging={"access": {"enabled": False}})
class Forest:
    """One worker with the forest in memory."""

    def __init__(self) -> None:
        self.forest = joblib.load(os.environ["FOREST"])

    @bentoml.api  # type: ignore[untyped-decorator]
    def predict(self, rows: np.ndarray) -> np.ndarray:
        """The probabilities of each row."""
        probabilities: np.ndarray = self.forest.predict_proba(rows)
        return probabilities
