"""How often do the intervals of metrics hold the truth?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.interval_coverage [--samples 300]

Answers of known quality: calibrated chances of a rare, a less rare and a common label; values with normal errors, and
prices that are lognormal around their prediction. The truth is the metric on two million rows. `given` is how often an
interval was given at all: the others have a reason in its place.
"""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlops.evaluation.intervals import estimate
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, ValueAnswers
from mlops.evaluation.metrics.catalog import CLASS_METRICS, VALUE_METRICS
from mlops.evaluation.metrics.metric import Metric

TRUE_ROWS = 2_000_000
RESAMPLES = 400


@dataclass(frozen=True)
class World:
    """Answers that are drawn row by row."""

    name: str
    draw: Callable[[int, np.random.Generator], Answers]
    metrics: tuple[Metric[Any], ...]


def labels(base: float, spread: float) -> Callable[[int, np.random.Generator], Answers]:
    """Calibrated answers, positive from a chance of 15 % on; `base` and `spread` are those of the logit."""

    def draw(rows: int, rng: np.random.Generator) -> Answers:
        chance = 1 / (1 + np.exp(-(base + spread * rng.normal(size=rows))))
        truth = (rng.random(rows) < chance).astype(np.intp)
        return ClassAnswers(truth, np.column_stack([1 - chance, chance]), ("no", "yes"), threshold=0.15)

    return draw


def prices(spread: float) -> Callable[[int, np.random.Generator], Answers]:
    """Lognormal prices around what is predicted; half of the logarithm's variance is known."""

    def draw(rows: int, rng: np.random.Generator) -> Answers:
        known, chance = rng.normal(0, spread / np.sqrt(2), size=(2, rows))
        return ValueAnswers(np.exp(known + chance), np.exp(known + spread**2 / 4))

    return draw


def normal(rows: int, rng: np.random.Generator) -> Answers:
    value = rng.normal(0, 2, rows)
    return ValueAnswers(value + rng.normal(size=rows), value)


WORLDS = (
    World("2 % positive", labels(-5.3, 1.7), CLASS_METRICS),
    World("13 % positive", labels(-2.8, 1.7), CLASS_METRICS),
    World("50 % positive", labels(0.0, 2.0), CLASS_METRICS),
    World("normal errors", normal, VALUE_METRICS),
    World("prices, x1.6", prices(0.5), VALUE_METRICS),
    World("prices, x2.7", prices(1.0), VALUE_METRICS),
    World("prices, x7.4", prices(2.0), VALUE_METRICS),
)


def cover(world: World, rows: int, samples: int, seed: int) -> dict[str, tuple[float, float]]:
    """Each metric's share of samples with an interval, and the share of these that held the truth."""
    others = world.draw(TRUE_ROWS, np.random.default_rng(seed))
    truths = {metric.name: metric.value(others) for metric in world.metrics}
    given = dict.fromkeys(truths, 0)
    held = dict.fromkeys(truths, 0)
    for number in range(samples):
        rng = np.random.default_rng([seed, rows, number])
        answers: Any = world.draw(rows, rng)
        for name, found in estimate(answers, world.metrics, rng, RESAMPLES).items():
            if found.interval is not None:
                given[name] += 1
                held[name] += found.interval.low <= truths[name] <= found.interval.high
    return {name: (given[name] / samples, held[name] / given[name] if given[name] else np.nan) for name in truths}


def main() -> None:
    """Print how often each metric has an interval, and how often that holds the truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 500, 2000])
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    for world in WORLDS:
        for rows in options.rows:
            found = cover(world, rows, options.samples, options.seed)
            cells = (
                f"{name} {held:.0%} of {given:.0%}" if given else f"{name} none"
                for name, (given, held) in found.items()
            )
            print(f"{world.name}, {rows} rows: {', '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
