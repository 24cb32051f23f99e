"""How good are the estimates of performance without truth, and do the tests for loss keep their promise?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.estimate [PART …]

`nannyml`    the data that NannyML's wheel ships: coverage, error and width beside NannyML's own CBPE and DLE, run in an
             environment of its own (Python 3.11, installed once under .localaws/bench)
`realised`   simulated years of daily truth: false alarms, and how soon a loss is found
`estimated`  simulated streams without truth: the same
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict

from tests.bench import estimate_peer, estimate_streams
from tests.bench.estimate_streams import Scenario

PARTS = ("nannyml", "realised", "estimated")


def main() -> None:
    """Measure the parts; a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--rows", type=int, nargs="+", default=[5000, 1000], help="of a window of part nannyml")
    parser.add_argument("--data", nargs="+", default=[], help="data sets of part nannyml (all)")
    parser.add_argument("--streams", type=int, default=500, help="a scenario of part realised (500)")
    parser.add_argument("--unlabelled-streams", type=int, default=100, help="a scenario of part estimated (100)")
    parser.add_argument("--days", type=int, default=60, help="of a stream without loss of part estimated (60)")
    parser.add_argument("--only", default="", help="scenarios whose name has this in it (all)")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {min(unknown)!r}; there is: {', '.join(PARTS)}")
    parts = options.parts or PARTS
    started = time.monotonic()
    if "nannyml" in parts:
        for rows in options.rows:
            for compared in estimate_peer.compare(rows, options.seed, set(options.data)):
                print(json.dumps({"part": "nannyml", "rows": rows, **asdict(compared)}), flush=True)
    if "realised" in parts:
        for scenario in _named(estimate_streams.realised_scenarios(), options.only):
            found = estimate_streams.run(estimate_streams.watch_realised, scenario, options.streams, options.seed)
            print(json.dumps({"part": "realised", **asdict(found)}), flush=True)
    if "estimated" in parts:
        for scenario in _named(estimate_streams.estimated_scenarios(options.days), options.only):
            found = estimate_streams.run(
                estimate_streams.watch_estimated, scenario, options.unlabelled_streams, options.seed
            )
            print(json.dumps({"part": "estimated", **asdict(found)}), flush=True)
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


def _named(scenarios: Iterator[Scenario], part: str) -> Iterator[Scenario]:
    return (scenario for scenario in scenarios if part in scenario.name)


if __name__ == "__main__":
    main()
