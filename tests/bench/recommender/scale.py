"""Time and memory of learning from a large shop: the whole training, search and test included.

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.recommender.scale [--users 1000000] [--items 20000]
     [--events 20000000] [--candidates ease]

One core is used. Memory is the process's peak, which includes the interactions as arrays; reading a file isn't in it.
"""

import argparse
import resource
import time

from mlops.recommend.learn import learn
from mlops.spec.recommender import CANDIDATES, RecommenderSpec
from tests.bench.recommender.big_shop import draw_big_shop


def main() -> None:
    """Print what each step took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=20_000)
    parser.add_argument("--events", type=int, default=20_000_000)
    parser.add_argument("--candidates", nargs="*", choices=CANDIDATES, default=list(CANDIDATES))
    options = parser.parse_args()
    began, used = time.monotonic(), time.process_time()

    def report(step: str) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"{time.process_time() - used:8.0f} s CPU {time.monotonic() - began:8.0f} s {peak:6.2f} GB  {step}",
            flush=True,
        )

    interactions = draw_big_shop(options.users, options.items, options.events, seed=0)
    report(f"{len(interactions):,} events of {options.users:,} users with {options.items:,} items")
    spec = RecommenderSpec(
        name="shop", events={"buy": 1.0}, floors={}, candidates={name: {} for name in options.candidates}
    )
    learned = learn(interactions, spec, report)
    report(f"learnt: {learned.candidate}, {learned.parameters}")
    pruning = learned.test.pruning
    if pruning:
        print(f"pruning: {pruning.difference:+.4f} ({pruning.low:+.4f} to {pruning.high:+.4f}), {pruning.verdict}")
    for name, estimate in learned.test.estimates.items():
        print(f"{name}@{spec.k}: {estimate.value:.4f}, popularity {learned.test.baseline_estimates[name].value:.4f}")


if __name__ == "__main__":
    main()
