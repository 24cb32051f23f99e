"""The ranking metrics beside ranx's: the greatest difference over users, and a reference for the unit tests.

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.recommender.metrics [--write]
"""

import argparse
import json
import os
import subprocess
from typing import Any

import numpy as np
from scipy.sparse import csr_array

from mlops.recommend.evaluation.lists import judge
from mlops.recommend.rank import top
from tests.bench.places import HOME, PEERS, ROOT, make_environment

REFERENCE = ROOT / "tests" / "unit" / "mlops" / "recommend" / "metrics" / "ranx.json"
ITEMS = 200


def main() -> None:
    """Print the differences; with --write, write the reference."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the reference of the unit tests")
    cases = [_ask(users, k, seed) for users, k, seed in ((5000, 1, 0), (5000, 10, 1), (5000, 100, 2))]
    for case in cases:
        relevant = np.zeros((len(case["lists"]), ITEMS), dtype=np.bool_)
        for user, items in enumerate(case["relevant"]):
            relevant[user, items] = True
        answers = judge(np.array(case["lists"]), csr_array(relevant))
        differences = {name: float(np.abs(answers.score(name) - values).max()) for name, values in case["ranx"].items()}
        print(f"k = {case['k']}: greatest difference over {len(relevant)} users: {differences}")
    if parser.parse_args().write:
        REFERENCE.write_text(json.dumps([_ask(40, 1, 3), _ask(40, 10, 4)], separators=(",", ":")) + "\n")


def _ask(users: int, k: int, seed: int) -> dict[str, Any]:
    """Lists of random users, some of whose relevant items stand high, and what ranx says of them."""
    rng = np.random.default_rng(seed)
    relevant = rng.random((users, ITEMS)) < rng.choice([0.005, 0.05, 0.3], size=(users, 1))
    relevant[np.arange(users), rng.integers(0, ITEMS, users)] = True
    lists = top(rng.random((users, ITEMS)) + 0.4 * relevant, k)
    case = {"k": k, "lists": lists.tolist(), "relevant": [np.flatnonzero(row).tolist() for row in relevant]}
    python = make_environment("recommender", PEERS / "recommender.in") / "bin" / "python"
    given, out = HOME / "lists.json", HOME / "ranx.json"
    given.write_text(json.dumps(case))
    command = [str(python), str(PEERS / "recommender_ranx.py"), str(given), str(out)]
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": ""})
    return {**case, "ranx": json.loads(out.read_text())}


if __name__ == "__main__":
    main()
