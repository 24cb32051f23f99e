"""`reset`: empty the local AWS."""

from __future__ import annotations

import argparse

from localaws.commands.remote import add_port, ask

HELP = "delete everything, then deploy the template that it was started with anew"


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Reset it and say what's left."""
    told = ask(options.port, "reset", {}, lambda line: print(line, flush=True))
    stack = f"stack {told['stack']} deployed anew" if told["stack"] else "nothing deployed"
    print(f"Local AWS is empty again; {stack}.")
    return 0
