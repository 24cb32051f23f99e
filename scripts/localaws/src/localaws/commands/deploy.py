"""`deploy`: build a template and deploy it to the local AWS that runs."""

from __future__ import annotations

import argparse
from pathlib import Path

from localaws.commands.remote import add_port, ask
from localaws.commands.table import show
from localaws.settings import parse_parameters

HELP = "build a template and deploy it, as a new stack or over the one of that name"


def add(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument("template", type=Path, help="a SAM or CloudFormation template")
    parser.add_argument("--parameter", action="append", default=[], metavar="K=V", help="a parameter of the template")
    parser.add_argument("--stack-name", default="local", help="name of the stack (local)")
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Deploy it; the functions run the code where it stands, so that edits are live."""
    asked = {
        "template": str(options.template.resolve()),
        "stack_name": options.stack_name,
        "parameters": parse_parameters(options.parameter),
    }
    print(f"Deploying {options.template} as stack {options.stack_name} …", flush=True)
    told = ask(options.port, "deploy", asked, lambda line: print(line, flush=True))
    print(f"Stack {options.stack_name}: {told['status']}")
    show(told["addresses"] | told["outputs"])
    return 0
