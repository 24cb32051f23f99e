"""The contributions of a weighted sum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Linear:
    """`outputs` weighted sums of F features: `weights` [outputs, F], `means` [F] over the training rows.

    `base` [outputs] is each sum at the means.
    """

    weights: Floats
    means: Floats
    base: Floats

    def contributions(self, features: Floats, output: int) -> Floats:
        """[F]: how far each feature of a row [F] moves the output from its base."""
        moved: Floats = self.weights[output] * (features - self.means)
        return moved
