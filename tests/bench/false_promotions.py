"""How often is a retraining promoted that isn't better?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.false_promotions

Each simulated retraining draws fresh rows, whose labels are Bernoulli of a known logit, and two models that see that
logit through noise of their own. With noise of one size, the models are equal in truth, whatever the rows say. With
more noise, tuned on a million rows, the candidate is 5 points of accuracy worse.
"""

import argparse
from collections import Counter
from dataclasses import dataclass
from itertools import product

import numpy as np

from mlops.registry.evidence import Verdict
from mlops.training.comparison import compare
from mlops.training.metrics.answers import ClassAnswers, Floats
from mlops.training.metrics.catalog import CLASS_METRICS

SHARED_NOISE = 0.8
OWN_NOISE = 0.6
SIGNAL = 3.0
POINTS_WORSE = 0.05
METRICS = ("accuracy", "f1", "roc_auc", "log_loss")
FRESH_ROWS = (120, 500, 1500)


@dataclass(frozen=True)
class Simulation:
    """Champions and candidates of known quality; `candidate_noise` is what the candidate's logit is off by."""

    candidate_noise: float = OWN_NOISE

    def draw(self, rows: int, rng: np.random.Generator) -> tuple[ClassAnswers, ClassAnswers]:
        """The candidate's and the champion's answers to the same fresh rows."""
        logit = rng.normal(0, SIGNAL, rows)
        truth = (rng.random(rows) < _chance(logit)).astype(np.intp)
        seen = logit + rng.normal(0, SHARED_NOISE, rows)
        candidate, champion = (
            ClassAnswers(truth, _both(_chance(seen + rng.normal(0, noise, rows))), ("no", "yes"))
            for noise in (self.candidate_noise, OWN_NOISE)
        )
        return candidate, champion


def worse_by(points: float, rows: int = 1_000_000) -> Simulation:
    """The simulation whose candidates are this much less accurate in truth, found by bisection."""

    def accuracy(noise: float) -> float:
        return float(Simulation(noise).draw(rows, np.random.default_rng(0))[0].hits.mean())

    goal = accuracy(OWN_NOISE) - points
    low, high = OWN_NOISE, 20.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if accuracy(middle) > goal else (low, middle)
    return Simulation(high)


def count_verdicts(
    simulation: Simulation, metric: str, rows: int, retrainings: int, seed: int, resamples: int = 2000
) -> Counter[Verdict]:
    """The verdicts on so many simulated retrainings, with a margin of 1 point."""
    measure = next(known for known in CLASS_METRICS if known.name == metric)
    verdicts: Counter[Verdict] = Counter()
    for stream in np.random.SeedSequence([seed, rows, *metric.encode()]).spawn(retrainings):
        rng = np.random.default_rng(stream)
        answers = simulation.draw(rows, rng)
        verdicts[compare(*answers, measure, 0.01, rng, resamples=resamples).overall.verdict] += 1
    return verdicts


def _chance(logit: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-logit))
    return chance


def _both(positive: Floats) -> Floats:
    return np.column_stack([1 - positive, positive])


def main() -> None:
    """Print the verdicts for equal and for worse candidates, by metric and number of fresh rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retrainings", type=int, default=1000, help="of equal candidates; a fifth as many of worse")
    parser.add_argument("--resamples", type=int, default=400)
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args()
    worlds = (
        ("equal", Simulation(), options.retrainings),
        ("5 points worse", worse_by(POINTS_WORSE), options.retrainings // 5),
    )
    verdicts: tuple[Verdict, ...] = ("better", "not worse", "undecided", "worse")
    print(f"{options.resamples} resamples, seed {options.seed}, margin 0.01\n")
    print(f"{'candidate':15} {'metric':9} {'rows':>5} {'retrainings':>11}", *(f"{verdict:>10}" for verdict in verdicts))
    for (world, simulation, retrainings), metric, rows in product(worlds, METRICS, FRESH_ROWS):
        found = count_verdicts(simulation, metric, rows, retrainings, options.seed, options.resamples)
        shares = [found[verdict] / retrainings for verdict in verdicts]
        print(f"{world:15} {metric:9} {rows:5} {retrainings:11,}", *(f"{share:10.1%}" for share in shares), flush=True)


if __name__ == "__main__":
    main()
