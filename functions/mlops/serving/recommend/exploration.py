"""Some answers in a random order, with known propensities, so that other versions can be judged by what follows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import SystemRandom

from mlops.artifact.recommender.answering import POOL

_random = SystemRandom()  # the kernel's: a process restored from a snapshot repeats nothing


@dataclass(frozen=True, slots=True)
class Chosen:
    """Places in a ranking, in the order of the answer, each with its propensity: the chance to stand where it stands.

    `explored` says whether the order was drawn.
    """

    places: Sequence[int]
    propensities: Sequence[float]
    explored: bool


class Exploration:
    """A `share` of the answers is drawn from a pool, each order as likely as any other; the others are the best."""

    def __init__(
        self,
        share: float,
        fraction: Callable[[], float] = _random.random,
        sample: Callable[[Sequence[int], int], list[int]] = _random.sample,
    ) -> None:
        self.share = share
        self._fraction = fraction
        self._sample = sample

    def depth(self, k: int) -> int:
        """How many items must be ranked for an answer of k."""
        return POOL * k if self.share else k

    def choose(self, pool: int, k: int) -> Chosen:
        """The places of an answer of k items, of a ranking of `pool` items; fewer if the pool has fewer.

        An item's propensity to stand at a place is 1 - share if it's the best one for that place, and share / pool.
        """
        best = range(min(k, pool))
        if not self.share or not pool:
            return Chosen(best, [1.0] * len(best), explored=False)
        explored = self._fraction() < self.share
        places = self._sample(range(pool), len(best)) if explored else best
        drawn = self.share / pool
        propensities = [drawn + (1 - self.share if place == rank else 0.0) for rank, place in enumerate(places)]
        return Chosen(places, propensities, explored)
