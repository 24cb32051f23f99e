"""How good are the estimates of performance without truth, and do the tests for loss keep their promise?

Run: PYTHONPATH=functions .venv/bin/python -m tests.bench.estimate [PART …]

`nannyml`    the data that NannyML's wheel ships: coverage, error and width beside NannyML's own CBPE and DLE, run in an
             environment of its own (Python 3.11, installed once under .localaws/bench)
`realised`   simulated years of daily truth: false alarms, and how soon a loss is found
`estimated`  simulated streams without truth: the same
`model`      simulated models watched by both tests, truth coming two days late: the same
"""

import argparse
import json
import sys
import time
from dataclasses import asdict

from tests.bench import estimate_peer, estimate_streams

PARTS = ("nannyml", "realised", "estimated", "model")


def main() -> None:
    """Measure the parts; a line of JSON each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--rows", type=int, nargs="+", default=[5000, 1000], help="of a window of part nannyml")
    parser.add_argument("--data", nargs="+", default=[], help="data sets of part nannyml (all)")
    parser.add_argument("--streams", type=int, default=100, help="of a scenario (100)")
    parser.add_argument("--days", type=int, default=365, help="of a stream without loss of estimated and model (365)")
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
    streams = {
        "realised": (estimate_streams.watch_realised, estimate_streams.realised_scenarios()),
        "estimated": (estimate_streams.watch_estimated, estimate_streams.estimated_scenarios(options.days)),
        "model": (estimate_streams.watch_model, estimate_streams.model_scenarios(options.days)),
    }
    for part, (watch, scenarios) in streams.items():
        for scenario in scenarios if part in parts else ():
            if options.only in scenario.name:
                found = estimate_streams.run(watch, scenario, options.streams, options.seed)
                print(json.dumps({"part": part, **asdict(found)}), flush=True)
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main()
