"""`reset`: delete everything in the running local AWS, then deploy its template again."""

from __future__ import annotations

import argparse

from localaws.commands.remote import add_port, call

HELP = "delete everything, then deploy the template of `up` again"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Reset it and print which stacks were deployed again."""
    stacks = call(options.port, "reset", {}, lambda line: print(line, flush=True))["stacks"]
    deployed = " and ".join(f"stack {stack} was deployed again" for stack in stacks)
    print(f"Local AWS was reset; {deployed or 'no stack is deployed'}.")
    return 0
