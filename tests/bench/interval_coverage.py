"""How often do the intervals of metrics hold the truth?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.interval_coverage [--samples 300]

Answers of known quality: calibrated chances of a rare, a less rare and a common label; values with errors that are
normal, double exponential, Student's, or of which two in a hundred are ten times as large; and prices that are
lognormal around their prediction. The truth is the metric on two million rows, or for prices known exactly. `given` is
how often an interval was given at all: the others have a reason in its place. `misses` are the samples with an interval
that doesn't hold the truth.
"""

import argparse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np

from mlops.evaluation.intervals import estimate
from mlops.evaluation.metrics.answers import Answers, ClassAnswers, Floats, ValueAnswers
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
    truths: Mapping[str, float] = field(default_factory=dict)
    """Of metrics whose truth is known exactly: large rows would be too rare in any sample."""


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


def truths_of_prices(spread: float) -> dict[str, float]:
    """The metrics of `prices`, by the moments of the lognormal distribution."""
    half = spread**2 / 2
    square = np.exp(3 * half) * (np.exp(half) - 1)
    error = 2 * np.exp(half) * (2 * NormalDist().cdf(np.sqrt(half) / 2) - 1)
    explained = 1 - square / (np.exp(2 * half) * (np.exp(2 * half) - 1))
    return {"rmse": float(np.sqrt(square)), "mae": error, "pinball": error / 2, "r2": float(explained)}


type Errors = Callable[[int, np.random.Generator], Floats]


def values(errors: Errors) -> Callable[[int, np.random.Generator], Answers]:
    """Normal values with such errors."""

    def draw(rows: int, rng: np.random.Generator) -> Answers:
        value = rng.normal(0, 2, rows)
        return ValueAnswers(value + errors(rows, rng), value)

    return draw


def normal(rows: int, rng: np.random.Generator) -> Floats:
    return rng.normal(size=rows)


def double_exponential(rows: int, rng: np.random.Generator) -> Floats:
    return rng.laplace(size=rows)


def student(degrees: int) -> Errors:
    return lambda rows, rng: rng.standard_t(degrees, rows)


def contaminated(rows: int, rng: np.random.Generator) -> Floats:
    return rng.normal(size=rows) * np.where(rng.random(rows) < 0.02, 10, 1)


WORLDS = (
    World("2 % positive", labels(-5.3, 1.7), CLASS_METRICS),
    World("13 % positive", labels(-2.8, 1.7), CLASS_METRICS),
    World("50 % positive", labels(0.0, 2.0), CLASS_METRICS),
    World("normal errors", values(normal), VALUE_METRICS),
    World("double exponential errors", values(double_exponential), VALUE_METRICS),
    World("Student's errors, 5", values(student(5)), VALUE_METRICS),
    World("Student's errors, 3", values(student(3)), VALUE_METRICS),
    World("2 % of errors ten times", values(contaminated), VALUE_METRICS),
    World("prices, x1.3", prices(0.25), VALUE_METRICS, truths_of_prices(0.25)),
    World("prices, x1.6", prices(0.5), VALUE_METRICS, truths_of_prices(0.5)),
    World("prices, x2.7", prices(1.0), VALUE_METRICS, truths_of_prices(1.0)),
    World("prices, x7.4", prices(2.0), VALUE_METRICS, truths_of_prices(2.0)),
)


@dataclass(frozen=True)
class Coverage:
    """How many of the samples had an interval, and how many of these held the truth."""

    samples: int
    given: int
    held: int

    def __str__(self) -> str:
        if not self.given:
            return "none"
        share = f"{self.held / self.given:.0%}" + ("" if self.given == self.samples else f" of {self.given}")
        return f"{share} (misses {self.given - self.held})"


def cover(world: World, rows: int, samples: int, seed: int) -> dict[str, Coverage]:
    """What became of each metric's interval in so many samples."""
    others = world.draw(TRUE_ROWS, np.random.default_rng(seed))
    truths = {metric.name: world.truths.get(metric.name, metric.value(others)) for metric in world.metrics}
    given = dict.fromkeys(truths, 0)
    held = dict.fromkeys(truths, 0)
    for number in range(samples):
        rng = np.random.default_rng([seed, rows, number])
        answers: Any = world.draw(rows, rng)
        for name, found in estimate(answers, world.metrics, rng, RESAMPLES).items():
            if found.interval is not None:
                given[name] += 1
                held[name] += found.interval.low <= truths[name] <= found.interval.high
    return {name: Coverage(samples, given[name], held[name]) for name in truths}


def main() -> None:
    """Print how often each metric has an interval, and how often that holds the truth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--rows", type=int, nargs="+", default=[100, 500, 2000])
    parser.add_argument("--worlds", nargs="+", help="the beginnings of names; all of them by default")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    for world in WORLDS:
        if options.worlds and not world.name.startswith(tuple(options.worlds)):
            continue
        for rows in options.rows:
            found = cover(world, rows, options.samples, options.seed)
            cells = (f"{name} {each}" for name, each in found.items())
            print(f"{world.name}, {rows} rows, {options.samples} samples: {', '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
