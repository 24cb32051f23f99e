"""`iam`: what calls lacked permission, and which statements of policies nothing has needed since the start."""

from __future__ import annotations

import argparse
import json

from localaws.commands.remote import add_port, call
from localaws.commands.table import show_table

HELP = "list missing permissions, and statements that nothing has needed"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument("--json", action="store_true", help="print JSON, for programs")
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Print the report; the exit code is 1 if a permission is missing."""
    found = call(options.port, "iam", {})
    if options.json:
        print(json.dumps(found, indent=2))
        return 1 if found["missing"] else 0
    if found["mode"] == "off":
        print("Nothing was looked at: this local AWS was started with --iam off.")
        return 0
    print(f"Missing permissions: {len(found['missing']) or 'none'}")
    for line in found["missing"]:
        print(f"  {line}")
    if found["unused"]:
        print("\nStatements that nothing has needed since the start")
        show_table(("role", "statement"), [[each["role"], each["statement"]] for each in found["unused"]])
    return 1 if found["missing"] else 0
