"""`deploy`: build a template and deploy it to the running local AWS."""

from __future__ import annotations

import argparse
from pathlib import Path

from localaws.commands.remote import add_port, call
from localaws.commands.table import show
from localaws.settings import parse_parameters

HELP = "build a template and deploy it to the running local AWS, as a new stack or as an update"


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options of this command."""
    parser.add_argument(
        "template", type=Path, help="a SAM or CloudFormation template, or the folder that `cdk synth` wrote"
    )
    parser.add_argument("--parameter", action="append", default=[], metavar="K=V", help="a parameter of the template")
    parser.add_argument("--stack-name", default="local", help="name of the stack (local)")
    add_port(parser)


def run(options: argparse.Namespace) -> int:
    """Deploy the template; its functions run from the source folder, so that edits are live."""
    request = {
        "template": str(options.template.resolve()),
        "stack_name": options.stack_name,
        "parameters": parse_parameters(options.parameter),
    }
    target = "" if options.template.is_dir() else f" as stack {options.stack_name}"
    print(f"Deploying {options.template}{target} …", flush=True)
    for stack in call(options.port, "deploy", request, lambda line: print(line, flush=True))["stacks"]:
        print(f"Stack {stack['name']}: {stack['status']}")
        show(stack["addresses"] | stack["outputs"])
    return 0
