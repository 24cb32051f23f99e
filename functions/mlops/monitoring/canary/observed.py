"""What was observed of a canary, as arrays."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mlops.evaluation.metrics.answers import Floats

type Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Observed:
    """What the records have of a canary, each in the order in which it came.

    `paired` are the differences of the losses of challenger and champion on the same row, where one was scored in the
    shadow; `unpaired` those of a row that the challenger answered and the mean of rows that the champion answered since
    the one before. Of the requests in the challenger's share `failed` [requests] says which the champion had to answer,
    and `slow` [answered] which of its own took longer than nearly all of the champion's, which answered
    `champion_requests`. `refused` is why instances can't use the version.
    """

    paired: Floats = field(default_factory=lambda: np.zeros(0))
    unpaired: Floats = field(default_factory=lambda: np.zeros(0))
    failed: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    slow: Mask = field(default_factory=lambda: np.zeros(0, np.bool_))
    champion_requests: int = 0
    slow_from: float | None = None  # milliseconds
    refused: str | None = None
