"""How often is a retraining promoted that isn't better?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.false_promotions

The decision is the factory's own: the comparison on fresh rows, and the gate that reads it. A retraining is promoted if
the gate is passed, and promoted as better if the comparison says so.

Each simulated retraining draws fresh rows, whose labels are Bernoulli of a known logit, and two models that see that
logit through noise of their own. With noise of one size, the models are equal in truth, whatever the rows say. With
more noise, tuned on a million rows, the candidate is 5 points of accuracy worse.
"""

import argparse
from collections import Counter
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np

from mlops.evaluation.gates.champion import gate_champion
from mlops.evaluation.metrics.answers import ClassAnswers, Floats
from mlops.registry.manifest.evidence import Comparison, Verdict
from mlops.training.evaluation.champion_comparison import compare_answers

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


@dataclass(frozen=True)
class Decisions:
    """What became of so many retrainings: the comparison's verdicts, and how many passed the gate."""

    verdicts: Counter[Verdict]
    promoted: int


def decide(simulation: Simulation, metric: str, rows: int, retrainings: int, seed: int) -> Decisions:
    """The decisions on so many simulated retrainings, with a margin of 1 point."""
    verdicts: Counter[Verdict] = Counter()
    promoted = 0
    for stream in np.random.SeedSequence([seed, rows, *metric.encode()]).spawn(retrainings):
        rng = np.random.default_rng(stream)
        found = compare_answers(metric, *simulation.draw(rows, rng), 0.01, rng)
        verdicts[found.overall.verdict] += 1
        comparison = Comparison(version=1, rows=rows, **asdict(found))
        promoted += all(gate.passed for gate in gate_champion(comparison))
    return Decisions(verdicts, promoted)


def _chance(logit: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-logit))
    return chance


def _both(positive: Floats) -> Floats:
    return np.column_stack([1 - positive, positive])


def main() -> None:
    """Print the decisions for equal and for worse candidates, by metric and number of fresh rows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--retrainings", type=int, default=200)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--metrics", nargs="+", default=METRICS, choices=METRICS)
    parser.add_argument("--rows", nargs="+", type=int, default=FRESH_ROWS, help="fresh rows")
    options = parser.parse_args()
    worlds = (("equal", Simulation()), ("5 points worse", worse_by(POINTS_WORSE)))
    verdicts: tuple[Verdict, ...] = ("better", "not worse", "undecided", "worse")
    print(f"{options.retrainings} retrainings each, seed {options.seed}, margin 0.01\n")
    print(f"{'candidate':15} {'metric':9} {'rows':>5}", *(f"{verdict:>10}" for verdict in (*verdicts, "promoted")))
    for (world, simulation), metric, rows in product(worlds, options.metrics, options.rows):
        found = decide(simulation, metric, rows, options.retrainings, options.seed)
        counts = [*(found.verdicts[verdict] for verdict in verdicts), found.promoted]
        shares = [count / options.retrainings for count in counts]
        print(f"{world:15} {metric:9} {rows:5}", *(f"{share:10.1%}" for share in shares), flush=True)


if __name__ == "__main__":
    main()
