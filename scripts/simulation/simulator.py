"""A simulated day: predictions of its rows, and the truth that is due about those of earlier days."""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from simulation.harms import Harm
from simulation.population import Population, Truth
from simulation.traffic import Api


@dataclass(frozen=True)
class Sent:
    """What a day sent: predictions by `versions`, and truths about earlier ones."""

    predictions: int
    versions: list[int]
    truths: int


@dataclass
class Simulator:
    """Sends the traffic of days in order. The same seed draws the same rows."""

    api: Api
    population: Population
    harm: Harm
    rows_a_day: int
    delay: int
    seed: int
    waiting: dict[int, list[tuple[str, Truth]]] = field(default_factory=dict)

    def send(self, day: int, at: datetime) -> Sent:
        """Send the traffic of a day (1 is the first), at a time of the stack's clock."""
        drawn = self.population.draw(self.rows_a_day, np.random.default_rng([self.seed, day]))
        drawn = self.harm.apply(day, drawn, self.population)
        ids, versions = self.api.predict(drawn.rows)
        delay = self.harm.delay(day, self.delay)
        if delay is not None:
            self.waiting.setdefault(day + delay, []).extend(zip(ids, drawn.truths, strict=True))
        due = [truth for when in sorted(self.waiting) if when <= day for truth in self.waiting.pop(when)]
        if due:
            self.api.tell(due, at)
        return Sent(len(ids), versions, len(due))
