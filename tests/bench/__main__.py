"""Measures this project and its peers on this machine, and writes docs/benchmarks.md.

Parts: `cold` cold starts under AWS's Lambda emulator; `handlers` warm handlers in process; `web` servers over HTTP,
with payloads; `memory` after 100,000 requests. What a part measured is kept, so parts can be measured again one by one.
The first run installs each peer into an environment of its own under .localaws/bench.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests.bench.cold import measure_cold_starts
from tests.bench.fixture import make_fixture, register
from tests.bench.handlers import measure_handlers
from tests.bench.load import require_wrk
from tests.bench.machine import describe_machine
from tests.bench.page import write_page
from tests.bench.places import HOME
from tests.bench.s3 import local_s3
from tests.bench.servers import make_servers
from tests.bench.soak import measure_memory
from tests.bench.summary import judge
from tests.bench.web import measure_servers

PARTS = ("cold", "handlers", "web", "memory")
RESULTS = HOME / "results.json"


def main() -> int:
    """Measure the parts, write the page, and print the goals that weren't met."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all of them if none is named")
    parser.add_argument("--quick", action="store_true", help="one round of each, and no page: to see that all works")
    parser.add_argument("--page", action="store_true", help="only write the page from what was measured last")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each part (5)")
    parser.add_argument("--seconds", type=float, default=2, help="of load for each server and number of clients (2)")
    parser.add_argument("--requests", type=int, default=100_000, help="of the memory part (100,000)")
    options = parser.parse_args()
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {min(unknown)!r}; there is: {', '.join(PARTS)}")
    kept: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    if not options.page:
        for part, measured in _measure(options, tuple(options.parts) or PARTS):
            if options.quick:
                print(json.dumps({part: measured}, indent=1))
                continue
            kept[part] = measured
            kept.setdefault("facts", {})[part] = describe_machine()
            RESULTS.write_text(json.dumps(kept, indent=1))
    if options.quick:
        return 0
    if not kept:
        parser.error("nothing was measured yet")
    print(f"wrote {write_page(kept)}")
    for goal in judge(kept):
        print(f"{'✓' if goal.met else '✗'} {goal.what}: {goal.found} (required: {goal.required})")
    return 0


def _measure(options: argparse.Namespace, parts: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Each part with what it measured, as soon as it has."""
    require_wrk()
    progress = _reporter()
    rounds = 1 if options.quick else options.rounds
    requests = 5_000 if options.quick else options.requests
    seconds = 1 if options.quick else options.seconds
    progress("fitting the forest")
    fixture = make_fixture(HOME / "fixture")
    with local_s3() as s3:
        register(fixture)
        servers = make_servers(fixture, s3, progress) if {"web", "memory"} & set(parts) else []
        measures: dict[str, Callable[[], Any]] = {
            "cold": lambda: measure_cold_starts(fixture, s3, rounds, progress),
            "handlers": lambda: measure_handlers(fixture.folder, rounds),
            "web": lambda: measure_servers(servers, fixture, rounds, seconds, HOME, progress),
            "memory": lambda: measure_memory(servers[0], fixture, requests, HOME),
        }
        for part in PARTS:
            if part in parts:
                progress(f"measuring {part}")
                yield part, measures[part]()


def _reporter() -> Callable[[str], None]:
    started = time.monotonic()

    def progress(what: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {what}", file=sys.stderr, flush=True)

    return progress


if __name__ == "__main__":
    sys.exit(main())
