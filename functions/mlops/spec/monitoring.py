"""What monitoring does about what it finds in a model's records."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

DRIFT_ACTIONS = ("inform", "incident")


@dataclass(frozen=True, kw_only=True)
class Monitoring:
    """When a model has an incident, and when it's trained again by itself.

    Loss of performance opens an incident. `drift` alone is reported as an event ("inform"), or opens one too
    ("incident").

    An incident trains the model again, unless `retrain` is False, on the last dataset and the rows labelled since:
    once, as soon as `retrain_rows` predictions from after the loss began have their truth, and `cooldown_days` after
    the last such training at the earliest.

    A version that was trained more than `stale_days` ago is reported as stale, however well it does.
    """

    drift: Literal["inform", "incident"] = "inform"
    retrain: bool = True
    retrain_rows: int = 100
    cooldown_days: int = 7
    stale_days: int = 365

    def faults(self) -> Iterator[str]:
        """What can't be, as sentences."""
        if self.drift not in DRIFT_ACTIONS:
            yield f"monitoring's drift is {self.drift!r}; it must be one of {', '.join(DRIFT_ACTIONS)}"
        if self.retrain_rows < 1:
            yield f"monitoring's retrain_rows is {self.retrain_rows}; it must be at least 1"
        if self.cooldown_days < 0:
            yield f"monitoring's cooldown_days is {self.cooldown_days}; it must be at least 0"
        if self.stale_days < 1:
            yield f"monitoring's stale_days is {self.stale_days}; it must be at least 1"
