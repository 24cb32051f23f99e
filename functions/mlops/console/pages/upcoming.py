"""What comes next of itself for a model: a training on what came as feedback, and a batch."""

from dataclasses import dataclass
from datetime import datetime

from mlops.console.readers.readers import Readers
from mlops.monitoring.state import MonitoringState, NextTraining
from mlops.operations.schedules import Schedule


@dataclass(frozen=True)
class Upcoming:
    """The next training with what it learns from and when it may begin, and the next batch with its schedule.

    What nothing plans is None, and so is a time that isn't known.
    """

    training: NextTraining | None
    training_at: datetime | None
    batch: Schedule | None
    batch_at: datetime | None


def look_ahead(readers: Readers, model: str, state: MonitoringState) -> Upcoming:
    """What is planned for a model, by what really starts it: the stack's schedules, and monitoring's decisions."""
    now = readers.now()
    found = [(each.next_run(now), each) for each in readers.schedules.batches() or () if each.model == model]
    batch_at, batch = next(((moment, each) for moment, each in found if moment), (None, None))
    return Upcoming(state.next_training, readers.schedules.next_training(state), batch, batch_at)
