"""`status`: what runs in the local AWS, and where."""

from __future__ import annotations

import argparse
import json

from localaws.commands.remote import add_port, ask
from localaws.commands.table import show, show_table

HELP = "say what runs: stacks, functions, addresses, queues"


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Ask and print it."""
    told = ask(options.port, "status", {})
    if options.json:
        print(json.dumps(told, indent=2))
        return 0
    show({"AWS endpoint": told["endpoint"], "region": told["region"], "time": told["now"], "kept in": told["kept"]})
    for stack in told["stacks"]:
        print(f"\nStack {stack['name']}: {stack['status']}, {stack['resources']} resources")
        if stack["reason"]:
            print(f"  {stack['reason']}")
        show(stack["addresses"] | stack["outputs"])
    functions = [[f["name"], f["runtime"], f["memory"], f["timeout"]] for f in told["functions"]]
    queues = [[q["name"], q["waiting"], q["in_flight"]] for q in told["queues"]]
    for title, head, rows in (
        ("Functions", ("name", "runtime", "MB", "seconds"), functions),
        ("Queues", ("name", "waiting", "in flight"), queues),
    ):
        if rows:
            print(f"\n{title}")
            show_table(head, rows)
    return 0
