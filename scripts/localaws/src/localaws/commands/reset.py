"""`reset`: delete everything in the running local AWS, then deploy its template again."""

from __future__ import annotations

import argparse

from localaws.commands.remote import add_port, call

HELP = "delete everything, then deploy the template of `up` again"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Reset it and print which stack was deployed again."""
    stack = call(options.port, "reset", {}, lambda line: print(line, flush=True))["stack"]
    print(f"Local AWS was reset; {f'stack {stack} was deployed again' if stack else 'no stack is deployed'}.")
    return 0
