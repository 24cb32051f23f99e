"""The facts of a canary, as its last look found them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from mlops.monitoring.figure import Figure

type LossName = Literal["brier", "misses", "absolute error", "squared error", "further off"]


class CanaryFacts(BaseModel):
    """A canary as of its last look: what was observed, and what was decided.

    `difference` is the mean loss of the challenger minus the champion's, in `loss` (positive: it loses more), on pairs
    of the same row if there are any, with bounds that hold at all looks; `margin` is one that doesn't matter. `worse`
    and `not_worse` are the evidence for withdrawal and for promotion: at 1 it suffices. `requests` are those of the
    challenger's share. `outcome` is None while it goes on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    model: str
    version: int
    against: int
    share: float
    started: datetime
    until: datetime
    looked_at: datetime
    loss: LossName
    margin: float
    pairs: int = 0
    unpaired: int = 0
    difference: Figure | None = None
    worse: float = 0.0
    not_worse: float = 0.0
    requests: int = 0
    champion_requests: int = 0
    failed: int = 0
    slow: int = 0
    slow_from: float | None = None
    damaged: tuple[str, ...] = ()
    outcome: str | None = None
    reason: str
