"""`status`: list the stacks, functions, addresses and queues of the running local AWS."""

from __future__ import annotations

import argparse
import json

from localaws.commands.remote import add_port, call
from localaws.commands.table import show, show_table, show_time

HELP = "list stacks, functions, addresses and queues"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Print the status."""
    status = call(options.port, "status", {})
    if options.json:
        print(json.dumps(status, indent=2))
        return 0
    endpoint, region, now, kept = (status[key] for key in ("endpoint", "region", "now", "kept"))
    show({"AWS endpoint": endpoint, "region": region, "time": show_time(now), "state": kept})
    for stack in status["stacks"]:
        print(f"\nStack {stack['name']}: {stack['status']}, {stack['resources']} resources")
        if stack["reason"]:
            print(f"  {stack['reason']}")
        show(stack["addresses"] | stack["outputs"])
    functions = [[f["name"], f["runtime"], f["memory"], f["timeout"]] for f in status["functions"]]
    queues = [[q["name"], q["waiting"], q["in_flight"]] for q in status["queues"]]
    for title, head, rows in (
        ("Functions", ("name", "runtime", "MB", "seconds"), functions),
        ("Queues", ("name", "waiting", "in flight"), queues),
    ):
        if rows:
            print(f"\n{title}")
            show_table(head, rows)
    return 0
