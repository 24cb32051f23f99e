"""Puts load on a local AWS and prints what it measures, as JSON lines: `python -m localaws_testing.bench PART`.

It's run in tests/. Each part starts a local AWS of its own and stops it; `--output` writes the lines into a file too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from localaws_testing.bench import parts


def main() -> int:
    """Run one part."""
    parser = argparse.ArgumentParser(
        prog="python -m localaws_testing.bench",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--output", type=Path, help="a file to which each line is added as soon as it's measured")
    commands = parser.add_subparsers(dest="part", required=True)
    memory = commands.add_parser("memory", help="memory over requests to an HTTP API")
    memory.add_argument("--requests", type=int, default=200_000)
    memory.add_argument("--clients", type=int, default=4)
    logs = commands.add_parser("logs", help="log events a minute, and look-ups and deletion afterwards")
    logs.add_argument("--per-minute", type=int, default=1_000_000)
    logs.add_argument("--minutes", type=float, default=5.0)
    logs.add_argument("--size", type=int, default=200, help="bytes of a message (200)")
    queue = commands.add_parser("queue", help="messages of a queue, sent and worked off")
    queue.add_argument("--messages", type=int, default=10_000)
    deploy = commands.add_parser("deploy", help="functions deployed by one stack")
    deploy.add_argument("--functions", type=int, default=200)
    options = parser.parse_args()
    with ExitStack() as files:
        output = files.enter_context(options.output.open("a", encoding="utf-8")) if options.output else None
        for measured in _run(options):
            rounded = {key: round(value, 2) if isinstance(value, float) else value for key, value in measured.items()}
            line = json.dumps({"part": options.part, **rounded})
            print(line, flush=True)
            if output:
                output.write(line + "\n")
                output.flush()
    return 0


def _run(options: argparse.Namespace) -> Iterator[parts.Measured]:
    match options.part:
        case "memory":
            return parts.memory(options.requests, options.clients)
        case "logs":
            return parts.logs(options.per_minute, options.minutes, options.size)
        case "queue":
            return parts.queue(options.messages)
        case _:
            return parts.deploy(options.functions)


if __name__ == "__main__":
    sys.exit(main())
